using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Evm.Blocks;

/// <summary>
/// Reads a header from the JSON of a block (execution-apis, <c>eth_getBlockByNumber</c>) so that its hash can be
/// recomputed.
/// </summary>
public static class HeaderReader
{
    private static readonly HashSet<string> NotHashed =
        ["hash", "size", "totalDifficulty", "transactions", "uncles", "withdrawals"];

    private static readonly HashSet<string> Hashed =
    [
        "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty",
        "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas",
        "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash",
    ];

    /// <summary>
    /// The header; else why its hash cannot be recomputed, in words. That is no lie yet: recordings leave fields out,
    /// and chains add their own, of which nobody here knows how they are hashed.
    /// </summary>
    public static bool TryRead(
        JsonElement block, [NotNullWhen(true)] out FullHeader? header, [NotNullWhen(false)] out string? refusal)
    {
        header = null;
        try
        {
            var fields = new Fields(block);
            var read = Header(fields);
            CheckNames(block, fields);
            refusal = fields.Refusal is { } reason ? $"the hash cannot be recomputed: {reason}" : null;
            header = refusal is null ? read : null;
            return refusal is null;
        }
        catch (InvalidOperationException)
        {
            // No object; or half a surrogate pair, which passes the parser as an escape and fails when it is read.
            refusal = "the hash cannot be recomputed: the block is no JSON object in Unicode";
            return false;
        }
    }

    private static void CheckNames(JsonElement block, Fields fields)
    {
        foreach (var property in block.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null
                && !NotHashed.Contains(property.Name) && !Hashed.Contains(property.Name))
                fields.Refuse($"the field '{Excerpt(property.Name)}' is not known here");
        }
        fields.RefuseHoles(
            "baseFeePerGas",
            "withdrawalsRoot",
            "blobGasUsed",
            "excessBlobGas",
            "parentBeaconBlockRoot",
            "requestsHash");
    }

    private static FullHeader Header(Fields fields) =>
        new(
            fields.Hash("parentHash"),
            fields.Hash("sha3Uncles"),
            fields.Account("miner"),
            fields.Hash("stateRoot"),
            fields.Hash("transactionsRoot"),
            fields.Hash("receiptsRoot"),
            fields.Bloom("logsBloom"),
            fields.Quantity("difficulty"),
            fields.Number("number"),
            fields.Number("gasLimit"),
            fields.Number("gasUsed"),
            fields.Number("timestamp"),
            fields.Bytes("extraData"),
            fields.Hash("mixHash"),
            fields.Nonce("nonce"))
        {
            BaseFeePerGasWei = fields.Has("baseFeePerGas") ? fields.Quantity("baseFeePerGas") : null,
            WithdrawalsRoot = fields.Has("withdrawalsRoot") ? fields.Hash("withdrawalsRoot") : null,
            BlobGasUsed = fields.Has("blobGasUsed") ? fields.Number("blobGasUsed") : null,
            ExcessBlobGas = fields.Has("excessBlobGas") ? fields.Number("excessBlobGas") : null,
            ParentBeaconBlockRoot = fields.Has("parentBeaconBlockRoot") ? fields.Hash("parentBeaconBlockRoot") : null,
            RequestsHash = fields.Has("requestsHash") ? fields.Hash("requestsHash") : null,
        };

    private static string Excerpt(string text) => text.Length <= 40 ? text : text[..40] + "…";

    /// <summary>The first complaint is kept; what cannot be read is zero.</summary>
    private sealed class Fields(JsonElement block)
    {
        private static readonly LogsBloom NoBloom = LogsBloom.Of([]);

        public string? Refusal { get; private set; }

        public void Refuse(string reason) => Refusal ??= reason;

        public bool Has(string name) =>
            block.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

        public void RefuseHoles(params ReadOnlySpan<string> inOrderOfForks)
        {
            for (var i = 1; i < inOrderOfForks.Length; i++)
            {
                if (Has(inOrderOfForks[i]) && !Has(inOrderOfForks[i - 1]))
                    Refuse($"it has '{inOrderOfForks[i]}' and not '{inOrderOfForks[i - 1]}'");
            }
        }

        public Hash32 Hash(string name) =>
            Hash32.TryParse(Text(name), out var value) ? value : Unread<Hash32>(name, "32 bytes");

        public Address Account(string name) =>
            Address.TryParse(Text(name), out var value) ? value : Unread<Address>(name, "an address");

        public UInt256 Quantity(string name) =>
            UInt256.TryParseQuantity(Text(name), out var value) ? value : Unread<UInt256>(name, "a quantity");

        public ulong Number(string name) =>
            Quantity(name) is var value && value <= ulong.MaxValue
                ? value.ToUInt64()
                : Unread<ulong>(name, "a quantity of 64 bits");

        public byte[] Bytes(string name) =>
            Hex.TryParse(Text(name), out var value) ? value : Unread<byte[]>(name, "bytes") ?? [];

        public ulong Nonce(string name) =>
            Bytes(name) is { Length: sizeof(ulong) } value
                ? BinaryPrimitives.ReadUInt64BigEndian(value)
                : Unread<ulong>(name, "8 bytes");

        public LogsBloom Bloom(string name) =>
            LogsBloom.TryParse(Text(name), out var value) ? value : Unread<LogsBloom>(name, "a bloom") ?? NoBloom;

        private string Text(string name) =>
            block.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : "";

        private T? Unread<T>(string name, string what)
        {
            Refuse(Has(name) ? $"'{name}' is not {what}" : $"'{name}' is missing");
            return default;
        }
    }
}
