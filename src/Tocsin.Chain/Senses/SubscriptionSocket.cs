using System.Net.WebSockets;
using System.Text.Json;

namespace Tocsin.Chain.Senses;

/// <summary>One subscription over one WebSocket, from connecting to its end; never reused.</summary>
/// <param name="topic">Writes the parameters of <c>eth_subscribe</c>.</param>
internal sealed class SubscriptionSocket(
    Uri address, Action<Utf8JsonWriter> topic, TimeSpan connectTimeout, TimeProvider time) : IDisposable
{
    // Pools take transactions of 128 KiB, twice that as digits; a fork may allow more, no one 4 MiB.
    private const int MaximumMessageBytes = 4 << 20;
    private const int FirstBufferBytes = 16 << 10;
    private const int SubscribeId = 1;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private readonly ClientWebSocket socket = new();
    private readonly Endpoint endpoint = new(address, Uri.UriSchemeWs, Uri.UriSchemeWss);
    private byte[] message = new byte[FirstBufferBytes];
    private string subscription = "";

    public string Label => endpoint.Label;

    /// <summary>Connects and subscribes.</summary>
    /// <exception cref="NodeException">Neither within the timeout, or <see cref="NodeFault.Refused"/>.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        // Pings find the connection that a firewall has forgotten.
        socket.Options.KeepAliveInterval = KeepAlive;
        socket.Options.KeepAliveTimeout = KeepAlive;
        if (endpoint.Authorization is { } authorization)
            socket.Options.SetRequestHeader("Authorization", authorization);
        using var timeout = new CancellationTokenSource(connectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await socket.ConnectAsync(endpoint.RequestUri, either.Token);
            var request = RpcParameters.Envelope(SubscribeId, "eth_subscribe", topic);
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

    /// <summary>The next notification, as the reader makes it; the element is gone once that returns.</summary>
    /// <exception cref="NodeException">The connection or the subscription is over.</exception>
    public async Task<T> NextAsync<T>(Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await ReceiveAsync(notification => read(Notified(notification)), cancellationToken);
        }
        catch (Exception failure) when (IsEnd(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw Fault(NodeFault.Unreachable, "was lost");
        }
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
            if (length == MaximumMessageBytes)
                throw Fault(NodeFault.TooLarge, $"sent a message of more than {MaximumMessageBytes} bytes");
            if (length == message.Length)
                Array.Resize(ref message, Math.Min(2 * length, MaximumMessageBytes));
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
            throw Fault(NodeFault.Garbage, $"sent something that was not asked for ({endpoint.Excerpt(detail)})");
        }
    }

    private string ReadSubscription(JsonElement answer)
    {
        if (RpcJson.Optional(answer, "error") is { ValueKind: JsonValueKind.Object } error)
        {
            var words = endpoint.Excerpt(RpcJson.Text(error, "message"));
            throw Fault(NodeFault.Refused, $"refused the subscription: \"{words}\"");
        }
        var id = RpcJson.Field(answer, "id");
        if (id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out var number) || number != SubscribeId)
            throw RpcJson.Garbage("'id' is not that of the subscription");
        return RpcJson.Text(answer, "result");
    }

    private JsonElement Notified(JsonElement notification)
    {
        var parameters = RpcJson.Field(notification, "params");
        return RpcJson.Text(notification, "method") == "eth_subscription"
            && RpcJson.Text(parameters, "subscription") == subscription
                ? RpcJson.Field(parameters, "result")
                : throw RpcJson.Garbage("a notification of another subscription");
    }

    private NodeException Fault(NodeFault fault, string what) =>
        new(fault, $"the socket of {Label} {what}: check the node's WebSocket endpoint");
}
