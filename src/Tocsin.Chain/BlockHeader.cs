using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>What a block says of itself.</summary>
/// <param name="ReceiptsRoot">The root of the receipts' trie; null where the node leaves it out.</param>
/// <param name="LogsBloom">Null where the node leaves it out.</param>
/// <param name="Gas">Null where the node leaves it out, or does not tell it in numbers of 64 bits.</param>
public readonly record struct BlockHeader(
    BlockRef Ref,
    Hash32 ParentHash,
    DateTimeOffset Time,
    Hash32? ReceiptsRoot,
    LogsBloom? LogsBloom,
    BlockGas? Gas);
