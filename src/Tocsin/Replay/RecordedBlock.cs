using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Replay;

/// <summary>A line of a block file.</summary>
/// <param name="Before">What was seen before the block: simulations of pending transactions.</param>
/// <param name="After">What belongs to the state after it: traces, answers to reads.</param>
internal sealed record RecordedBlock(Block Block, IReadOnlyList<Input> Before, IReadOnlyList<Input> After)
{
    /// <summary>The longest line: a full block with the calls of all its transactions.</summary>
    public const int LineBytesMax = 256 << 20;

    private static readonly JsonDocumentOptions Strict =
        new() { MaxDepth = CallTree.JsonDepthMax, AllowDuplicateProperties = false };

    /// <summary>
    /// Reads <c>{"chain"?,"block":…,"receipts":…,"traces"?:…,"reads"?:…,"simulations"?:…}</c>: the answers of
    /// <c>eth_getBlockByNumber</c> with full transactions, <c>eth_getBlockReceipts</c> and
    /// <c>debug_traceBlockByNumber</c> (callTracer); reads as <c>{"to","data","result"}</c> or
    /// <c>{"of","slot","result"}</c>; simulations as <c>{"arrivedAt","hash","from","to","nonce","value","input",
    /// "trace"}</c>, with <c>missing</c> in the place of <c>trace</c> where there is none, or, of calls in sequence on
    /// the
    /// state after the block, as <c>{"from","calls":[{"to","value","data","trace"}]}</c>, with <c>missing</c> beside
    /// them
    /// where there are no traces.
    /// </summary>
    /// <exception cref="FormatException">Malformed, contradicts itself, or is of another chain.</exception>
    public static RecordedBlock Read(ReadOnlyMemory<byte> line, ChainId chain)
    {
        using var document = Parse(line);
        var root = document.RootElement;
        ChainNames.Check(root, chain);
        var block = new BlockReader().Read(
            JsonMarshal.GetRawUtf8Value(RpcJson.Field(root, "block")),
            JsonMarshal.GetRawUtf8Value(RpcJson.Field(root, "receipts")));
        var after = new List<Input>();
        if (Given(root, "traces") is { } traces)
            after.Add(new ChainStep.Traced(block.Ref, Traces(RpcJson.ToArray(traces, "traces"), block)));
        if (Given(root, "reads") is { } reads)
            after.Add(new ChainStep.Answered(
                block.Ref, RpcJson.ToArray(reads, "reads").EnumerateArray().Select(Answer).ToValueList()));
        var before = new List<Arrival.Pending>();
        var simulated = new List<SimulationAnswer>();
        if (Given(root, "simulations") is { } simulations)
            foreach (var simulation in RpcJson.ToArray(simulations, "simulations").EnumerateArray())
                if (Given(simulation, "calls") is not null)
                    simulated.Add(Answered(simulation));
                else
                    before.Add(Simulation(simulation));
        if (simulated.Count > 0)
            after.Add(new ChainStep.Simulated(block.Ref, [.. simulated]));
        return new RecordedBlock(block, before, after);
    }

    /// <summary>The number of the block, for whoever looks for it in a file.</summary>
    /// <exception cref="FormatException">Malformed.</exception>
    public static BlockRef ReadRef(ReadOnlyMemory<byte> line)
    {
        using var document = Parse(line);
        return BlockJson.ParseRef(RpcJson.Field(document.RootElement, "block"));
    }

