using Tocsin.Configuration;

namespace Tocsin.Feeds;

/// <summary>A header that a feed wants. All but the harmless ones hold a key and are given by reference.</summary>
internal sealed record FeedHeader(string Name, string Value)
{
    /// <summary>What may stand in the file.</summary>
    public static readonly string[] Plain = ["Accept", "User-Agent", "Origin"];

    // These belong to the connection (RFC 9110, section 7.6.1) or to the body, which a question does not have.
    private static readonly string[] Reserved =
        ["Host", "Connection", "Upgrade", "Transfer-Encoding", "Content-Length", "Content-Type", "Expect", "TE",
            "Accept-Encoding", "Cookie", "Proxy-Connection", "Keep-Alive", "Trailer"];

    /// <summary>Null where a header of this name can be sent, else why not.</summary>
    public static string? Fault(string name, string value)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return "this is not the name of a header";
        if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase)
            || name.StartsWith("Sec-", StringComparison.OrdinalIgnoreCase))
        {
            return $"'{name}' is set by the connection itself";
        }
        if (!IsSendable(value))
            return "the value of a header is made of ASCII characters that can be printed";
        return Secret.IsReference(value) || Plain.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"the value of '{name}' is given by reference: env:NAME or file:PATH";
    }

    /// <summary>Whether a header can have this value; a line break would begin another (RFC 9110, 5.5).</summary>
    public static bool IsSendable(string value) => value.All(c => c is >= ' ' and <= '~');
}
