using System.Globalization;
using System.Text;
using DiffPlex.Renderer;

namespace Tocsin.Plans;

/// <summary>What a change does to a file, line by line, for whoever settles it.</summary>
internal static class PlanDifference
{
    private const int LinesAround = 3;

    /// <summary>Of each file, in the unified form of <c>diff -u</c>.</summary>
    public static IReadOnlyList<(string Name, string Text)> Of(IEnumerable<PlanChange> changes) =>
        [.. changes.Select(change => (change.Name, Of(change)))];

    private static string Of(PlanChange change)
    {
        var before = change.Before ?? "";
        var difference = UnidiffRenderer.GenerateUnidiff(
            before, change.After, change.Before is null ? "/dev/null" : change.Name, change.Name,
            ignoreWhitespace: false, ignoreCase: false, LinesAround);
        return difference.Split('\n').Any(line => line.StartsWith("@@", StringComparison.Ordinal))
            ? Seen(difference)
            : $"{change.Name}: nothing but the ends of lines change";
    }

    // What cannot be seen, or turns the direction of reading, could make a line look like another.
    private static string Seen(string text)
    {
        var seen = new StringBuilder(text.Length);
        foreach (var rune in text.Replace("\r\n", "\n", StringComparison.Ordinal).EnumerateRunes())
        {
            if (rune.Value is not ('\n' or '\t')
                && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
                seen.Append(CultureInfo.InvariantCulture, $"<U+{rune.Value:X4}>");
            else
                seen.Append(rune);
        }
        return seen.ToString();
    }
}
