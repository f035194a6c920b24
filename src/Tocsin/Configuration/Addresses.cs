using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>
/// Addresses as the configuration writes them: of accounts on chain, and of nodes, feeds and webhooks, which may be
/// given by reference because they often hold a key.
/// </summary>
internal static class Addresses
{
    /// <exception cref="InputException">The reference holds no address.</exception>
    public static string Reveal(string text, TocsinConfiguration configuration)
    {
        if (!Secret.IsReference(text))
            return text;
        var revealed = new Secret(text).Reveal(configuration.Directory);
        // The value is a secret, so the message names the reference alone.
        return Uri.TryCreate(revealed, UriKind.Absolute, out _)
            ? revealed
            : throw new InputException($"'{text}' does not hold an address");
    }

    /// <summary>The same, where only some schemes can be used.</summary>
    /// <exception cref="InputException">The reference holds no address, or one of another scheme.</exception>
    public static Uri Reveal(string text, TocsinConfiguration configuration, params string[] schemes)
    {
        var uri = new Uri(Reveal(text, configuration));
        return schemes.Contains(uri.Scheme)
            ? uri
            : throw new InputException($"'{text}' does not hold an address that begins with {Beginnings(schemes)}");
    }

    /// <summary>An address of one of these schemes, or a reference to one.</summary>
    public static string Reference(YamlPart part, params string[] schemes)
    {
        var text = part.Line();
        if (Secret.IsReference(text))
            Secret.CheckFile(part, text);
        else if (text.Length > 0 && Parse(part, text, schemes) is { UserInfo.Length: > 0 })
            part.Complain("this address holds a password: give it by reference, env:NAME or file:PATH");
        return text;
    }

    /// <summary>An address of one of these schemes that is no secret: it is printed and handed out.</summary>
    public static Uri Web(YamlPart part, params string[] schemes)
    {
        var uri = Parse(part, part.Line(), schemes);
        if (uri.UserInfo.Length == 0)
            return uri;
        part.Complain("this address is shown to everyone, so it holds no user and no password");
        return new UriBuilder(uri) { UserName = "", Password = "" }.Uri;
    }

    private static Uri Parse(YamlPart part, string text, string[] schemes)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme))
        {
            Placeholders.Warn(part, uri);
            return uri;
        }
        part.Complain("this must be an address that begins with " + Beginnings(schemes));
        return new Uri("http://127.0.0.1");
    }

    /// <summary>An account or contract. A wrong checksum (EIP-55) is most likely a mistyped digit.</summary>
    public static Address OnChain(YamlPart part)
    {
        var address = part.Parsed<Address>(
            text => ChecksumAddress.TryParse(text, out var read) ? read : null,
            "an address with a right checksum (0x and 40 hexadecimal digits)");
        Placeholders.Warn(part, address);
        return address;
    }

    private static string Beginnings(string[] schemes) =>
        string.Join(" or ", schemes.Select(scheme => scheme + "://"));
}
