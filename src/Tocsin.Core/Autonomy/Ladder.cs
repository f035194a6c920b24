using System.Globalization;
using Tocsin.Chains;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Autonomy;

/// <summary>What the system may do by itself in an incident now.</summary>
public abstract record LadderJudgement
{
    private LadderJudgement()
    {
    }

    /// <summary>What it always did: ask for approvals where the incident is bad enough.</summary>
    public sealed record Usual : LadderJudgement;

    /// <summary>It goes less far than the plan's stage, or has only looked on.</summary>
    /// <param name="Reason">Without instants or counts: the same state gives the same words.</param>
    public sealed record Held(string Action, Stage Stage, string Reason) : LadderJudgement;

    /// <summary>The action is taken by what people approved ahead.</summary>
    /// <param name="Words">By whose approvals and upon which finding.</param>
    /// <param name="Upon">The finding that triggers it; for a wide scope, and the one that bears it out.</param>
    public sealed record Act(
        string Action, Stage Stage, Authorisation By, string Words, ValueList<Finding> Upon) : LadderJudgement;
}

/// <summary>
/// How far the system goes by itself, as a pure function of incident, plan, mandate and instant. It judges the calls
/// again, whatever the check of the plan let through: nothing automatic loosens, moves funds or changes roles.
/// </summary>
public static class Ladder
{
    private static readonly LadderJudgement Usual = new LadderJudgement.Usual();

    /// <param name="openUse">The decision of the action's open use, as the signer says; null where it was not asked:
    /// then every authorisation is taken to be for it.</param>
    /// <param name="isConfirmed">Whether other nodes have confirmed a finding; null where they were not asked: then
    /// every finding is taken to be.</param>
    public static LadderJudgement Judge(
        Incident incident,
        Plan plan,
        Mandate mandate,
        Hash32? openUse,
        DateTimeOffset now,
        Func<Finding, bool>? isConfirmed = null)
    {
        if (plan.Procedure(incident.Procedure)?.Decision is not { } name || plan.Decision(name) is not { } rule
            || plan.Action(rule.Action) is not { } action || !incident.IsOpen
            || plan.Autonomy.For(action.Id, incident.Severity) is not { } entry)
            return Usual;
        if (entry.Stage == Stage.Shadow)
            return incident.IsDecisionRequested
                ? Usual
                : new LadderJudgement.Held(
                    action.Id, entry.Stage,
                    $"approvals for '{action.Id}' would have been asked for; people may still ask for them");
        if (!entry.ActsByItself)
            return Usual;
        if (incident.ActedByItselfAt is not null)
            return Hold(entry, "it was taken by itself once in this incident; what follows is for people");
        if (Unfit(action, entry.Stage) is { } unfit)
            return Hold(entry, unfit);
        if (Upon(incident, plan, entry, _ => true).Count == 0)
            return Hold(entry, WhyNothing(incident, plan, entry));
        if (mandate.ActsOf(action.Id, now) >= entry.PerDay)
            return Hold(entry, "it was taken by itself as often within 24 hours as the plan allows");
        var (by, why) = Authorised(incident, plan, rule, mandate, openUse, now);
        if (by is null)
            return Hold(entry, why);
        var upon = Upon(incident, plan, entry, isConfirmed ?? (_ => true));
        return upon.Count == 0
            ? Hold(entry, "no second node confirms the evidence")
            : new LadderJudgement.Act(action.Id, entry.Stage, by, Words(by, upon), upon);
    }

    /// <summary>
    /// Every finding upon which an action could be taken by itself, and for a wide scope all that could bear one out,
    /// worst first: what other nodes are asked about.
    /// </summary>
    public static IReadOnlyList<Finding> Grounds(Incident incident, Plan plan, string action) =>
        plan.Autonomy.For(action, incident.Severity) is not { ActsByItself: true } entry
            ? []
            : [.. WorstFirst(entry.Stage == Stage.Wide ? Standing(incident) : Triggers(incident, plan, entry))];

    /// <summary>Why an action is never taken by itself at a stage, in words; null where it may be.</summary>
    public static string? Unfit(PlannedAction action, Stage stage)
    {
        if (action.By is not null || action.Kind != ActionKind.Calls || action.Calls.Count == 0)
            return "it is not made of calls that the signer signs";
        if (action.Calls.FirstOrDefault(call => call.IsPrivileged) is { } privileged)
            return $"{privileged.InWords} may loosen, move funds or change roles";
        if (action.Calls.FirstOrDefault(call => !call.IsPause || call.Holds.Count == 0 || call.Until.Count == 0)
            is { } other)
            return $"{other.InWords} is no pause that 'holds' and 'until' prove: nobody knows that it ends by itself";
        if (action.Calls.FirstOrDefault(call => !call.Call.ValueWei.IsZero) is { } paying)
            return $"{paying.InWords} sends value";
        var scopes = action.Calls.Select(call => (call.Call.Chain, call.Scope)).Distinct().Count();
        return stage == Stage.Narrow && scopes > 1
            ? "it pauses more than one scope, which takes the stage 'wide'"
            : null;
    }

