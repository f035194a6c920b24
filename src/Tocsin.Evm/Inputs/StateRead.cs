using Tocsin.Chains;

namespace Tocsin.Evm.Inputs;

/// <summary>A question about the state after a block that detection declares beforehand.</summary>
public abstract record StateRead
{
    private StateRead()
    {
    }

    /// <summary>What a call returns (<c>eth_call</c>).</summary>
    /// <param name="Data">Calldata as 0x hexadecimal, so that equal questions are equal.</param>
    public sealed record Call(Address To, string Data) : StateRead;

    /// <summary>A storage slot (<c>eth_getStorageAt</c>), for example that of EIP-1967.</summary>
    public sealed record Slot(Address Of, Hash32 Place) : StateRead;
}

/// <summary>The answer to a read.</summary>
/// <param name="Result">The bytes returned or the 32 bytes of the slot; null where the call reverted or the node could
/// not say.</param>
public sealed record ReadAnswer(StateRead Read, ValueList<byte>? Result);
