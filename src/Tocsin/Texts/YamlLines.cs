namespace Tocsin.Texts;

/// <summary>
/// Goes once through a text that a parser refused, line by line, and follows brackets, quotes and indentation as a
/// person does: by what each line looks like.
/// </summary>
/// <param name="before">How many lines of the file stand before these.</param>
internal sealed class YamlLines(string[] lines, int before)
{
    // Deeper than any text that is read; what is deeper was refused before.
    private const int MostLevels = 30;

    private readonly Stack<(char Bracket, int Line)> open = new();
    private readonly Stack<int> levels = new();
    private char quote;
    private int quoteLine;
    private int flowIndent;
    private int lastFilled;
    private int blockIndent = -1;
    private bool lastHasValue;

    /// <summary>The first mistake that shows; null where none does.</summary>
    /// <param name="last">The line behind which nothing was read.</param>
    public YamlFault? Find(int last)
    {
        for (var line = 1; line <= last; line++)
        {
            var text = lines[line - 1];
            if (IsEmpty(text) || IsOfBlock(text))
                continue;
            if ((Begin(text, line) ?? Read(text, line)) is { } fault)
                return fault;
            lastFilled = line;
        }
        if (last < lines.Length && lines[last..].Any(text => !IsEmpty(text)))
            return null;
        return quote != default ? Unclosed() : open.Count > 0 ? Missing(lastFilled) : null;
    }

    /// <summary>Where a line's own words begin: behind its indentation and the signs of a list.</summary>
    public static int ColumnOf(string text)
    {
        var at = IndentOf(text);
        for (var level = 0; level < MostLevels && text.AsSpan(at).StartsWith("- "); level++)
        {
            var next = at + 1 + IndentOf(text.AsSpan(at + 1));
            if (next == text.Length || text[next] is '|' or '>')
                break;
            at = next;
        }
        return at;
    }

    // A comment says nothing, but between quotes it is none.
    private bool IsEmpty(string text) =>
        string.IsNullOrWhiteSpace(text) || (quote == default && text.TrimStart().StartsWith('#'));

    // Words under '|' or '>' are no YAML, until they are indented no deeper than what they belong to.
    private bool IsOfBlock(string text)
    {
        if (blockIndent >= 0 && IndentOf(text) > blockIndent)
            return true;
        blockIndent = -1;
        return false;
    }

    private YamlFault? Begin(string text, int line)
    {
        var (indent, words) = (IndentOf(text), text.Trim());
        var isItem = words is "-" || words.StartsWith("- ", StringComparison.Ordinal);
        var isEntry = isItem || IsEntry(words);
        if (quote != default)
            // Words may go on in the next line, and then they do not look like the next entry.
            return isEntry && indent <= IndentOf(lines[quoteLine - 1]) ? Unclosed() : null;
        if (open.Count > 0)
            return isItem || (isEntry && indent <= flowIndent) ? Missing(lastFilled) : null;
        if (text.AsSpan(0, indent).Contains('\t'))
            return new YamlFault(line, "it is indented with a tab: use spaces");
        return isEntry ? Indented(text, indent, isItem, line) : null;
    }

    private YamlFault? Indented(string text, int indent, bool isItem, int line)
    {
        var above = levels.TryPeek(out var last) ? last : -1;
        if (indent > above && lastHasValue && !isItem)
            return new YamlFault(
                line, $"it is indented deeper than line {lastFilled + before}, which has its value already");
        while (levels.TryPeek(out last) && indent < last)
            levels.Pop();
        // After going back, a line begins where an earlier one began.
        if (indent < above && (levels.Count == 0 || levels.Peek() != indent))
            return new YamlFault(line, "its indentation fits no line above it");
        Push(indent);
        var column = ColumnOf(text);
        if (column > indent && IsEntry(text[column..]))
            Push(column);
        return null;
    }

