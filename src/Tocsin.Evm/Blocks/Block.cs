using Tocsin.Chains;

namespace Tocsin.Evm.Blocks;

/// <summary>A block with its transactions and what became of each, as one checked whole.</summary>
/// <param name="Time">The block's own timestamp.</param>
public sealed record Block(
    BlockRef Ref,
    Hash32 ParentHash,
    DateTimeOffset Time,
    IReadOnlyList<Transaction> Transactions);

/// <summary>A transaction and its receipt.</summary>
/// <param name="To">Null where the transaction creates a contract.</param>
/// <param name="Succeeded">False where execution reverted; it then has no logs.</param>
/// <param name="ContractCreated">The address of the contract that a creation made.</param>
public sealed record Transaction(
    Hash32 Hash,
    int Index,
    Address From,
    Address? To,
    ulong Nonce,
    UInt256 ValueWei,
    byte[] Input,
    bool Succeeded,
    Address? ContractCreated,
    IReadOnlyList<Log> Logs);

/// <summary>An event as a contract wrote it: raw topics and data, decoded by whoever knows the ABI.</summary>
/// <param name="Index">The position of the log within its block.</param>
public sealed record Log(int Index, Address Address, IReadOnlyList<Hash32> Topics, byte[] Data);
