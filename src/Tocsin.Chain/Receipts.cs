using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>What became of a transaction that is in a block.</summary>
/// <param name="Succeeded">False where execution reverted.</param>
/// <param name="ContractCreated">The address of the contract that a successful creation made.</param>
public sealed record TransactionReceipt(
    Hash32 TransactionHash,
    int TransactionIndex,
    BlockRef Block,
    bool Succeeded,
    ulong GasUsed,
    Address? ContractCreated,
    ReadOnlyMemory<Log> Logs);

/// <summary>A log with the place where it was written.</summary>
public sealed record LocatedLog(BlockRef Block, Hash32 TransactionHash, int TransactionIndex, Log Log);

/// <summary>What a transaction must offer to be included soon (EIP-1559), per unit of gas.</summary>
/// <param name="BaseFeeWei">Of the latest block; the next may be up to an eighth higher.</param>
/// <param name="PriorityFeeWei">The node's suggestion.</param>
public readonly record struct Fees(UInt256 BaseFeeWei, UInt256 PriorityFeeWei);