    /// <exception cref="FormatException">Not JSON, nested too deeply, or a name given twice.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line, Strict);
        }
        // The second is a name with half a surrogate pair, on which the search for names given twice fails.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"not one JSON value: {e.Message}", e);
        }
    }

    private static JsonElement? Given(JsonElement parent, string name) =>
        RpcJson.Optional(parent, name) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    private static ValueList<TransactionTrace> Traces(JsonElement traces, Block block)
    {
        if (traces.GetArrayLength() != block.Transactions.Length)
            throw new FormatException(
                $"block {block.Ref} has {block.Transactions.Length} transactions but {traces.GetArrayLength()} traces");
        var read = new List<TransactionTrace>();
        var index = 0;
        foreach (var trace in traces.EnumerateArray())
        {
            var hash = block.Transactions.Span[index++].Hash;
            if (Given(trace, "txHash") is { } named && RpcJson.ToHash(named, "txHash") != hash)
                throw new FormatException($"trace {index - 1} is not that of transaction {hash}");
            // A node that could not trace one transaction says so in the place of its frames.
            if (Given(trace, "result") is { } root)
                read.Add(new TransactionTrace(hash, CallTree.Read(root)));
        }
        return read.ToValueList();
    }

    private static ReadAnswer Answer(JsonElement read)
    {
        StateRead question = Given(read, "slot") is not null
            ? new StateRead.Slot(RpcJson.Address(read, "of"), RpcJson.Hash(read, "slot"))
            : new StateRead.Call(RpcJson.Address(read, "to"), Hex.Format(RpcJson.Bytes(read, "data")));
        return new ReadAnswer(
            question, Given(read, "result") is { } result ? RpcJson.ToBytes(result, "result").ToValueList() : null);
    }

    private static SimulationAnswer Answered(JsonElement simulation)
    {
        var calls = RpcJson.Array(simulation, "calls");
        var asked = new StateSimulation(
            RpcJson.Address(simulation, "from"),
            calls.EnumerateArray().Select(call => new SimulatedCall(
                RpcJson.Address(call, "to"), RpcJson.Quantity(call, "value"),
                RpcJson.Bytes(call, "data").ToValueList())).ToValueList());
        return Given(simulation, "missing") is not null
            ? SimulationAnswer.None(asked, RpcJson.Text(simulation, "missing"))
            : SimulationAnswer.Of(
                asked,
                calls.EnumerateArray().Select(call => SimulatedOutcome.Of(CallTree.Read(RpcJson.Field(call, "trace"))))
                    .ToValueList(),
                isInSequence: true);
    }

    private static Arrival.Pending Simulation(JsonElement simulation)
    {
        var hash = RpcJson.Hash(simulation, "hash");
        var trace = Given(simulation, "trace");
        return new Arrival.Pending(
            Instant(RpcJson.Text(simulation, "arrivedAt")),
            new PendingTransaction(
                hash,
                RpcJson.Address(simulation, "from"),
                Given(simulation, "to") is { } to ? RpcJson.ToAddress(to, "to") : null,
                RpcJson.Number(simulation, "nonce"),
                RpcJson.Quantity(simulation, "value"),
                RpcJson.Bytes(simulation, "input"),
                trace is { } root ? new TransactionTrace(hash, CallTree.Read(root)) : null,
                trace is null ? RpcJson.Text(simulation, "missing") : null)
            {
                FeePerGasWei = Given(simulation, "feePerGas") is null
                    ? UInt256.Zero
                    : RpcJson.Quantity(simulation, "feePerGas"),
            });
    }

    private static DateTimeOffset Instant(string text) =>
        DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var instant)
            ? instant
            : throw new FormatException("'arrivedAt' is not an instant");
}

/// <summary>A recording of another chain than the one that is watched: whole, but not for us.</summary>
internal sealed class OtherChainException(string message) : FormatException(message);

/// <summary>Chains as recordings name them.</summary>
internal static class ChainNames
{
    // EIP-155 identifiers.
    private static readonly Dictionary<string, ulong> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ethereum"] = 1,
        ["mainnet"] = 1,
        ["optimism"] = 10,
        ["bsc"] = 56,
        ["gnosis"] = 100,
        ["polygon"] = 137,
        ["fantom"] = 250,
        ["base"] = 8453,
        ["arbitrum"] = 42161,
        ["avalanche"] = 43114,
    };

    /// <summary>Looks at the field <c>chain</c>, a name or an identifier; it may be absent.</summary>
    /// <exception cref="FormatException">It names another chain, or none that is known.</exception>
    public static void Check(JsonElement root, ChainId expected)
    {
        if (RpcJson.Optional(root, "chain") is not { ValueKind: not JsonValueKind.Null } chain)
            return;
        var text = chain.ValueKind == JsonValueKind.String ? chain.GetString()! : chain.GetRawText();
        if (!Known.TryGetValue(text, out var id) && !ulong.TryParse(text, out id))
            throw new FormatException("'chain' is neither a number nor the name of a chain that is known");
        if (id != expected.Value)
            throw new OtherChainException($"it is of chain {id}, and the configuration watches chain {expected}");
    }
}
