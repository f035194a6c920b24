using System.Net;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;

namespace Tocsin.Feeds;

/// <summary>Asks for a price at regular intervals.</summary>
/// <param name="headers">Names and revealed values.</param>
internal sealed class HttpFeed(
    HttpFeedSettings settings, Uri url, IReadOnlyList<(string Name, string Value)> headers, HttpClient http,
    TimeProvider time)
{
    public const int MaximumBytes = 256 << 10;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    private DateTimeOffset newest = DateTimeOffset.MinValue;

    /// <summary>A client for all feeds. Redirects are not followed: they would take our key to another place.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All, // what it unpacks to is bounded where it is read
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // so that a moved host is found again
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Until cancelled; what each answer gave goes to <paramref name="take"/>.</summary>
    public async Task RunAsync(
        Func<Arrival, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await AskAsync(cancellationToken) is { } arrival)
                await take(arrival, cancellationToken);
            await Task.Delay(settings.Every, time, cancellationToken);
        }
    }

    /// <summary>One question. Null where the answer is older than one before it.</summary>
    public async Task<Arrival?> AskAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await AnswerAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"gave no whole answer within {AnswerWithin.TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            return Failed($"could not be reached ({e.HttpRequestError})");
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return Failed("broke off in the middle of its answer");
        }
    }

    private async Task<Arrival?> AnswerAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        // Several exchanges refuse a client that does not say what it is.
        request.Headers.TryAddWithoutValidation("User-Agent", "tocsin");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            return Failed($"answered {(int)response.StatusCode}");
        return await BoundedBody.ReadAsync(response.Content, MaximumBytes, cancellationToken) is { } body
            ? Judge(settings.Message.Read(body, time.GetUtcNow()))
            : Failed($"answered with more than {MaximumBytes >> 10} KiB");
    }

    private Arrival? Judge(PriceReading reading)
    {
        switch (reading)
        {
            case PriceReading.Priced { SourceTime: { } madeAt } when madeAt < newest:
                return null;
            case PriceReading.Priced priced:
                newest = priced.SourceTime ?? newest;
                return new Arrival.Tick(
                    time.GetUtcNow(), settings.Name, settings.Asset, priced.Usd, priced.SourceTime);
            case PriceReading.Unusable unusable:
                return Failed($"gave no price: {unusable.Why}");
            case PriceReading.NoPrice none:
                return Failed($"gave no price: the answer {none.Why}");
            default:
                throw new InvalidOperationException($"{reading.GetType().Name} is not judged");
        }
    }

    // The host alone: path and query commonly hold a key.
    private Arrival.FeedFailed Failed(string what) =>
        new(time.GetUtcNow(), settings.Name, $"{url.Authority} {what}");
}
