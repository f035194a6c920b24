using System.Text;
using System.Text.RegularExpressions;

namespace Tocsin.Channels;

/// <summary>Text for readers that make links of whatever looks like one: mail programs and telephones.</summary>
public static partial class PlainWords
{
    /// <summary>
    /// The text on one line, with nothing in it that a reader turns into a link: <c>https://evil.example</c> becomes
    /// <c>https: //evil. example</c>. Numbers keep their points.
    /// </summary>
    public static string Unlinked(string text) =>
        Machine().Replace(
            NameDots().Replace(
                AlertText.OneLine(text).Replace("://", ": //", StringComparison.Ordinal), match => match.Value + " "),
            match => match.Value.Replace(".", ". ", StringComparison.Ordinal));

    /// <summary>At most so many runes; what is cut ends with "…", which counts.</summary>
    public static string Cut(string text, int runes)
    {
        var kept = new StringBuilder();
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (++count > runes)
                return string.Concat(string.Concat(kept.ToString().EnumerateRunes().Take(runes - 1)).TrimEnd(), "…");
            kept.Append(rune);
        }
        return kept.ToString();
    }

    /// <summary>A full stop as readers of many scripts know it.</summary>
    public const string FullStops = ".\u3002\uFF0E\uFF61";

    // Before a letter, or what may be one beyond the first plane: what comes after it could be a domain.
    [GeneratedRegex($@"[{FullStops}](?=[\p{{L}}\p{{Cs}}])")]
    private static partial Regex NameDots();

    [GeneratedRegex(@"[0-9]{1,3}(\.[0-9]{1,3}){3}")]
    private static partial Regex Machine();
}
