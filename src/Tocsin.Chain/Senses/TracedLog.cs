using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain.Senses;

/// <summary>
/// A log as a tracer writes it. Nodes number such logs each in their own way (within the transaction or the block, with
/// or without those of reverted calls), so their numbers are not used.
/// </summary>
/// <param name="Position">
/// How many calls the frame had made before it (geth, pull request 28389); 0 where not given.
/// </param>
internal readonly record struct TracedLog(
    ulong Position, Address Address, LogTopics Topics, ReadOnlyMemory<byte> Data)
{
    private const int MaximumTopics = 4;

    [Flags]
    private enum Fields
    {
        Unknown = 0,
        Address = 1,
        Topics = 2,
        Data = 4,
        Position = 8,
    }

    /// <summary>The log at whose opening brace the reader stands; the reader is left at its end.</summary>
    public static TracedLog Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw RpcJson.Garbage("a log of a call is not an object");
        var log = default(TracedLog);
        var seen = Fields.Unknown;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Field(ref reader);
            if ((seen & field) != 0)
                throw RpcJson.Garbage($"a log of a call has '{field}' twice");
            seen |= field;
            reader.Read();
            switch (field)
            {
                case Fields.Address: log = log with { Address = JsonToken.Address(ref reader, "address") }; break;
                case Fields.Topics: log = log with { Topics = ReadTopics(ref reader) }; break;
                case Fields.Data: log = log with { Data = JsonToken.Bytes(ref reader, "data") }; break;
                case Fields.Position: log = log with { Position = JsonToken.Number(ref reader, "position") }; break;
                default: reader.Skip(); break;
            }
        }
        if ((seen & Fields.Address) == 0)
            throw RpcJson.Garbage("a log of a call has no 'address'");
        return log;
    }

    private static Fields Field(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("address"u8) ? Fields.Address
        : reader.ValueTextEquals("topics"u8) ? Fields.Topics
        : reader.ValueTextEquals("data"u8) ? Fields.Data
        : reader.ValueTextEquals("position"u8) ? Fields.Position
        : Fields.Unknown;

    private static LogTopics ReadTopics(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return default;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw RpcJson.Garbage("'topics' is not an array");
        Span<Hash32> topics = stackalloc Hash32[MaximumTopics];
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count == MaximumTopics)
                throw RpcJson.Garbage($"'topics' has more than {MaximumTopics} entries");
            topics[count++] = JsonToken.Hash(ref reader, "topics");
        }
        return LogTopics.Create(topics[..count]);
    }
}
