using System.Text;

namespace Tocsin.Channels;

/// <summary>
/// Text for receivers that make links, mentions, tags and commands of words by themselves: Telegram, PagerDuty,
/// Opsgenie and phones do so even where nothing is marked up. A word joiner (U+2060), which nobody sees and which
/// neither parts a line nor belongs to an address, stands where one would begin.
/// </summary>
internal static class InertText
{
    private const char Joiner = '\u2060';

    /// <summary>The text on one line, inert, and at most <paramref name="limit"/> UTF-16 units long.</summary>
    public static string Of(string text, int limit) => Cut(Break(AlertText.OneLine(text)), limit);

    /// <summary>What is longer ends with "…" within the limit, and never within a rune.</summary>
    public static string Cut(string text, int limit)
    {
        if (text.Length <= limit)
            return text;
        var end = limit - 1;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "…";
    }

    private static string Break(string line)
    {
        var broken = new StringBuilder(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            broken.Append(line[i]);
            if (i + 1 < line.Length && Begins(line[i], line[i + 1]))
                broken.Append(Joiner);
        }
        return broken.ToString();
    }

    // A number keeps its point: somebody may copy it.
    private static bool Begins(char mark, char next) => mark switch
    {
        _ when PlainWords.FullStops.Contains(mark) => char.IsLetter(next) || char.IsSurrogate(next),
        '/' or '@' or '#' or '<' or '&' => !char.IsWhiteSpace(next),
        _ => false,
    };
}
