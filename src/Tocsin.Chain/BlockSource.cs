using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// What following a chain asks of a node, or of several that stand for one. Each question throws
/// <see cref="NodeException"/> where there is no usable answer, and may be asked again and beside others.
/// </summary>
/// <param name="Label">How messages name it; without credentials.</param>
/// <param name="HeadAsync">The latest block.</param>
/// <param name="BlockRefAsync">What is at that number; null where there is nothing yet.</param>
/// <param name="BlockAsync">
/// The whole block at that number; null where there is none yet. Its memory may be used again once nobody holds it: a
/// follower holds at most <see cref="FollowOptions.BlocksAheadMax"/> + 1 blocks at a time, and one more for a preview.
/// </param>
/// <param name="TaggedAsync">The block of a tag (<c>safe</c>, <c>finalized</c>); null where there is none yet.</param>
public sealed record BlockSource(
    string Label,
    Func<CancellationToken, Task<ChainId>> ChainIdAsync,
    Func<CancellationToken, Task<BlockRef>> HeadAsync,
    Func<ulong, CancellationToken, Task<BlockRef?>> BlockRefAsync,
    Func<ulong, CancellationToken, Task<Block?>> BlockAsync,
    Func<string, CancellationToken, Task<BlockRef?>> TaggedAsync)
{
    /// <summary>
    /// Each node by itself, the best one first: where answers must fit together, as at a rollback, all of them are
    /// asked of one. Null where the source is one view.
    /// </summary>
    public Func<IReadOnlyList<ChainView>>? Views { get; init; }

    /// <summary>As the block itself, but of several nodes one that has a successor of that parent. Null
    /// where the source is one node.</summary>
    public Func<ulong, Hash32, CancellationToken, Task<Block?>>? ChildAsync { get; init; }

    public static BlockSource Of(Node node) => new(
        node.Label,
        node.ChainIdAsync,
        node.HeadAsync,
        node.BlockRefAsync,
        node.BlockAsync,
        (tag, cancellationToken) => TaggedBlockAsync(node, tag, cancellationToken));

    /// <summary>Several nodes that stand for one: a block that one does not have yet is asked of another.</summary>
    public static BlockSource Of(Nodes nodes) => new(
        nodes.Label,
        nodes.ChainIdAsync,
        async cancellationToken => (await nodes.HeadAsync(cancellationToken)).Block,
        nodes.BlockRefAsync,
        nodes.BlockAsync,
        (tag, cancellationToken) => nodes.AskAsync(
            (node, cancel) => TaggedBlockAsync(node, tag, cancel), cancellationToken))
    {
        Views = nodes.Views,
        ChildAsync = nodes.ChildAsync,
    };

    /// <summary>
    /// The block that a node holds for a tag of ethereum/execution-apis; null where it has none yet. Nodes that know no
    /// such tag refuse.
    /// </summary>
    public static Task<BlockRef?> TaggedBlockAsync(Node node, string tag, CancellationToken cancellationToken) =>
        node.RequestAsync(
            "eth_getBlockByNumber",
            writer =>
            {
                writer.WriteStringValue(tag);
                writer.WriteBooleanValue(false);
            },
            result => result.ValueKind == JsonValueKind.Null ? default(BlockRef?) : BlockJson.ParseRef(result),
            cancellationToken);
}

/// <summary>What one node has at which number.</summary>
/// <param name="Label">How messages name it; without credentials.</param>
/// <param name="BlockRefAsync">Null where there is nothing yet; throws <see cref="NodeException"/>.</param>
public sealed record ChainView(string Label, Func<ulong, CancellationToken, Task<BlockRef?>> BlockRefAsync);
