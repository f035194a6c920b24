using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;

namespace Tocsin.Reports;

/// <summary>
/// How fast value is lost, beside what is still missing until it is not: a pure function of the events, the plan and
/// an instant. What is not known is null and said to be unknown; nothing is estimated from one sight alone.
/// </summary>
/// <param name="LostUsd">The largest account of what was lost so far; null where nobody has counted.</param>
/// <param name="PerMinuteUsd">Between the first and the last sight of a loss; null where it was seen once.</param>
/// <param name="LastLossAt">When the last of it was seen to go; null for never.</param>
/// <param name="AtRiskUsd">What is left where it was taken from; null where nobody has counted.</param>
/// <param name="GoneAt">When that would be gone at this pace; null where pace or rest is unknown, or where nothing was
/// seen to go for <see cref="StillWithin"/>.</param>
/// <param name="Missing">What must still happen until it is contained, in order, in words; empty once it is.</param>
/// <param name="EmptyPlaces">Roles of the places of approval that nobody has filled.</param>
/// <param name="Unanswered">Who was called and has said nothing.</param>
/// <param name="ContainBy">When it should be paused; null where nothing promises that.</param>
public sealed record Pace(
    decimal? LostUsd,
    decimal? PerMinuteUsd,
    DateTimeOffset? LastLossAt,
    decimal? AtRiskUsd,
    DateTimeOffset? GoneAt,
    ValueList<string> Missing,
    ValueList<string> EmptyPlaces,
    ValueList<string> Unanswered,
    DateTimeOffset? ContainBy)
{
    /// <summary>A loss that was not seen to go on for longer than that is not projected.</summary>
    public static readonly TimeSpan StillWithin = TimeSpan.FromMinutes(10);

    // Two sights within a block are one.
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(10);

    /// <param name="events">All of one incident, oldest first.</param>
    /// <exception cref="InvalidOperationException">They are not the events of one incident.</exception>
    public static Pace Of(IReadOnlyList<Happened> events, Plan plan, DateTimeOffset now)
    {
        var states = IncidentStates.Of(events).ToList();
        var incident = states.Select(state => state.After).LastOrDefault()
            ?? throw new InvalidOperationException("these events open no incident");
        var sights = SightsOf(states);
        var perMinute = sights is [var first, .., var last] && last.At - first.At >= Apart
            ? decimal.Round(
                (last.LostUsd - first.LostUsd) * TimeSpan.TicksPerMinute / (last.At - first.At).Ticks, 2)
            : (decimal?)null;
        var lastAt = sights.Count > 0 ? sights[^1].At : (DateTimeOffset?)null;
        var atRisk = AtRisk(events);
        var empty = Signers.EmptyPlaces(incident, plan).Select(place => place.Role).ToValueList();
        return new Pace(
            incident.Impact?.TakenUsd ?? (sights.Count > 0 ? sights[^1].LostUsd : null),
            perMinute,
            lastAt,
            atRisk,
            incident.IsOpen && perMinute > 0 && atRisk is { } left && lastAt is { } at && now - at <= StillWithin
                ? Gone(at, left / perMinute.Value)
                : null,
            // Whoever says that it is eradicated says that no more than that is missing.
            incident.IsOpen && incident.Command.Reached.Count == 0 ? MissingOf(incident, plan, empty) : [],
            empty,
            incident.IsOpen ? UnansweredOf(incident) : [],
            incident.IsOpen && incident.FirstPausedAt is null ? DueOf(incident, plan) : null);
    }

    /// <summary>What is known of it and what is not, each in words.</summary>
    public ValueList<PaceFact> Facts =>
    [
        Fact("lost so far", LostUsd is { } lost ? $"about {lost:N0} USD" : null, "nobody has counted"),
        Fact(
            "a minute",
            PerMinuteUsd is { } pace ? $"about {pace:N0} USD, last at {LastLossAt:HH:mm:ss} UTC" : null,
            LastLossAt is { } at ? $"it was seen once, at {at:HH:mm:ss} UTC" : "no loss was seen"),
        Fact("left where it was taken from", AtRiskUsd is { } left ? $"about {left:N0} USD" : null,
            "nobody has counted"),
        Fact("gone at this pace", GoneAt is { } gone ? $"at {gone:yyyy-MM-dd HH:mm} UTC" : null, WhyNotGone),
    ];

    private string WhyNotGone => PerMinuteUsd is null || AtRiskUsd is null
        ? "pace or rest is not known"
        : "no more was seen to go lately";

    private static PaceFact Fact(string what, string? known, string why) =>
        known is null ? new PaceFact(what, $"unknown: {why}", false) : new PaceFact(what, known, true);

    // Each time at which more was known to be lost. What is taken back was never lost, nor what led up to it.
    private static List<(DateTimeOffset At, decimal LostUsd)> SightsOf(
        IEnumerable<(Happened Happened, Incident? After)> states)
    {
        var sights = new List<(DateTimeOffset At, decimal LostUsd)>();
        foreach (var (happened, after) in states)
        {
            if (after is null)
                continue;
            var lost = LostOf(after);
            sights.RemoveAll(sight => sight.LostUsd > lost);
            if (lost > 0 && (sights.Count == 0 || sights[^1].LostUsd < lost))
                sights.Add((Latest(TimeOf(happened, after), sights), lost));
        }
        return sights;
    }

    // What is told later was not lost earlier, whatever the clock of a chain says.
    private static DateTimeOffset Latest(DateTimeOffset at, List<(DateTimeOffset At, decimal LostUsd)> sights) =>
        sights.Count > 0 && sights[^1].At > at ? sights[^1].At : at;

    // One transaction can stand in several findings, and an outflow in one too: the largest account is what is sure.
    private static decimal LostOf(Incident incident) => Math.Max(
        incident.Findings
            .Where(finding => finding.Status != FindingStatus.Retracted)
            .Select(finding => finding.ImpactUsd)
            .DefaultIfEmpty()
            .Max(),
        incident.Outflows.Sum(outflow => outflow.Usd));

    // Of the chain's time, so that blocks which are caught up on give no pace that never was.
    private static DateTimeOffset TimeOf(Happened happened, Incident after) => happened.Event switch
    {
        FindingRecorded recorded => recorded.Finding.Time,
        IncidentEvent.Opened => after.Findings[0].Time,
        _ => happened.At,
    };

    // What the impact says is left, without what went since.
    private static decimal? AtRisk(IEnumerable<Happened> events)
    {
        decimal? left = null;
        foreach (var happened in events)
        {
            left = happened.Event switch
            {
                IncidentEvent.ImpactAssessed assessed => assessed.Impact.SavedUsd,
                IncidentEvent.OutflowSeen seen when left is not null => Math.Max(0, left.Value - seen.Usd),
                _ => left,
            };
        }
        return left;
    }

    // Beyond a year it is no projection any more.
    private static DateTimeOffset? Gone(DateTimeOffset at, decimal minutes) =>
        minutes < 365 * 24 * 60 ? at.AddMinutes((double)minutes) : null;

    private static ValueList<string> MissingOf(Incident incident, Plan plan, ValueList<string> empty)
    {
        if (incident.Contained is not null)
            return [];
        if (incident.Decision is not { } decision)
            return plan.Procedure(incident.Procedure) is { } procedure && plan.DecidesCalls(procedure)
                ? ["no decision is proposed yet", .. Approvals(empty, Signers.Of(incident, plan))]
                : ["its procedure decides nothing that the system can do: people contain it"];
        if (decision.TakenAt is null)
            return [.. Approvals(empty, Signers.Of(incident, plan))];
        return [.. decision.Calls.Select(Lacking).OfType<string>(), "nothing unexplained must leave for some blocks"];
    }

    private static IEnumerable<string> Approvals(ValueList<string> empty, Signers? signers)
    {
        if (empty.Count == 0)
            yield break;
        yield return $"{empty.Count} {(empty.Count == 1 ? "place" : "places")} of approval empty: "
            + string.Join(", ", empty)
            + (signers is null ? "" : $"; with those who say that they can sign, {signers.Able} of {signers.Places} "
                + "would be filled");
    }

    private static string? Lacking(CallProgress call, int index) => call switch
    {
        { IsPause: true, PausedUntil: not null } or { IsPause: false, Included.Succeeded: true } => null,
        { Ended: not null } => $"call {index + 1} pauses nothing any more",
        { Included.Succeeded: false } => $"call {index + 1} reverted",
        { Included: not null } => $"call {index + 1} is in a block, its effect is not read back yet",
        { BroadcastAt: not null } => $"call {index + 1} is sent, and in no block yet",
        { Signed: not null } => $"call {index + 1} is signed, and not sent yet",
        _ => $"call {index + 1} is not signed yet",
    };

    private static ValueList<string> UnansweredOf(Incident incident) => incident.Pages.Called
        .Where(person => incident.Pages.AnswerOf(person) is null
            && incident.Answers.All(answer => answer.Person != person))
        .ToValueList();

    private static DateTimeOffset? DueOf(Incident incident, Plan plan) => IncidentDeadlines.Of(incident, plan)
        .Where(deadline => deadline is { Owner: IncidentDeadlines.Approvers, What: IncidentDeadlines.EmergencyPause })
        .Select(deadline => (DateTimeOffset?)deadline.Due)
        .FirstOrDefault();
}

/// <param name="IsKnown">False where the value says why it is not known.</param>
public sealed record PaceFact(string What, string Value, bool IsKnown);
