using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Deadlines;

/// <summary>The deadlines of an incident: a pure function of its events and its plan.</summary>
public static class IncidentDeadlines
{
    /// <summary>Goals of a severity-1 incident, measured from its opening, in incidents and drills alike.</summary>
    public static readonly TimeSpan AlertWithin = TimeSpan.FromSeconds(30);

    /// <inheritdoc cref="AlertWithin"/>
    public static readonly TimeSpan PauseWithin = TimeSpan.FromMinutes(10);

    /// <summary>What an open incident owes at least where its severity promises no updates.</summary>
    public static readonly TimeSpan WordWithin = TimeSpan.FromDays(1);

    /// <summary>What people say in an incident must not be older than that: an incident that everybody believes to be
    /// somebody else's is told of.</summary>
    public const string NextWord = "next word on it";

    /// <summary>Who owes a decision, all of them.</summary>
    public const string Approvers = "approvers";

    /// <summary>All that the decision pauses is paused.</summary>
    public const string EmergencyPause = "emergency pause";

    public static ValueList<Deadline> Of(Incident incident, Plan plan)
    {
        var deadlines = new List<Deadline>
        {
            new("alert sent", "Tocsin", incident.OpenedAt + AlertWithin, FirstAlertAt(incident)),
            Told(
                "acknowledge", Commanding.Lead(incident, plan), incident.SeveritySince,
                TimesOf(incident, plan).Acknowledge, FirstAnswerAt(incident)),
        };
        if (plan.Times.FirstOrDefault(times => times.Severity == incident.Severity) is { } promised)
            deadlines.AddRange(Promised(incident, plan, promised));
        if (incident.Decision is { } decision)
        {
            if (incident.Severity == Severity.Critical)
                deadlines.Add(Told(
                    EmergencyPause, Approvers, incident.SeveritySince,
                    TimesOf(incident, plan).Contain ?? PauseWithin, decision.PausedAt)
                    with
                {
                    // That it ended since has a message of its own.
                    IsTold = incident.FirstPausedAt is null,
                });
            if (decision.TakenAt is null)
                deadlines.Add(Told(
                    "decision expires", Approvers, decision.ProposedAt,
                    decision.Decision.ExpiresAt - decision.ProposedAt, null));
            var owner = plan.OwnerOf(plan.Decision(decision.Rule));
            // Its warnings are PauseExpiry's.
            foreach (var call in decision.Calls.Where(call => call.PausedUntil is not null))
                deadlines.Add(new($"pause of {call.Scope} expires", owner, call.PausedUntil!.Value, null));
        }
        deadlines.AddRange(LedgerDues.Deadlines(incident, plan));
        deadlines.AddRange(UpdatesDue.Of(incident, plan));
        deadlines.AddRange(RoleActions.Deadlines(incident, plan));
        if (ReviewDeadline.Of(incident, plan) is { } review)
            deadlines.Add(review);
        if (incident.IsOpen)
            deadlines.Add(Word(incident, plan));
        return deadlines.ToValueList();
    }

    /// <summary>When those who have not answered are about to break the promise.</summary>
    public static DateTimeOffset AcknowledgeWarnAt(Incident incident, Plan plan) =>
        Deadline.ReminderAt(incident.SeveritySince, TimesOf(incident, plan).Acknowledge);

    /// <summary>When somebody must have answered.</summary>
    public static DateTimeOffset AcknowledgeDue(Incident incident, Plan plan) =>
        incident.SeveritySince + TimesOf(incident, plan).Acknowledge;

    // What a team promises of its own people is told of only where its plan promises it.
    private static IEnumerable<Deadline> Promised(Incident incident, Plan plan, SeverityTimes times)
    {
        var (lead, since) = (Commanding.Lead(incident, plan), incident.SeveritySince);
        if (times.Assemble is { } assemble)
            yield return Told("assemble two people", lead, since, assemble, SecondAnswerAt(incident));
        if (times.Assess is { } assess)
            yield return Told(
                "assess", lead, since, assess, incident.Command.Assessed?.At ?? incident.FirstTakenAt);
        if (times.Decide is { } decide && plan.Procedure(incident.Procedure) is { } procedure
            && plan.DecidesCalls(procedure))
            yield return Told("decide", Approvers, since, decide, incident.FirstTakenAt);
    }

    private static DateTimeOffset? SecondAnswerAt(Incident incident) => incident.Answers
        .DistinctBy(answer => answer.Person)
        .Select(answer => (DateTimeOffset?)answer.At)
        .Order()
        .ElementAtOrDefault(1);

    private static SeverityTimes TimesOf(Incident incident, Plan plan) => plan.TimesOf(incident.Severity);

    // It is never met: with each word the next one is owed. After a miss it is owed anew, so that nobody is left alone
    // with a single reminder.
    private static Deadline Word(Incident incident, Plan plan)
    {
        var within = TimesOf(incident, plan).Update ?? WordWithin;
        var since = incident.Notices
            .Where(notice => notice.What == NextWord && notice.IsMiss)
            .Select(notice => notice.At)
            .Append(incident.LastWordAt)
            .Max();
        return Told(NextWord, Commanding.Lead(incident, plan), since, within, null);
    }

    private static Deadline Told(
        string what, string owner, DateTimeOffset since, TimeSpan within, DateTimeOffset? metAt) =>
        Deadline.Told(what, owner, since, since + within, metAt);

    private static DateTimeOffset? FirstAlertAt(Incident incident) => incident.Deliveries
        .Where(delivery => delivery.Reason is AlertReason.Opened or AlertReason.SilenceOver
            && delivery.Failure is null)
        .Select(delivery => (DateTimeOffset?)delivery.At)
        .Min();

    private static DateTimeOffset? FirstAnswerAt(Incident incident) =>
        incident.Answers.Select(acknowledgement => (DateTimeOffset?)acknowledgement.At).Min();
}
