using System.Security.Cryptography;
using System.Text;

namespace Tocsin.Channels.X;

/// <summary>Signs requests as OAuth 1.0a (RFC 5849) has it, by HMAC-SHA1, for one application and one user.</summary>
public sealed class OAuth(string consumerKey, string consumerSecret, string token, string tokenSecret)
{
    /// <summary>The value of the header <c>Authorization</c> after its scheme, for a request whose body is no form.
    /// </summary>
    /// <param name="nonce">Used once.</param>
    public string Header(string method, Uri url, DateTimeOffset at, string nonce)
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["oauth_consumer_key"] = consumerKey,
            ["oauth_nonce"] = nonce,
            ["oauth_signature_method"] = "HMAC-SHA1",
            ["oauth_timestamp"] = at.ToUnixTimeSeconds().ToString(),
            ["oauth_token"] = token,
            ["oauth_version"] = "1.0",
        };
        parameters["oauth_signature"] = Sign(method, url, parameters);
        return string.Join(", ", parameters.Select(one => $"{one.Key}=\"{Escape(one.Value)}\""));
    }

    /// <summary>The signature over all parameters of the request: those of OAuth, of the query and of a form.</summary>
    public string Sign(string method, Uri url, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var pairs = parameters.Select(one => (Name: Escape(one.Key), Value: Escape(one.Value)))
            .OrderBy(one => one.Name, StringComparer.Ordinal).ThenBy(one => one.Value, StringComparer.Ordinal)
            .Select(one => $"{one.Name}={one.Value}");
        var text = $"{method}&{Escape(url.GetLeftPart(UriPartial.Path))}&{Escape(string.Join('&', pairs))}";
        var key = $"{Escape(consumerSecret)}&{Escape(tokenSecret)}";
#pragma warning disable CA5350 // The provider knows no other; as a keyed hash it is not broken.
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    public override string ToString() => "OAuth 1.0a";

    // Unreserved characters of RFC 3986 alone stay as they are, which is what this method leaves.
    private static string Escape(string text) => Uri.EscapeDataString(text);
}
