namespace Tocsin.Chain;

/// <summary>A head as it was told, and the highest that this node ever told.</summary>
/// <param name="ToldAt">By our clock.</param>
/// <param name="Trusted">Nothing speaks against what this node says.</param>
internal readonly record struct HeadLook(
    string Node, ulong Number, DateTimeOffset Time, DateTimeOffset ToldAt, ulong Highest, bool Trusted);

/// <summary>What is wrong with a head that a node told; null where nothing is.</summary>
internal readonly record struct HeadJudgement(string? Lag, string? Lie)
{
    /// <summary>Pure: judged by the other nodes and the clock.</summary>
    public static HeadJudgement Of(
        HeadLook look, IReadOnlyList<HeadLook> others, DateTimeOffset now, NodesOptions options)
    {
        var behind = 0UL;
        var lag = default(string);
        var age = now - look.Time;
        var trusted = others.Where(other => other.Trusted).ToArray();
        foreach (var other in trusted.Where(other => other.Number > look.Number + behind))
        {
            behind = other.Number - look.Number;
            if (behind > options.LagBlocks && age > options.FreshFor)
                lag = $"is {behind} blocks behind {other.Node}; its newest is {look.Number}, {Words(age)} old";
        }
        if (look.Highest > look.Number && look.Highest - look.Number > options.LagBlocks)
            lag ??= $"is back at block {look.Number} after block {look.Highest}";
        if (age > options.StaleAfter)
            lag ??= $"has no block newer than {look.Number}, which is {Words(age)} old";
        return new HeadJudgement(lag, Untruth(look, trusted, now, options));
    }

    private static string? Untruth(
        HeadLook look, IReadOnlyList<HeadLook> others, DateTimeOffset now, NodesOptions options)
    {
        if (look.Time - now > options.FutureLimit)
            return $"dates its newest block {look.Number} {Words(look.Time - now)} into the future";
        // A fresh node cannot be hundreds of blocks behind; one that has not been heard for a while can.
        foreach (var other in others)
        {
            var fresh = now - other.Time <= options.FreshFor && now - other.ToldAt <= options.FreshFor;
            if (fresh && look.Number > other.Number && look.Number - other.Number > options.BeyondBlocks)
            {
                var beyond = look.Number - other.Number;
                return $"announces block {look.Number}, {beyond} beyond the newest of {other.Node}, "
                    + $"which is {Words(now - other.Time)} old";
            }
        }
        return null;
    }

    private static string Words(TimeSpan span) => span < TimeSpan.FromMinutes(2)
        ? $"{Math.Max(0, span.TotalSeconds):0} s"
        : span < TimeSpan.FromHours(2) ? $"{span.TotalMinutes:0} min" : $"{span.TotalHours:0} h";
}
