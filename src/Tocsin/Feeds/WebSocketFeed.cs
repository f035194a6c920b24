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

    /// <summary>So many messages are judged in a second; of those beyond, the newest.</summary>
    public const int JudgedPerSecond = 100;

    /// <summary>Who sends more is not read to the end: reading alone would take a whole core.</summary>
    public const int PartsPerSecond = 5_000;

    private const int BytesPerSecond = 8 << 20;
    private const int MaximumWaiting = 32;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(15);
    private static readonly Backoff Again = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    private readonly byte[] message = new byte[MaximumBytes];
    private DateTimeOffset newest = DateTimeOffset.MinValue;
    private long ignored;
    private long dropped;

    /// <summary>Messages that held nothing at the place of the price, or an older price.</summary>
    public long Ignored => Interlocked.Read(ref ignored);

    /// <summary>Messages that came too fast to be read; newer ones took their place.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

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
        var (ignoredBefore, droppedBefore) = (Ignored, Dropped);
        var heard = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(MaximumWaiting) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref dropped));
        var judging = JudgeAsync(heard.Reader, give, silence, stop);
        var end = "";
        try
        {
            end = await ReceiveAsync(socket, heard.Writer, either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The connection may live while the subscription is gone, so it is made anew.
            end = "";
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            end = "lost the connection";
        }
        finally
        {
            heard.Writer.Complete();
            await ((Task)judging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await judging;
        var lost = Dropped - droppedBefore;
        return (end.Length > 0 ? end : $"sent no price for {settings.StaleAfter.TotalSeconds:0} s, and "
            + $"{Ignored - ignoredBefore} messages of another kind")
            + (lost == 0 ? "" : $"; {lost} messages came too fast to be read");
    }

    /// <summary>Judges what was heard, so many a second; what waits is replaced by what is newer.</summary>
    private async Task JudgeAsync(
        ChannelReader<byte[]> heard, Action<Arrival> give, CancellationTokenSource silence, CancellationToken stop)
    {
        var (second, judged) = (time.GetTimestamp(), 0);
        await foreach (var json in heard.ReadAllAsync(stop))
        {
            if (judged == JudgedPerSecond && time.GetElapsedTime(second) is var passed && passed < Second)
                await Task.Delay(Second - passed, time, stop);
            if (time.GetElapsedTime(second) >= Second)
                (second, judged) = (time.GetTimestamp(), 0);
            judged++;
            var arrival = Judge(json);
            if (arrival is Arrival.Tick)
                silence.CancelAfter(settings.StaleAfter);
            if (arrival is not null)
                give(arrival);
            else
                Interlocked.Increment(ref ignored);
        }
    }

    /// <summary>Passes text messages on; says why there will be no more.</summary>
    private async Task<string> ReceiveAsync(
        ClientWebSocket socket, ChannelWriter<byte[]> heard, CancellationToken cancellationToken)
    {
        var (second, parts, bytes, length) = (time.GetTimestamp(), 0, 0, 0);
        while (true)
        {
            var part = await socket.ReceiveAsync(message.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
                return $"closed the connection ({(int?)socket.CloseStatus})";
            if (time.GetElapsedTime(second) >= Second)
                (second, parts, bytes) = (time.GetTimestamp(), 0, 0);
            (parts, bytes, length) = (parts + 1, bytes + part.Count, length + part.Count);
            if (parts > PartsPerSecond || bytes > BytesPerSecond)
                return $"sent more than {PartsPerSecond} messages or {BytesPerSecond >> 20} MiB in a second";
            if (!part.EndOfMessage && length == message.Length)
                return $"sent a message of more than {MaximumBytes >> 10} KiB";
            if (!part.EndOfMessage)
                continue;
            if (part.MessageType == WebSocketMessageType.Text)
                heard.TryWrite(message.AsSpan(0, length).ToArray());
            else
                Interlocked.Increment(ref ignored);
            length = 0;
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
