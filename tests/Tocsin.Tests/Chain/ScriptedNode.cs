using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tocsin.Chain;

namespace Tocsin.Tests.Chain;

/// <summary>What the node answers instead of the truth.</summary>
/// <param name="Hang">Never answers; the request ends when the client gives up.</param>
/// <param name="BreakOff">Announces more than it sends and cuts the connection.</param>
/// <param name="RetryAfter">The header of that name.</param>
/// <param name="Gzip">Sends the body compressed.</param>
internal sealed record Reply(
    string Body,
    int Status = 200,
    bool Hang = false,
    bool BreakOff = false,
    string? RetryAfter = null,
    bool Gzip = false)
{
    public static Reply Result(long id, JsonNode? result) =>
        new(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["result"] = result }.ToJsonString());

    public static Reply Error(long? id, long code, string message, int status = 200, string? retryAfter = null) => new(
        new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = id,
            ["error"] = new JsonObject { ["code"] = code, ["message"] = message },
        }.ToJsonString(),
        status,
        RetryAfter: retryAfter);
}

/// <summary>A request as the node read it.</summary>
internal sealed record Asked(long Id, string Method, JsonElement Parameters, string? Authorization)
{
    public string FirstText => Parameters[0].GetString()!;
}

/// <summary>
/// A node over real loopback HTTP and WebSocket that serves a <see cref="FakeChain"/>, lies where the script says so,
/// and remembers every request it could not make sense of.
/// </summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly HttpClient http = new();
    private readonly ConcurrentQueue<string> violations = new();
    private readonly ConcurrentDictionary<WebSocket, TaskCompletionSource> sockets = new();
    private readonly SemaphoreSlim subscribed = new(0);

    private ScriptedNode(WebApplication application) => this.application = application;

    public FakeChain Chain { get; set; } = new();

    public ulong ChainId { get; set; } = 31337;

    /// <summary>Answers in place of the chain where it returns a reply.</summary>
    public Func<Asked, Reply?>? Script { get; set; }

    /// <summary>Answers a batch in place of the chain where it returns a reply.</summary>
    public Func<IReadOnlyList<Asked>, Reply?>? BatchScript { get; set; }

    /// <summary>The sizes of the batches asked.</summary>
    public ConcurrentQueue<int> Batches { get; } = new();

    /// <summary>Whether new sockets are let in.</summary>
    public bool AcceptsSockets { get; set; } = true;

    public ConcurrentQueue<Asked> Requests { get; } = new();

    public Uri Address => new(application.Urls.Single());

    public Uri SocketAddress => new UriBuilder(Address) { Scheme = "ws" }.Uri;

    public static async Task<ScriptedNode> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var node = new ScriptedNode(builder.Build());
        node.application.UseWebSockets();
        node.application.Run(node.HandleAsync);
        await node.application.StartAsync();
        return node;
    }

    public Node Client(TimeProvider time, NodeOptions? options = null, Uri? address = null) =>
        new(http, address ?? Address, time, options);

    /// <summary>Completes once one more socket has subscribed.</summary>
    public Task UntilSubscribedAsync() => subscribed.WaitAsync();

    public Task PushHeadAsync(FakeBlock block) => PushAsync(new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["method"] = "eth_subscription",
        ["params"] = new JsonObject { ["subscription"] = "0xcd0c", ["result"] = block.ToJson(full: false) },
    }.ToJsonString());

    public async Task PushAsync(string message)
    {
        foreach (var socket in sockets.Keys)
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, default);
    }

    public void DropSockets()
    {
        foreach (var (socket, done) in sockets)
        {
            socket.Abort();
            done.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        AcceptsSockets = false;
        DropSockets();
        http.Dispose();
        await application.DisposeAsync();
        subscribed.Dispose();
        Assert.Empty(violations);
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            await ServeSocketAsync(context);
            return;
        }
        if (context.Request.Method != "POST" || context.Request.ContentType != "application/json")
            violations.Enqueue($"{context.Request.Method} with {context.Request.ContentType}");
        using var request = await JsonDocument.ParseAsync(context.Request.Body);
        var reply = ReplyTo(request.RootElement, context.Request.Headers.Authorization);
        if (reply.Hang)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }
        context.Response.StatusCode = reply.Status;
        if (reply.RetryAfter is { } retryAfter)
            context.Response.Headers.RetryAfter = retryAfter;
        if (reply.BreakOff)
            context.Response.ContentLength = reply.Body.Length + 10;
        if (reply.Gzip)
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var packed = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await packed.WriteAsync(Encoding.UTF8.GetBytes(reply.Body));
            return;
        }
        await context.Response.WriteAsync(reply.Body);
        if (reply.BreakOff)
            context.Abort();
    }

    private Reply ReplyTo(JsonElement request, string? authorization)
    {
        if (request.ValueKind == JsonValueKind.Array)
            return BatchReply([.. request.EnumerateArray().Select(one => Read(one, authorization))]);
        var asked = Read(request, authorization);
        Requests.Enqueue(asked);
        return Script?.Invoke(asked) ?? FromChain(asked);
    }

    // In reverse, as a node may.
    private Reply BatchReply(Asked[] batch)
    {
        Batches.Enqueue(batch.Length);
        if (BatchScript?.Invoke(batch) is { } reply)
            return reply;
        var answers = batch.Reverse().Select(asked => (Script?.Invoke(asked) ?? FromChain(asked)).Body);
        return new Reply($"[{string.Join(',', answers)}]");
    }

    private Reply FromChain(Asked asked) => Reply.Result(asked.Id, Answer(asked));

    private Asked Read(JsonElement root, string? authorization)
    {
        var names = string.Join(",", root.EnumerateObject().Select(field => field.Name));
        if (names != "jsonrpc,id,method,params" || root.GetProperty("jsonrpc").GetString() != "2.0")
            violations.Enqueue($"a request with the fields {names}");
        return new Asked(
            root.GetProperty("id").GetInt64(),
            root.GetProperty("method").GetString()!,
            root.GetProperty("params").Clone(),
            authorization);
    }

    private JsonNode? Answer(Asked asked)
    {
        switch (asked.Method, asked.Parameters.GetArrayLength())
        {
            case ("eth_chainId", 0):
                return FakeBlock.Quantity(ChainId);
            case ("eth_getBlockByNumber", 2):
                return Block(asked.FirstText)?.ToJson(asked.Parameters[1].GetBoolean());
            case ("eth_getBlockReceipts", 1):
                return Block(asked.FirstText)?.ReceiptsJson();
            case ("eth_getTransactionReceipt", 1):
                return Receipt(asked.FirstText);
            default:
                violations.Enqueue($"{asked.Method} {asked.Parameters}");
                return null;
        }
    }

    private JsonNode? Receipt(string hash) => Chain.Blocks
        .SelectMany(block => block.ReceiptsJson())
        .FirstOrDefault(receipt => receipt!["transactionHash"]!.GetValue<string>() == hash)?.DeepClone();

    private FakeBlock? Block(string parameter)
    {
        if (parameter == "latest")
            return Chain.Head;
        if (!parameter.StartsWith("0x", StringComparison.Ordinal) || parameter is ['0', 'x', '0', _, ..])
            violations.Enqueue($"the block number {parameter}");
        return Chain.At(Convert.ToUInt64(parameter, 16));
    }

    private async Task ServeSocketAsync(HttpContext context)
    {
        if (!AcceptsSockets)
        {
            context.Response.StatusCode = 503;
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        var got = await socket.ReceiveAsync(buffer, default);
        var asked = Read(
            JsonDocument.Parse(buffer.AsMemory(0, got.Count)).RootElement, context.Request.Headers.Authorization);
        if (asked.Method != "eth_subscribe" || asked.Parameters.ToString() != "[\"newHeads\"]")
            violations.Enqueue($"{asked.Method} {asked.Parameters} on the socket");
        var done = sockets[socket] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reply = Script?.Invoke(asked) ?? Reply.Result(asked.Id, "0xcd0c");
        await socket.SendAsync(Encoding.UTF8.GetBytes(reply.Body), WebSocketMessageType.Text, true, default);
        subscribed.Release();
        await done.Task;
        sockets.TryRemove(socket, out _);
    }
}
