using System.Text.Json;

namespace Tocsin.Chain;

/// <summary>A parsed JSON-RPC 2.0 batch answer that owns its bytes (section 6: in any order, matched by id).</summary>
internal sealed class RpcBatch : IDisposable
{
    private readonly BoundedBody body;
    private readonly JsonDocument document;

    private RpcBatch(BoundedBody body, JsonDocument document, int count)
    {
        this.body = body;
        this.document = document;
        Answers = new (JsonElement, NodeError?)[count];
    }

    /// <summary>By the order of the calls; the result is undefined where there is an error.</summary>
    public (JsonElement Result, NodeError? Error)[] Answers { get; }

    /// <summary>Set where the node refused the batch as a whole.</summary>
    public NodeError? Refused { get; private set; }

    /// <summary>Takes over the body on success only.</summary>
    /// <param name="firstId">The id of the first call; those after it follow.</param>
    /// <exception cref="JsonException">Not JSON, nested too deeply, or a name given twice.</exception>
    /// <exception cref="RpcFormatException">Not an answer to exactly these calls.</exception>
    public static RpcBatch Parse(BoundedBody body, long firstId, int count, int maximumDepth)
    {
        var strict = new JsonDocumentOptions { MaxDepth = maximumDepth + 1, AllowDuplicateProperties = false };
        var document = RpcAnswer.Document(body.Memory, strict);
        try
        {
            var batch = new RpcBatch(body, document, count);
            batch.Read(document.RootElement, firstId);
            return batch;
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

    private void Read(JsonElement root, long firstId)
    {
        if (root.ValueKind == JsonValueKind.Object)
        {
            // One object for all of them can only be a refusal, whatever its id.
            Refused = RpcAnswer.ReadError(RpcJson.Field(root, "error"));
            return;
        }
        var given = new bool[Answers.Length];
        foreach (var answer in RpcJson.ToArray(root, "the batch").EnumerateArray())
        {
            var index = Index(answer, firstId);
            if (given[index])
                throw RpcJson.Garbage($"'id' {firstId + index} is answered twice");
            given[index] = true;
            Answers[index] = RpcJson.Optional(answer, "error") is { ValueKind: not JsonValueKind.Null } error
                ? (default, RpcAnswer.ReadError(error))
                : (RpcJson.Field(answer, "result"), null);
        }
        var missing = Array.IndexOf(given, false);
        if (missing >= 0)
            throw RpcJson.Garbage($"'id' {firstId + missing} of the batch is not answered");
    }

    private int Index(JsonElement answer, long firstId)
    {
        if (RpcJson.Text(answer, "jsonrpc") != "2.0")
            throw RpcJson.Garbage("'jsonrpc' is not \"2.0\"");
        var id = RpcJson.Field(answer, "id");
        if (id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number)
            && number >= firstId && number < firstId + Answers.Length)
        {
            return (int)(number - firstId);
        }
        throw RpcJson.Garbage("an 'id' in the batch is that of none of its calls");
    }
}
