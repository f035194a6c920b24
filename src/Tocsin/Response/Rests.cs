using Tocsin.Incidents;

namespace Tocsin.Response;

/// <summary>
/// What was done, changed nothing and stays due, as to look for a transaction that is in no block yet, is not asked of
/// the node again at once: it would be asked without a pause. A memory for pacing alone, which a restart may lose.
/// </summary>
internal sealed class Rests(TimeSpan length)
{
    private readonly Dictionary<Duty, DateTimeOffset> since = [];

    public void Begin(Duty duty, DateTimeOffset now) => since[duty] = now;

    /// <summary>False once the time is over, or the clock was set back beyond it.</summary>
    public bool Has(Duty duty, DateTimeOffset now) =>
        since.TryGetValue(duty, out var at) && (now - at).Duration() < length;

    public void Forget(DateTimeOffset now)
    {
        foreach (var duty in since.Keys.Where(duty => !Has(duty, now)).ToList())
            since.Remove(duty);
    }
}
