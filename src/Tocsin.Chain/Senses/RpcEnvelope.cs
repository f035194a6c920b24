using System.Text.Json;

namespace Tocsin.Chain.Senses;

/// <summary>Where in the bytes of a JSON-RPC 2.0 answer the result lies.</summary>
internal readonly record struct RpcEnvelope(bool HasError, Range Result)
{
    [Flags]
    private enum Fields
    {
        None = 0,
        Version = 1,
        Id = 2,
        Result = 4,
        Error = 8,
    }

    /// <summary>Checks the envelope without making anything of the result but that it is well-formed JSON.</summary>
    /// <exception cref="JsonException">Not one JSON value.</exception>
    /// <exception cref="RpcFormatException">
    /// Not an answer to this request, or <see cref="NodeFault.TooLarge"/>: nested more deeply than allowed.
    /// </exception>
    public static RpcEnvelope Scan(ReadOnlySpan<byte> answer, long id, int maximumDepth)
    {
        var reader = new Utf8JsonReader(answer, new JsonReaderOptions { MaxDepth = maximumDepth });
        try
        {
            return Scan(ref reader, id);
        }
        catch (JsonException) when (JsonToken.IsAtDepth(reader, maximumDepth))
        {
            throw new RpcFormatException(NodeFault.TooLarge, $"with JSON of more than {maximumDepth} levels");
        }
    }

    private static RpcEnvelope Scan(ref Utf8JsonReader reader, long id)
    {
        var seen = Fields.None;
        var result = default(Range);
        var failed = false;
        var matched = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw RpcJson.Garbage("the answer is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Field(ref reader);
            if ((seen & field) != 0)
                throw RpcJson.Garbage($"'{field}' is given twice");
            seen |= field;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (field == Fields.Version && !(reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("2.0")))
                throw RpcJson.Garbage("'jsonrpc' is not \"2.0\"");
            if (field == Fields.Id)
                matched = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var got) && got == id;
            if (field == Fields.Error)
                failed = reader.TokenType != JsonTokenType.Null;
            reader.Skip();
            if (field == Fields.Result)
                result = start..(int)reader.BytesConsumed;
        }
        // What follows the object is no part of one JSON value, and throws here.
        reader.Read();
        // A node that could not read the request has no id to repeat; its error is then read, and checked, on its own.
        if (!failed && !matched)
            throw RpcJson.Garbage($"'id' is not {id}, the id of the request");
        if ((seen & Fields.Version) == 0 || (!failed && (seen & Fields.Result) == 0))
            throw RpcJson.Garbage("it is no JSON-RPC 2.0 answer");
        return new RpcEnvelope(failed, result);
    }

    private static Fields Field(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("jsonrpc") ? Fields.Version
        : reader.ValueTextEquals("id") ? Fields.Id
        : reader.ValueTextEquals("result") ? Fields.Result
        : reader.ValueTextEquals("error") ? Fields.Error
        : Fields.None;
}
