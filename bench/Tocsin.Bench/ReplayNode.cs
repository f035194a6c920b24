using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tocsin.Chains;

namespace Tocsin.Bench;

/// <summary>
/// A node over HTTP and WebSocket on this machine that costs as little as a node can: every answer lies ready as bytes.
/// It has the newest blocks that were published, and code at every address. What else it is asked, it does not know.
/// </summary>
internal sealed class ReplayNode : IAsyncDisposable
{
    private const int BlocksKept = 64;
    private const string Subscription = "0x1";

    private readonly WebApplication app;
    private readonly ChainId chain;
    private readonly ConcurrentDictionary<ulong, PublishedBlock> blocks = [];
    private readonly ConcurrentDictionary<WebSocket, byte> listeners = [];
    private PublishedBlock newest;
    private long lastSentAt;

    private ReplayNode(WebApplication app, ChainId chain, PublishedBlock first)
    {
        (this.app, this.chain, newest) = (app, chain, first);
        blocks[first.Number] = first;
    }

    public Uri Rpc => new(app.Urls.First());

    public Uri WebSocket => new UriBuilder(Rpc) { Scheme = Uri.UriSchemeWs }.Uri;

    public ulong Newest => newest.Number;

    /// <summary>How many hear of new heads.</summary>
    public int Listeners => listeners.Count;

    /// <summary>When the last byte of a whole block or of its receipts was handed to the connection.</summary>
    public long LastSentAt => Interlocked.Read(ref lastSentAt);

    /// <param name="first">A chain has a block when a watch begins.</param>
    public static async Task<ReplayNode> StartAsync(ChainId chain, PublishedBlock first)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var node = new ReplayNode(builder.Build(), chain, first);
        node.app.UseWebSockets();
        node.app.Run(node.AnswerAsync);
        await node.app.StartAsync();
        return node;
    }

    /// <summary>From now on it has the block, and tells so.</summary>
    public async Task PublishAsync(PublishedBlock block)
    {
        blocks[block.Number] = block;
        if (block.Number > BlocksKept)
            blocks.TryRemove(block.Number - BlocksKept, out _);
        newest = block;
        var before = $$"""{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"{{Subscription}}",""";
        byte[] notice =
        [
            .. Encoding.UTF8.GetBytes(before),
            .. "\"result\":"u8,
            .. block.Header,
            .. "}}"u8,
        ];
        foreach (var listener in listeners.Keys)
            await listener.SendAsync(notice, WebSocketMessageType.Text, true, CancellationToken.None);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            await TellHeadsAsync(context);
            return;
        }
        using var question = await JsonDocument.ParseAsync(context.Request.Body);
        var method = question.RootElement.GetProperty("method").GetString()!;
        var result = ResultOf(method, question.RootElement.GetProperty("params"));
        var id = question.RootElement.GetProperty("id").GetInt64();
        byte[] before = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"jsonrpc":"2.0","id":{{id}},{{(result is null ? "\"error\":" : "\"result\":")}}"""));
        var body = result ?? """{"code":-32601,"message":"the method does not exist"}"""u8.ToArray();
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = before.Length + body.Length + 1;
        await context.Response.Body.WriteAsync(before);
        await context.Response.Body.WriteAsync(body);
        await context.Response.Body.WriteAsync("}"u8.ToArray());
        if (body.Length > newest.Header.Length)
            Interlocked.Exchange(ref lastSentAt, Stopwatch.GetTimestamp());
    }

    // Null where it does not know the method.
    private byte[]? ResultOf(string method, JsonElement parameters) => method switch
    {
        "eth_chainId" => Encoding.UTF8.GetBytes($"\"0x{chain.Value:x}\""),
        "eth_getCode" => "\"0x6000\""u8.ToArray(),
        "eth_getBlockReceipts" => Block(parameters)?.Receipts ?? "null"u8.ToArray(),
        "eth_getBlockByNumber" => (parameters[1].GetBoolean() ? Block(parameters)?.Whole : Block(parameters)?.Header)
            ?? "null"u8.ToArray(),
        _ => null,
    };

    private PublishedBlock? Block(JsonElement parameters) => parameters[0].GetString() switch
    {
        "latest" => newest,
        ['0', 'x', .. var number] =>
            blocks.GetValueOrDefault(ulong.Parse(number, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        _ => null,
    };

    private async Task TellHeadsAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        try
        {
            await socket.ReceiveAsync(buffer, context.RequestAborted);
            var answer = $$"""{"jsonrpc":"2.0","id":1,"result":"{{Subscription}}"}""";
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(answer), WebSocketMessageType.Text, true, context.RequestAborted);
            listeners[socket] = 0;
            while (socket.State == WebSocketState.Open)
                await socket.ReceiveAsync(buffer, context.RequestAborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // Whoever listened is gone.
        }
        listeners.TryRemove(socket, out _);
    }
}
