using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <summary>What follows from what a person asks for, or why it does not.</summary>
public sealed record Ruling(ValueList<LogEvent> Events, string? Refusal)
{
    public static Ruling Refuse(string why) => new([], why);

    /// <summary>It is so already.</summary>
    public static Ruling Nothing { get; } = new([], null);

    public static implicit operator Ruling(LogEvent happened) => new([happened], null);
}

/// <summary>What people may decide about an incident, as pure functions of the state of the moment.</summary>
public static class Rulings
{
    /// <summary>The longest text of a person, in characters.</summary>
    public const int MaximumCharacters = 2_000;

    public static Ruling GiveRole(Incident incident, Plan plan, string role, string person, string by, string reason)
    {
        if (WhyNot(incident, plan, by, reason) is { } refusal)
            return Ruling.Refuse(refusal);
        if (plan.Person(person) is not { } holder)
            return Ruling.Refuse(NoPerson(person));
        var known = plan.Roles.Select(one => one.Id).Concat(plan.People.SelectMany(one => one.Roles)).ToHashSet();
        if (!known.Contains(role))
            return Ruling.Refuse($"the plan has no role '{Short(role)}'{PlanCheck.Near(role, known)}; there are "
                + string.Join(", ", known.Order(StringComparer.Ordinal).Take(20)));
        // What the plan passed on is not a person's word: whoever confirms it makes it one.
        if (incident.Command.Given(role) is { IsByPlan: false } given && given.Person == holder.Name)
            return Ruling.Nothing;
        var before = Commanding.Holder(incident, plan, role)?.Name;
        return new CommandEvent.RoleGiven(
            incident.Id, role, holder.Name, Name(plan, by), reason, before == holder.Name ? null : before);
    }

    public static Ruling Assess(Incident incident, Plan plan, string by, string words)
    {
        if (WhyNot(incident, plan, by, words) is { } refusal)
            return Ruling.Refuse(refusal);
        return string.IsNullOrWhiteSpace(words)
            ? Ruling.Refuse("say in a sentence what it is")
            : new CommandEvent.Assessed(incident.Id, Name(plan, by), words);
    }

