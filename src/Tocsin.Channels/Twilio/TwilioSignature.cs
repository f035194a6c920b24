using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Tocsin.Channels.Twilio;

/// <summary>
/// How Twilio signs what it sends us: Base64 of HMAC-SHA1, by the account's token, over the full address and then every
/// field of the form, name and value, in the order of their names.
/// </summary>
public static partial class TwilioSignature
{
    private const int BodyLimitBytes = 64 * 1024;
    private const int FieldsMost = 100;

    /// <summary>The signature of a request with this form.</summary>
    public static string Of(string url, IEnumerable<KeyValuePair<string, string>> form, string token) =>
        Convert.ToBase64String(Digest(url, form, token));

    /// <summary>The form of a callback; null where it is not signed, or cannot be read.</summary>
    internal static Dictionary<string, string>? Verified(Callback callback, string token)
    {
        if (callback.Body.Length > BodyLimitBytes
            || callback.Headers.GetValueOrDefault("x-twilio-signature") is not { Length: <= 64 } text
            || Form(Encoding.UTF8.GetString(callback.Body.Span)) is not { } form)
            return null;
        var signature = new byte[64];
        if (!Convert.TryFromBase64String(text, signature, out var count))
            return null;
        var proven = false;
        foreach (var url in Spellings(callback.Url))
            proven |= CryptographicOperations.FixedTimeEquals(signature.AsSpan(0, count), Digest(url, form, token));
        return proven ? form : null;
    }

    /// <summary>Fields of a form or of a query; null where one is there twice or has no name.</summary>
    internal static Dictionary<string, string>? Form(string text)
    {
        var form = new Dictionary<string, string>();
        var pairs = text.Split('&', StringSplitOptions.RemoveEmptyEntries);
        if (pairs.Length > FieldsMost)
            return null;
        foreach (var pair in pairs)
        {
            var parts = pair.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0
                || !form.TryAdd(WebUtility.UrlDecode(parts[0]), WebUtility.UrlDecode(parts[1])))
                return null;
        }
        return form;
    }

    // Twilio's own libraries try both: whether the signed address names the default port is not the same everywhere.
    private static IEnumerable<string> Spellings(Uri url)
    {
        var text = url.OriginalString;
        var start = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = text.IndexOfAny(['/', '?'], start) is var found and >= 0 ? found : text.Length;
        var host = Port().Replace(text[..end], "");
        return [host + text[end..], $"{host}:{url.Port}{text[end..]}"];
    }

    private static byte[] Digest(string url, IEnumerable<KeyValuePair<string, string>> form, string token)
    {
        var signed = new StringBuilder(url);
        foreach (var (name, value) in form.OrderBy(field => field.Key, StringComparer.Ordinal))
            signed.Append(name).Append(value);
#pragma warning disable CA5350 // Twilio signs in no other way; as a keyed hash it is not broken.
        return HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(signed.ToString()));
#pragma warning restore CA5350
    }

    [GeneratedRegex(@":\d+$")]
    private static partial Regex Port();
}
