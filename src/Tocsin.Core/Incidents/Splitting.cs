using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <summary>Some findings of an incident are another attack: they go on in an incident of their own.</summary>
public static class Splitting
{
    /// <summary>
    /// A new incident with these findings. What is decided or sent stays where it was decided; one finding that stands
    /// stays as well, so that no incident is ever without.
    /// </summary>
    public static Ruling Split(
        IncidentBook book, Incident from, Plan plan, IReadOnlyCollection<string> findings, string by, string reason)
    {
        if (from.Command.Merged is { } merged)
            return Ruling.Refuse($"{from.Id} goes on in {merged.Into}");
        if (!from.IsOpen)
            return Ruling.Refuse($"{from.Id} is not open");
        if (Rulings.WhyNotWords(plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        if (findings.Count == 0)
            return Ruling.Refuse("say which findings are another attack");
        if (findings.FirstOrDefault(id => from.Findings.All(known => known.Id.Value != id)) is { } unknown)
            return Ruling.Refuse($"{from.Id} has no finding '{Rulings.Short(unknown)}'");
        var going = from.Findings.Where(finding => findings.Contains(finding.Id.Value)).ToList();
        if (going.FirstOrDefault(finding => book.Findings[finding.Id].Incident != from.Id) is { } elsewhere)
            return Ruling.Refuse($"finding '{elsewhere.Id.Value}' goes on in {book.Findings[elsewhere.Id].Incident}");
        if (!from.Findings.Except(going).Any(Stands))
            return Ruling.Refuse($"one finding that stands must stay in {from.Id}");
        return going.Any(Stands)
            ? new Ruling(EventsOf(book, from, plan, going, plan.Person(by)!.Name, reason).ToValueList(), null)
            : Ruling.Refuse("an incident needs a finding that stands");
    }

    private static IEnumerable<LogEvent> EventsOf(
        IncidentBook book, Incident from, Plan plan, List<Finding> going, string by, string reason)
    {
        var into = book.NextId;
        var worst = going.OrderBy(finding => !Stands(finding))
            .ThenBy(finding => finding.Severity)
            .ThenByDescending(finding => finding.Confidence)
            .First();
        var (issue, procedure) = IssueOf(from, worst, plan);
        yield return new CommandEvent.SplitOff(
            from.Id, going.Select(finding => finding.Id).ToValueList(), into, by, reason);
        yield return book.Findings[worst.Id] with { Incident = into };
        yield return new IncidentEvent.Opened(
            into, worst.Id, from.Plan, issue, procedure, worst.Severity, from.Exercise);
        foreach (var other in going.Where(finding => finding.Id != worst.Id))
            yield return book.Findings[other.Id] with { Incident = into };
        yield return new CommandEvent.OpenedByPerson(into, by, reason, from.Id);
    }

    // What people said that the whole is stays so, unless the plan knows another issue for what is split off.
    private static (string Issue, string Procedure) IssueOf(Incident from, Finding worst, Plan plan) =>
        plan.IssueFor(worst.Threat) is { } issue && issue.Id != plan.IssueFor(from.Main.Threat)?.Id
            ? (issue.Id, issue.Procedure)
            : (from.Issue, from.Procedure);

    private static bool Stands(Finding finding) => finding.Status != FindingStatus.Retracted;
}
