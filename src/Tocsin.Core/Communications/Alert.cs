using Tocsin.Findings;

namespace Tocsin.Communications;

/// <summary>Why people are told something.</summary>
public enum AlertReason
{
    Opened,
    Worsened,
    DecisionNeeded,
    Paused,
    PauseNearsEnd,
    Contained,
    Retracted,
    Over,
    Resolved,
    Revoked,

    /// <summary>An action was taken by what people had approved ahead: nobody was asked on the night.</summary>
    Automatic,
    OwnersNeeded,

    /// <summary>The server could not send a hook, and leaves it to people.</summary>
    HookFailed,

    /// <summary>Nobody has answered, or not who must: it goes on to this one.</summary>
    Unanswered,

    /// <summary>Most of the time of a promise is over.</summary>
    DeadlineNears,
    DeadlineMissed,

    /// <summary>A person holds a role from now on.</summary>
    RoleGiven,

    /// <summary>Whoever came on call may take a role over.</summary>
    RoleOffered,

    /// <summary>A person holds it to be less bad, or something else.</summary>
    Changed,
    FalseAlarm,
    Reopened,
    Merged,

    /// <summary>What people tell of it, in their own words.</summary>
    Update,

    /// <summary>An update waits for its approver.</summary>
    UpdateWaits,

    /// <summary>People say that it is a step nearer to its end.</summary>
    PhaseReached,

    /// <summary>A decision of people waits for its approvers, or was done and waits for them afterwards.</summary>
    LedgerDecision,

    /// <summary>Those who decide could not be reached; another decision is prepared.</summary>
    SubstitutePrepared,

    /// <summary>Nothing has happened: it only proves that alerts arrive.</summary>
    Canary,

    /// <summary>A channel may be in wrong hands, or is ours again.</summary>
    ChannelDistrusted,

    /// <summary>A silence kept it back, and holds no more.</summary>
    SilenceOver,
}

/// <summary>
/// What every channel says about an incident, the same facts everywhere; a channel only gives them its own form.
/// Texts may hold strings that came from the chain: a channel escapes every field before it sends it.
/// </summary>
/// <param name="Key">The idempotency key: equal for all attempts, so a receiver can drop a repetition.</param>
/// <param name="Incident">What it is about, for example <c>INC-7</c>; of a test, for example <c>CANARY-7</c>.</param>
/// <param name="DetectedAt">UTC time of the block in which the attack was first seen.</param>
/// <param name="Threat">What is being done to us, in words.</param>
/// <param name="Impact">Estimated loss so far, or what is known of it.</param>
/// <param name="Affected">The protected things concerned and the transactions, newest last.</param>
/// <param name="DoNow">The one next step for whoever reads this first.</param>
/// <param name="Lead">Who leads, by role and name.</param>
/// <param name="WarRoom">Absolute address of the incident's page.</param>
/// <param name="Acknowledge">A link that acknowledges as one person; only for that person's own way.</param>
/// <param name="LogHead">Number and hash of the log's last entry when this was written.</param>
/// <param name="Exercise">True for a drill; every channel then says EXERCISE first.</param>
/// <param name="Statement">What people wrote themselves; null in what Tocsin says.</param>
/// <param name="Also">What else the message tells, in a line each; null where it tells of one thing alone.</param>
public sealed record Alert(
    string Key,
    string Incident,
    AlertReason Reason,
    Severity Severity,
    DateTimeOffset DetectedAt,
    string Title,
    string Threat,
    string Impact,
    ValueList<string> Affected,
    string DoNow,
    string Lead,
    Uri WarRoom,
    Uri? Acknowledge,
    string LogHead,
    bool Exercise,
    Statement? Statement = null,
    ValueList<string>? Also = null);

/// <summary>Words of people.</summary>
/// <param name="IsPublic">True where the world reads the channel: it says these words and nothing else.</param>
/// <param name="Update">Which update they are.</param>
public sealed record Statement(string Text, bool IsPublic, UpdateName Update);

/// <summary>An update of an incident, by its communication and its number there.</summary>
public sealed record UpdateName(string Communication, int Number);

/// <summary>An alert on its way to one channel, kept with the event that caused it until the receiver has it.</summary>
/// <param name="Key">Unique in the outbox: the alert's key and the channel's name.</param>
/// <param name="Channel">The channel's name in the configuration.</param>
/// <param name="Alert">The alert as JSON text, formatted for the channel when it is sent.</param>
public sealed record OutboxItem(string Key, string Channel, Severity Severity, DateTimeOffset CreatedAt, string Alert);

/// <summary>An outbox item with what became of it so far.</summary>
/// <param name="Attempts">How often sending was begun and its end recorded.</param>
/// <param name="NextAttemptAt">When it is due; a settled item is due no more.</param>
public sealed record OutboxState(
    OutboxItem Item, int Attempts, DateTimeOffset NextAttemptAt, bool Settled, string? LastResult);
