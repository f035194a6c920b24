namespace Tocsin.Signing;

/// <summary>
/// How many requests a user may make: each connection holds one, and each takes its time at the one signer. A user who
/// floods it hinders nobody else.
/// </summary>
internal sealed class RequestRate(TimeProvider time)
{
    /// <summary>At once, after a rest.</summary>
    public const int Burst = 500;

    /// <summary>Without end.</summary>
    public const int PerSecond = 50;

    private const int UsersMax = 1_000;

    private readonly Lock gate = new();
    private readonly Dictionary<int, (double Left, DateTimeOffset At)> users = [];

    /// <param name="user">As the kernel says; null where it does not.</param>
    public bool Take(int? user)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (users.Count >= UsersMax)
                users.Clear();
            var (left, at) = users.TryGetValue(user ?? -1, out var known) ? known : (Burst, now);
            left = Math.Min(Burst, left + (Math.Max(0, (now - at).TotalSeconds) * PerSecond));
            users[user ?? -1] = (left >= 1 ? left - 1 : left, now);
            return left >= 1;
        }
    }
}
