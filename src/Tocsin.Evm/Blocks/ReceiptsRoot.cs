using Tocsin.Chains;
using Tocsin.Evm.Transactions;

namespace Tocsin.Evm.Blocks;

/// <summary>What a receipt commits to.</summary>
/// <param name="Type">The type of its transaction (EIP-2718).</param>
/// <param name="CumulativeGasUsed">By its transaction and those before it in the block.</param>
public readonly record struct ReceiptContent(
    int Type, bool Succeeded, ulong CumulativeGasUsed, ReadOnlyMemory<Log> Logs);

/// <summary>
/// The root by which a header commits to its receipts (yellow paper, section 4.4.1; EIP-658, EIP-2718). A node that
/// changes one byte of a log cannot match the header with it.
/// </summary>
public static class ReceiptsRoot
{
    /// <summary>
    /// The root of the receipts in the order of the block. Null where it cannot be recomputed: a receipt has a type
    /// that is not Ethereum's, as the deposits of rollups, whose receipts hold more.
    /// </summary>
    public static Hash32? Of(ReadOnlySpan<ReceiptContent> receipts)
    {
        var encoded = new byte[receipts.Length][];
        for (var i = 0; i < encoded.Length; i++)
        {
            if (receipts[i].Type is < (int)TransactionType.Legacy or > (int)TransactionType.SetCode)
                return null;
            encoded[i] = Encode(receipts[i]);
        }
        return OrderedTrie.Root(encoded);
    }

    // type ‖ rlp([status, cumulative gas, bloom, logs]); a receipt of a legacy transaction has no type.
    private static byte[] Encode(in ReceiptContent receipt)
    {
        var logs = receipt.Logs.Span;
        var encoded = new byte[logs.Length][];
        for (var i = 0; i < encoded.Length; i++)
            encoded[i] = Encode(logs[i]);
        var list = Rlp.EncodeList(
            Rlp.Encode(receipt.Succeeded ? 1UL : 0UL),
            Rlp.Encode(receipt.CumulativeGasUsed),
            Rlp.Encode(Hex.Parse(LogsBloom.Of(logs).ToString())),
            Rlp.EncodeList(encoded));
        return receipt.Type == (int)TransactionType.Legacy ? list : [(byte)receipt.Type, .. list];
    }

    private static byte[] Encode(in Log log)
    {
        var topics = new byte[log.Topics.Count][];
        for (var i = 0; i < topics.Length; i++)
            topics[i] = Rlp.Encode(log.Topics[i]);
        return Rlp.EncodeList(Rlp.Encode(log.Address), Rlp.EncodeList(topics), Rlp.Encode(log.Data.Span));
    }
}
