using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <content>Whole blocks, from nodes that give all receipts at once and from those that do not.</content>
public sealed partial class Node
{
    private const string ReceiptsMethod = "eth_getBlockReceipts";
    private const string ReceiptMethod = "eth_getTransactionReceipt";

    // UTC ticks at which the node last said that it does not know the method; 0 for never.
    private long noBlockReceiptsAt;

    private readonly ProofRecord proofs = new();

    /// <summary>
    /// The block with all transactions, receipts and logs, checked to be one whole, and to be what its hash says where
    /// that can be recomputed; null where the node has no such block yet. A reorg between the requests shows as
    /// <see cref="NodeFault.Inconsistent"/>: ask again. A node that does not know <c>eth_getBlockReceipts</c> is asked
    /// for each receipt instead, in batches.
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
            return Parse(ReceiptMethod, () => Whole(number, reader, hasReceipts: true));
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

    /// <summary>
    /// The block and its receipts as the node wrote them, each in one line, for whoever keeps them; nothing is checked.
    /// Null where the node does not have it, or its receipts. One that does not know <c>eth_getBlockReceipts</c> is
    /// asked for each receipt instead, in batches.
    /// </summary>
    public Task<BlockText?> BlockTextAsync(ulong number, CancellationToken cancellationToken) =>
        BlockTextAsync("eth_getBlockByNumber", RpcParameters.Quantity(number), cancellationToken);

    /// <inheritdoc cref="BlockTextAsync(ulong, CancellationToken)"/>
    /// <remarks>By its hash also one that is an orphan by now.</remarks>
    public Task<BlockText?> BlockTextAsync(Hash32 hash, CancellationToken cancellationToken) =>
        BlockTextAsync("eth_getBlockByHash", hash.ToString(), cancellationToken);

    /// <summary>The result as the node wrote it, in one line.</summary>
    /// <inheritdoc cref="RequestAsync(string, CancellationToken, ReadOnlySpan{object?})"/>
    public Task<byte[]> TextAsync(
        string method, CancellationToken cancellationToken, params ReadOnlySpan<object?> parameters)
    {
        var values = parameters.ToArray();
        return RequestRawAsync(
            method,
            writer =>
            {
                foreach (var value in values)
                    RpcParameters.Write(writer, value);
            },
            options.MaximumResponseBytes,
            options.MaximumDepth,
            OneLine,
            cancellationToken);
    }

    private async Task<BlockText?> BlockTextAsync(string method, string block, CancellationToken cancellationToken)
    {
        using var unneeded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asked = GivesBlockReceipts() ? TextAsync(ReceiptsMethod, unneeded.Token, block) : null;
        try
        {
            var body = await TextAsync(method, cancellationToken, block, true);
            if (IsNull(body))
                return null;
            var receipts = asked is null ? null : await KnownAsync(asked);
            if (receipts is null)
            {
                var (named, transactions) = Parse(method, () => HashesIn(body));
                receipts = await EachReceiptAsync(named, transactions, cancellationToken);
            }
            return receipts is null || IsNull(receipts) ? null : new BlockText(body, receipts);
        }
        finally
        {
            await unneeded.CancelAsync();
            if (asked is not null)
                await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static bool IsNull(byte[] text) => text is [(byte)'n', ..];

    private static (Hash32 Block, Hash32[] Transactions) HashesIn(byte[] block)
    {
        var reader = new BlockReader();
        reader.Start();
        var json = new Utf8JsonReader(block);
        json.Read();
        reader.ReadBlock(ref json);
        return (reader.Header!.Value.Ref.Hash, reader.TransactionHashes());
    }

    // No string of JSON holds a line break as it stands (RFC 8259, section 7): between tokens it says nothing.
    private static byte[] OneLine(ReadOnlySpan<byte> json) => json.ContainsAny((byte)'\n', (byte)'\r')
        ? [.. json.ToArray().Where(one => one is not ((byte)'\n' or (byte)'\r'))]
        : json.ToArray();

    private Block Whole(ulong number, BlockReader reader, bool hasReceipts)
    {
        CheckedRef(reader.Header!.Value.Ref, number);
        if (!hasReceipts)
            throw RpcJson.Inconsistent($"it has block {number} but not its receipts");
        var block = reader.Join();
        (reader.Unproven, reader.IsOdd) = proofs.Judge(reader.Prove(), block.Ref, !block.Transactions.IsEmpty);
        return block;
    }

    private bool GivesBlockReceipts()
    {
        var saidAt = Interlocked.Read(ref noBlockReceiptsAt);
        return saidAt == 0 || time.GetUtcNow().UtcTicks - saidAt >= options.TryAgainAfter.Ticks;
    }

    // Null where the node does not know the method, which is remembered.
    private async Task<T?> KnownAsync<T>(Task<T> outcome)
        where T : class
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
        var receipts = await EachReceiptAsync(
            reader.Header!.Value.Ref.Hash, reader.TransactionHashes(), cancellationToken);
        Parse(ReceiptMethod, () =>
        {
            var json = new Utf8JsonReader(
                receipts ?? throw RpcJson.Inconsistent($"it has block {number} but not all of its receipts"));
            json.Read();
            return reader.ReadReceipts(ref json);
        });
    }

    // As eth_getBlockReceipts would give them; null where one is missing, or is that of another block by now, as it is
    // for an orphan's transactions.
    private async Task<byte[]?> EachReceiptAsync(
        Hash32 block, Hash32[] transactions, CancellationToken cancellationToken)
    {
        var calls = transactions.Select(hash => new BatchCall(
            ReceiptMethod, writer => writer.WriteStringValue(hash.ToString())));
        var left = options.MaximumResponseBytes;
        var answers = await BatchAsync(
            [.. calls],
            receipt =>
            {
                if (IsNull(receipt) || RpcJson.Hash(receipt, "blockHash") != block)
                    return null;
                // Each answer alone is bounded; a block that names many receipts must not add them up without end.
                var json = JsonMarshal.GetRawUtf8Value(receipt);
                return Interlocked.Add(ref left, -json.Length) >= 0
                    ? OneLine(json)
                    : throw RpcJson.Garbage($"receipts of more than {options.MaximumResponseBytes} bytes");
            },
            cancellationToken);
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write("["u8);
        for (var index = 0; index < answers.Count; index++)
        {
            if (index > 0)
                bytes.Write(","u8);
            if (answers[index].Result is not { } receipt)
                return null;
            bytes.Write(receipt);
        }
        bytes.Write("]"u8);
        return bytes.WrittenSpan.ToArray();
    }

    // The second request runs beside the first: whatever became of the first, its buffer goes back.
    private static async Task DisposeWhenDoneAsync(Task<RpcAnswer> answer)
    {
        await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (answer.IsCompletedSuccessfully)
            (await answer).Dispose();
    }
}

/// <summary>A block as a node wrote it: JSON, without line breaks.</summary>
/// <param name="Body">The block with full transactions.</param>
/// <param name="Receipts">An array of the receipts of all its transactions.</param>
public sealed record BlockText(byte[] Body, byte[] Receipts);
