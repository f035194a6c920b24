namespace Tocsin.Signing;

/// <summary>
/// How many connections are held at once, in all and by one user, and whose turn it is among those of one user.
/// </summary>
internal sealed class Places(int inAll, int ofOneUser) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, int> held = [];
    private readonly Dictionary<int, SemaphoreSlim> turns = [];
    private int count;

    /// <summary>False where there is none left.</summary>
    /// <param name="user">As the kernel says; null where it does not.</param>
    public bool Take(int? user)
    {
        lock (gate)
        {
            var own = held.GetValueOrDefault(user ?? -1);
            if (count >= inAll || own >= ofOneUser)
                return false;
            held[user ?? -1] = own + 1;
            count++;
            return true;
        }
    }

    /// <summary>Gives a place back that was taken.</summary>
    public void Leave(int? user)
    {
        lock (gate)
        {
            count--;
            if (--held[user ?? -1] == 0)
                held.Remove(user ?? -1);
        }
    }

    /// <summary>Let go by one of the user's requests before the next one has it.</summary>
    /// <remarks>Only clients that the policy names come so far: there are few of them.</remarks>
    public SemaphoreSlim TurnOf(int? user)
    {
        lock (gate)
        {
            if (!turns.TryGetValue(user ?? -1, out var turn))
                turns[user ?? -1] = turn = new SemaphoreSlim(1);
            return turn;
        }
    }

    public void Dispose()
    {
        foreach (var turn in turns.Values)
            turn.Dispose();
    }
}
