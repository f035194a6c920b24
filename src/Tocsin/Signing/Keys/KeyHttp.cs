namespace Tocsin.Signing.Keys;

/// <summary>How those who hold keys are asked: no redirect, no proxy, a bounded answer.</summary>
internal static class KeyHttp
{
    private const int MaximumAnswerBytes = 256 * 1024;

    public static HttpClient Create() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = CheckedKey.Timeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        MaxResponseContentBufferSize = MaximumAnswerBytes,
        Timeout = CheckedKey.Timeout,
    };
}
