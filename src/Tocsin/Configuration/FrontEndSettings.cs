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
        if (url.UserInfo.Length > 0)
            address.Complain("the address of a page that users open holds no password");
        var certificate = part.Optional("certificate");
        if (url.Scheme != Uri.UriSchemeHttps && certificate?.Flag() == true)
            certificate.Complain("a page without https:// has no certificate");
        return new FrontEndSettings(
            name,
            url,
            part.Optional("every")?.Duration("10s", "1d") ?? TimeSpan.FromMinutes(5),
            part.Optional("content")?.OneOf(Contents) ?? WatchedContent.Scripts,
            certificate?.Flag() ?? url.Scheme == Uri.UriSchemeHttps,
            part.Optional("addresses")?.Flag() ?? false,
            part.Optional("unreachable_after")?.Duration("10s", "7d") ?? TimeSpan.FromMinutes(10));
    }
}
