namespace Tocsin.Configuration;

/// <summary>
/// What people call nodes, feeds, keepers and pages. These names stand in addresses, alerts and records, so they hold
/// nothing that would have to be escaped there.
/// </summary>
internal static class Names
{
    private const int MaximumCharacters = 64;

    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaximumCharacters
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    public static string Expected(string what, string name) =>
        $"what stands here, {name.Length} characters, cannot be the name of {what}"
        + $": letters, digits, '-', '_' and '.' make one, up to {MaximumCharacters} characters";
}
