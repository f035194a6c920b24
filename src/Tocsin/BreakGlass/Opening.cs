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
        var (issue, procedure) = Answering(plan, rule.Id);
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
                Id, finding.Id, plan.ContentHash, issue, procedure, Severity.Critical, exercise),
            new IncidentEvent.DecisionRequested(Id, Person),
        ];
    }

    /// <summary>The same opening, judged by another text of the plan that it was judged by.</summary>
    /// <param name="events">All of the journal.</param>
    public static IncidentEvent.Opened Under(Plan plan, IncidentEvent.Opened opened, IEnumerable<LogEvent> events)
    {
        if (opened.Plan == plan.ContentHash
            || events.OfType<IncidentEvent.DecisionProposed>().FirstOrDefault() is not { } proposed)
            return opened with { Plan = plan.ContentHash };
        var (issue, procedure) = Answering(plan, proposed.Rule);
        return opened with { Plan = plan.ContentHash, Issue = issue, Procedure = procedure };
    }

    private static (string Issue, string Procedure) Answering(Plan plan, string rule)
    {
        var procedure = plan.Procedures.FirstOrDefault(one => one.Decision == rule);
        var issue = plan.Issues.FirstOrDefault(one => one.Procedure == procedure?.Id);
        return (issue?.Id ?? Person, procedure?.Id ?? "");
    }
}
