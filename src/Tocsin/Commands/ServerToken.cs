using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using Tocsin.Configuration;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>The token that a command shows to the server: from a file, or from the environment.</summary>
internal static class ServerToken
{
    public const string Variable = "TOCSIN_TOKEN";

    /// <summary>For a command and those below it.</summary>
    public static Option<string?> File { get; } = new("--token-file")
    {
        Description = $"The file of your token, where the server asks for one; without it {Variable} is looked at",
        Recursive = true,
    };

    /// <summary>Null where none is given.</summary>
    /// <exception cref="InputException">The file cannot be read, or what it holds can be no token.</exception>
    public static string? Of(ParseResult parsed) => Of(parsed.GetValue(File));

    /// <inheritdoc cref="Of(ParseResult)"/>
    public static string? Of(string? file) => file is not null
        ? Checked(new Secret($"file:{Path.GetFullPath(file)}").Reveal(""))
        : string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(Variable))
            ? null
            : Checked(new Secret($"env:{Variable}").Reveal(""));

    /// <summary>Shows it with every request that is made.</summary>
    public static void Show(HttpClient http, string? token)
    {
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>What to do about an answer of 401 or 403; null for every other.</summary>
    /// <param name="error">As the server says it.</param>
    public static string? Refusal(HttpStatusCode status, string? token, string? error) => status switch
    {
        HttpStatusCode.Unauthorized when token is null =>
            $"the server asks for a token: put yours into {Variable}, or name its file by --token-file",
        HttpStatusCode.Unauthorized =>
            $"the server does not know the token that you gave by {Variable} or --token-file",
        HttpStatusCode.Forbidden => $"the server refuses it: {error ?? "it does not say why"}",
        _ => null,
    };

    private static string Checked(string token) => token.All(char.IsAscii)
        ? token
        : throw new InputException($"what stands in {Variable} or in the file is no token: it is not ASCII");
}
