using System.Text.Json;
using Tocsin.Chain.Senses;

namespace Tocsin.Chain;

/// <summary>What reads the bytes of a result where they lie; they are gone once it returns.</summary>
public delegate T RawReader<out T>(ReadOnlySpan<byte> result);

/// <content>Answers too large or too deep for a document of JSON elements.</content>
public sealed partial class Node
{
    /// <summary>
    /// Any method, its result given as the bytes of one JSON value. The envelope around it is checked as for every
    /// answer; the bytes themselves are known to be well-formed JSON within the limits, and no more.
    /// </summary>
    /// <param name="parameters">Writes the items of the params array; the array itself is already open.</param>
    /// <param name="maximumBytes">Of the answer, instead of the node's own limit.</param>
    /// <param name="maximumDepth">Nesting of the answer, instead of the node's own limit.</param>
    public async Task<T> RequestRawAsync<T>(
        string method,
        Action<Utf8JsonWriter> parameters,
        int maximumBytes,
        int maximumDepth,
        RawReader<T> read,
        CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref lastId);
        if (rate is not null)
            await rate.WaitAsync(requests: 1, cancellationToken);
        return await PostAsync(
            method,
            RpcParameters.Envelope(id, method, parameters),
            async (response, token) =>
            {
                var size = new AnswerSize(maximumBytes, AnswerSize.Streamed);
                using var body = await BodyAsync(method, response, size, token);
                return ReadRaw(method, id, response, body, maximumDepth, read);
            },
            cancellationToken);
    }

    /// <summary>Whether the node answers two requests in one (JSON-RPC 2.0, section 6).</summary>
    internal Task<bool> AnswersBatchesAsync(CancellationToken cancellationToken) => PostAsync(
        "a batch",
        """
        [{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]},
         {"jsonrpc":"2.0","id":2,"method":"eth_blockNumber","params":[]}]
        """u8.ToArray(),
        async (response, token) =>
        {
            var size = new AnswerSize(64 << 10, AnswerSize.Document);
            using var body = await BodyAsync("a batch", response, size, token);
            return response.IsSuccessStatusCode && IsBatch(body.Memory);
        },
        cancellationToken);

    private static bool IsBatch(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Array } answers && answers.GetArrayLength() == 2
                && answers.EnumerateArray().All(answer => RpcJson.Optional(answer, "result") is not null);
        }
        catch (Exception failure) when (failure is JsonException or RpcFormatException)
        {
            return false;
        }
    }

    private T ReadRaw<T>(
        string method,
        long id,
        HttpResponseMessage response,
        BoundedBody body,
        int maximumDepth,
        RawReader<T> read)
    {
        try
        {
            var envelope = RpcEnvelope.Scan(body.Memory.Span, id, maximumDepth);
            if (envelope.HasError)
                throw RefusalIn(method, id, body, response);
            if (!response.IsSuccessStatusCode)
                throw Status(method, response);
            return read(body.Memory.Span[envelope.Result]);
        }
        // The last is what the escape of half a surrogate pair gives where a name is compared.
        catch (Exception failure)
            when (failure is JsonException or RpcFormatException or InvalidOperationException)
        {
            if (!response.IsSuccessStatusCode)
                throw Status(method, response);
            throw failure switch
            {
                RpcFormatException { Fault: NodeFault.TooLarge } large => TooLarge(method, $"answered {large.Message}"),
                RpcFormatException { Fault: NodeFault.Refused } refused => Fault(
                    NodeFault.Refused, method, endpoint.Excerpt(refused.Message), "check the node's log"),
                RpcFormatException malformed => Malformed(method, malformed),
                _ => NotJson(method, body.Start()),
            };
        }
    }

    // An error is small and flat: it is read as every other node's error is.
    private NodeException RefusalIn(string method, long id, BoundedBody body, HttpResponseMessage response)
    {
        if (body.Memory.Length > RpcAnswer.EnvelopeBytesMax)
            throw TooLarge(method, $"answered with an error of {body.Memory.Length} bytes");
        using var answer = RpcAnswer.Parse(body, id, options.MaximumDepth);
        return Refusal(method, answer.Error!, response);
    }

    private NodeException TooLarge(string method, string what) =>
        Fault(NodeFault.TooLarge, method, what, "ask for less or raise the limit");
}
