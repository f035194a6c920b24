using Tocsin.Findings;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>What can go wrong, what counts as an incident, and how long people have, as a plan writes it.</summary>
internal static class IssueText
{
    public static Issue Read(YamlPart part, string id, IReadOnlyDictionary<string, Threat> threats) => new(
        id,
        part.Knows(
            "id", "name", "category", "detection", "severity", "procedure", "heartbeats", "manual",
            "unlike").Required("name").Text(),
        part.Required("category").Text(),
        part.Optional("detection")?.Items().Select(item => item.OneOf(threats)).ToValueList() ?? [],
        (Severity)part.Required("severity").Number(1, 5),
        part.Required("procedure").Text(),
        part.At)
    {
        Heartbeats = PlainText.Texts(part.Optional("heartbeats")),
        Manual = PlainText.Texts(part.Optional("manual")),
        Unlike = PlainText.Texts(part.Optional("unlike")),
    };

    public static IncidentRule Rule(YamlPart part) => new(
        part.Knows("what", "severity", "confidence").Optional("what")?.Text() ?? IncidentRule.Default.What,
        part.Optional("severity") is { } severity ? (Severity)severity.Number(1, 5) : IncidentRule.Default.Severity,
        part.Optional("confidence") is { } confidence ? Share(confidence) : IncidentRule.Default.Confidence);

    /// <summary>What a row leaves out is as where there is no row.</summary>
    public static SeverityTimes Times(YamlPart part)
    {
        part.Knows(
            "severity", "acknowledge", "assemble", "assess", "decide", "contain", "update", "review");
        var usual = SeverityTimes.Default((Severity)part.Required("severity").Number(1, 5));
        return new SeverityTimes(
            usual.Severity,
            part.Optional("acknowledge")?.Duration("1s", "7d") ?? usual.Acknowledge,
            part.Optional("assemble")?.Duration() ?? usual.Assemble,
            part.Optional("assess")?.Duration() ?? usual.Assess,
            part.Optional("decide")?.Duration() ?? usual.Decide,
            part.Optional("contain")?.Duration() ?? usual.Contain,
            part.Optional("update")?.Duration("1min", "30d") ?? usual.Update,
            part.Optional("review")?.Duration() ?? usual.Review)
        { At = part.At };
    }

    private static decimal Share(YamlPart part)
    {
        var share = part.Decimal();
        if (share is > 0 and <= 1)
            return share;
        part.Complain("'confidence' is a share above 0, up to 1, such as 0.7");
        return IncidentRule.Default.Confidence;
    }
}
