namespace Tocsin.Texts;

/// <summary>Where a text that is no YAML went wrong, and what is missing there.</summary>
/// <param name="Line">The first line is 1.</param>
internal readonly record struct YamlFault(int Line, string What)
{
    private const int LinesBeyond = 3;

    /// <summary>
    /// The likeliest mistake of a text that a parser refused. A parser says where it could not go on, which may be far
    /// below: people want the line that they have to change. Nothing of the text is repeated, for it may be a secret.
    /// </summary>
    /// <param name="firstLine">The line of the file on which the text begins; messages name lines of the file.</param>
    /// <param name="line">The line of the text in which the parser stood; null where it did not say.</param>
    /// <param name="after">The line of the text up to which it had read.</param>
    public static YamlFault Of(string text, int firstLine, int? line, int after)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var stood = Math.Clamp(line ?? after, 1, lines.Length);
        // A parser may stand where a text began that no quote ends: only the next lines show it.
        var fault = Find(line is null ? lines.Length : stood) ?? OfValue(lines, stood)
            ?? Find(Math.Min(lines.Length, stood + LinesBeyond)) ?? OfLine(lines, stood);
        return fault with { Line = fault.Line + firstLine - 1 };

        YamlFault? Find(int last) => new YamlLines(lines, firstLine - 1).Find(last);
    }

    // What only the value itself shows: it begins as no text may, or holds what separates.
    private static YamlFault? OfValue(string[] lines, int line)
    {
        foreach (var place in new[] { line, line - 1 }.Where(place => place >= 1))
        {
            var value = ValueOf(lines[place - 1]);
            if (value.Length == 0 || value[0] is '"' or '\'' or '{' or '[' or '|' or '>')
                continue;
            if (value[0] is '@' or '`' or '%' or '&' or '*' or '!' or ']' or '}' or ',')
                return new YamlFault(place, $"a text that begins with '{value[0]}' goes between quotes");
            if (value.Contains(": ", StringComparison.Ordinal) || value.EndsWith(':'))
                return new YamlFault(place, "a text with ': ' in it goes between quotes");
        }
        return null;
    }

    private static YamlFault OfLine(string[] lines, int line) => new(
        line,
        lines[line - 1].Contains('\\')
            ? "between double quotes this '\\' means nothing: write '\\\\', or use single quotes"
        : lines[line - 1].AsSpan().IndexOfAny('{', '[') >= 0
            ? "between brackets a ',' is missing, or a text needs quotes"
        : "look at the quotes, the brackets and the indentation of this line and of the one before it");

    private static string ValueOf(string line)
    {
        var bare = line[YamlLines.ColumnOf(line)..].Trim();
        var colon = bare.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0 && bare.EndsWith(':'))
            return "";
        var value = colon < 0 ? bare : bare[(colon + 2)..];
        var comment = value.IndexOf(" #", StringComparison.Ordinal);
        return (comment < 0 ? value : value[..comment]).Trim();
    }
}
