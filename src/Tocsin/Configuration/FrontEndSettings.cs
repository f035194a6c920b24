using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>What of a page's content must not change unnoticed.</summary>
internal enum WatchedContent
{
    /// <summary>What runs in the browser: scripts, frames, forms, event handlers. Its text may change.</summary>
    Scripts,

    /// <summary>Every byte.</summary>
    Whole,

    /// <summary>Nothing of it.</summary>
    Off,
}

/// <summary>A page that users are sent to, and what of it is watched.</summary>
/// <param name="Certificate">Whether issuer and key of its certificate are.</param>
/// <param name="Addresses">Whether the addresses that its name stands for are; not where they change by themselves.
/// </param>
internal sealed record FrontEndSettings(
    string Name,
    Uri Url,
    TimeSpan Every,
    WatchedContent Content,
    bool Certificate,
    bool Addresses,
    TimeSpan UnreachableAfter)
{
    private static readonly TimeSpan DefaultUnreachableAfter = TimeSpan.FromMinutes(10);

    private static readonly Dictionary<string, WatchedContent> Contents = new()
    {
        ["scripts"] = WatchedContent.Scripts,
        ["whole"] = WatchedContent.Whole,
        ["off"] = WatchedContent.Off,
    };

    public static FrontEndSettings Read(string name, YamlPart part)
    {
        if (!Names.IsName(name))
            part.Complain(Names.Expected("a front end", name));
        part.Knows("url", "every", "content", "certificate", "addresses", "unreachable_after");
        var address = part.Required("url");
        var url = Configuration.Addresses.Web(address, "https", "http");
        var certificate = part.Optional("certificate");
        if (url.Scheme != Uri.UriSchemeHttps && certificate?.Flag() == true)
            certificate.Complain("a page without https:// has no certificate");
        var every = part.Optional("every")?.Duration("10s", "1d") ?? TimeSpan.FromMinutes(5);
        return new FrontEndSettings(
            name,
            url,
            every,
            part.Optional("content")?.OneOf(Contents) ?? WatchedContent.Scripts,
            certificate?.Flag() ?? url.Scheme == Uri.UriSchemeHttps,
            part.Optional("addresses")?.Flag() ?? false,
            ReadUnreachableAfter(part.Optional("unreachable_after"), every));
    }

    private static TimeSpan ReadUnreachableAfter(YamlPart? part, TimeSpan every)
    {
        var usual = 2 * every > DefaultUnreachableAfter ? 2 * every : DefaultUnreachableAfter;
        var after = part?.Duration("10s", "7d") ?? usual;
        if (after <= every)
            part?.Complain("'unreachable_after' must be longer than 'every': between two looks that both succeed, the "
                + "page would be called unreachable");
        return after;
    }
}
