using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tocsin.Chain;

namespace Tocsin.Tests.Chain.Senses;

/// <summary>
/// A node over real loopback HTTP and WebSocket that answers what the script says, and refuses as unknown what it does
/// not. The subscription is 0x1.
/// </summary>
internal sealed class PoolNode : IAsyncDisposable
{
    /// <summary>A result that is null, where null itself refuses.</summary>
    public static readonly JsonNode Null = new JsonObject();

    private readonly WebApplication application;
    private readonly HttpClient http = new();
    private readonly Channel<WebSocket> subscribed = Channel.CreateUnbounded<WebSocket>();
    private readonly CancellationTokenSource stop = new();

    private PoolNode(WebApplication application) => this.application = application;

    /// <summary>Null refuses the method as unknown. An exception's message refuses in those words.</summary>
    public Func<string, JsonElement, Task<JsonNode?>> Script { get; set; } = (_, _) => Task.FromResult<JsonNode?>(null);

    public ConcurrentQueue<string> Requests { get; } = new();

    public Uri Address => new(application.Urls.Single());

    public Uri SocketAddress => new UriBuilder(Address) { Scheme = "ws" }.Uri;

    public static async Task<PoolNode> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var node = new PoolNode(builder.Build());
        node.application.UseWebSockets();
        node.application.Run(node.HandleAsync);
        await node.application.StartAsync();
        return node;
    }

    public Node Client() => new(http, Address, TimeProvider.System);

    /// <summary>The next socket that has subscribed.</summary>
    public ValueTask<WebSocket> SubscribedAsync() => subscribed.Reader.ReadAsync();

    public static Task TellAsync(WebSocket socket, JsonNode announced) => SendAsync(socket, new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["method"] = "eth_subscription",
        ["params"] = new JsonObject { ["subscription"] = "0x1", ["result"] = announced },
    });

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        http.Dispose();
        await application.DisposeAsync();
        stop.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            using var request = await JsonDocument.ParseAsync(context.Request.Body);
            var answer = request.RootElement.ValueKind == JsonValueKind.Array
                ? new JsonArray([.. await Task.WhenAll(request.RootElement.EnumerateArray().Select(AnswerAsync))])
                : await AnswerAsync(request.RootElement);
            await context.Response.WriteAsync(answer.ToJsonString());
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        var got = await socket.ReceiveAsync(buffer, stop.Token);
        using var asked = JsonDocument.Parse(buffer.AsMemory(0, got.Count));
        var reply = await AnswerAsync(asked.RootElement);
        await SendAsync(socket, reply);
        if (reply["error"] is null)
            await subscribed.Writer.WriteAsync(socket);
        try
        {
            await socket.ReceiveAsync(buffer, stop.Token);
        }
        catch (Exception end) when (end is WebSocketException or OperationCanceledException)
        {
            // Either side is done with the subscription.
        }
    }

    private async Task<JsonNode> AnswerAsync(JsonElement asked)
    {
        var method = asked.GetProperty("method").GetString()!;
        Requests.Enqueue($"{method} {asked.GetProperty("params").GetRawText()}");
        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = asked.GetProperty("id").GetInt64() };
        try
        {
            if (await Script(method, asked.GetProperty("params")) is { } result)
                answer["result"] = ReferenceEquals(result, Null) ? null : result;
            else
                answer["error"] = Error(-32601, $"the method {method} does not exist/is not available");
        }
        catch (InvalidOperationException refusal)
        {
            answer["error"] = Error(-32000, refusal.Message);
        }
        return answer;
    }

    private static JsonObject Error(int code, string message) => new() { ["code"] = code, ["message"] = message };

    private static Task SendAsync(WebSocket socket, JsonNode message) => socket.SendAsync(
        Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, default);
}
