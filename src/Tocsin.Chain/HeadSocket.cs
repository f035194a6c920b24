using System.Net.WebSockets;
using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>One subscription to new heads over one WebSocket, from connecting to its end; never reused.</summary>
internal sealed class HeadSocket : IDisposable
{
    // A header is below 2 KiB on every chain we know; a subscription that sends more is not one of headers.
    private const int MaximumMessageBytes = 256 << 10;
    private const int SubscribeId = 1;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private readonly ClientWebSocket socket = new();
    private readonly Endpoint endpoint;
    private readonly TimeSpan connectTimeout;
    private readonly TimeProvider time;
    private readonly byte[] message = new byte[MaximumMessageBytes];
    private string subscription = "";
    private volatile string? givenUp;

    public HeadSocket(Uri address, TimeSpan connectTimeout, TimeProvider time)
    {
        endpoint = new Endpoint(address, Uri.UriSchemeWs, Uri.UriSchemeWss);
        this.connectTimeout = connectTimeout;
        this.time = time;
        // Pings find the connection that a firewall has forgotten.
        socket.Options.KeepAliveInterval = KeepAlive;
        socket.Options.KeepAliveTimeout = KeepAlive;
        if (endpoint.Authorization is { } authorization)
            socket.Options.SetRequestHeader("Authorization", authorization);
    }

    public string Label => endpoint.Label;

    /// <summary>Connects and subscribes.</summary>
    /// <exception cref="NodeException">Neither within the timeout.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(connectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await socket.ConnectAsync(endpoint.RequestUri, either.Token);
            var request = RpcParameters.Envelope(
                SubscribeId, "eth_subscribe", writer => writer.WriteStringValue("newHeads"));
            await socket.SendAsync(request, WebSocketMessageType.Text, endOfMessage: true, either.Token);
            subscription = await ReceiveAsync(ReadSubscription, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fault(NodeFault.TimedOut, $"gave no subscription within {connectTimeout.TotalSeconds:0.###} s");
        }
        catch (Exception failure) when (failure is WebSocketException or IOException)
        {
            var reason = failure is WebSocketException { WebSocketErrorCode: var code } ? $"{code}" : "broken off";
            throw Fault(NodeFault.Unreachable, $"could not be connected to ({reason})");
        }
    }

    /// <summary>The next head.</summary>
    /// <exception cref="NodeException">The connection or the subscription is over.</exception>
    public async Task<BlockRef> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReceiveAsync(ReadHead, cancellationToken);
        }
        catch (Exception failure) when (IsEnd(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw Fault(NodeFault.Unreachable, givenUp ?? "was lost");
        }
    }

    /// <summary>Ends the connection from outside; the reader then gets a fault with that reason.</summary>
    public void GiveUp(string reason)
    {
        givenUp = $"was given up because {reason}";
        socket.Abort();
    }

    public void Dispose() => socket.Dispose();

    private static bool IsEnd(Exception failure) =>
        failure is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException;

    private async Task<T> ReceiveAsync<T>(Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(message.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
                throw Fault(NodeFault.Unreachable, $"was closed by the node ({socket.CloseStatus})");
            length += part.Count;
            if (part.EndOfMessage)
                return Read(message.AsMemory(0, length), read);
            if (length == message.Length)
                throw Fault(NodeFault.TooLarge, $"sent a message of more than {MaximumMessageBytes} bytes");
        }
    }

    private T Read<T>(ReadOnlyMemory<byte> json, Func<JsonElement, T> read)
    {
        try
        {
            var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(json, strict);
            return read(document.RootElement);
        }
        catch (Exception failure)
            when (failure is JsonException or RpcFormatException or InvalidOperationException)
        {
            // The last is a name with half a surrogate pair, on which the search for names given twice fails.
            var detail = failure is RpcFormatException ? failure.Message : "not JSON";
            throw Fault(NodeFault.Garbage, $"sent something that is no head ({endpoint.Excerpt(detail)})");
        }
    }

    private string ReadSubscription(JsonElement answer)
    {
        if (RpcJson.Optional(answer, "error") is { ValueKind: JsonValueKind.Object } error)
        {
            var message = endpoint.Excerpt(RpcJson.Text(error, "message"));
            throw Fault(NodeFault.Refused, $"refused the subscription: \"{message}\"");
        }
        var id = RpcJson.Field(answer, "id");
        if (id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out var number) || number != SubscribeId)
            throw RpcJson.Garbage("'id' is not that of the subscription");
        return RpcJson.Text(answer, "result");
    }

    private BlockRef ReadHead(JsonElement notification)
    {
        var parameters = RpcJson.Field(notification, "params");
        if (RpcJson.Text(notification, "method") != "eth_subscription"
            || RpcJson.Text(parameters, "subscription") != subscription)
        {
            throw RpcJson.Garbage("a notification of another subscription");
        }
        return BlockJson.ParseRef(RpcJson.Field(parameters, "result"));
    }

    private NodeException Fault(NodeFault fault, string what) =>
        new(fault, $"the head socket of {Label} {what}: check the node's WebSocket endpoint");
}
