using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.Channels;

/// <summary>
/// Small alerts told together, so that a hundred of them are not a hundred messages. The first goes at once; what
/// follows it on the same channel waits for the end of the grouping time and goes as one message. Nothing is taken back
/// while it waits: what opens and is over within that time is told with both.
/// </summary>
public static class Grouping
{
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    /// <summary>No message tells of more.</summary>
    public const int Most = 1000;

    // So much of the words that tell one from another of the same name.
    private const int ThreatMost = 100;

    /// <summary>How many messages with small alerts one person, or one phone, takes.</summary>
    public static readonly RateLimit OfReader = new(20, TimeSpan.FromHours(1), Reserved: 0);

    /// <summary>True for what may wait: nobody has to act within minutes.</summary>
    public static bool IsSmall(Severity severity) => severity >= Severity.Elevated;

    /// <summary>True where both may stand in one message: words of people, tests and drills stand alone.</summary>
    public static bool MayJoin(Alert one, Alert other) =>
        IsOfLog(one) && IsOfLog(other) && one.Exercise == other.Exercise;

    /// <summary>
    /// The worst in full, of several the first that asks its reader for an answer, and the others in a line each. Its
    /// key is equal for equal alerts.
    /// </summary>
    /// <param name="alerts">At least one, the oldest first.</param>
    public static Alert Of(IReadOnlyList<Alert> alerts)
    {
        var main = alerts.OrderBy(alert => alert.Severity).ThenBy(alert => alert.Acknowledge is null).First();
        var others = alerts.Where(alert => alert.Key != main.Key)
            .Select(alert => $"{alert.Incident} {AlertText.Headline(alert)}: "
                + InertText.Cut(AlertText.OneLine(alert.Threat), ThreatMost))
            .ToValueList();
        return others.Count == 0 ? main : main with { Key = $"{main.Key}+{others.Count}", Also = others };
    }

    private static bool IsOfLog(Alert alert) => alert is { Statement: null, Reason: not AlertReason.Canary };
}