    private void Push(int indent)
    {
        if (!levels.TryPeek(out var above) || indent > above)
            levels.Push(indent);
    }

    private YamlFault? Read(string text, int line)
    {
        var starts = quote == default;
        for (var at = IndentOf(text); at < text.Length; at++)
        {
            var letter = text[at];
            if (quote != default)
            {
                if (letter == '\\' && quote == '"')
                    at++;
                else if (letter == quote && at + 1 < text.Length && quote == '\'' && text[at + 1] == '\'')
                    at++;
                else if (letter == quote && Close(text, at, line) is { } early)
                    return early;
                continue;
            }
            if (letter == '#' && at > 0 && char.IsWhiteSpace(text[at - 1]))
                break;
            if (letter is '"' or '\'' && starts)
                (quote, quoteLine) = (letter, line);
            else if ((letter is '{' or '[' && starts) || (open.Count > 0 && letter is '}' or ']'))
            {
                if (Bracket(letter, text, line) is { } fault)
                    return fault;
            }
            else if (letter is '|' or '>' && starts && open.Count == 0)
                blockIndent = ColumnOf(text);
            starts = Starts(letter, text, at, starts);
        }
        lastHasValue = open.Count == 0 && quote == default && HasValue(text);
        return null;
    }

    // A value begins after a separator: in the middle of words a quote or a bracket is a letter.
    private bool Starts(char letter, string text, int at, bool starts) => letter switch
    {
        ' ' or '\t' => starts,
        '{' or '[' or ',' => open.Count > 0,
        ':' => at + 1 == text.Length || char.IsWhiteSpace(text[at + 1]),
        '-' or '?' => starts && (at + 1 == text.Length || char.IsWhiteSpace(text[at + 1])),
        _ => false,
    };

    private YamlFault? Bracket(char letter, string text, int line)
    {
        if (letter is '{' or '[')
        {
            if (open.Count == 0)
                flowIndent = IndentOf(text);
            if (open.Count < MostLevels)
                open.Push((letter, line));
            return null;
        }
        if (open.Peek().Bracket != (letter == '}' ? '{' : '['))
            return Missing(line);
        open.Pop();
        return null;
    }

    // What comes behind a closing quote shows that another one is missing before.
    private YamlFault? Close(string text, int at, int line)
    {
        var closed = quote;
        quote = default;
        var rest = text.AsSpan(at + 1);
        var next = rest.TrimStart();
        var fits = next.Length == 0 || next[0] == ':' || (next[0] == '#' && rest.Length > next.Length)
            || (open.Count > 0 && next[0] is ',' or '}' or ']');
        return fits ? null : new YamlFault(
            quoteLine,
            $"a {closed} closes the text and more follows: one of the quotes is missing, or one is too many");
    }

    private YamlFault Unclosed() => new(quoteLine, $"the closing {quote} of a text is missing");

    private YamlFault Missing(int line)
    {
        var (bracket, begun) = open.Peek();
        var where = begun == line ? "" : $": the '{bracket}' of line {begun + before} is open";
        return new YamlFault(line, $"a '{(bracket == '{' ? '}' : ']')}' is missing{where}");
    }

    private static int IndentOf(ReadOnlySpan<char> text)
    {
        var indent = 0;
        while (indent < text.Length && text[indent] is ' ' or '\t')
            indent++;
        return indent;
    }

    // A name and a colon: a quoted name is rare, and is read as words.
    private static bool IsEntry(string text)
    {
        var end = 0;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '-' or '.'))
            end++;
        return end > 0 && end < text.Length && text[end] == ':'
            && (end + 1 == text.Length || char.IsWhiteSpace(text[end + 1]));
    }

    private static bool HasValue(string text)
    {
        var bare = text[ColumnOf(text)..];
        if (!IsEntry(bare))
            return false;
        var value = bare[(bare.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        return value.Length > 0 && value[0] is not ('#' or '|' or '>' or '&' or '!');
    }
}
