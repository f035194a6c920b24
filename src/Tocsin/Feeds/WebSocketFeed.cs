using System.Net.WebSockets;
using System.Threading.Channels;
using Tocsin.Chain;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;

namespace Tocsin.Feeds;

/// <summary>
/// Listens to prices that are sent to us, and connects again when the connection ends. An exchange may send hundreds a
/// second: at most one is passed on in each interval, the last.
/// </summary>
/// <param name="subscribe">What is sent once connected; null for nothing.</param>
/// <param name="headers">Names and revealed values.</param>
internal sealed class WebSocketFeed(
    WebSocketFeedSettings settings, Uri url, string? subscribe, IReadOnlyList<(string Name, string Value)> headers,
    TimeProvider time)
{
    public const int MaximumBytes = 256 << 10;
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(15);
    private static readonly Backoff Again = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    private readonly byte[] message = new byte[MaximumBytes];
    private DateTimeOffset newest = DateTimeOffset.MinValue;
    private long ignored;

    /// <summary>Messages that held nothing at the place of the price, or an older price.</summary>
    public long Ignored => Interlocked.Read(ref ignored);

    /// <summary>Until cancelled; prices and failures go to <paramref name="take"/>.</summary>
    public Task RunAsync(Func<Arrival, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        var last = Channel.CreateBounded<Arrival>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        return Together.RunAsync(
            [stop => ListenAsync(last.Writer, stop), stop => PassOnAsync(last.Reader, take, stop)],
            cancellationToken);
    }

    private async Task PassOnAsync(
        ChannelReader<Arrival> last, Func<Arrival, CancellationToken, ValueTask> take, CancellationToken stop)
    {
        await foreach (var arrival in last.ReadAllAsync(stop))
        {
            // It may have waited for its turn; to those who take it, it arrives now.
            await take(arrival with { ArrivedAt = time.GetUtcNow() }, stop);
            await Task.Delay(settings.Every, time, stop);
        }
    }

    private async Task ListenAsync(ChannelWriter<Arrival> last, CancellationToken stop)
    {
        for (var failures = 1; ; failures++)
        {
            using var socket = new ClientWebSocket();
            var heard = false;
            var why = await ConnectAsync(socket, stop);
            if (why is null)
            {
                why = await HearAsync(
                    socket, arrival => heard |= last.TryWrite(arrival) && arrival is Arrival.Tick, stop);
                socket.Abort();
            }
            failures = heard ? 1 : failures;
            last.TryWrite(Failed(why));
            await Task.Delay(Again.After(failures), time, stop);
        }
    }

    /// <summary>Null, or why there is no connection.</summary>
    private async Task<string?> ConnectAsync(ClientWebSocket socket, CancellationToken stop)
    {
        // Pings find the connection that a firewall has forgotten.
        socket.Options.KeepAliveInterval = Ping;
        socket.Options.KeepAliveTimeout = Ping;
        foreach (var (name, value) in headers)
            socket.Options.SetRequestHeader(name, value);
        using var timeout = new CancellationTokenSource(ConnectWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            await socket.ConnectAsync(url, either.Token);
            if (subscribe is not null)
                await socket.SendAsync(
                    System.Text.Encoding.UTF8.GetBytes(subscribe), WebSocketMessageType.Text, true, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"could not be connected to within {ConnectWithin.TotalSeconds:0} s";
        }
        catch (Exception e) when (e is WebSocketException or IOException or HttpRequestException)
        {
            return "could not be connected to";
        }
    }

    /// <summary>Reads until the connection is over; says why it is.</summary>
    private async Task<string> HearAsync(ClientWebSocket socket, Action<Arrival> give, CancellationToken stop)
    {
        using var silence = new CancellationTokenSource(settings.StaleAfter, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, silence.Token);
        var others = 0L;
        try
        {
            while (true)
            {
                var (text, end) = await ReceiveAsync(socket, either.Token);
                if (end is not null)
                    return end;
                var arrival = text is { } json ? Judge(json) : null;
                if (arrival is Arrival.Tick)
                    silence.CancelAfter(settings.StaleAfter);
                if (arrival is not null)
                    give(arrival);
                else
                    others = Interlocked.Increment(ref ignored);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The connection may live while the subscription is gone, so it is made anew.
            return $"sent no price for {settings.StaleAfter.TotalSeconds:0} s, and {others} messages of another kind";
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            return "lost the connection";
        }
    }

    /// <summary>A text message, nothing for one that is no text, or why there will be no more.</summary>
    private async Task<(ReadOnlyMemory<byte>? Text, string? End)> ReceiveAsync(
        ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(message.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
                return (null, $"closed the connection ({(int?)socket.CloseStatus})");
            length += part.Count;
            if (part.EndOfMessage)
                return (part.MessageType == WebSocketMessageType.Text ? message.AsMemory(0, length) : null, null);
            if (length == message.Length)
                return (null, $"sent a message of more than {MaximumBytes >> 10} KiB");
        }
    }

    private Arrival? Judge(ReadOnlyMemory<byte> json)
    {
        switch (settings.Message.Read(json, time.GetUtcNow()))
        {
            case PriceReading.Priced { SourceTime: { } madeAt } when madeAt < newest:
                return null;
            case PriceReading.Priced priced:
                newest = priced.SourceTime ?? newest;
                return new Arrival.Tick(
                    time.GetUtcNow(), settings.Name, settings.Asset, priced.Usd, priced.SourceTime);
            case PriceReading.Unusable unusable:
                return Failed($"sent no price: {unusable.Why}");
            default:
                return null;
        }
    }

    // The host alone: path and query commonly hold a key.
    private Arrival.FeedFailed Failed(string what) =>
        new(time.GetUtcNow(), settings.Name, $"{url.Authority} {what}");
}
