namespace Tocsin.Chains;

/// <summary>A block named by number and hash: the number orders, the hash identifies.</summary>
public readonly record struct BlockRef(ulong Number, Hash32 Hash)
{
    public override string ToString() => $"{Number} ({Hash.ToShortString()})";
}
