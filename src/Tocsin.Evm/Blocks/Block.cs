using Tocsin.Chains;

namespace Tocsin.Evm.Blocks;

/// <summary>
/// A block with its transactions and what became of each, as one checked whole. Its memory may belong to the reader
/// that made it and be used again: a block is valid until the step after it is asked for, and whoever keeps something
/// of it longer copies that.
/// </summary>
/// <param name="Time">The block's own timestamp.</param>
public sealed record Block(
    BlockRef Ref,
    Hash32 ParentHash,
    DateTimeOffset Time,
    ReadOnlyMemory<Transaction> Transactions)
{
    /// <summary>Null where whoever told of the block left it out.</summary>
    public BlockGas? Gas { get; init; }

    /// <summary>The transaction of that hash; null where the block has none.</summary>
    public Transaction? Find(Hash32 hash)
    {
        foreach (ref readonly var transaction in Transactions.Span)
            if (transaction.Hash == hash)
                return transaction;
        return null;
    }
}

/// <summary>How full a block is, and what room in it cost.</summary>
/// <param name="Used">By all of its transactions.</param>
/// <param name="Limit">The most that they may use.</param>
/// <param name="BaseFeeWei">What each unit of gas cost at least (EIP-1559); null where the chain has no such
/// fee.</param>
public readonly record struct BlockGas(ulong Used, ulong Limit, ulong? BaseFeeWei);

/// <summary>A transaction and its receipt.</summary>
/// <param name="To">Null where the transaction creates a contract.</param>
/// <param name="Succeeded">False where execution reverted; it then has no logs.</param>
/// <param name="ContractCreated">The address of the contract that a creation made.</param>
public readonly record struct Transaction(
    Hash32 Hash,
    int Index,
    Address From,
    Address? To,
    ulong Nonce,
    UInt256 ValueWei,
    ReadOnlyMemory<byte> Input,
    bool Succeeded,
    Address? ContractCreated,
    ReadOnlyMemory<Log> Logs);

/// <summary>An event as a contract wrote it: raw topics and data, decoded by whoever knows the ABI.</summary>
/// <param name="Index">The position of the log within its block.</param>
public readonly record struct Log(int Index, Address Address, LogTopics Topics, ReadOnlyMemory<byte> Data);
