using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Evm.Inputs;

/// <summary>What a call frame is.</summary>
public enum CallKind
{
    Call,
    StaticCall,
    DelegateCall,
    CallCode,
    Create,
    Create2,
    SelfDestruct,
}

/// <summary>One frame of geth's callTracer.</summary>
/// <param name="Depth">0 for the transaction itself.</param>
/// <param name="To">Who was called or created; null where a creation failed.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
public sealed record CallFrame(
    int Depth,
    CallKind Kind,
    Address From,
    Address? To,
    UInt256 ValueWei,
    ReadOnlyMemory<byte> Input,
    ReadOnlyMemory<byte> Output,
    string? Error,
    ReadOnlyMemory<Log> Logs);

/// <summary>The calls of one transaction, flat, each before the calls that it makes (preorder).</summary>
public sealed record TransactionTrace(Hash32 Transaction, ValueList<CallFrame> Frames);

/// <summary>A transaction that is in no block yet.</summary>
/// <param name="Outcome">What it would do on the pending state; null where the node could not say.</param>
/// <param name="OutcomeMissing">Why there is no outcome.</param>
public sealed record PendingTransaction(
    Hash32 Hash,
    Address From,
    Address? To,
    ulong Nonce,
    UInt256 ValueWei,
    ReadOnlyMemory<byte> Input,
    TransactionTrace? Outcome,
    string? OutcomeMissing)
{
    /// <summary>The most that it pays for a unit of gas; 0 where nobody said.</summary>
    public UInt256 FeePerGasWei { get; init; }
}
