using System.Security.Cryptography;
using System.Text;

namespace Tocsin.Channels;

/// <summary>
/// The symmetric secret of a webhook as Standard Webhooks 1.0.0 has it: <c>whsec_</c> and 24 to 64 bytes in Base64.
/// </summary>
public sealed class WebhookSecret
{
    private const string Prefix = "whsec_";

    private readonly byte[] key;

    private WebhookSecret(byte[] key) => this.key = key;

    /// <exception cref="FormatException">The text is no such secret; the message does not repeat it.</exception>
    public static WebhookSecret Parse(string text)
    {
        var key = new byte[64];
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)
            || !Convert.TryFromBase64String(text[Prefix.Length..], key, out var count) || count < 24)
        {
            throw new FormatException("a webhook secret is whsec_ followed by 24 to 64 bytes in Base64");
        }
        return new WebhookSecret(key[..count]);
    }

    /// <summary>
    /// The value of <c>webhook-signature</c>: <c>v1,</c> and Base64 of HMAC-SHA256 over <c>id.timestamp.body</c>, the
    /// timestamp in Unix seconds.
    /// </summary>
    public string Sign(string id, long timestampSeconds, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestampSeconds}."));
        hmac.AppendData(body);
        return "v1," + Convert.ToBase64String(hmac.GetHashAndReset());
    }
}
