using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tocsin.Delivery;

/// <summary>
/// Links by which one person acknowledges one incident, or a canary: which, person and expiry, sealed with a key that
/// never leaves the store. Whoever holds the link is that person, so only that person's own way carries it.
/// </summary>
internal sealed class AcknowledgeLinks(byte[] key, Uri publicUrl)
{
    private const int MaximumCharacters = 512;
    private static readonly TimeSpan ValidFor = TimeSpan.FromHours(24);

    public static byte[] CreateKey() => RandomNumberGenerator.GetBytes(32);

    /// <param name="of">The identifier of an incident or a canary.</param>
    public Uri Create(string of, string person, DateTimeOffset now)
    {
        var content = Encoding.UTF8.GetBytes($"{of}|{(now + ValidFor).ToUnixTimeSeconds()}|{person}");
        return new Uri(
            publicUrl, $"acknowledge/{Base64Url.EncodeToString(content)}.{Base64Url.EncodeToString(Seal(content))}");
    }

    /// <summary>What and whom the token names; null where it is forged, damaged or expired.</summary>
    public (string Of, string Person, DateTimeOffset IssuedAt)? Read(string token, DateTimeOffset now)
    {
        var parts = token.Split('.');
        if (token.Length > MaximumCharacters || parts.Length != 2 || !TryDecode(parts[0], out var content)
            || !TryDecode(parts[1], out var seal))
            return null;
        if (!CryptographicOperations.FixedTimeEquals(seal, Seal(content)))
            return null;
        var fields = Encoding.UTF8.GetString(content).Split('|', 3);
        var expires = DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields[1], CultureInfo.InvariantCulture));
        return now < expires ? (fields[0], fields[2], expires - ValidFor) : null;
    }

    private byte[] Seal(byte[] content) => HMACSHA256.HashData(key, content);

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (!Base64Url.IsValid(text))
            return false;
        bytes = Base64Url.DecodeFromChars(text);
        // Padding, blanks and unused bits would be other spellings of the same token.
        return Base64Url.EncodeToString(bytes) == text;
    }
}
