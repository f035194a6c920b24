using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>What a plan says of itself, and what the team owes to itself and to the law.</summary>
internal static class DutyText
{
    public static PlanAbout About(YamlPart part) => new(
        part.Knows("owner", "reviewed", "tested", "confidential").Optional("owner")?.Text(),
        Day(part.Optional("reviewed")),
        Day(part.Optional("tested")),
        part.Optional("confidential")?.Flag() ?? false)
    { At = part.At };

    public static PlannedExercise Exercise(YamlPart part, string id) => new(
        id,
        PlainText.OneOf(part.Knows("id", "kind", "every", "what").Required("kind"), PlannedExercise.Kinds),
        part.Required("every").Duration("1d", "1500d"),
        part.Required("what").Text(),
        part.At);

    public static LegalDuty Legal(YamlPart part) => new(
        part.Knows("id", "regime", "starts", "within", "to", "source", "reviewed").Required("id").Text(),
        part.Required("regime").Text(),
        PlainText.OneOf(part.Required("starts"), LegalDuty.Moments),
        part.Required("within").Duration("1min", "1500d"),
        part.Required("to").Text(),
        part.Required("source").Text(),
        PlainText.Day(part.Required("reviewed")),
        part.At);

    public static DateOnly? Day(YamlPart? part) => part is null ? null : PlainText.Day(part);
}
