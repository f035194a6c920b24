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
        NameDots().Replace(
            AlertText.OneLine(text).Replace("://", ": //", StringComparison.Ordinal), match => match.Value + " ");

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

    // A full stop as readers of many scripts know it, before a letter: what comes after it could be a domain.
    [GeneratedRegex(@"(?<=[\p{L}\p{N}\-_])[.\u3002\uFF0E\uFF61](?=[\p{L}])")]
    private static partial Regex NameDots();
}
