namespace Tocsin.Chain;

/// <summary>Waits that double from the first to the longest.</summary>
public readonly record struct Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <param name="failures">How many times in a row it has failed; at least 1.</param>
    public TimeSpan After(int failures)
    {
        // Thirty doublings of a millisecond are twelve days: beyond that only an overflow could follow.
        var doublings = Math.Min(failures - 1, 30);
        return First.TotalMilliseconds * Math.Pow(2, doublings) < Longest.TotalMilliseconds
            ? First * Math.Pow(2, doublings)
            : Longest;
    }
}
