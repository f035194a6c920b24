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
    private readonly RequestRate? rate;
    private readonly BatchSize batchSize;
    private readonly MemoryAllowance allowance;
    private long lastId;

    /// <param name="address">http or https; user info, where given, is sent as basic authentication.</param>
    /// <exception cref="ArgumentException">The address is not absolute http or https.</exception>
    public Node(HttpClient http, Uri address, TimeProvider time, NodeOptions? options = null)
    {
        this.http = http;
        this.time = time;
        this.options = options ?? new NodeOptions();
        endpoint = new Endpoint(address, Uri.UriSchemeHttp, Uri.UriSchemeHttps);
        rate = this.options.RequestsPerSecond is { } perSecond ? new RequestRate(perSecond, time) : null;
        allowance = new MemoryAllowance(this.options.MaximumBytesAtOnce);
        batchSize = new BatchSize(this.options.BatchCalls, this.options.TryAgainAfter);
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
        string method,
        Action<Utf8JsonWriter> parameters,
        CancellationToken cancellationToken,
        bool urgent = false,
        ResultReader? read = null)
    {
        var id = Interlocked.Increment(ref lastId);
        if (rate is not null && !urgent)
            await rate.WaitAsync(requests: 1, cancellationToken);
        return await ExchangeAsync(
            method,
            RpcParameters.Envelope(id, method, parameters),
            read is null ? SizeOf(method) : new AnswerSize(options.MaximumResponseBytes, AnswerSize.Streamed),
            (body, response) => Answer(method, id, body, response, read),
            cancellationToken);
    }

    private RpcAnswer Answer(
        string method, long id, BoundedBody body, HttpResponseMessage response, ResultReader? read)
    {
        var answer = RpcAnswer.Parse(body, id, options.MaximumDepth, read);
        if (answer.Error is not { } error)
            return answer;
        answer.Dispose();
        throw Refusal(method, error, response);
    }

    /// <param name="parse">Takes the body over unless it throws.</param>
    private Task<T> ExchangeAsync<T>(
        string method,
        ReadOnlyMemory<byte> question,
        AnswerSize size,
        Func<BoundedBody, HttpResponseMessage, T> parse,
        CancellationToken cancellationToken)
        where T : IDisposable => PostAsync(
            method, question, (response, token) => ReadAsync(method, response, size, parse, token), cancellationToken);

    private async Task<T> PostAsync<T>(
        string method,
        ReadOnlyMemory<byte> question,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var request = Request(question);
            using var response = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await read(response, either.Token);
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

    private HttpRequestMessage Request(ReadOnlyMemory<byte> question)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.RequestUri)
        {
            Content = new ReadOnlyMemoryContent(question),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (endpoint.Authorization is { } authorization)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return request;
    }

    private async Task<T> ReadAsync<T>(
        string method,
        HttpResponseMessage response,
        AnswerSize size,
        Func<BoundedBody, HttpResponseMessage, T> parse,
        CancellationToken cancellationToken)
        where T : IDisposable
    {
        var body = await BodyAsync(method, response, size, cancellationToken);
        try
        {
            var answer = parse(body, response);
            if (response.IsSuccessStatusCode)
                return answer;
            answer.Dispose();
            throw Status(method, response);
        }
        catch (Exception failure)
        {
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

    private async Task<BoundedBody> BodyAsync(
        string method, HttpResponseMessage response, AnswerSize size, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        try
        {
            return await BoundedBody.ReadAsync(
                stream,
                response.Content.Headers.ContentLength,
                size.MaximumBytes,
                allowance,
                size.Weight,
                cancellationToken);
        }
        catch (BodyTooLargeException tooLarge)
        {
            throw Fault(NodeFault.TooLarge, method,
                $"answered with {tooLarge.Message}", "ask for less or raise the limit");
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

    private NodeException Refusal(string method, NodeError error, HttpResponseMessage response)
    {
        var shown = error with { Message = endpoint.Excerpt(error.Message) };
        var what = $"refused: \"{shown.Message}\" (code {error.Code})";
        if (!Throttling.IsMeant(response) && !Throttling.IsMeant(error))
            return new NodeException(NodeFault.Refused, Sentence(method, what, "check what was asked of it"), shown);
        return new NodeException(
            NodeFault.Throttled,
            Sentence(method, what, "check the quota of the access key, or ask it less often"),
            shown,
            Throttling.RetryAfter(response, time.GetUtcNow()));
    }

    private NodeException Status(string method, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (Throttling.IsMeant(response))
        {
            return new NodeException(
                NodeFault.Throttled,
                Sentence(method, $"asks us to slow down (HTTP {status})", "check the quota of the access key"),
                error: null,
                Throttling.RetryAfter(response, time.GetUtcNow()));
        }
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
