using System.Runtime.InteropServices;
using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>Findings of one kind by one detector.</summary>
/// <param name="Detector">Its name; empty for the patterns.</param>
public readonly record struct CrowdKind(Threat Threat, string Detector)
{
    internal static CrowdKind Of(Threat threat, Hit hit) => new(threat, hit.Detector ?? "");
}

/// <summary>How many findings of a kind there were beyond those that are told one by one.</summary>
/// <param name="Count">Since the crowd began, up to the end of the block.</param>
public sealed record CrowdCount(CrowdKind Kind, ulong Block, DateTimeOffset Time, long Count);

/// <summary>
/// Counts what is not told one by one, because anybody can cause it as often as they like. One count a kind and block
/// as far back as a rollback may go, and no more: it takes as much memory however large the crowd is.
/// </summary>
internal sealed class Crowds
{
    private readonly Dictionary<CrowdKind, List<CrowdCount>> counts = [];

    /// <summary>One more, and how many there are now; a crowd that paused for <see cref="Engine.AttackGap"/> is
    /// over.</summary>
    public long Add(CrowdKind kind, Hit hit)
    {
        if (!counts.TryGetValue(kind, out var known))
            counts[kind] = known = [];
        var goesOn = known.Count > 0 && hit.Time - known[^1].Time <= Engine.AttackGap;
        var now = new CrowdCount(kind, hit.Block.Number, hit.Time, goesOn ? known[^1].Count + 1 : 1);
        if (known.Count > 0 && known[^1].Block == now.Block)
            known[^1] = now;
        else
            known.Add(now);
        // The newest of the old ones is what a rollback of all the others leaves.
        while (known.Count > 1 && known[1].Block + Engine.RollbackDepthMax < now.Block)
            known.RemoveAt(0);
        return now.Count;
    }

    public void Rollback(BlockRef ancestor)
    {
        foreach (var known in counts.Values)
            known.RemoveAll(count => count.Block > ancestor.Number);
    }

    public ValueList<CrowdCount> ToList() => counts
        .OrderBy(entry => entry.Key.Threat).ThenBy(entry => entry.Key.Detector, StringComparer.Ordinal)
        .SelectMany(entry => entry.Value).ToValueList();

    public void Restore(ValueList<CrowdCount> before)
    {
        foreach (var count in before)
            (CollectionsMarshal.GetValueRefOrAddDefault(counts, count.Kind, out _) ??= []).Add(count);
    }
}