    /// <summary>Another severity, with a reason; every time counts from now on.</summary>
    public static Ruling Rate(Incident incident, Plan plan, Severity severity, string by, string reason)
    {
        if (WhyNot(incident, plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        if (!Enum.IsDefined(severity))
            return Ruling.Refuse("a severity is a number from 1 (worst) to 5");
        return incident.Severity == severity
            ? Ruling.Nothing
            : new CommandEvent.Rated(incident.Id, severity, Name(plan, by), reason);
    }

    /// <summary>Another issue of the plan, whose procedure answers it. Approvals must not come to stand under another
    /// procedure: a decision of the former that waits for them is set aside, and once one is taken it stays what it is.
    /// </summary>
    public static Ruling Reclassify(Incident incident, Plan plan, string issue, string by, string reason)
    {
        if (WhyNot(incident, plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        if (plan.Issues.FirstOrDefault(one => one.Id == issue) is not { } known)
            return Ruling.Refuse(
                $"the plan has no issue '{Short(issue)}'{PlanCheck.Near(issue, plan.Issues.Select(one => one.Id))}");
        if (incident.Issue == issue)
            return Ruling.Nothing;
        var other = new CommandEvent.Reclassified(incident.Id, issue, known.Procedure, Name(plan, by), reason);
        if (incident.Decision is not { } decision || plan.Procedure(known.Procedure)?.Decision == decision.Rule)
            return other;
        return decision.IsOnlyProposed
            ? new Ruling([SetAside(incident, decision, other.By, reason), other], null)
            : Ruling.Refuse($"its decision '{decision.Rule}' was taken, and '{issue}' has another one");
    }

    public static Ruling DeclareFalse(Incident incident, Plan plan, string by, string reason)
    {
        if (WhyNot(incident, plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        return incident.Decision is { TakenAt: not null }
            ? Ruling.Refuse("its decision was taken: resolve it when that is carried out and undone")
            : new CommandEvent.DeclaredFalse(incident.Id, Name(plan, by), reason);
    }

    /// <summary>Of one that was resolved, or declared false by a person.</summary>
    public static Ruling Reopen(Incident incident, Plan plan, string by, string reason)
    {
        if (WhyNotWords(plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        if (incident.Command.Merged is { } merged)
            return Ruling.Refuse($"{incident.Id} goes on in {merged.Into}");
        if (incident.IsOpen)
            return Ruling.Refuse($"{incident.Id} is open");
        return incident.Findings.All(finding => finding.Status == FindingStatus.Retracted)
            ? Ruling.Refuse("what it stood on was taken back; it opens by itself if that returns")
            : new CommandEvent.Reopened(incident.Id, Name(plan, by), reason);
    }

    /// <summary>
    /// Two incidents of the same attack become one. What is decided or sent stays where it was decided; what only waits
    /// for approvals is set aside, where more were not given than to the other's.
    /// </summary>
    public static Ruling Merge(
        IncidentBook book, Incident from, Incident into, Plan plan, string by, string reason)
    {
        if (WhyNot(from, plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        if (from.Id == into.Id)
            return Ruling.Refuse("an incident is not merged into itself");
        if (!into.IsOpen)
            return Ruling.Refuse($"{into.Id} is not open");
        if (from.Exercise != into.Exercise)
            return Ruling.Refuse("an exercise and an incident are never one");
        var isDecided = from.Decision is { IsOnlyProposed: false }
            || from.Decision?.Approvals.Count > (into.Decision?.Approvals.Count ?? 0)
            || from.Ledger.Entries.Any(entry => entry.IsOpen || entry.IsToRatify);
        if (isDecided || (Decides(plan, from) && !Decides(plan, into)))
            return Ruling.Refuse(
                $"{from.Id} has {(!isDecided ? "a procedure with a decision" : "a decision")}: merge "
                + $"{into.Id} into it instead");
        var events = new List<LogEvent>();
        if (from.Decision is { } decision)
            events.Add(SetAside(from, decision, Name(plan, by), reason));
        events.Add(new CommandEvent.MergedInto(from.Id, into.Id, Name(plan, by), reason));
        // What went on after an end of it belongs to another incident by now.
        events.AddRange(from.Findings
            .Select(finding => book.Findings[finding.Id])
            .Where(recorded => recorded.Incident == from.Id)
            .Select(recorded => recorded with { Incident = into.Id }));
        if (from.IsDecisionRequested && !into.IsDecisionRequested)
            events.Add(new IncidentEvent.DecisionRequested(into.Id, Name(plan, by)));
        if (from.Severity < into.Severity)
            events.Add(new CommandEvent.Rated(
                into.Id, from.Severity, Name(plan, by), $"{from.Id} was merged into it"));
        return new Ruling(events.ToValueList(), null);
    }

    private static CommandEvent.DecisionSetAside SetAside(
        Incident incident, DecisionProgress decision, string by, string reason) =>
        new(incident.Id, decision.Rule, by, reason);

    private static bool Decides(Plan plan, Incident incident) =>
        plan.Procedure(incident.Procedure) is { } procedure && plan.DecidesCalls(procedure);

    public static Ruling Deviate(Incident incident, Plan plan, string what, string by, string reason)
    {
        if (WhyNot(incident, plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        return what.Length is 0 or > 200
            ? Ruling.Refuse("say what of the plan is departed from, in at most 200 characters")
            : new CommandEvent.Deviated(incident.Id, what, Name(plan, by), reason);
    }

    private static string? WhyNot(Incident incident, Plan plan, string by, string words, bool needsReason = false) =>
        incident.IsOpen ? WhyNotWords(plan, by, words, needsReason) : $"{incident.Id} is not open";

    internal static string? WhyNotWords(Plan plan, string by, string words, bool needsReason)
    {
        if (plan.Person(by) is null)
            return NoPerson(by);
        if (needsReason && string.IsNullOrWhiteSpace(words))
            return "a reason is needed";
        return words.Length > MaximumCharacters ? $"the text is longer than {MaximumCharacters} characters" : null;
    }

    internal static string NoPerson(string person) => $"the plan names no person '{Short(person)}'";

    private static string Name(Plan plan, string by) => plan.Person(by)!.Name;

    internal static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;
}
