using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>
/// Where to look among the findings under way, so that however many somebody caused, a transaction is not compared with
/// all of them. A place that it names may hold nothing that fits any more: whoever asks looks.
/// </summary>
internal sealed class OpenFindingIndex
{
    private readonly Dictionary<Address, List<int>> byAddress = [];
    private readonly Dictionary<Hash32, List<int>> byTransaction = [];
    private readonly Dictionary<string, List<int>> byKey = [];
    private readonly Dictionary<FindingId, List<int>> byId = [];
    private readonly Dictionary<CrowdKind, List<int>> byKind = [];

    /// <summary>Everything anew, after places have moved.</summary>
    public void Rebuild(IReadOnlyList<OpenFinding> open)
    {
        byAddress.Clear();
        byTransaction.Clear();
        byKey.Clear();
        byId.Clear();
        byKind.Clear();
        for (var i = 0; i < open.Count; i++)
        {
            Begin(open[i], i);
            foreach (var hit in open[i].Hits.AsSpan()[1..])
                Add(hit, i);
        }
    }

    /// <summary>A finding at a place, with its first hit.</summary>
    public void Begin(OpenFinding finding, int place)
    {
        Put(byId, finding.Id, place);
        Put(byKind, CrowdKind.Of(finding.Threat, finding.Hits[0]), place);
        Add(finding.Hits[0], place);
    }

    public void Add(Hit hit, int place)
    {
        foreach (var address in hit.Addresses.AsSpan())
            Put(byAddress, address, place);
        foreach (var transaction in hit.Transactions.AsSpan())
            Put(byTransaction, transaction.Hash, place);
        if (hit.Key is { } key)
            Put(byKey, key, place);
    }

    /// <summary>Places of findings that name one of the addresses, each once, in order.</summary>
    public SortedSet<int> Of(ReadOnlySpan<Address> addresses)
    {
        var places = new SortedSet<int>();
        foreach (var address in addresses)
            places.UnionWith(Of(byAddress, address));
        return places;
    }

    public IReadOnlyList<int> Of(Hash32 transaction) => Of(byTransaction, transaction);

    public IReadOnlyList<int> Of(CrowdKind kind) => Of(byKind, kind);

    /// <summary>Places of what a hit may go on with, each once, in order.</summary>
    public SortedSet<int> Before(FindingId id, Hit hit)
    {
        var places = hit.Key is { } key ? [.. Of(byKey, key)] : Of(hit.Addresses.AsSpan());
        places.UnionWith(Of(byId, id));
        return places;
    }

    private static List<int> Of<TKey>(Dictionary<TKey, List<int>> places, TKey key)
        where TKey : notnull =>
        places.TryGetValue(key, out var found) ? found : [];

    private static void Put<TKey>(Dictionary<TKey, List<int>> places, TKey key, int place)
        where TKey : notnull
    {
        if (!places.TryGetValue(key, out var list))
            places[key] = list = [];
        // In order, because some are asked for in order: a finding that grows is seldom the newest, nor far from it.
        var at = list.BinarySearch(place);
        if (at < 0)
            list.Insert(~at, place);
    }
}
