using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Tocsin.Chain;

/// <summary>
/// One JSON-RPC 2.0 endpoint over HTTP. Safe for concurrent use; nothing is retried here. Every method throws
/// <see cref="NodeException"/> where the node gives no usable answer, and <see cref="OperationCanceledException"/> only
/// where the caller's token was cancelled.
/// </summary>
public sealed partial class Node
{
    private readonly HttpClient http;
    private readonly Endpoint endpoint;
    private readonly TimeProvider time;
    private readonly NodeOptions options;
    private long lastId;

    /// <param name="address">http or https; user info, where given, is sent as basic authentication.</param>
    /// <exception cref="ArgumentException">The address is not absolute http or https.</exception>
    public Node(HttpClient http, Uri address, TimeProvider time, NodeOptions? options = null)
    {
        this.http = http;
        this.time = time;
        this.options = options ?? new NodeOptions();
        endpoint = new Endpoint(address, Uri.UriSchemeHttp, Uri.UriSchemeHttps);
    }

    /// <summary>Host and port: how messages name the node.</summary>
    public string Label => endpoint.Label;

    public override string ToString() => Label;

    /// <summary>Any method with parameters and a parser of one's own.</summary>
    /// <param name="parameters">Writes the items of the params array; the array itself is already open.</param>
    /// <param name="parse">Reads the result, which may be a JSON null; the element is gone once it returns.</param>
    public async Task<T> RequestAsync<T>(
        string method,
        Action<Utf8JsonWriter> parameters,
        Func<JsonElement, T> parse,
        CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, parameters, cancellationToken);
        return Parse(method, () => parse(answer.Result));
    }

    /// <summary>
    /// The raw door, for methods without a typed call (<c>anvil_*</c>, <c>evm_*</c>).
    /// </summary>
    /// <param name="parameters">
    /// Null, text, booleans, whole numbers (as JSON numbers), <c>UInt256</c> (as a quantity), <c>Address</c>,
    /// <c>Hash32</c>, byte arrays (as hexadecimal), <see cref="JsonElement"/>, and lists and string-keyed dictionaries.
    /// </param>
    /// <exception cref="ArgumentException">A parameter of another type.</exception>
    public Task<JsonElement> RequestAsync(
        string method, CancellationToken cancellationToken, params ReadOnlySpan<object?> parameters)
    {
        var values = parameters.ToArray();
        return RequestAsync(
            method,
            writer =>
            {
                foreach (var value in values)
                    RpcParameters.Write(writer, value);
            },
            result => result.Clone(),
            cancellationToken);
    }

    private async Task<RpcAnswer> SendAsync(
        string method, Action<Utf8JsonWriter> parameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref lastId);
        using var timeout = new CancellationTokenSource(options.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var request = Request(id, method, parameters);
            using var response = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await ReadAsync(method, id, response, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fault(NodeFault.TimedOut, method,
                $"gave no complete answer within {options.RequestTimeout.TotalSeconds:0.###} s",
                "check its load and the network between");
        }
        catch (HttpRequestException failure)
        {
            throw Fault(NodeFault.Unreachable, method,
                $"could not be reached ({failure.HttpRequestError})", "check the address and that the node is running");
        }
        catch (IOException)
        {
            throw Fault(NodeFault.Unreachable, method,
                "broke off in the middle of its answer", "check the node's log and the network between");
        }
        catch (InvalidDataException)
        {
            throw Fault(NodeFault.Garbage, method,
                "answered with something that does not decompress", "check the gateway between");
        }
    }

    private HttpRequestMessage Request(long id, string method, Action<Utf8JsonWriter> parameters)
    {
        var body = RpcParameters.Envelope(id, method, parameters);
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.RequestUri)
        {
            Content = new ReadOnlyMemoryContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (endpoint.Authorization is { } authorization)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return request;
    }

    private async Task<RpcAnswer> ReadAsync(
        string method, long id, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = await BoundedBody.ReadAsync(
            stream, response.Content.Headers.ContentLength, options.MaximumResponseBytes, cancellationToken)
            ?? throw Fault(NodeFault.TooLarge, method,
                $"answered with more than {options.MaximumResponseBytes} bytes", "ask for less or raise the limit");
        RpcAnswer? answer = null;
        try
        {
            answer = RpcAnswer.Parse(body, id, options.MaximumDepth);
            if (answer.Error is { } error)
                throw Refusal(method, error);
            if (!response.IsSuccessStatusCode)
                throw Status(method, response);
            return answer;
        }
        catch (Exception failure)
        {
            answer?.Dispose();
            body.Dispose();
            // A gateway that turns us away does so in HTML as often as not: its status says more than its body.
            if (failure is JsonException or RpcFormatException && !response.IsSuccessStatusCode)
                throw Status(method, response);
            if (failure is JsonException)
                throw NotJson(method, body.Start());
            if (failure is RpcFormatException malformed)
                throw Malformed(method, malformed);
            throw;
        }
    }

    private T Parse<T>(string method, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (RpcFormatException malformed)
        {
            throw Malformed(method, malformed);
        }
    }

    private NodeException Refusal(string method, NodeError error)
    {
        var shown = error with { Message = endpoint.Excerpt(error.Message) };
        var what = $"refused: \"{shown.Message}\" (code {error.Code})";
        var sentence = Sentence(method, what, "check what was asked of it");
        return new NodeException(NodeFault.Refused, sentence, shown);
    }

    private NodeException Status(string method, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return status >= 500
            ? Fault(NodeFault.Unreachable, method, $"is unavailable (HTTP {status})", "check the gateway and the node")
            : Fault(NodeFault.Refused, method, $"turned us away (HTTP {status})", "check the access key and its quota");
    }

    private NodeException NotJson(string method, ReadOnlySpan<byte> start) => Fault(
        NodeFault.Garbage, method,
        $"answered with something that is not one JSON value: \"{endpoint.Excerpt(Encoding.UTF8.GetString(start))}\"",
        "check that the address is that of a JSON-RPC endpoint");

    private NodeException Malformed(string method, RpcFormatException malformed) => malformed.Fault switch
    {
        NodeFault.Inconsistent => Inconsistent(method, endpoint.Excerpt(malformed.Message)),
        _ => Fault(NodeFault.Garbage, method,
            $"gave an answer that is not one ({endpoint.Excerpt(malformed.Message)})",
            "check that the address is that of an Ethereum node"),
    };

    private NodeException Inconsistent(string method, string what) => Fault(
        NodeFault.Inconsistent, method, $"contradicts itself or the request ({what})",
        "compare with another node if it goes on");

    private NodeException Fault(NodeFault fault, string method, string what, string check) =>
        new(fault, Sentence(method, what, check));

    private string Sentence(string method, string what, string check) =>
        $"the node at {Label}, asked for {method}, {what}: {check}";
}
