namespace Tocsin.Chain;

/// <summary>What all nodes of a feed tell together, and whether they tell anything at all.</summary>
internal sealed class HeadNews(
    HeadHints hints,
    TimeSpan standstillLimit,
    TimeProvider time,
    Action<string>? tell,
    Action<HeadNotice>? seen)
{
    private readonly Lock gate = new();
    private long lastAt = time.GetTimestamp();
    private bool standsStill;

    public void Tell(HeadNotice notice)
    {
        lock (gate)
        {
            lastAt = time.GetTimestamp();
            if (standsStill)
                tell?.Invoke($"heads: they go on with block {notice.Head}, told by {notice.Source}");
            standsStill = false;
            seen?.Invoke(notice);
            hints.Tell(notice);
        }
    }

    /// <summary>Says so once where there has been no new head for too long.</summary>
    public void CheckStandstill()
    {
        lock (gate)
        {
            if (standsStill || time.GetElapsedTime(lastAt) < standstillLimit)
                return;
            standsStill = true;
            tell?.Invoke($"heads: none that is new from any node for {standstillLimit.TotalSeconds:0.###} s: "
                + "the chain stands still, or everyone who could tell");
        }
    }
}
