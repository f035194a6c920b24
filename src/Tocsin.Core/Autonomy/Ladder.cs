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
    public static LadderJudgement Judge(
        Incident incident, Plan plan, Mandate mandate, Hash32? openUse, DateTimeOffset now)
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
        if (Trigger(incident, plan, entry) is not { } trigger)
            return Hold(entry, WhyNoTrigger(incident, plan, entry));
        var second = entry.Stage == Stage.Wide ? Second(incident, trigger) : null;
        if (entry.Stage == Stage.Wide && second is null)
            return Hold(
                entry, $"only '{trigger.Detector}' speaks for it: a wide scope takes a second detector that looks at "
                    + "something else");
        if (mandate.ActsOf(action.Id, now) >= entry.PerDay)
            return Hold(entry, "it was taken by itself as often within 24 hours as the plan allows");
        var (by, why) = Authorised(incident, plan, rule, mandate, openUse, now);
        return by is null
            ? Hold(entry, why)
            : new LadderJudgement.Act(
                action.Id, entry.Stage, by, Words(by, trigger, second), second is null ? [trigger] : [trigger, second]);
    }

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

    /// <summary>Other nodes do not confirm what it would be taken upon.</summary>
    public static LadderJudgement.Held NotConfirmed(Plan plan, string action, Severity severity) => new(
        action, plan.Autonomy.For(action, severity)?.Stage ?? Stage.Propose,
        "no second node confirms the evidence");

    private static LadderJudgement.Held Hold(Automation entry, string reason) =>
        new(entry.Action, entry.Stage, reason);

    private static Finding? Trigger(Incident incident, Plan plan, Automation entry) => Candidates(incident, plan, entry)
        .Where(finding => IsPreciseEnough(plan.Autonomy.Of(finding.Detector, finding.Threat), entry))
        .OrderBy(finding => finding.Severity)
        .ThenByDescending(finding => finding.Confidence)
        .ThenBy(finding => finding.Id.Value, StringComparer.Ordinal)
        .FirstOrDefault();

    private static IEnumerable<Finding> Candidates(Incident incident, Plan plan, Automation entry)
    {
        var threats = entry.TriggersIn(plan);
        return incident.Findings.Where(finding => Evidence.Counts(finding)
            && finding.Severity.IsAtLeast(entry.Severity) && threats.Contains(finding.Threat));
    }

    private static bool IsPreciseEnough(MeasuredPrecision? measured, Automation entry) =>
        measured is not null && measured.LowerBound >= entry.Precision;

    private static string WhyNoTrigger(Incident incident, Plan plan, Automation entry)
    {
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

    private static Finding? Second(Incident incident, Finding trigger) => incident.Findings.FirstOrDefault(
        other => Evidence.Counts(other) && Evidence.AreIndependent(trigger, other));

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

    private static string Words(Authorisation by, Finding trigger, Finding? second)
    {
        var upon = string.Create(
            CultureInfo.InvariantCulture,
            $"{trigger.Threat.ToName()} by '{trigger.Detector}' at confidence {trigger.Confidence:0.00}");
        var and = second is null ? "" : $" and {second.Threat.ToName()} by '{second.Detector}'";
        return $"taken by approvals given {by.InWords}, upon {upon}{and}";
    }
}
