using Tocsin.Findings;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Who is woken when, and who next, as a plan writes it.</summary>
internal static class EscalationText
{
    private static readonly Dictionary<string, EscalationMoment> Moments =
        Enum.GetValues<EscalationMoment>().ToDictionary(moment => moment.ToString().ToLowerInvariant());

    private static readonly Dictionary<string, AnswersNeeded> Answers =
        Enum.GetValues<AnswersNeeded>().ToDictionary(answers => answers.ToString().ToLowerInvariant());

    // Where a row does not say it.
    private const string Usual = "detection";

    public static Escalation Read(YamlPart part)
    {
        part.Knows("category", "severity", "upon", "notify", "answer", "then", "again", "nobody");
        var upon = part.Optional("upon");
        return new Escalation(
            part.Required("category").Text(),
            (Severity)part.Required("severity").Number(1, 5),
            upon?.Text() ?? Usual,
            PlainText.Texts(part.Required("notify")),
            part.At)
        {
            Moment = upon is null ? EscalationMoment.Detection : Known(upon),
            Answer = Answer(part),
            Then = part.Optional("then")?.Items().Select(Level).ToValueList() ?? [],
            Again = part.Optional("again")?.Number(0, 20) ?? 0,
            Nobody = PlainText.Texts(part.Optional("nobody")),
        };
    }

    public static EscalationMoment Moment(YamlPart? part) => part?.OneOf(Moments) ?? EscalationMoment.Detection;

    // Any word was once allowed, and each meant the beginning.
    private static EscalationMoment Known(YamlPart part)
    {
        var text = part.Text();
        if (Moments.TryGetValue(text, out var moment))
            return moment;
        if (text.Length > 0)
            part.Warn($"'{text}' is none of {string.Join(", ", Moments.Keys)}, and is taken as detection"
                + PlanCheck.Near(text, Moments.Keys));
        return EscalationMoment.Detection;
    }

    private static EscalationLevel Level(YamlPart part) => new(
        part.Knows("after", "notify", "answer").Required("after").Duration("10s", "7d"),
        PlainText.Texts(part.Required("notify")),
        Answer(part));

    private static AnswersNeeded Answer(YamlPart part) => part.Optional("answer")?.OneOf(Answers) ?? AnswersNeeded.One;
}
