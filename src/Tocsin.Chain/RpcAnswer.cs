using System.Buffers;
using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>Reads a result where it stands in its answer; false for a JSON null.</summary>
internal delegate bool ResultReader(ref Utf8JsonReader json);

/// <summary>A parsed JSON-RPC 2.0 answer that owns its bytes.</summary>
internal sealed class RpcAnswer : IDisposable
{
    /// <summary>Where the result is read in passing: an error with its data, at most.</summary>
    public const int EnvelopeBytesMax = 1 << 20;

    private readonly BoundedBody body;
    private readonly JsonDocument document;

    private RpcAnswer(BoundedBody body, JsonDocument document)
    {
        this.body = body;
        this.document = document;
    }

    /// <summary>Undefined where the node answered with an error; null where the result was read in
    /// passing.</summary>
    public JsonElement Result { get; private set; }

    /// <summary>True where the result was read in passing and was no JSON null.</summary>
    public bool HasRead { get; private set; }

    public NodeError? Error { get; private set; }

    /// <summary>Takes over the body on success only.</summary>
    /// <exception cref="JsonException">Not JSON, nested too deeply, or a name given twice.</exception>
    /// <exception cref="RpcFormatException">Not an answer to this request.</exception>
    /// <param name="read">For a result too large to be walked through twice: it is given to this as it stands, and only
    /// what is around it becomes a document. What was read is not to be believed before this returns.</param>
    public static RpcAnswer Parse(BoundedBody body, long id, int maximumDepth, ResultReader? read = null)
    {
        var hasRead = false;
        var envelope = read is null ? body.Memory : Envelope(body.Memory.Span, maximumDepth, read, out hasRead);
        var strict = new JsonDocumentOptions { MaxDepth = maximumDepth, AllowDuplicateProperties = false };
        var document = Document(envelope, strict);
        try
        {
            var answer = new RpcAnswer(body, document) { HasRead = hasRead };
            answer.Read(document.RootElement, id);
            return answer;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    /// <exception cref="JsonException">Not JSON within the options, or a name that is no Unicode.</exception>
    internal static JsonDocument Document(ReadOnlyMemory<byte> json, JsonDocumentOptions options)
    {
        try
        {
            return JsonDocument.Parse(json, options);
        }
        catch (InvalidOperationException exception)
        {
            // The search for a name given twice fails on an escape of half a surrogate pair.
            throw new JsonException("a name is not Unicode", exception);
        }
    }

    public void Dispose()
    {
        document.Dispose();
        body.Dispose();
    }

    // The answer with a null in place of the result, so that it is judged by the same rules as every other.
    private static ReadOnlyMemory<byte> Envelope(
        ReadOnlySpan<byte> body, int maximumDepth, ResultReader read, out bool hasRead)
    {
        hasRead = false;
        var envelope = new ArrayBufferWriter<byte>();
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = maximumDepth });
        RpcToken.Advance(ref json);
        RpcToken.StartObject(ref json, "the answer");
        envelope.Write("{"u8);
        for (RpcToken.Advance(ref json); json.TokenType != JsonTokenType.EndObject; RpcToken.Advance(ref json))
        {
            if (envelope.WrittenCount > 1)
                envelope.Write(","u8);
            if (json.ValueIsEscaped)
                throw RpcJson.Garbage("the name of a field is written with escapes");
            var start = (int)json.TokenStartIndex;
            var isResult = json.ValueTextEquals("result"u8);
            RpcToken.Advance(ref json);
            if (isResult)
            {
                hasRead = read(ref json);
                envelope.Write("\"result\":null"u8);
                continue;
            }
            RpcToken.Skip(ref json);
            if (json.BytesConsumed - start > EnvelopeBytesMax - envelope.WrittenCount)
                throw RpcJson.Garbage($"it has more than {EnvelopeBytesMax} bytes around the result");
            envelope.Write(body[start..(int)json.BytesConsumed]);
        }
        envelope.Write("}"u8);
        // Throws where something follows.
        json.Read();
        return envelope.WrittenMemory;
    }

    private void Read(JsonElement root, long id)
    {
        if (RpcJson.Text(root, "jsonrpc") != "2.0")
            throw RpcJson.Garbage("'jsonrpc' is not \"2.0\"");
        var failed = RpcJson.Optional(root, "error") is { ValueKind: not JsonValueKind.Null };
        var answered = RpcJson.Field(root, "id");
        // A node that could not read the request at all has no id to repeat (JSON-RPC 2.0, section 5).
        var unread = failed && answered.ValueKind == JsonValueKind.Null;
        if (!unread && !(answered.ValueKind == JsonValueKind.Number && answered.TryGetInt64(out var got) && got == id))
            throw RpcJson.Garbage($"'id' is not {id}, the id of the request");
        if (failed)
            Error = ReadError(RpcJson.Field(root, "error"));
        else
            Result = RpcJson.Field(root, "result");
    }

    internal static NodeError ReadError(JsonElement error)
    {
        var code = RpcJson.Field(error, "code");
        if (code.ValueKind != JsonValueKind.Number || !code.TryGetInt64(out var number))
            throw RpcJson.Garbage("'code' of the error is not a whole number");
        return new NodeError(number, RpcJson.Text(error, "message"), RevertData(error));
    }

    // geth and its kin give the revert data as text; some wrap it once more in an object.
    private static byte[] RevertData(JsonElement error)
    {
        var data = RpcJson.Optional(error, "data");
        if (data is { ValueKind: JsonValueKind.Object } wrapped)
            data = RpcJson.Optional(wrapped, "data");
        return data is { ValueKind: JsonValueKind.String } text
            && Hex.TryParse(RpcJson.Unescaped(text, "data"), out var bytes)
            ? bytes
            : [];
    }
}
