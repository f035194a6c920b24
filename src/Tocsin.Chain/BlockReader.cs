using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// Reads blocks and receipts as nodes and recordings write them (execution-apis: <c>eth_getBlockByNumber</c> with full
/// transactions, <c>eth_getBlockReceipts</c>) in one pass over their UTF-8, into memory that the next block uses again:
/// a block is valid until then. Fields come in any order, unknown ones are skipped; what is read is checked against
/// everything else that is read, because a node that leaves out a log hides an attack. Depth is bounded by the JSON
/// reader, counts by the constants, memory by the bytes that are really there. Not for several threads at once.
/// </summary>
public sealed partial class BlockReader
{
    public const int TransactionsMax = 1 << 17;
    public const int LogsMax = 1 << 20;

    private readonly ByteStore bytes = new();
    private readonly Row<Body> bodies = new("transactions", TransactionsMax);
    private readonly Row<Outcome> outcomes = new("receipts", TransactionsMax);
    private readonly Row<Log> logs = new("logs", LogsMax);
    private readonly Row<Transaction> transactions = new("transactions", TransactionsMax);
    private readonly HeaderCopy header = new();
    private bool hasReceipts;

    /// <summary>Why nothing shows that the block is what its hash says; null where that is shown, or was not looked
    /// at: the node that gave the block says so.</summary>
    public string? Unproven { get; internal set; }

    /// <summary>It is not proven though other blocks of the node were: to be compared with another node.</summary>
    public bool IsOdd { get; internal set; }

    /// <summary>What was read of the block itself; null before <see cref="ReadBlock"/>.</summary>
    public BlockHeader? Header { get; private set; }

    /// <summary>A block and its receipts from two documents.</summary>
    /// <exception cref="RpcFormatException">Malformed, or the two do not belong together.</exception>
    public Block Read(ReadOnlySpan<byte> block, ReadOnlySpan<byte> receipts)
    {
        Start();
        try
        {
            var json = new Utf8JsonReader(block);
            RpcToken.Advance(ref json);
            ReadBlock(ref json);
            json.Read();
            json = new Utf8JsonReader(receipts);
            RpcToken.Advance(ref json);
            ReadReceipts(ref json);
            json.Read();
        }
        catch (JsonException malformed)
        {
            throw NotJson(malformed);
        }
        return Join();
    }

    /// <summary>
    /// Forgets the block before. Then comes <see cref="ReadBlock"/> and <see cref="ReadReceipts"/>, in either order,
    /// then <see cref="Join()"/>.
    /// </summary>
    public void Start()
    {
        bytes.Clear();
        bodies.Clear();
        outcomes.Clear();
        logs.Clear();
        transactions.Clear();
        header.Clear();
        Header = null;
        Unproven = null;
        IsOdd = false;
        hasReceipts = false;
    }

    /// <summary>Reads the block on which the JSON reader stands, and leaves it on its last token; false for a JSON
    /// null.</summary>
    /// <exception cref="ArgumentException">The JSON reader is over a sequence: only contiguous bytes are
    /// read.</exception>
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="RpcFormatException">Malformed, or there was a block already.</exception>
    public bool ReadBlock(ref Utf8JsonReader json)
    {
        CheckContiguous(ref json);
        if (RpcToken.IsNull(ref json))
            return false;
        if (Header is not null)
            throw RpcJson.Garbage("there are two blocks where there should be one");
        Header = ReadHeader(ref json, this);
        return true;
    }

    /// <inheritdoc cref="ReadBlock"/>
    /// <summary>Reads the receipts on which the JSON reader stands, and leaves it on their last token; false for a JSON
    /// null.</summary>
    /// <exception cref="RpcFormatException">Malformed, or there were receipts already.</exception>
    public bool ReadReceipts(ref Utf8JsonReader json)
    {
        CheckContiguous(ref json);
        if (RpcToken.IsNull(ref json))
            return false;
        if (hasReceipts)
            throw RpcJson.Garbage("there are receipts twice");
        if (json.TokenType != JsonTokenType.StartArray)
            throw RpcJson.Garbage("'receipts' is not an array");
        while (RpcToken.NextItem(ref json))
            ReadReceipt(ref json);
        hasReceipts = true;
        return true;
    }

    /// <summary>The hashes of the block's transactions in their order, for whoever asks for each receipt.</summary>
    public Hash32[] TransactionHashes()
    {
        var hashes = new Hash32[bodies.Count];
        for (var index = 0; index < hashes.Length; index++)
            hashes[index] = bodies[index].Hash;
        return hashes;
    }

