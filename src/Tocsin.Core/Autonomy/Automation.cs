using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Autonomy;

/// <summary>How far the system goes by itself, from least to most.</summary>
public enum Stage
{
    /// <summary>Nothing: what would have been done is recorded.</summary>
    Shadow,

    /// <summary>Approvals are asked for. So it is where the plan says nothing, at severity 1.</summary>
    Propose,

    /// <summary>One single pause, by approvals that people gave beforehand.</summary>
    Narrow,

    /// <summary>Several pauses, by approvals of a quorum beforehand, where two independent detectors agree.</summary>
    Wide,
}

/// <summary>How far the system goes by itself with one action.</summary>
/// <param name="Severity">Of incidents this bad, or worse.</param>
/// <param name="From">Whose findings may trigger it; empty for all that lead to the action.</param>
/// <param name="PerDay">How often within 24 hours the action is taken by itself, over all incidents.</param>
/// <param name="Precision">The least share of true alarms, from 0 to 1, that must have been measured.</param>
public sealed record Automation(
    string Action,
    Severity Severity,
    Stage Stage,
    ValueList<Threat> From,
    int PerDay,
    decimal Precision,
    SourceLine At)
{
    /// <summary>True where something may be done before anybody has looked.</summary>
    public bool ActsByItself => Stage is Stage.Narrow or Stage.Wide;

    /// <summary>Whose findings may trigger it: those that are named, or else those whose issue leads to a procedure
    /// that decides the action.</summary>
    public ValueList<Threat> TriggersIn(Plan plan) => From.Count > 0 ? From : LeadingIn(plan);

    /// <summary>The threats whose issue leads to a procedure that decides the action, in order.</summary>
    public ValueList<Threat> LeadingIn(Plan plan)
    {
        var rules = plan.Decisions.Where(rule => rule.Action == Action).Select(rule => rule.Id).ToHashSet();
        var procedures = plan.Procedures
            .Where(procedure => procedure.Decision is { } decision && rules.Contains(decision))
            .Select(procedure => procedure.Id).ToHashSet();
        return plan.Issues.Where(issue => procedures.Contains(issue.Procedure))
            .SelectMany(issue => issue.Detection).Distinct().Order().ToValueList();
    }
}

/// <summary>The plan's part on what the system does by itself.</summary>
/// <param name="Measured">What <c>evaluate</c> measured of the detection, as the plan's file has it.</param>
/// <param name="Revoke">The action by which people take its role from the signer's account; null for none.</param>
public sealed record AutonomyPlan(
    ValueList<Automation> Ladder, ValueList<MeasuredPrecision> Measured, string? Revoke, SourceLine At)
{
    public static AutonomyPlan None { get; } = new([], [], null, default);

    /// <summary>
    /// What holds for an action in an incident of that severity: of several entries the one for the worst. Null where
    /// the plan says nothing.
    /// </summary>
    public Automation? For(string action, Severity severity) => Ladder
        .Where(entry => entry.Action == action && severity.IsAtLeast(entry.Severity))
        .OrderBy(entry => entry.Severity)
        .FirstOrDefault();

    /// <summary>What was measured of a detector's alarms of a threat; null where nothing was: what another detector
    /// proved says nothing of it.</summary>
    public MeasuredPrecision? Of(string detector, Threat threat)
    {
        var known = Measured.Where(one => one.Detector == detector && one.Threat == threat).ToList();
        return known.Count == 0 ? null : new MeasuredPrecision(
            detector, threat, known.Sum(one => one.TrueAlarms), known.Sum(one => one.FalseAlarms));
    }

    /// <summary>What was measured of the detector that is most precise about a threat; null where none was.</summary>
    public MeasuredPrecision? BestOf(Threat threat) => Measured
        .Where(one => one.Threat == threat)
        .Select(one => Of(one.Detector, threat))
        .MaxBy(one => one?.LowerBound);
}
