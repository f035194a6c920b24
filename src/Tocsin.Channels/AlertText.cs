using System.Globalization;
using System.Text;
using Tocsin.Communications;

namespace Tocsin.Channels;

/// <summary>
/// The words of an alert, the same on every channel, for someone who reads them on a phone in the dark: what it is
/// first, then what to do, then what is known, each fact on a line of its own.
/// </summary>
public static class AlertText
{
    private const int OthersShown = 20;

    /// <summary>For example <c>EXERCISE · SEVERITY 1 · RETRACTED · Flash-loan attack on vault</c>.</summary>
    public static string Headline(Alert alert)
    {
        string?[] parts =
        [
            alert.Exercise ? "EXERCISE" : null,
            alert.Reason == AlertReason.Canary ? null : $"SEVERITY {(int)alert.Severity}",
            alert.Also is { Count: > 0 } also ? $"+{also.Count} MORE" : null,
            News(alert.Reason),
            OneLine(alert.Title),
        ];
        return string.Join(" · ", parts.Where(part => part is not null));
    }

    /// <summary>The words for a channel that the world reads; null for every other, which says all that is known.
    /// </summary>
    public static string? Public(Alert alert) => alert.Statement is { IsPublic: true } statement
        ? (alert.Exercise ? "EXERCISE · " : "") + OneLine(statement.Text)
        : null;

    /// <summary>What the reader needs next, in the order of need, without links.</summary>
    public static IReadOnlyList<(string Label, string Text)> Facts(Alert alert) =>
    [
        .. alert.Statement is { } statement ? [("Text", OneLine(statement.Text))] : Array.Empty<(string, string)>(),
        ("Do now", OneLine(alert.DoNow)),
        ("Threat", OneLine(alert.Threat)),
        ("Impact", OneLine(alert.Impact)),
        ("Detected", alert.DetectedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'")),
        ("Lead", OneLine(alert.Lead)),
        .. alert.Also is { Count: > 0 } also ? [("Also", Others(also))] : Array.Empty<(string, string)>(),
    ];

    /// <summary>The incident, and the head of the log as proof of what was known.</summary>
    public static string Origin(Alert alert) => $"{OneLine(alert.Incident)} · log head {OneLine(alert.LogHead)}";

    /// <summary>
    /// The text on one line as it can be read: text from the chain may hold line breaks that forge a line of ours, or
    /// characters that turn the direction of reading or cannot be seen.
    /// </summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator)
                line.Append(' ');
            else if (category is not UnicodeCategory.Format)
                line.Append(rune);
        }
        return line.ToString().Trim();
    }

    // The number first: a channel cuts the end.
    private static string Others(ValueList<string> also) =>
        $"{also.Count} more, see the list of incidents: " + string.Join("; ", also.Take(OthersShown).Select(OneLine));

    private static string? News(AlertReason reason) => reason switch
    {
        AlertReason.Opened => null,
        AlertReason.Worsened => "WORSE",
        AlertReason.DecisionNeeded => "DECISION NEEDED",
        AlertReason.Paused => "PAUSED",
        AlertReason.PauseNearsEnd => "PAUSE ENDS SOON",
        AlertReason.Contained => "CONTAINED",
        AlertReason.Retracted => "RETRACTED",
        AlertReason.Over => "OVER",
        AlertReason.Resolved => "RESOLVED",
        AlertReason.Revoked => "PERSON REVOKED",
        AlertReason.Automatic => "AUTOMATIC",
        AlertReason.OwnersNeeded => "OWNERS NEEDED",
        AlertReason.HookFailed => "HOOK FAILED",
        AlertReason.Unanswered => "NOT ANSWERED",
        AlertReason.DeadlineNears => "DUE SOON",
        AlertReason.DeadlineMissed => "DEADLINE MISSED",
        AlertReason.RoleGiven => "YOUR ROLE",
        AlertReason.RoleOffered => "A ROLE FOR YOU",
        AlertReason.Changed => "CHANGED",
        AlertReason.FalseAlarm => "FALSE ALARM",
        AlertReason.Reopened => "REOPENED",
        AlertReason.Merged => "MERGED",
        AlertReason.Update => "UPDATE",
        AlertReason.UpdateWaits => "APPROVE THIS UPDATE",
        AlertReason.PhaseReached => "NEARER ITS END",
        AlertReason.LedgerDecision => "DECISION OF PEOPLE",
        AlertReason.SubstitutePrepared => "DECIDE INSTEAD",
        AlertReason.Canary => "TEST",
        AlertReason.ChannelDistrusted => "ABOUT A CHANNEL",
        AlertReason.SilenceOver => "SILENCE OVER",
    };
}