    /// <summary>The block and the receipts as one whole; valid until the next <see cref="Start"/>.</summary>
    /// <exception cref="RpcFormatException">One is missing, or the two do not belong together.</exception>
    public Block Join()
    {
        if (Header is not { } block)
            throw RpcJson.Garbage("the block is missing");
        if (!hasReceipts)
            throw RpcJson.Garbage($"the receipts of block {block.Ref} are missing");
        if (bodies.Count != outcomes.Count)
        {
            throw RpcJson.Inconsistent(
                $"block {block.Ref} has {bodies.Count} transactions but {outcomes.Count} receipts");
        }
        transactions.Clear();
        for (var index = 0; index < bodies.Count; index++)
            transactions.Add() = Join(block.Ref, index);
        var joined = transactions.Slice(0, transactions.Count);
        // Only the logs after the last one given escape the numbering; the header's bloom shows those too.
        if (block.LogsBloom is { } bloom && !bloom.Equals(LogsBloom.OfBlock(joined.Span)))
            throw RpcJson.Inconsistent($"the node left out or made up logs of block {block.Ref}: the bloom differs");
        return new Block(block.Ref, block.ParentHash, block.Time, joined) { Gas = block.Gas };
    }

    /// <summary>The header alone of a block with or without full transactions; these are skipped.</summary>
    /// <exception cref="RpcFormatException">Malformed.</exception>
    public static BlockHeader ReadHeader(ReadOnlySpan<byte> block)
    {
        try
        {
            var json = new Utf8JsonReader(block);
            RpcToken.Advance(ref json);
            var header = ReadHeader(ref json);
            json.Read();
            return header;
        }
        catch (JsonException malformed)
        {
            throw NotJson(malformed);
        }
    }

    /// <summary>The header of the block on which the JSON reader stands, which is left on its last token.</summary>
    /// <exception cref="ArgumentException">The JSON reader is over a sequence.</exception>
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="RpcFormatException">Malformed.</exception>
    public static BlockHeader ReadHeader(ref Utf8JsonReader json)
    {
        CheckContiguous(ref json);
        return ReadHeader(ref json, transactions: null);
    }

    private Transaction Join(BlockRef block, int index)
    {
        ref readonly var body = ref bodies[index];
        ref readonly var outcome = ref outcomes[index];
        if (body.Index != index || body.BlockHash != block.Hash)
            throw RpcJson.Inconsistent($"transaction {body.Hash} is not the one at index {index} of block {block}");
        ref readonly var place = ref outcome.Place;
        if (place.TransactionHash != body.Hash || place.TransactionIndex != index || place.Block != block)
            throw RpcJson.Inconsistent($"receipt {index} does not belong to transaction {body.Hash} of block {block}");
        // Absent or null is a creation; the receipt must agree, or a node could turn a call into one by silence.
        if (outcome.NamesCallee && outcome.To != body.To)
            throw RpcJson.Inconsistent($"transaction {body.Hash} and its receipt name different callees");
        if (body.To is null && outcome.Succeeded && outcome.ContractCreated is null)
            throw RpcJson.Inconsistent($"transaction {body.Hash} created a contract that its receipt does not name");
        return new Transaction(
            body.Hash,
            index,
            body.From,
            body.To,
            body.Nonce,
            body.ValueWei,
            body.Input,
            outcome.Succeeded,
            body.To is null && outcome.Succeeded ? outcome.ContractCreated : null,
            logs.Slice(outcome.FirstLog, outcome.LogCount));
    }

    // Over a sequence a token may lie in two pieces, and a field would be overlooked in silence.
    private static void CheckContiguous(ref Utf8JsonReader json)
    {
        if (json.Position.GetObject() is not null)
            throw new ArgumentException("only a reader over contiguous bytes can be read from", nameof(json));
    }

    private static RpcFormatException NotJson(JsonException malformed) => RpcJson.Garbage(
        $"it is not one JSON value (line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine})");

    /// <summary>A transaction as the block has it.</summary>
    private struct Body
    {
        public Hash32 Hash;
        public Hash32 BlockHash;
        public Address From;
        public Address? To;
        public ulong Nonce;
        public UInt256 ValueWei;
        public ReadOnlyMemory<byte> Input;
        public int Index;
    }

    /// <summary>What a receipt says of its transaction.</summary>
    private struct Outcome
    {
        public Place Place;

        /// <summary>Where all its logs say they belong.</summary>
        public Place LogsPlace;
        public bool Succeeded;
        public Address? ContractCreated;

        /// <summary>Some nodes leave the callee out of receipts.</summary>
        public bool NamesCallee;
        public Address? To;
        public int FirstLog;
        public int LogCount;
        public ulong? Type;
        public ulong? CumulativeGasUsed;
    }
}
