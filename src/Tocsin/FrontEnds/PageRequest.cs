using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Tocsin.Feeds;

namespace Tocsin.FrontEnds;

/// <summary>
/// Asks for a page as a browser does, once and on new connections, so that every look sees the certificate. Whoever
/// took over the page may send us anywhere: not from https to http, and not into our own network.
/// </summary>
/// <param name="url">The page.</param>
/// <param name="resolve">The addresses of a host.</param>
/// <param name="roots">The only roots to trust; null for those of this machine.</param>
internal sealed class PageRequest(
    Uri url,
    Func<string, CancellationToken, Task<IPAddress[]>> resolve,
    X509Certificate2Collection? roots,
    TimeProvider time)
{
    public const int MaximumBytes = 5 << 20;
    public const int MaximumRedirects = 5;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(20);

    private readonly List<Uri> way = [url];
    private readonly List<SeenCertificate> certificates = [];
    private readonly Lock gate = new();
    private string? refusal;

    public async Task<SeenPage> SendAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var client = new HttpClient(CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            return await FollowAsync(client, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Seen(null, $"gave no whole answer within {AnswerWithin.TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            return Seen(null, refusal ?? $"could not be reached ({e.HttpRequestError})");
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return Seen(null, "broke off in the middle of its answer");
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException
            or NotSupportedException)
        {
            // An address that parses and still cannot be asked for: whoever took over the page may send us there.
            return Seen(null, "leads to nothing that can be asked for");
        }
    }

    private async Task<SeenPage> FollowAsync(HttpClient client, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, way[^1]);
            request.Headers.TryAddWithoutValidation("User-Agent", "Mozilla/5.0 (compatible; tocsin)");
            request.Headers.TryAddWithoutValidation("Accept", "text/html,*/*;q=0.5");
            using var response = await client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308)
            {
                if (Redirect(response.Headers.Location) is { } fault)
                    return Seen(null, fault);
                continue;
            }
            if (response.StatusCode != HttpStatusCode.OK)
                return Seen(null, $"answered {(int)response.StatusCode}");
            return await BoundedBody.ReadAsync(response.Content, MaximumBytes, cancellationToken) is { } body
                ? Seen(Content(response, body), null)
                : Seen(null, $"answered with more than {MaximumBytes >> 20} MiB");
        }
    }

    /// <summary>Goes on to the next address, or says why not.</summary>
    private string? Redirect(Uri? location)
    {
        if (location is null || !Uri.TryCreate(way[^1], location, out var next)
            || next.Scheme is not ("https" or "http"))
        {
            return "leads to nothing that can be asked for";
        }
        if (way[^1].Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps)
            return $"leads from https to http, to {next.Host}";
        if (way.Count > MaximumRedirects)
            return $"leads on more than {MaximumRedirects} times";
        way.Add(new UriBuilder(next) { UserName = "", Password = "", Fragment = "" }.Uri);
        return null;
    }

    private SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All, // what it unpacks to is bounded where it is read
        ActivityHeadersPropagator = null,
        ConnectCallback = ConnectAsync,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = roots is null ? null : TrustOnly(roots),
            RemoteCertificateValidationCallback = Judge,
        },
    };

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    /// <summary>Keeps what the server showed; what browsers refuse is refused here too.</summary>
    private bool Judge(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        var host = (sender as SslStream)?.TargetHostName ?? "";
        if (shown is X509Certificate2 certificate)
        {
            var fault = errors == SslPolicyErrors.None ? null : errors.ToString();
            lock (gate)
                certificates.Add(SeenCertificate.Of(host, certificate, fault));
        }
        if (errors != SslPolicyErrors.None)
            refusal = $"shows a certificate that browsers refuse ({errors})";
        return errors == SslPolicyErrors.None;
    }

    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = Bare(context.DnsEndPoint.Host);
        var addresses = await resolve(host, cancellationToken);
        // A proxy is where the operator says; a page that we were sent to is where a stranger says.
        var proxy = HttpClient.DefaultProxy.GetProxy(way[^1])?.IdnHost;
        var isSentTo = host != Bare(url.IdnHost) && host != proxy;
        if (addresses.Length == 0 || (isSentTo && addresses.Any(PrivateNetwork.Contains)))
        {
            refusal = isSentTo ? $"leads into a private network, to {host}" : $"{host} has no address";
            throw new IOException(refusal);
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // An IPv6 address stands in brackets here and without them there.
    private static string Bare(string host) => host.Trim('[', ']');

    private static PageContent Content(HttpResponseMessage response, ReadOnlyMemory<byte> body) => new(
        body,
        response.Content.Headers.ContentType?.MediaType,
        response.Content.Headers.ContentType?.CharSet,
        response.Headers.TryGetValues("Refresh", out var refresh) ? string.Join(", ", refresh) : null);

    private SeenPage Seen(PageContent? page, string? fault)
    {
        lock (gate)
        {
            var hosts = certificates.DistinctBy(seen => seen.Host).ToValueList();
            return new SeenPage(way.ToValueList(), hosts, page, fault);
        }
    }
}
