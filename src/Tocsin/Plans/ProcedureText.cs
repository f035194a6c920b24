using Tocsin.Incidents;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>
/// A procedure is a Markdown file for people whose head, between two lines of <c>---</c>, says what the system needs:
/// title, decision and steps.
/// </summary>
internal static class ProcedureText
{
    private const string Fence = "---";

    public static Procedure Read(PlanFile file, YamlText yaml)
    {
        var id = Path.GetFileNameWithoutExtension(file.Name);
        var lines = file.Text.ReplaceLineEndings("\n").Split('\n');
        var end = Array.IndexOf(lines, Fence, Math.Min(1, lines.Length));
        if (lines[0] != Fence || end < 0)
        {
            yaml.Complain(new SourceLine(file.Name, 1), "a procedure begins with a head between two lines of '---'");
            return new Procedure(id, id, [], null, file.Text, new SourceLine(file.Name, 1));
        }
        var head = yaml.Parse(file.Name, string.Join('\n', lines[1..end]), firstLine: 2)
            .Knows("title", "decision", "steps", "reviewed");
        return new Procedure(
            id,
            head.Required("title").Text(),
            head.Required("steps").Items().Select(Step).ToValueList(),
            head.Optional("decision")?.Text(),
            string.Join('\n', lines[(end + 1)..]).Trim(),
            new SourceLine(file.Name, 1))
        { Reviewed = DutyText.Day(head.Optional("reviewed")) };
    }

    private static ProcedureStep Step(YamlPart part) => new(
        part.Knows(
            "id", "what", "role", "expected", "decides", "hook", "part", "how", "tool", "when",
            "tested").Required("id").Text(),
        part.Required("what").Text(),
        part.Required("role").Text(),
        part.Required("expected").Duration(),
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
}
