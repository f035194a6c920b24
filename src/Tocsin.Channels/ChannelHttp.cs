namespace Tocsin.Channels;

/// <summary>The HTTP client that channels need.</summary>
public static class ChannelHttp
{
    /// <summary>
    /// A client for all channels, for the life of the process. It follows no redirect (a webhook's address is a secret
    /// and its answer must come from it alone), keeps no cookies, unpacks nothing, and adds no trace headers. The time
    /// limit is the channel's.
    /// </summary>
    /// <param name="networks">Which private networks are meant; with null none is.</param>
    public static HttpClient Create(PrivateNetworks? networks = null) => new(new SocketsHttpHandler
    {
        ConnectCallback = (networks ?? PrivateNetworks.None).ConnectAsync,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // so that a moved host is found again
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        // Discord asks for one (its reference, User Agent), and what stands before other providers often does.
        DefaultRequestHeaders = { { "User-Agent", "Tocsin" } },
    };
}