    private static LadderJudgement.Held Hold(Automation entry, string reason) =>
        new(entry.Action, entry.Stage, reason);

    // The worst that is confirmed: one that nobody can confirm must not hide another that they can. Of one detector the
    // worst stands for all of its findings, so that many of them cost no more than a few.
    private static ValueList<Finding> Upon(
        Incident incident, Plan plan, Automation entry, Func<Finding, bool> isConfirmed)
    {
        var triggers = WorstFirst(Triggers(incident, plan, entry).Where(isConfirmed))
            .DistinctBy(finding => finding.Detector);
        if (entry.Stage != Stage.Wide)
            return triggers.Take(1).ToValueList();
        var seconds = WorstFirst(Standing(incident).Where(isConfirmed))
            .DistinctBy(finding => finding.Detector).ToList();
        foreach (var trigger in triggers)
        {
            if (seconds.Find(other => Evidence.AreIndependent(trigger, other)) is { } second)
                return [trigger, second];
        }
        return [];
    }

    private static IEnumerable<Finding> Standing(Incident incident) =>
        incident.Findings.Where(Evidence.Counts);

    private static IEnumerable<Finding> WorstFirst(IEnumerable<Finding> findings) => findings
        .OrderBy(finding => finding.Severity)
        .ThenByDescending(finding => finding.Confidence)
        .ThenBy(finding => finding.Id.Value, StringComparer.Ordinal);

    private static IEnumerable<Finding> Triggers(Incident incident, Plan plan, Automation entry) =>
        Candidates(incident, plan, entry).Where(
            finding => IsPreciseEnough(plan.Autonomy.Of(finding.Detector, finding.Threat), entry));

    private static IEnumerable<Finding> Candidates(Incident incident, Plan plan, Automation entry)
    {
        var threats = entry.TriggersIn(plan);
        return Standing(incident).Where(
            finding => finding.Severity.IsAtLeast(entry.Severity) && threats.Contains(finding.Threat));
    }

    private static bool IsPreciseEnough(MeasuredPrecision? measured, Automation entry) =>
        measured is not null && measured.LowerBound >= entry.Precision;

    private static string WhyNothing(Incident incident, Plan plan, Automation entry)
    {
        if (WorstFirst(Triggers(incident, plan, entry)).FirstOrDefault() is { } trigger)
            return $"only '{trigger.Detector}' speaks for it: a wide scope takes a second detector that looks at "
                + "something else";
        var candidates = Candidates(incident, plan, entry)
            .Select(finding => (finding.Threat, finding.Detector)).Distinct().Order().ToList();
        if (candidates.Count == 0)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"no finding that may trigger it stands at severity {(int)entry.Severity} or worse with a confidence "
                    + $"of {Evidence.SureFrom} or more");
        return string.Join("; ", candidates.Select(one => plan.Autonomy.Of(one.Detector, one.Threat) is { } known
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the precision of {one.Threat.ToName()} by '{one.Detector}' was measured as {known.LowerBound:0.####} "
                    + $"at least, and {entry.Precision:0.####} is wanted")
            : $"the precision of {one.Threat.ToName()} by '{one.Detector}' was never measured"));
    }

    private static (Authorisation? By, string Why) Authorised(
        Incident incident, Plan plan, DecisionRule rule, Mandate mandate, Hash32? openUse, DateTimeOffset now)
    {
        var action = plan.Action(rule.Action)!;
        var given = mandate.Authorisations.Where(one => one.Action == action.Id).ToList();
        if (given.Count == 0)
            return (null, "nobody has approved it ahead ('tocsin authorise')");
        var calls = action.Calls.Select(call => call.Call).ToValueList();
        var current = given.Where(one => one.Decision.PlanHash == plan.DecisionsHash
            && one.Decision.Exercise == incident.Exercise && one.Decision.Calls.Equals(calls)).ToList();
        if (current.Count == 0)
            return (null, "what was approved ahead was for another version of the plan");
        current = current.Where(one => openUse is null || one.Decision.Id == openUse).ToList();
        if (current.Count == 0)
            return (null, "the use that was approved ahead is closed: it takes new approvals");
        current = current.Where(one => now < one.Decision.ExpiresAt).ToList();
        if (current.Count == 0)
            return (null, "what was approved ahead has expired");
        var approvals = plan.ApprovalRule(rule);
        var met = current.Where(one => approvals.IsMetBy(one.Approvers)).MaxBy(one => one.Decision.ExpiresAt);
        return met is null ? (null, "not everybody who must has approved it ahead") : (met, "");
    }

    private static string Words(Authorisation by, ValueList<Finding> upon)
    {
        var trigger = upon[0];
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"{trigger.Threat.ToName()} by '{trigger.Detector}' at confidence {trigger.Confidence:0.00}");
        var and = string.Concat(upon.Skip(1).Select(second => $" and {second.Threat.ToName()} by '{second.Detector}'"));
        return $"taken by approvals given {by.InWords}, upon {found}{and}";
    }
}
