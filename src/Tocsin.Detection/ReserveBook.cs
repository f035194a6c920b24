using System.Runtime.InteropServices;

namespace Tocsin.Detection;

/// <summary>What a pool holds, in whole units of its assets.</summary>
public readonly record struct Reserves(decimal Base, decimal Quote)
{
    /// <summary>Quote units for one base unit; null where a side is empty.</summary>
    internal decimal? Price => Amounts.Price(Base, Quote);
}

/// <summary>A watched pool with what it holds at some point of the chain.</summary>
public sealed record PoolReserves(string Pool, Reserves Reserves);

/// <summary>
/// The last reserves seen of each watched pool. A pool of which nothing was seen has none. What was changed is listed,
/// so that following a book costs as much as there were changes, however many pools there are.
/// </summary>
internal sealed class ReserveBook(int poolCount)
{
    private readonly Reserves?[] pools = new Reserves?[poolCount];
    private readonly bool[] isChanged = new bool[poolCount];
    private readonly List<int> changed = [];

    public Reserves? this[int pool]
    {
        get => pools[pool];
        set
        {
            pools[pool] = value;
            if (isChanged[pool])
                return;
            isChanged[pool] = true;
            changed.Add(pool);
        }
    }

    /// <summary>The pools that were entered since <see cref="Settle"/>, in the order of the watch.</summary>
    public ReadOnlySpan<int> Changed()
    {
        changed.Sort();
        return CollectionsMarshal.AsSpan(changed);
    }

    public void Settle()
    {
        foreach (var pool in changed)
            isChanged[pool] = false;
        changed.Clear();
    }

    public void CopyFrom(ReserveBook other) => other.pools.CopyTo(pools.AsSpan());

    public ValueList<PoolReserves> ToList(Watch watch)
    {
        var known = new List<PoolReserves>();
        for (var i = 0; i < pools.Length; i++)
            if (pools[i] is { } reserves)
                known.Add(new PoolReserves(watch.Pools[i].Name, reserves));
        return [.. known];
    }

    public void Apply(ValueList<PoolReserves> known, WatchIndex index)
    {
        foreach (var entry in known.AsSpan())
            if (index.TryPool(entry.Pool, out var pool))
                this[pool] = entry.Reserves;
    }
}
