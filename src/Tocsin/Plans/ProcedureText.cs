using Tocsin.Incidents;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>
/// A procedure is a Markdown file for people. Its head, between two lines of <c>---</c>, says what the system needs:
/// title, decision and steps. Where no head has the steps, the first numbered list of the text does.
/// </summary>
internal static class ProcedureText
{
    private const string Fence = "---";
    private const int MostTitle = 200;

    private const string Form = "'1. Pause the market. (commander, 15min)'";

    public static Procedure Read(PlanFile file, YamlText yaml)
    {
        var id = Path.GetFileNameWithoutExtension(file.Name);
        var at = new SourceLine(file.Name, 1);
        var lines = file.Text.ReplaceLineEndings("\n").Split('\n');
        var end = Array.IndexOf(lines, Fence, Math.Min(1, lines.Length));
        var hasHead = lines[0] == Fence && end > 0;
        var isBegun = lines.FirstOrDefault(line => line.Trim().Length > 0)?.Trim() == Fence;
        if (!hasHead && isBegun)
            return Headless();
        var head = hasHead
            ? yaml.Parse(file.Name, string.Join('\n', lines[1..end]), firstLine: 2)
                .Knows("title", "decision", "steps", "reviewed")
            : null;
        var body = hasHead ? lines[(end + 1)..] : lines;
        if (head?.Optional("steps") is null)
            return Numbered(file, yaml, head, body, hasHead ? end + 2 : 1) ?? Headless();
        return new Procedure(
            id,
            head.Required("title").Text(),
            RowIds.Read(head.Required("steps"), "what", Step),
            head.Optional("decision")?.Text(),
            string.Join('\n', body).Trim(),
            at)
        { Reviewed = DutyText.Day(head.Optional("reviewed")) };

        Procedure Headless()
        {
            yaml.Complain(at, $"a procedure begins with a head between two lines of '{Fence}', or has its steps as a "
                + $"numbered list: {Form}");
            return new Procedure(id, id, [], null, file.Text, at);
        }
    }

    /// <summary>The procedure by the numbered list of its text; null where it has neither that nor a head.</summary>
    private static Procedure? Numbered(
        PlanFile file, YamlText yaml, YamlPart? head, IReadOnlyList<string> body, int firstLine)
    {
        void Complain(int line, string message) => yaml.Complain(new SourceLine(file.Name, line), message);
        var list = new NumberedSteps(Complain);
        list.Read(body, firstLine);
        if (list.Steps.Count == 0 && head is null)
            return null;
        if (list.Steps.Count == 0)
            head!.Complain($"'steps' is missing in {file.Name}, and its text has no numbered list of them: {Form}");
        var id = Path.GetFileNameWithoutExtension(file.Name);
        var ids = new RowIds("write one of the two in other words");
        var decision = head?.Optional("decision")?.Text();
        var steps = new List<ProcedureStep>();
        foreach (var step in list.Steps.Where(step => !step.IsTooLong))
        {
            var (read, decided) = Step(step, file.Name, ids, message => Complain(step.Line, message));
            steps.Add(read);
            if (decided is not null && (decision ??= decided) != decided)
                Complain(step.Line, "a procedure takes one decision, and another one is named above: "
                    + "write a procedure for each");
            if (read.Decides && decision is null)
                Complain(step.Line, "this step decides, but what? Write (ceo, 5min, decides pause-market)");
        }
        return new Procedure(
            id, Title(head, list, Complain) ?? id, steps.ToValueList(), decision, string.Join('\n', body).Trim(),
            new SourceLine(file.Name, 1))
        { Reviewed = DutyText.Day(head?.Optional("reviewed")), Prose = list.Prose };
    }

    private static (ProcedureStep Step, string? Decision) Step(
        NumberedStep step, string file, RowIds ids, Action<string> complain)
    {
        var at = new SourceLine(file, step.Line);
        if (step.Said is not { Words.Length: > 0 } said)
        {
            complain($"this step does not say who does it: write what and, in brackets at the end, the role, {Form}");
            return (new ProcedureStep("", "", "", default, at), null);
        }
        var note = said.Note(complain);
        var what = said.Words.Replace("**", "", StringComparison.Ordinal);
        if ($"{what}{said.Inside}{step.How}".Any(char.IsControl))
            complain("a step is a text without control characters");
        var id = ids.Of(what, "its words", at, complain);
        return (new ProcedureStep(id, what, note.Role, note.Expected ?? Bracketed.Usual, at)
        {
            Decides = note.Decides,
            Part = note.Part,
            How = step.How,
            When = note.When,
            Tested = note.Tested,
        }, note.Decision);
    }

    private static ProcedureStep Step(YamlPart part, string id) => new(
        id,
        part.Knows(
            "id", "what", "role", "expected", "decides", "hook", "part", "how", "tool", "when",
            "tested").Required("what").Text(),
        part.Required("role").Text(),
        part.Optional("expected")?.Duration() ?? Bracketed.Usual,
        part.At)
    {
        Decides = part.Optional("decides")?.Flag() ?? false,
        Hook = part.Optional("hook")?.Text(),
        Part = part.Optional("part") is { } place ? PlainText.OneOf(place, ProcedureStep.Parts) : null,
        How = part.Optional("how")?.Text(),
        Tool = part.Optional("tool")?.Text(),
        When = part.Optional("when")?.Text(),
        Tested = DutyText.Day(part.Optional("tested")),
    };

    private static string? Title(YamlPart? head, NumberedSteps list, Action<int, string> complain)
    {
        if (head?.Optional("title") is { } title)
            return title.Text();
        if (list.Title is { Length: > 0 and <= MostTitle } heading && !heading.Any(char.IsControl))
            return heading;
        var missing = $"a procedure has a title: write it as its first line, '# Halt the market', of up to {MostTitle} "
            + "characters";
        if (head is null)
            complain(1, missing);
        else
            head.Complain(missing);
        return null;
    }
}
