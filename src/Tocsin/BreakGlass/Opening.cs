using System.Globalization;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.BreakGlass;

/// <summary>How an incident begins that people act in before any server knows of it.</summary>
internal static class Opening
{
    /// <summary>Who says so, in the log and to people.</summary>
    public const string Person = "break glass";

    /// <summary>The journal's only incident; the log that it is brought into may give it another number.</summary>
    public static readonly IncidentId Id = new(1);

    /// <summary>The plan, the incident by break glass, and that somebody wants the decision.</summary>
    public static IReadOnlyList<LogEvent> Events(ReadPlan read, DecisionRule rule, bool exercise, DateTimeOffset now)
    {
        var plan = read.Plan;
        var procedure = plan.Procedures.FirstOrDefault(one => one.Decision == rule.Id);
        var issue = plan.Issues.FirstOrDefault(one => one.Procedure == procedure?.Id);
        var at = now.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
        var finding = new Finding(
            new FindingId($"break-glass:{rule.Action}:{at}"), 1, FindingStatus.Seen, now, plan.Protected.Chain,
            default, [], Threat.UserReports, Severity.Critical, 1, rule.Action, [], 0, [], "contain",
            $"people broke the glass: they took the action '{rule.Action}' without the server");
        return
        [
            new PlanAdopted(plan.ContentHash, read.Files),
            new FindingRecorded(finding, now, Id),
            new IncidentEvent.Opened(
                Id, finding.Id, plan.ContentHash, issue?.Id ?? Person, procedure?.Id ?? "", Severity.Critical,
                exercise),
            new IncidentEvent.DecisionRequested(Id, Person),
        ];
    }
}
