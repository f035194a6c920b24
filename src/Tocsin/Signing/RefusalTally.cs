namespace Tocsin.Signing;

/// <summary>
/// How often what was refused since the start. In memory: a restart begins anew, and says since when.
/// </summary>
internal sealed class RefusalTally(DateTimeOffset since)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<SignerRefusal, long> counts = [];

    public DateTimeOffset Since => since;

    public void Add(SignerRefusal code)
    {
        lock (gate)
            counts[code] = counts.GetValueOrDefault(code) + 1;
    }

    public ValueList<RefusalCount> Counts()
    {
        lock (gate)
            return counts.Select(pair => new RefusalCount(pair.Key, pair.Value)).ToValueList();
    }
}
