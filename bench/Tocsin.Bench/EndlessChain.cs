using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;

namespace Tocsin.Bench;

/// <summary>An engine to which blocks are given as if each stood on the one before, whatever it says itself: the same
/// few blocks make an endless chain.</summary>
internal sealed class EndlessChain(Watch watch)
{
    private readonly Engine engine = new(watch);
    private BlockRef head = new(1_000, Keccak256.Hash("genesis"));
    private DateTimeOffset time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The findings that the block gave.</summary>
    public int Take(Block block)
    {
        Span<byte> hash = stackalloc byte[Hash32.ByteCount];
        BitConverter.TryWriteBytes(hash, head.Number + 1);
        var parent = head.Hash;
        head = new BlockRef(head.Number + 1, new Hash32(hash));
        time += TimeSpan.FromSeconds(12);
        return engine.Step(new ChainStep.Forward(block with { Ref = head, ParentHash = parent, Time = time })).Count;
    }
}
