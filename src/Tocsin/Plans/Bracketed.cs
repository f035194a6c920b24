using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Words for people with what the system needs in brackets at their end: <c>Call them. (operations, 5min)</c>.
/// </summary>
internal sealed record Bracketed(string Words, string Inside)
{
    /// <summary>What everything that people do takes where nobody says how long.</summary>
    public static readonly TimeSpan Usual = ManualStep.Usual;

    /// <summary>Who does what nobody is named for.</summary>
    public const string Leader = "commander";

    private const int MostRole = 60;
    private const int MostInside = 300;

    /// <summary>The brackets at the end, a full stop after them or none; null where there are none.</summary>
    public static Bracketed? At(string text)
    {
        var end = text.AsSpan().TrimEnd().TrimEnd('.').Length;
        if (end == 0 || text[end - 1] != ')')
            return null;
        var depth = 0;
        for (var at = end - 1; at >= 0; at--)
        {
            depth += text[at] == ')' ? 1 : text[at] == '(' ? -1 : 0;
            if (depth == 0)
                return new Bracketed(text[..at].Trim(), text[(at + 1)..(end - 1)].Trim());
        }
        return null;
    }

    /// <summary>What stands between the brackets, each said once.</summary>
    /// <param name="complain">Told what is not understood.</param>
    public StepNote Note(Action<string> complain)
    {
        if (Inside.Length > MostInside)
        {
            complain($"the brackets at the end hold {Inside.Length} characters, and at most {MostInside} are allowed: "
                + StepNote.Form);
            return new StepNote(Leader);
        }
        var (role, rest) = Cut(Inside);
        if (role.Length is 0 or > MostRole || IsKnown(role))
            complain($"the brackets begin with who does it, and {YamlPart.Told(role)} is no role: {StepNote.Form}");
        var note = new StepNote(role);
        while (rest.Length > 0)
        {
            if (rest.StartsWith(StepNote.WhenWord, StringComparison.Ordinal))
                return note with { When = Filled(rest[StepNote.WhenWord.Length..].Trim(), complain) };
            (var one, rest) = Cut(rest);
            note = note.With(one) ?? Refuse(note, one, complain);
        }
        return note;
    }

    // What the first place cannot hold: then whoever does it was left out.
    private static bool IsKnown(string text) =>
        text.StartsWith(StepNote.WhenWord, StringComparison.Ordinal) || new StepNote("").With(text) is not null;

    private static string Filled(string when, Action<string> complain)
    {
        if (when.Length == 0)
            complain($"nothing stands after 'when:' in the brackets: {StepNote.Form}");
        return when;
    }

    private static StepNote Refuse(StepNote note, string one, Action<string> complain)
    {
        complain($"{YamlPart.Told(one)} in the brackets is not understood, or said twice: {StepNote.Form}");
        return note;
    }

    private static (string First, string Others) Cut(string text)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        return comma < 0 ? (text.Trim(), "") : (text[..comma].Trim(), text[(comma + 1)..].Trim());
    }
}

/// <summary>What the brackets after a step say.</summary>
/// <param name="Decision">The decision that is taken in it, by its id; null where the brackets name none.</param>
internal sealed record StepNote(
    string Role,
    TimeSpan? Expected = null,
    bool Decides = false,
    string? Decision = null,
    string? Part = null,
    DateOnly? Tested = null,
    string? When = null)
{
    public const string WhenWord = "when:";

    /// <summary>How it is written, for complaints.</summary>
    public const string Form = "write (commander), (commander, 15min) or (ceo, 5min, decides pause-market, tested "
        + "2026-02-01, when: in which case)";

    private const string DecidesWord = "decides";
    private const string TestedWord = "tested ";

    /// <summary>With one more thing said; null where it is not understood, or was said before.</summary>
    public StepNote? With(string text)
    {
        if (YamlPart.ParseDuration(text) is { } span)
            return Expected is null ? this with { Expected = span } : null;
        if (ProcedureStep.Parts.Contains(text))
            return Part is null ? this with { Part = text } : null;
        if (text.StartsWith(TestedWord, StringComparison.Ordinal))
            return Tested is null && PlainText.ParseDay(text[TestedWord.Length..].Trim()) is { } day
                ? this with { Tested = day }
                : null;
        if (Decides || (text != DecidesWord && !text.StartsWith($"{DecidesWord} ", StringComparison.Ordinal)))
            return null;
        var decision = text[DecidesWord.Length..].Trim();
        return this with { Decides = true, Decision = decision.Length == 0 ? null : decision };
    }
}
