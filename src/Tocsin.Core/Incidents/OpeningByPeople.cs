using System.Globalization;
using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <param name="Issue">As the plan calls it; null where nobody knows yet.</param>
/// <param name="Severity">Null for that of the issue.</param>
/// <param name="Words">What was seen.</param>
/// <param name="By">The person's id.</param>
/// <param name="IsExercise">True for a test or a drill.</param>
/// <param name="IsAcknowledged">True where whoever opens it has it, too.</param>
public sealed record OpeningRequest(
    string? Issue, Severity? Severity, string Words, string By, bool IsExercise, bool IsAcknowledged = false);

/// <summary>An incident that people open. It stands on a finding like every other: theirs.</summary>
public static class OpeningByPeople
{
    private const string Detector = "people";

    // More than a team can lead: a tool that runs wild must not wake people once more for each.
    private const int MaximumOpen = 20;

    /// <summary>
    /// The events that open it. Who is not sure is not asked to be: without an issue it is one that people report, and
    /// without a severity that of the issue.
    /// </summary>
    public static Ruling Open(IncidentBook book, Plan plan, OpeningRequest request, DateTimeOffset now)
    {
        if (Rulings.WhyNotWords(plan, request.By, request.Words, needsReason: false) is { } refusal)
            return Ruling.Refuse(refusal);
        if (string.IsNullOrWhiteSpace(request.Words))
            return Ruling.Refuse("say what was seen");
        if (request.Severity is { } stated && !Enum.IsDefined(stated))
            return Ruling.Refuse("a severity is a number from 1 (worst) to 5");
        if (book.Open.Skip(MaximumOpen - 1).Any())
            return Ruling.Refuse($"{MaximumOpen} incidents are open: write into one of them, or close some");
        var issue = request.Issue is { } wanted
            ? plan.Issues.FirstOrDefault(one => one.Id == wanted)
            : plan.IssueFor(Threat.UserReports) ?? plan.Issues.MinBy(one => one.Severity);
        if (issue is null)
            return Ruling.Refuse(
                $"the plan has no such issue{PlanCheck.Near(request.Issue ?? "", plan.Issues.Select(one => one.Id))}");
        var severity = request.Severity ?? issue.Severity;
        var id = book.NextId;
        var person = plan.Person(request.By)!;
        var at = now.ToString("yyyyMMdd'T'HHmmss.fffffff'Z'", CultureInfo.InvariantCulture);
        var finding = new Finding(
            new FindingId($"people:{id}:{at}"), 1, FindingStatus.Seen, now, plan.Protected.Chain, default, [],
            Threat.UserReports, severity, 1, issue.Id, [], 0, [], Detector, $"{person.Name}: {request.Words}");
        var events = new List<LogEvent>
        {
            new FindingRecorded(finding, now, id),
            new IncidentEvent.Opened(
                id, finding.Id, plan.ContentHash, issue.Id, issue.Procedure, severity, request.IsExercise),
            new CommandEvent.OpenedByPerson(id, person.Name, request.Words),
        };
        // No node can confirm what a person saw: whoever calls it that bad wants the approvals prepared.
        if (severity == Severity.Critical && plan.Procedure(issue.Procedure) is { } procedure
            && plan.DecidesCalls(procedure))
            events.Add(new IncidentEvent.DecisionRequested(id, person.Name));
        if (request.IsAcknowledged)
            events.Add(new IncidentEvent.Acknowledged(id, person.Name, "opened it"));
        return new Ruling(events.ToValueList(), null);
    }
}
