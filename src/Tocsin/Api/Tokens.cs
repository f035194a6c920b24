using System.Security.Cryptography;
using System.Text;
using Tocsin.Configuration;
using Tocsin.Texts;

namespace Tocsin.Api;

/// <summary>
/// The tokens of an installation, by their hashes. Which one is shown, or how near it comes to one, does not show in
/// the time that the answer takes.
/// </summary>
internal sealed class Tokens
{
    public const int MinimumCharacters = 32;

    private readonly IReadOnlyList<(TokenSettings Token, byte[] Hash)> known;

    private Tokens(IReadOnlyList<(TokenSettings Token, byte[] Hash)> known) => this.known = known;

    /// <summary>Null where none is configured: then whoever is on this machine may do everything.</summary>
    /// <exception cref="InputException">One cannot be read or could be guessed, or two names have the same.</exception>
    public static Tokens? Open(TocsinConfiguration configuration)
    {
        if (configuration.Tokens.Count == 0)
            return null;
        var known = configuration.Tokens.Select(token => (token, Hash: HashOf(Reveal(token, configuration)))).ToList();
        return known.GroupBy(one => Convert.ToHexString(one.Hash)).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new InputException(
                $"the tokens {string.Join(" and ", twice.Select(one => $"'{one.token.Name}'"))} are the same: whose "
                + "it is could not be told")
            : new Tokens(known);
    }

    /// <exception cref="InputException">It cannot be read, or is so short that it could be guessed.</exception>
    public static string Reveal(TokenSettings token, TocsinConfiguration configuration)
    {
        var text = token.Token.Reveal(configuration.Directory);
        return text.Length >= MinimumCharacters
            ? text
            : throw new InputException(
                $"the token '{token.Token}' of '{token.Name}' has fewer than {MinimumCharacters} characters: make one "
                + "with 'openssl rand -hex 32'");
    }

    /// <summary>Null where no such token is known.</summary>
    public TokenSettings? Find(string shown)
    {
        var hash = HashOf(shown);
        TokenSettings? found = null;
        foreach (var (token, expected) in known)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, expected))
                found = token;
        }
        return found;
    }

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
