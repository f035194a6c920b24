using System.Security.Cryptography;
using System.Text;

namespace Tocsin.Channels;

/// <summary>What the channels of known providers have in common.</summary>
internal static class ProviderSettings
{
    private const int CallbackCharactersLeast = 16;

    /// <summary>The optional field of the provider's own base address.</summary>
    public static ChannelField ApiField(string usual) =>
        new("api", FieldForm.Address, $"base address, where it is not {usual}", IsOptional: true);

    /// <summary>The base address, without a slash at its end.</summary>
    public static string Api(this ChannelSection section, string usual) =>
        (section.Find("api") is null ? usual : section.Address("api").AbsoluteUri).TrimEnd('/');

    /// <summary>The secret, if it is made of such characters alone; else a header or an address would hold another.
    /// </summary>
    /// <exception cref="FormatException">It is not; the message does not repeat it.</exception>
    public static string Check(string secret, Func<char, bool> isAllowed, string complaint) =>
        secret.Length is > 0 and <= 4096 && secret.All(isAllowed) ? secret : throw new FormatException(complaint);

    /// <summary>A secret by which somebody who speaks to us is known: too long to be guessed.</summary>
    /// <exception cref="FormatException">It is shorter, or could not stand in a header; it is not repeated.</exception>
    public static string CheckCallback(string secret) => secret.Length < CallbackCharactersLeast
        ? throw new FormatException($"a callback_secret has at least {CallbackCharactersLeast} characters")
        : Check(secret, IsVisible, "a callback_secret has no spaces and nothing but ASCII");

    /// <summary>Visible ASCII without the space: what a header carries as it is.</summary>
    public static bool IsVisible(char letter) => letter is > ' ' and <= '~';

    /// <summary>True where they are equal, in a time that tells nothing of either.</summary>
    public static bool IsSame(string said, string expected) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(said)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));
}
