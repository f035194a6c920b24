using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>A parsed JSON-RPC 2.0 answer that owns its bytes.</summary>
internal sealed class RpcAnswer : IDisposable
{
    private readonly BoundedBody body;
    private readonly JsonDocument document;

    private RpcAnswer(BoundedBody body, JsonDocument document)
    {
        this.body = body;
        this.document = document;
    }

    /// <summary>Undefined where the node answered with an error.</summary>
    public JsonElement Result { get; private set; }

    public NodeError? Error { get; private set; }

    /// <summary>Takes over the body on success only.</summary>
    /// <exception cref="JsonException">Not JSON, nested too deeply, or a name given twice.</exception>
    /// <exception cref="RpcFormatException">Not an answer to this request.</exception>
    public static RpcAnswer Parse(BoundedBody body, long id, int maximumDepth)
    {
        var strict = new JsonDocumentOptions { MaxDepth = maximumDepth, AllowDuplicateProperties = false };
        var document = JsonDocument.Parse(body.Memory, strict);
        try
        {
            var answer = new RpcAnswer(body, document);
            answer.Read(document.RootElement, id);
            return answer;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        document.Dispose();
        body.Dispose();
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

    private static NodeError ReadError(JsonElement error)
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
        return data is { ValueKind: JsonValueKind.String } text && Hex.TryParse(text.GetString(), out var bytes)
            ? bytes
            : [];
    }
}
