using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <content>Whole blocks, from nodes that give all receipts at once and from those that do not.</content>
public sealed partial class Node
{
    private const string ReceiptsMethod = "eth_getBlockReceipts";

    // UTC ticks at which the node last said that it does not know the method; 0 for never.
    private long noBlockReceiptsAt;

    /// <summary>
    /// The block with all transactions, receipts and logs, checked to be one whole; null where the node has no such
    /// block yet. A reorg between the requests shows as <see cref="NodeFault.Inconsistent"/>: ask again. A node that
    /// does not know <c>eth_getBlockReceipts</c> is asked for each receipt instead, in batches.
    /// </summary>
    public Task<Block?> BlockAsync(ulong number, CancellationToken cancellationToken) =>
        BlockAsync(number, new BlockReader(), cancellationToken);

    /// <inheritdoc cref="BlockAsync(ulong, CancellationToken)"/>
    /// <param name="reader">Holds the block, which is valid until the reader is used again.</param>
    public async Task<Block?> BlockAsync(ulong number, BlockReader reader, CancellationToken cancellationToken)
    {
        var quantity = RpcParameters.Quantity(number);
        reader.Start();
        // Either answer may come first and is read as it comes; the reader takes one at a time.
        var turn = new Lock();
        using var unneeded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var body = SendAsync(
            "eth_getBlockByNumber", BlockParameters(quantity, true), cancellationToken, read: ReadBlock);
        var outcome = GivesBlockReceipts()
            ? SendAsync(
                ReceiptsMethod, writer => writer.WriteStringValue(quantity), unneeded.Token, read: ReadReceipts)
            : null;
        try
        {
            using var block = await body;
            if (!block.HasRead)
                return null;
            if (outcome is not null && await KnownAsync(outcome) is { } receipts)
                return Parse(ReceiptsMethod, () => Whole(number, reader, receipts.HasRead));
            await ReadEachReceiptAsync(number, reader, cancellationToken);
            return Parse("eth_getTransactionReceipt", () => Whole(number, reader, hasReceipts: true));
        }
        finally
        {
            if (outcome is not null)
            {
                await unneeded.CancelAsync();
                await DisposeWhenDoneAsync(outcome);
            }
        }

        bool ReadBlock(ref Utf8JsonReader json)
        {
            lock (turn)
                return reader.ReadBlock(ref json);
        }

        bool ReadReceipts(ref Utf8JsonReader json)
        {
            lock (turn)
                return reader.ReadReceipts(ref json);
        }
    }

    private static Block Whole(ulong number, BlockReader reader, bool hasReceipts)
    {
        CheckedRef(reader.Header!.Value.Ref, number);
        return hasReceipts
            ? reader.Join()
            : throw RpcJson.Inconsistent($"it has block {number} but not its receipts");
    }

    private bool GivesBlockReceipts()
    {
        var saidAt = Interlocked.Read(ref noBlockReceiptsAt);
        return saidAt == 0 || time.GetUtcNow().UtcTicks - saidAt >= options.TryAgainAfter.Ticks;
    }

    // Null where the node does not know the method, which is remembered.
    private async Task<RpcAnswer?> KnownAsync(Task<RpcAnswer> outcome)
    {
        try
        {
            var receipts = await outcome;
            Interlocked.Exchange(ref noBlockReceiptsAt, 0);
            return receipts;
        }
        catch (NodeException refusal) when (IsUnknownMethod(refusal))
        {
            Interlocked.Exchange(ref noBlockReceiptsAt, time.GetUtcNow().UtcTicks);
            return null;
        }
    }

    // -32601: JSON-RPC 2.0, section 5.1; -32004: EIP-1474, "method not supported".
    private static bool IsUnknownMethod(NodeException refusal)
    {
        if (refusal is not { Fault: NodeFault.Refused, Error: { } error })
            return false;
        bool Says(string words) => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
        return error.Code is -32601 or -32004
            || (Says("method") && (Says("support") || Says("does not exist") || Says("not available")));
    }

    private async Task ReadEachReceiptAsync(ulong number, BlockReader reader, CancellationToken cancellationToken)
    {
        var calls = reader.TransactionHashes().Select(hash => new BatchCall(
            "eth_getTransactionReceipt", writer => writer.WriteStringValue(hash.ToString())));
        var answers = await BatchAsync(
            [.. calls],
            receipt => IsNull(receipt)
                ? throw RpcJson.Inconsistent($"it has block {number} but not all of its receipts")
                : JsonMarshal.GetRawUtf8Value(receipt).ToArray(),
            cancellationToken);
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write("["u8);
        for (var index = 0; index < answers.Count; index++)
        {
            if (index > 0)
                bytes.Write(","u8);
            bytes.Write(answers[index].Result);
        }
        bytes.Write("]"u8);
        Parse("eth_getTransactionReceipt", () =>
        {
            var json = new Utf8JsonReader(bytes.WrittenSpan);
            json.Read();
            return reader.ReadReceipts(ref json);
        });
    }

    // The second request runs beside the first: whatever became of the first, its buffer goes back.
    private static async Task DisposeWhenDoneAsync(Task<RpcAnswer> answer)
    {
        await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (answer.IsCompletedSuccessfully)
            (await answer).Dispose();
    }
}
