using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>
/// Traces as geth's callTracer, and recordings of it, write them: nested objects with <c>type, from, to, value, input,
/// output, error, revertReason, calls, logs</c>, of which all but type and from may be absent. Read in one pass and
/// without recursion, within <see cref="TraceOptions"/>; what exceeds them is <see cref="NodeFault.TooLarge"/>.
/// </summary>
public static class TraceJson
{
    [Flags]
    private enum Fields
    {
        Unknown = 0,
        Hash = 1,
        Result = 2,
        Error = 4,
    }

    /// <summary>One frame object with all below it. Logs are numbered from 0 in the order of execution.</summary>
    /// <exception cref="RpcFormatException">Malformed, not JSON, or beyond the limits.</exception>
    public static TransactionTrace ParseCall(
        ReadOnlySpan<byte> json, Hash32 transaction, TraceOptions? options = null)
    {
        var limits = options ?? new TraceOptions();
        return Read(json, limits, (ref Utf8JsonReader reader) =>
        {
            reader.Read();
            return TraceLogs.Assign(transaction, new FrameReader(limits).Read(ref reader), null);
        });
    }

    /// <summary>
    /// The result of <c>debug_traceBlockByNumber</c> or <c>debug_traceBlockByHash</c>, which must be about exactly the
    /// block's transactions, in their order: same sender, same callee, no log that the receipt has not.
    /// </summary>
    /// <exception cref="RpcFormatException">
    /// Malformed, not JSON, beyond the limits, not of this block, or <see cref="NodeFault.Refused"/> where the node
    /// says that it could not trace one of the transactions.
    /// </exception>
    public static ValueList<TransactionTrace> ParseBlock(
        ReadOnlySpan<byte> json, Block block, TraceOptions? options = null)
    {
        var limits = options ?? new TraceOptions();
        return Read(json, limits, (ref Utf8JsonReader reader) =>
        {
            var frames = new FrameReader(limits);
            var traces = new List<TransactionTrace>(block.Transactions.Length);
            ReadItems(ref reader, (ref Utf8JsonReader item) =>
            {
                if (traces.Count == block.Transactions.Length)
                    throw RpcJson.Inconsistent($"it traced more than the transactions of block {block.Ref}");
                var transaction = block.Transactions.Span[traces.Count];
                var (hash, traced) = ReadItem(ref item, frames.Read);
                if (hash is { } named && named != transaction.Hash)
                    throw RpcJson.Inconsistent($"trace {traces.Count} of block {block.Ref} is of transaction {named}");
                CheckRoot(transaction, traced[0]);
                traces.Add(TraceLogs.Assign(transaction.Hash, traced, transaction.Logs));
            });
            if (traces.Count != block.Transactions.Length)
            {
                throw RpcJson.Inconsistent(
                    $"block {block.Ref} has {block.Transactions.Length} transactions but {traces.Count} traces");
            }
            return traces.ToValueList();
        });
    }

    /// <summary>The same where the block is not at hand. Each trace must then name its transaction.</summary>
    /// <exception cref="RpcFormatException">As for the other overload.</exception>
    public static ValueList<TransactionTrace> ParseBlock(ReadOnlySpan<byte> json, TraceOptions? options = null)
    {
        var limits = options ?? new TraceOptions();
        return Read(json, limits, (ref Utf8JsonReader reader) =>
        {
            var frames = new FrameReader(limits);
            var traces = new List<TransactionTrace>();
            var logs = 0;
            ReadItems(ref reader, (ref Utf8JsonReader item) =>
            {
                var (hash, traced) = ReadItem(ref item, frames.Read);
                var trace = TraceLogs.Assign(
                    hash ?? throw RpcJson.Garbage("a trace does not name its transaction"), traced, null, logs);
                logs += trace.Frames.Sum(frame => frame.Logs.Length);
                traces.Add(trace);
            });
            return traces.ToValueList();
        });
    }

    internal delegate T TokenReader<out T>(ref Utf8JsonReader reader);

    internal delegate void ItemReader(ref Utf8JsonReader reader);

    internal static T Read<T>(ReadOnlySpan<byte> json, TraceOptions limits, TokenReader<T> read)
    {
        if (json.Length > limits.MaximumBytes)
            throw new RpcFormatException(NodeFault.TooLarge, $"with more than {limits.MaximumBytes} bytes");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = limits.MaximumJsonDepth });
        try
        {
            return read(ref reader);
        }
        catch (JsonException) when (JsonToken.IsAtDepth(reader, limits.MaximumJsonDepth))
        {
            throw new RpcFormatException(
                NodeFault.TooLarge, $"with JSON of more than {limits.MaximumJsonDepth} levels");
        }
        catch (JsonException)
        {
            throw RpcJson.Garbage("it is not JSON");
        }
    }

    internal static void ReadItems(ref Utf8JsonReader reader, ItemReader read)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw RpcJson.Garbage("the traces of a block are not an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            read(ref reader);
    }

    /// <summary>One of a block's traces: what the tracer gave, and whose it is, where the node says so.</summary>
    internal static (Hash32? Transaction, T Result) ReadItem<T>(ref Utf8JsonReader reader, TokenReader<T> read)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw RpcJson.Garbage("a trace is not an object");
        var seen = Fields.Unknown;
        var hash = default(Hash32?);
        var traced = default(T);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Field(ref reader);
            if ((seen & field) != 0)
                throw RpcJson.Garbage($"a trace has '{field}' twice");
            seen |= field;
            reader.Read();
            if (field == Fields.Hash)
                hash = JsonToken.Hash(ref reader, "txHash");
            else if (field == Fields.Error && reader.TokenType == JsonTokenType.String)
                throw new RpcFormatException(
                    NodeFault.Refused, $"could not trace a transaction: \"{JsonToken.Words(ref reader, "error")}\"");
            else if (field == Fields.Result)
                traced = read(ref reader);
            else
                reader.Skip();
        }
        return (seen & Fields.Result) != 0 ? (hash, traced!) : throw RpcJson.Garbage("a trace has no 'result'");
    }

    private static Fields Field(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("txHash"u8) ? Fields.Hash
        : reader.ValueTextEquals("result"u8) ? Fields.Result
        : reader.ValueTextEquals("error"u8) ? Fields.Error
        : Fields.Unknown;

    // The transaction is in the block by what was checked before; a trace of something else is a lie or a mix-up.
    private static void CheckRoot(in Transaction transaction, TracedFrame root)
    {
        var callee = transaction.To ?? transaction.ContractCreated;
        if (root.From != transaction.From || (callee is not null && root.To != callee))
            throw RpcJson.Inconsistent($"the trace of transaction {transaction.Hash} is of another call");
    }
}
