using Tocsin.Chains;

namespace Tocsin.Evm.Inputs;

/// <summary>A value before a transaction and after it; the two differ.</summary>
public readonly record struct Change<T>(T Before, T After);

/// <summary>A storage slot that a transaction changed. One never written, or cleared, is zero.</summary>
public readonly record struct SlotChange(Hash32 Place, Hash32 Before, Hash32 After);

/// <summary>
/// What one transaction changed in one account. What did not change is null, or for slots absent. An account that did
/// not exist, or is gone, has no balance, nonce, code and slots, which is zero or empty here.
/// </summary>
/// <param name="Slots">In ascending order of their places.</param>
public sealed record StateChange(
    Hash32 Transaction,
    Address Account,
    Change<UInt256>? BalanceWei,
    Change<ulong>? Nonce,
    Change<ValueList<byte>>? Code,
    ValueList<SlotChange> Slots);
