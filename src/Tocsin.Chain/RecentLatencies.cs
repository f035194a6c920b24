namespace Tocsin.Chain;

/// <summary>The last few answer times of a node. Not safe for concurrent use.</summary>
internal sealed class RecentLatencies
{
    private const int Kept = 64;

    private readonly TimeSpan[] times = new TimeSpan[Kept];
    private int added;

    public void Add(TimeSpan latency) => times[added++ % Kept] = latency;

    /// <summary>What 95 of 100 did not exceed; null before the first.</summary>
    public TimeSpan? Percentile95()
    {
        var count = Math.Min(added, Kept);
        if (count == 0)
            return null;
        var sorted = times[..count];
        Array.Sort(sorted);
        return sorted[((count * 95) + 99) / 100 - 1];
    }
}
