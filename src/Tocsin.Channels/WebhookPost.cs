using System.Net.Http.Headers;
using System.Text;

namespace Tocsin.Channels;

/// <summary>What a webhook answered.</summary>
/// <param name="Host">Who answered. Never more of the address: the rest of it is a secret.</param>
/// <param name="RetryAfter">The wait asked for by Retry-After, in seconds or as a date; not negative.</param>
/// <param name="Text">The start of the body, as far as it was asked for.</param>
internal sealed record WebhookAnswer(string Host, int Status, TimeSpan? RetryAfter, string Text)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The value of a header by its name; null where it is not there.</summary>
    public Func<string, string?> Header { get; init; } = _ => null;

    public DeliveryResult.RetryAfter Failed =>
        new(RetryAfter, Status is >= 300 and < 400
            ? $"{Host} answered {Status}, a redirect, which is not followed: configure the final address"
            : $"{Host} answered {Status}");
}

/// <summary>Posts JSON to one secret address with a limit on time and on what it reads back.</summary>
internal sealed class WebhookPost
{
    public const int BodyLimitBytes = 64 * 1024;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient http;
    private readonly Uri address;
    private readonly TimeProvider time;
    private readonly TimeSpan timeout;

    /// <exception cref="ArgumentException">The address is not an absolute http or https address.</exception>
    public WebhookPost(HttpClient http, Uri address, TimeProvider time, TimeSpan? timeout)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp))
            throw new ArgumentException("the address of a webhook begins with https:// or http://", nameof(address));
        this.http = http;
        this.address = address;
        this.time = time;
        this.timeout = timeout ?? DefaultTimeout;
    }

    public Task<DeliveryResult> SendAsync(byte[] json, Action<HttpRequestHeaders> addHeaders, int bodyLimitBytes,
        Func<WebhookAnswer, DeliveryResult> judge, CancellationToken ct)
    {
        var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        return SendAsync(HttpMethod.Post, address, content, addHeaders, bodyLimitBytes, judge, ct);
    }

    /// <summary>The same by another method, with other content, or to another address of the same host.</summary>
    public async Task<DeliveryResult> SendAsync(HttpMethod method, Uri to, HttpContent? content,
        Action<HttpRequestHeaders> addHeaders, int bodyLimitBytes, Func<WebhookAnswer, DeliveryResult> judge,
        CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(method, to) { Content = content };
            addHeaders(request.Headers);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var text = await ReadAsync(response.Content, bodyLimitBytes, either.Token);
            return judge(new WebhookAnswer(address.Host, (int)response.StatusCode, Wait(response), text)
            {
                Header = name => response.Headers.TryGetValues(name, out var values) ? values.First() : null,
            });
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new DeliveryResult.Unknown($"{address.Host} did not answer within {timeout.TotalSeconds} s");
        }
        catch (HttpRequestException e) when (e.GetBaseException() is PrivateNetworkException refused)
        {
            // Whoever answers for the name may have been wrong for a moment.
            return new DeliveryResult.RetryAfter(null, refused.Message);
        }
        catch (HttpRequestException e) when (NothingWasSent(e.HttpRequestError))
        {
            return new DeliveryResult.RetryAfter(null, $"no connection to {address.Host} ({e.HttpRequestError})");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new DeliveryResult.Unknown($"the connection to {address.Host} was lost before its answer came");
        }
    }

    private static bool NothingWasSent(HttpRequestError error) => error is HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError;

    private TimeSpan? Wait(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter;
        var wait = asked?.Delta ?? (asked?.Date - time.GetUtcNow());
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static async Task<string> ReadAsync(HttpContent content, int limitBytes, CancellationToken ct)
    {
        if (limitBytes == 0)
            return "";
        var bytes = new byte[limitBytes];
        await using var body = await content.ReadAsStreamAsync(ct);
        var count = await body.ReadAtLeastAsync(bytes, limitBytes, throwOnEndOfStream: false, ct);
        return Encoding.UTF8.GetString(bytes, 0, count);
    }
}
