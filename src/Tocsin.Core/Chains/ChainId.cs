namespace Tocsin.Chains;

/// <summary>The EIP-155 identifier of an EVM chain, for example 1 for Ethereum. Zero is no chain.</summary>
public readonly record struct ChainId(ulong Value)
{
    public override string ToString() => Value.ToString();
}
