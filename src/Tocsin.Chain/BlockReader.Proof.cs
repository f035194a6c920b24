using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <content>Whether the block that was joined is what its hash says.</content>
public sealed partial class BlockReader
{
    /// <summary>To be asked after <see cref="Join()"/>.</summary>
    internal BlockProof Prove()
    {
        if (!header.IsWhole)
            return BlockProof.NoHeader("the header is longer than any header is");
        try
        {
            using var document = header.Parse();
            if (!HeaderReader.TryRead(document.RootElement, out var full, out var refusal))
                return BlockProof.NoHeader(refusal);
            var hash = full.Hash();
            return hash == Header!.Value.Ref.Hash
                ? BlockProof.OfReceipts(full, RootOfReceipts())
                : BlockProof.OtherHash(hash);
        }
        catch (JsonException)
        {
            return BlockProof.NoHeader("the header has a name that is no Unicode");
        }
    }

    private Hash32? RootOfReceipts()
    {
        var contents = new ReceiptContent[outcomes.Count];
        for (var index = 0; index < contents.Length; index++)
        {
            ref readonly var outcome = ref outcomes[index];
            // Nobody signs for the zero address: what it sends is put into the block by the chain itself, as Polygon's
            // state syncs, and not into the root.
            if (outcome.Type is not { } type || type > int.MaxValue || bodies[index].From == default
                || outcome.CumulativeGasUsed is not { } gas)
                return null;
            contents[index] = new ReceiptContent(
                (int)type, outcome.Succeeded, gas, logs.Slice(outcome.FirstLog, outcome.LogCount));
        }
        return ReceiptsRoot.Of(contents);
    }
}
