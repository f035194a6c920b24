namespace Tocsin.Fuzz;

/// <summary>
/// The chance of one case, from the run's seed and the case's number alone, so that a case can be played again without
/// those before it (SplitMix64).
/// </summary>
public struct CaseRandom(ulong seed, long number)
{
    private ulong state = Mixed(unchecked(seed + ((ulong)number * 0x9e3779b97f4a7c15)));

    /// <summary>From 0 to one below the limit.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public bool OneIn(int count) => Below(count) == 0;

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var place in bytes)
            place = (byte)(Next() & 0xff);
    }

    private ulong Next()
    {
        state = unchecked(state + 0x9e3779b97f4a7c15);
        return Mixed(state);
    }

    private static ulong Mixed(ulong value) => unchecked(Folded(Folded(value, 30, 0xbf58476d1ce4e5b9), 27,
        0x94d049bb133111eb));

    private static ulong Folded(ulong value, int shift, ulong factor) => unchecked((value ^ (value >> shift)) * factor);
}
