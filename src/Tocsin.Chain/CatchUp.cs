namespace Tocsin.Chain;

/// <summary>Tells, now and then, how far behind the head we are, and when that is over.</summary>
internal sealed class CatchUp(
    string label, FollowOptions options, TimeProvider time, FollowCounters counters, Action<FollowNotice>? tell)
{
    private ulong? expected;
    private ulong? from;
    private ulong to;
    private long toldAt;

    /// <summary>A head that was not looked at before.</summary>
    /// <param name="next">The block to take next.</param>
    public void Aim(ulong next, ulong head)
    {
        if (head > (expected ?? next))
            counters.Gap();
        if (head >= (expected ?? next))
            expected = head + 1;
        if (head >= next)
            to = head;
    }

    /// <summary>Before every block towards the head.</summary>
    public void Towards(ulong next, ulong head)
    {
        var begins = from is null && head >= next && head - next >= (ulong)options.LagBlocks;
        if (!begins && (from is null || time.GetElapsedTime(toldAt) < options.CatchUpNoticeInterval))
            return;
        from ??= next;
        toldAt = time.GetTimestamp();
        var remaining = head < next ? 0 : head - next + 1;
        tell?.Invoke(new FollowNotice(
            FollowNoticeKind.CatchingUp, $"catching up from block {next} to {head} at {label}: {remaining} to take")
        {
            FromBlock = next,
            ToBlock = head,
            RemainingBlocks = remaining,
        });
    }

    /// <summary>Every block before that one is taken.</summary>
    public void Reached(ulong next)
    {
        if (from is not { } first || next <= to)
            return;
        from = null;
        tell?.Invoke(new FollowNotice(
            FollowNoticeKind.CaughtUp, $"caught up with block {next - 1} at {label}, from block {first} on")
        {
            FromBlock = first,
            ToBlock = next - 1,
        });
    }
}
