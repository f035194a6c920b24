using System.Net;

namespace Tocsin.Chain;

/// <summary>How nodes and the gateways before them say that we ask too much.</summary>
internal static class Throttling
{
    // -32005: EIP-1474, "limit exceeded". 429: gateways that repeat the HTTP status. -32007, -32029, -32090: as seen.
    private static readonly long[] Codes = [-32005, 429, -32007, -32029, -32090];
    private static readonly string[] Words = ["rate limit", "too many requests", "request limit reached"];

    // The same code also says that one answer would hold too much: waiting does not help against that. And what a
    // contract says when it reverts is its own: it must not put a node to rest.
    private static readonly string[] WordsOfOthers = ["results", "block range", "response size", "revert"];

    public static bool IsMeant(NodeError error)
    {
        if (error.Code == 3 || error.Data.Length > 0 || Contains(error.Message, WordsOfOthers))
            return false;
        return Codes.Contains(error.Code) || Contains(error.Message, Words);
    }

    public static bool IsMeant(HttpResponseMessage response) => response.StatusCode == HttpStatusCode.TooManyRequests
        || (response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null);

    /// <summary>The Retry-After header (RFC 9110, section 10.2.3): seconds, or an instant by our own clock.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => default(TimeSpan?),
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static bool Contains(string text, string[] words) =>
        Array.Exists(words, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
