using Tocsin.Autonomy;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Silences;

namespace Tocsin.Reports;

/// <summary>How much an event tells somebody who was not there.</summary>
public enum Weight
{
    /// <summary>It changed how the incident stands.</summary>
    Decisive,

    /// <summary>People said or did something, or something more is known.</summary>
    Notable,

    /// <summary>It went as it should.</summary>
    Routine,
}

/// <summary>An event that somebody missed.</summary>
public sealed record MissedEvent(long Sequence, DateTimeOffset At, Weight Weight, string Words);

/// <summary>
/// What happened in an incident since somebody was last there, the weightiest first: a pure function of its events.
/// </summary>
/// <param name="After">The place in the log up to which they know it; 0 where they were never there.</param>
/// <param name="Newest">The place of its last event.</param>
/// <param name="PhaseThen">How far it was then; null where it was not open yet.</param>
/// <param name="SeverityThen">How bad it was then; null where it was not open yet.</param>
/// <param name="Lines">The weightiest first, of the same weight the newest first. What was told again later in other
/// words stands in them once.</param>
/// <param name="More">How many events are not told in <paramref name="Lines"/>.</param>
public sealed record Since(
    long After,
    long Newest,
    IncidentPhase? PhaseThen,
    Severity? SeverityThen,
    IncidentPhase Phase,
    Severity Severity,
    ValueList<MissedEvent> Lines,
    int More)
{
    /// <summary>So many lines can be taken in at once.</summary>
    public const int LinesMax = 12;

    /// <param name="events">All of one incident, oldest first.</param>
    /// <exception cref="InvalidOperationException">They are not the events of one incident.</exception>
    public static Since Of(IReadOnlyList<Happened> events, long after, int most = LinesMax)
    {
        var states = IncidentStates.Of(events).ToList();
        var now = states.Select(state => state.After).LastOrDefault()
            ?? throw new InvalidOperationException("these events open no incident");
        var then = states.LastOrDefault(state => state.Happened.Sequence <= after).After;
        var missed = events.Where(happened => happened.Sequence > after).ToList();
        var lines = missed
            .GroupBy(happened => Subject(happened.Event) ?? happened.Sequence)
            .Select(told => told.Last())
            .Select(happened => new MissedEvent(
                happened.Sequence, happened.At, WeightOf(happened.Event), Timeline.Line(happened.Event)))
            .OrderBy(line => line.Weight)
            .ThenByDescending(line => line.Sequence)
            .Take(most)
            .ToValueList();
        return new Since(
            after, events[^1].Sequence, then?.Phase, then?.Severity, now.Phase, now.Severity, lines,
            missed.Count - lines.Count);
    }

    /// <summary>What is new to this program is at least worth a look.</summary>
    private static Weight WeightOf(LogEvent happened) => happened switch
    {
        IncidentEvent.Opened or IncidentEvent.SeverityChanged or IncidentEvent.DecisionTaken
            or IncidentEvent.DecisionProposed { ByItself: not null } or IncidentEvent.ScopePaused
            or IncidentEvent.PauseEnded or IncidentEvent.OutflowSeen or IncidentEvent.Contained
            or IncidentEvent.ImpactAssessed or IncidentEvent.EvidenceChecked { Agreed: false }
            or IncidentEvent.CallOrphaned or IncidentEvent.CallIncluded { Succeeded: false }
            or IncidentEvent.Resolved => Weight.Decisive,
        IncidentEvent.SendingHindered hindered =>
            Hindered.IsToldOf(hindered.Why) ? Weight.Decisive : Weight.Notable,
        FindingRecorded { Finding.Status: FindingStatus.Retracted } => Weight.Decisive,
        CommandEvent.Rated or CommandEvent.Reclassified or CommandEvent.DeclaredFalse or CommandEvent.Reopened
            or CommandEvent.MergedInto or CommandEvent.PhaseReached or CommandEvent.SplitOff => Weight.Decisive,
        LedgerEvent.Taken or LedgerEvent.Refused or LedgerEvent.Executed or LedgerEvent.ActedFirst
            or LedgerEvent.Unratified or LedgerEvent.SubstitutePrepared => Weight.Decisive,
        DeadlineEvent.Missed or PageEvent.NobodyAnswered => Weight.Decisive,
        IncidentEvent.AlertDelivered or IncidentEvent.AlertAccepted or IncidentEvent.CallSimulated { Succeeded: true }
            or IncidentEvent.CallSigned or IncidentEvent.CallReplaced or IncidentEvent.CallBroadcast
            or IncidentEvent.CallSettled
            or IncidentEvent.HookAsked or IncidentEvent.EvidenceChecked or IncidentEvent.OwnersAsked
            or IncidentEvent.ActionHeldBack { Stage: Stage.Shadow } => Weight.Routine,
        PageEvent.LevelBegan or PageEvent.Paged or DeadlineEvent.Neared => Weight.Routine,
        RoomEvent.Invited or RoomEvent.Closed => Weight.Routine,
        _ => Weight.Notable,
    };

    // What is told anew replaces what was told: only the last word counts for somebody who comes late.
    private static object? Subject(LogEvent happened) => happened switch
    {
        FindingRecorded recorded => recorded.Finding.Id,
        IncidentEvent.ImpactAssessed or IncidentEvent.PauseNearsEnd => happened.GetType(),
        IncidentEvent.AlertFailed failed => (nameof(Delivery), failed.Channel),
        IncidentEvent.AlertDelayed delayed => (nameof(Delivery), delayed.Channel),
        SilenceEvent.Withheld kept => (nameof(Delivery), kept.Channel),
        IncidentEvent.CallSimulated simulated => (nameof(Simulation), simulated.Decision, simulated.Call),
        RecordEvent.AddressMarked marked => (nameof(RecordEvent), marked.Chain, marked.Address),
        DeadlineEvent told => (told.GetType(), told.What),
        _ => null,
    };
}
