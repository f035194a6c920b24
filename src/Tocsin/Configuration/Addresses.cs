using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>Addresses of nodes and webhooks, which may be given by reference because they often hold a key.</summary>
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
}
