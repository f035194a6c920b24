using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tocsin.EndToEnd.Nodes;

/// <summary>One call as the proxy read it.</summary>
internal sealed record ProxyCall(long Id, string Method, JsonArray Parameters)
{
    public string Block => Parameters[0]!.GetValue<string>();

    public bool IsLatest => Method == "eth_getBlockByNumber" && Block == "latest";
}

/// <summary>
/// A node that is strict about what it is asked and as dishonest as the test wants: a proxy of ours before an honest
/// one. Whatever it is asked that no node would have to answer fails the test.
/// </summary>
internal sealed partial class NodeProxy : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient http = new();
    private readonly Uri target;
    private readonly ConcurrentQueue<string> violations = new();

    private NodeProxy(WebApplication app, Uri target) => (this.app, this.target) = (app, target);

    public Uri Address => new(app.Urls.First());

    /// <summary>Changes an honest result.</summary>
    public Func<ProxyCall, JsonNode?, JsonNode?>? Lie { get; set; }

    /// <summary>Gives an error object instead of a result, where it gives any.</summary>
    public Func<ProxyCall, JsonObject?>? Refuse { get; set; }

    /// <summary>Sends the body otherwise than a node should.</summary>
    public Func<HttpResponse, byte[], Task>? Send { get; set; }

    /// <summary>It has no block newer than so many before the newest.</summary>
    public ulong Lag { get; set; }

    public bool RefusesBatches { get; set; }

    /// <summary>The methods asked, a call in a batch with "batch:" before it.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<NodeProxy> StartAsync(Uri target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var proxy = new NodeProxy(builder.Build(), target);
        proxy.app.Run(proxy.HandleAsync);
        await proxy.app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
        Assert.Empty(violations);
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Method != "POST" || context.Request.ContentType != "application/json")
            violations.Enqueue($"{context.Request.Method} with {context.Request.ContentType}");
        var request = await JsonNode.ParseAsync(context.Request.Body);
        var body = Encoding.UTF8.GetBytes((await AnswerAsync(request!)).ToJsonString());
        if (Send is { } send)
        {
            await send(context.Response, body);
            return;
        }
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(body);
    }

    private async Task<JsonNode> AnswerAsync(JsonNode request)
    {
        if (request is not JsonArray batch)
            return await AnswerAsync(Read(request, ""));
        ProxyCall[] calls = [.. batch.Select(one => Read(one!, "batch:"))];
        if (calls.Length == 0 || calls.DistinctBy(call => call.Id).Count() != calls.Length)
            violations.Enqueue("a batch without calls or with an id used twice");
        if (RefusesBatches)
            return Answer(null, "error", new JsonObject { ["code"] = -32600, ["message"] = "invalid request" });
        // Backwards: an answer belongs to its id and not to its place.
        return new JsonArray([.. await Task.WhenAll(calls.Reverse().Select(AnswerAsync))]);
    }

    private async Task<JsonNode> AnswerAsync(ProxyCall call)
    {
        if (Refuse?.Invoke(call) is { } error)
            return Answer(call.Id, "error", error);
        var result = await HonestAsync(call);
        return Answer(call.Id, "result", Lie is { } lie ? lie(call, result) : result);
    }

    private async Task<JsonNode?> HonestAsync(ProxyCall call)
    {
        if (Lag == 0 || call.Method is not ("eth_getBlockByNumber" or "eth_getBlockReceipts"))
            return await ForwardAsync(call.Method, call.Parameters);
        var newest = Number((await ForwardAsync("eth_blockNumber", []))!) - Lag;
        if (call.IsLatest)
            return await ForwardAsync(call.Method, [$"0x{newest:x}", false]);
        return Convert.ToUInt64(call.Block, 16) <= newest ? await ForwardAsync(call.Method, call.Parameters) : null;
    }

    private async Task<JsonNode?> ForwardAsync(string method, JsonArray parameters)
    {
        var question = new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = method,
            ["params"] = parameters.DeepClone(),
        };
        using var content = new StringContent(question.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(target, content);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return answer["result"]?.DeepClone();
    }

    private static JsonObject Answer(long? id, string name, JsonNode? value) =>
        new() { ["jsonrpc"] = "2.0", ["id"] = id, [name] = value };

    private static ulong Number(JsonNode quantity) => Convert.ToUInt64(quantity.GetValue<string>(), 16);

    private ProxyCall Read(JsonNode request, string prefix)
    {
        var fields = request.AsObject();
        var names = string.Join(",", fields.Select(field => field.Key));
        if (names != "jsonrpc,id,method,params" || fields["jsonrpc"]!.GetValue<string>() != "2.0")
            violations.Enqueue($"a request with the fields {names}");
        var call = new ProxyCall(
            fields["id"]!.GetValue<long>(), fields["method"]!.GetValue<string>(), fields["params"]!.AsArray());
        if (!Forms().IsMatch($"{call.Method} {call.Parameters.ToJsonString()}"))
            violations.Enqueue($"{call.Method} {call.Parameters.ToJsonString()}");
        Asked.Enqueue(prefix + call.Method);
        return call;
    }

    // Quantities have no leading zeros; a receipt is asked for by hash (ethereum/execution-apis).
    [GeneratedRegex(
        """^(eth_chainId \[\]|eth_getBlockByNumber \["(latest|0x(0|[1-9a-f][0-9a-f]*))",(true|false)\]"""
        + """|eth_getBlockReceipts \["0x(0|[1-9a-f][0-9a-f]*)"\]"""
        + """|eth_getTransactionReceipt \["0x[0-9a-f]{64}"\])$""")]
    private static partial Regex Forms();
}
