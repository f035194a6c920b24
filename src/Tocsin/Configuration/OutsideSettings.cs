using System.Globalization;
using Tocsin.Findings;
using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.Configuration;

internal enum OutsideKind
{
    Alertmanager,
    PagerDuty,
    Opsgenie,
}

/// <summary>An outside system whose alerts are heard, and how they are understood.</summary>
/// <param name="Token">What its sender shows: a bearer token, a routing key, a GenieKey.</param>
/// <param name="Issue">Of the plan, for what no entry of <paramref name="Issues"/> names.</param>
/// <param name="Label">By whose value an issue is chosen; null where there is one issue for all.</param>
/// <param name="Issues">Issues of the plan by the value of the label.</param>
/// <param name="Severities">By the sender's level.</param>
/// <param name="OtherSeverity">Of a level that is not among them, or is not told.</param>
internal sealed record OutsideSettings(
    string Name,
    OutsideKind Kind,
    Secret Token,
    string Issue,
    string? Label,
    ValueList<OutsideIssue> Issues,
    ValueList<OutsideLevel> Severities,
    Severity OtherSeverity,
    SourceLine At)
{
    private const string Other = "other";

    private static readonly Dictionary<string, OutsideKind> Kinds = new()
    {
        ["alertmanager"] = OutsideKind.Alertmanager,
        ["pagerduty"] = OutsideKind.PagerDuty,
        ["opsgenie"] = OutsideKind.Opsgenie,
    };

    public static OutsideSettings Read(string name, YamlPart part)
    {
        if (!Names.IsName(name))
            part.Complain(Names.Expected("an outside system", name));
        part.Knows("kind", "token", "issue", "label", "issues", "severities");
        var kind = part.Required("kind").OneOf(Kinds);
        var label = part.Optional("label");
        var issues = part.Optional("issues");
        if (label is null != issues is null)
            part.Complain("'label' and 'issues' go together: by the value of the label the issue is chosen");
        var own = part.Optional("severities")?.Entries()
            .Select(entry => new OutsideLevel(entry.Key, (Severity)entry.Value.Number(1, 5))).ToList() ?? [];
        return new OutsideSettings(
            name,
            kind,
            Secret.Read(part.Required("token")),
            part.Required("issue").Line(),
            label?.Line(),
            issues?.Entries().Select(entry => new OutsideIssue(entry.Key, entry.Value.Line())).ToValueList() ?? [],
            [.. own.Where(level => level.Level != Other), .. Usual(kind).Where(usual =>
                own.All(level => level.Level != usual.Level))],
            own.Where(level => level.Level == Other).Select(level => (Severity?)level.Severity).FirstOrDefault()
                ?? Severity.High,
            part.At);
    }

    public Severity SeverityOf(string level) =>
        Severities.Where(known => known.Level == level).Select(known => (Severity?)known.Severity).FirstOrDefault()
        ?? OtherSeverity;

    /// <param name="value">Of the label.</param>
    public string IssueOf(string value) => Issues.FirstOrDefault(known => known.Value == value)?.Issue ?? Issue;

    // Alertmanager's customary 'critical' is the only level that wakes somebody there, so it is no more than 2 here; a
    // rule that means 1 says so. The others have two levels that wake, of which the worst is our worst.
    private static OutsideLevel[] Usual(OutsideKind kind) => kind switch
    {
        OutsideKind.Alertmanager =>
        [
            new("critical", Severity.High), new("error", Severity.High), new("warning", Severity.Elevated),
            new("info", Severity.Routine), new("none", Severity.Routine),
        ],
        OutsideKind.PagerDuty =>
        [
            new("critical", Severity.Critical), new("error", Severity.High), new("warning", Severity.Elevated),
            new("info", Severity.Routine),
        ],
        OutsideKind.Opsgenie => [.. Enum.GetValues<Severity>().Select(severity => new OutsideLevel(
            ((int)severity).ToString("'P'0", CultureInfo.InvariantCulture), severity))],
    };
}

/// <param name="Value">Of the label.</param>
/// <param name="Issue">Of the plan.</param>
internal sealed record OutsideIssue(string Value, string Issue);

internal sealed record OutsideLevel(string Level, Severity Severity);
