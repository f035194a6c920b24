using System.Globalization;
using System.Text;

namespace Tocsin.Chain;

/// <summary>
/// The address of a node, split into what may be shown (host and port) and what may not: user info, path and query
/// commonly hold an access key.
/// </summary>
internal sealed class Endpoint
{
    private const int ExcerptChars = 200;

    private readonly string[] secrets;

    /// <exception cref="ArgumentException">The address is relative or has another scheme than those given.</exception>
    public Endpoint(Uri address, params ReadOnlySpan<string> schemes)
    {
        if (!address.IsAbsoluteUri || !schemes.Contains(address.Scheme))
        {
            var allowed = string.Join(" or ", schemes.ToArray());
            throw new ArgumentException($"the address of a node must begin with {allowed}", nameof(address));
        }
        Label = $"{address.Host}:{address.Port}";
        RequestUri = new UriBuilder(address) { UserName = "", Password = "", Fragment = "" }.Uri;
        var user = Uri.UnescapeDataString(address.UserInfo);
        Authorization = user.Length == 0 ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(user));
        secrets = Secrets(address);
    }

    /// <summary>Host and port: the only part of the address that messages show.</summary>
    public string Label { get; }

    public Uri RequestUri { get; }

    /// <summary>The value of an Authorization header (RFC 7617), where the address has user info.</summary>
    public string? Authorization { get; }

    /// <summary>Foreign text made fit for a message: short, on one line, without any part of our credentials.</summary>
    public string Excerpt(string text)
    {
        var shown = new StringBuilder(ExcerptChars);
        foreach (var secret in secrets)
            text = text.Replace(secret, "…", StringComparison.OrdinalIgnoreCase);
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= ExcerptChars)
                return shown.Append('…').ToString();
            shown.Append(IsPlain(rune) ? rune : new Rune(' '));
        }
        return shown.ToString().Trim();
    }

    public override string ToString() => Label;

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    // Nodes quote keys back ("invalid API key …"). Short path segments such as "v3" are no secret.
    private static string[] Secrets(Uri address)
    {
        var user = address.UserInfo.Split(':').Where(part => part.Length >= 3);
        var path = address.PathAndQuery.Split('/', '?', '&', '=').Where(part => part.Length >= 6);
        return [.. user.Concat(path)
            .SelectMany(part => new[] { part, Uri.UnescapeDataString(part) })
            .Distinct()
            .OrderByDescending(part => part.Length)];
    }
}
