namespace Tocsin.Plans;

/// <summary>
/// A procedure's steps as people write them: the first numbered list of its text, each with the role that does it in
/// brackets at the end of its words, <c>1. Pause the market. (ceo, 5min)</c>. What follows the brackets says how.
/// </summary>
/// <param name="complain">Told the line, and what to write there.</param>
internal sealed class NumberedSteps(Action<int, string> complain)
{
    private const int MostSteps = 5_000;

    // Further in begins what belongs to the item above.
    private const int MostIndent = 2;

    private const string Example = "'1. Pause the market. (commander, 15min)'";

    private readonly List<NumberedStep> steps = [];
    private readonly List<string> prose = [];
    private bool hasEnded;
    private bool hasAnother;
    private bool isAfterBlank;
    private TextBlock? block;

    /// <summary>What is left of the text without the list.</summary>
    public string Prose => string.Join('\n', prose).Trim();

    /// <summary>The first heading of the text; null where there is none.</summary>
    public string? Title { get; private set; }

    /// <summary>The list, in its order.</summary>
    public IReadOnlyList<NumberedStep> Steps => steps;

    /// <param name="lines">The text without the head.</param>
    /// <param name="firstLine">The line of the file on which it begins.</param>
    public void Read(IReadOnlyList<string> lines, int firstLine)
    {
        for (var at = 0; at < lines.Count && steps.Count <= MostSteps; at++)
            Read(lines[at], firstLine + at);
        if (block is { } open)
            complain(open.Line, $"what begins here has no end: write '{open.End}' on a line of its own after it");
    }

    private void Read(string line, int number)
    {
        var text = line.TrimStart();
        var indent = line.Length - text.Length;
        if (block is not null || TextBlock.At(text, number) is not null)
            Skip(line, text, number, indent);
        else if (text.Length > 0 && indent <= MostIndent && Number(text) is var digits && digits > 0)
            Take(line, text, digits, number);
        else
        {
            Keep(line, belongs: text.Length == 0 || indent > 0 || !(isAfterBlank || IsOwn(text)));
            Watch(text, number);
        }
        isAfterBlank = text.Length == 0;
    }

    // Nothing in a block of code or in a comment is a step.
    private void Skip(string line, string text, int number, int indent)
    {
        var isOpen = block is not null;
        block ??= TextBlock.At(text, number)!;
        if (block.IsComment)
            prose.Add(line);
        else
            Keep(line, belongs: isOpen || indent > MostIndent);
        block = isOpen && block.EndsAt(text) ? null : block;
    }

    private void Take(string line, string text, int digits, int number)
    {
        var words = text[(digits + 1)..].Trim();
        if (hasEnded)
        {
            // A list of its own begins anew; one that counts on was torn apart.
            hasAnother |= text[..digits] == "1";
            if ((!hasAnother && text[..digits] == $"{steps.Count + 1}") || Bracketed.At(words) is not null)
                complain(number, "this looks like a step, but the numbered list of the steps ended above: let nothing "
                    + "but indented lines stand between two steps, or take number and brackets away");
            prose.Add(line);
            return;
        }
        if (text[digits + 1] is not (' ' or '\t'))
            complain(number, $"a step has a space after its number, such as {Example}");
        steps.Add(new NumberedStep(number));
        Add(words);
    }

    // What is no item: it belongs to the one above, or it ends the list.
    private void Keep(string line, bool belongs)
    {
        hasEnded |= steps.Count > 0 && !belongs;
        if (steps.Count == 0 || hasEnded)
            prose.Add(line);
        else
            Add(line.Trim());
    }

    private void Add(string line)
    {
        if (!steps[^1].Add(line))
            complain(steps[^1].Line, "this step is too long: write the details below the list, or a step of its own");
    }

    // Nothing that somebody meant as a step is taken for prose.
    private void Watch(string text, int number)
    {
        if (text.StartsWith("# ", StringComparison.Ordinal))
            Title ??= text.Trim('#', ' ');
        if ((steps.Count == 0 || hasEnded) && IsBullet(text) && Bracketed.At(text) is { } bracketed
            && bracketed.Inside.Split(',').Skip(1).Any(one => new StepNote("").With(one.Trim()) is not null))
            complain(number, $"this looks like a step, but has no number: write it as {Example}, in one list with the "
                + "others");
    }

    /// <summary>How many digits the number of an item has, before its full stop or bracket; 0 for no item.</summary>
    private static int Number(string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        return digits is > 0 and < 5 && text.Length > digits + 1 && text[digits] is '.' or ')'
            && (text[digits + 1] is ' ' or '\t' or '*' or '(' || char.IsLetter(text[digits + 1]))
            ? digits
            : 0;
    }

    private static bool IsBullet(string text) => text.Length > 1 && text[0] is '-' or '*' or '+' && text[1] is ' ';

    private static bool IsOwn(string text) => text[0] is '#' or '>' or '|' || IsBullet(text)
        || text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("***", StringComparison.Ordinal);

    /// <summary>A block of code, or a comment, by what ends it.</summary>
    private sealed record TextBlock(int Line, string End)
    {
        private const string CommentEnd = "-->";

        public bool IsComment => End == CommentEnd;

        /// <summary>The one that begins with this line and does not end on it; null where none does.</summary>
        public static TextBlock? At(string text, int line)
        {
            if (text.StartsWith("<!--", StringComparison.Ordinal))
                return text.Contains(CommentEnd, StringComparison.Ordinal) ? null : new TextBlock(line, CommentEnd);
            if (text.Length == 0 || text[0] is not ('`' or '~'))
                return null;
            var marks = text.TakeWhile(c => c == text[0]).Count();
            return marks < 3 || text.AsSpan(marks).Contains('`') ? null : new TextBlock(line, text[..marks]);
        }

        public bool EndsAt(string text) => IsComment
            ? text.Contains(End, StringComparison.Ordinal)
            : text.StartsWith(End, StringComparison.Ordinal) && text.AsSpan().TrimEnd().Trim(End[0]).IsEmpty;
    }
}

/// <summary>One step of a numbered list, as far as it was read.</summary>
/// <param name="line">The line of its number.</param>
internal sealed class NumberedStep(int line)
{
    private const int MostWords = 1_000;
    private const int MostHow = 20_000;

    private readonly List<string> words = [];
    private readonly List<string> how = [];
    private int length;

    public int Line => line;

    /// <summary>Its words and the brackets at their end; null where there are none.</summary>
    public Bracketed? Said { get; private set; }

    /// <summary>What follows the brackets; null where nothing does.</summary>
    public string? How => how.Count > 0 ? string.Join(' ', how) : null;

    /// <summary>True where it holds more than a step may: the rest is left out.</summary>
    public bool IsTooLong { get; private set; }

    /// <returns>False for the line with which it becomes too long.</returns>
    public bool Add(string text)
    {
        if (text.Length == 0 || IsTooLong)
            return true;
        length += text.Length;
        IsTooLong = length > (Said is null ? MostWords : MostHow);
        if (IsTooLong)
            return false;
        (Said is null ? words : how).Add(text);
        if (Said is not null || !text.TrimEnd('.').EndsWith(')'))
            return true;
        Said = Bracketed.At(string.Join(' ', words));
        length = Said is null ? length : 0;
        return true;
    }
}
