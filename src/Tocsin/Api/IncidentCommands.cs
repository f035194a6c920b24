using Tocsin.Deadlines;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Recording;

namespace Tocsin.Api;

/// <summary>
/// What people do with an incident, for the API and the pages alike. Each gives null, or why it was refused.
/// </summary>
internal static class IncidentCommands
{
    private const int MaximumCharacters = 2_000;

    /// <summary>
    /// What a person says to a page. Whoever cannot help has not acknowledged: somebody else is called. Idempotent.
    /// </summary>
    public static string? Answer(Logbook logbook, IncidentId id, string person, PageAnswer answer, string means) =>
        Record(logbook, id, incident =>
        {
            if (!Enum.IsDefined(answer))
                return ([], "an answer is informed, able-to-sign or unable");
            if (logbook.PlanOf(incident).Person(person) is not { } known)
                return ([], $"the plan names no person '{Short(person)}'");
            if (!incident.IsOpen)
                return ([], $"{id} is not open");
            var events = new List<LogEvent>();
            if (answer != PageAnswer.Unable
                && incident.Acknowledgements.Skip(incident.FormerAnswers).All(other => other.Person != known.Name))
                events.Add(new IncidentEvent.Acknowledged(id, known.Name, means));
            if (incident.Pages.AnswerOf(known.Name)?.Answer is var last && last != answer
                && (last is not null || answer != PageAnswer.Informed))
                events.Add(new PageEvent.Answered(id, known.Name, answer, means));
            return (events, null);
        });

    public static string? AddNote(Logbook logbook, IncidentId id, string person, string text) =>
        Record(logbook, id, incident => string.IsNullOrWhiteSpace(text)
            ? ([], "a note needs a text")
            : WithPerson(
                logbook, incident, person, text, name => new IncidentEvent.NoteAdded(id, name, text)));

    public static string? FinishStep(Logbook logbook, IncidentId id, string step, string person, string result) =>
        Record(logbook, id, incident =>
    {
        if (incident.ResolvedAt is not null)
            return ([], $"{id} is resolved already");
        var plan = logbook.PlanOf(incident);
        if (!plan.StepsOf(plan.Procedure(incident.Procedure)).Any(known => known.Id == step)
            && !plan.IsRoleAction(step))
            return ([], NoStep(plan, incident, step));
        // What a role has to do is asked for anew when it is opened again.
        var isDone = plan.IsRoleAction(step)
            ? RoleActions.Done(incident, step) is not null
            : incident.Steps.Any(done => done.Step == step);
        if (isDone)
            return ([], $"step '{step}' is done already");
        return WithPerson(
            logbook, incident, person, result, name => new IncidentEvent.StepDone(id, step, name, result));
    });

    private static string NoStep(Plan plan, Incident incident, string step)
    {
        var known = plan.StepsOf(plan.Procedure(incident.Procedure)).Select(one => one.Id)
            .Concat(plan.Roles.SelectMany(role => role.Actions.Select(role.IdOf)))
            .ToList();
        return $"procedure '{incident.Procedure}' has no step '{Short(step)}'{PlanCheck.Near(step, known)}"
            + (known.Count == 0 ? "" : $"; there are {string.Join(", ", known.Take(20))}");
    }

    /// <summary>Below severity 1 nobody is asked to approve unless somebody wants it.</summary>
    public static string? RequestDecision(Logbook logbook, IncidentId id, string person) =>
        Record(logbook, id, incident =>
        {
            if (!incident.IsOpen)
                return ([], $"{id} is not open");
            if (logbook.PlanOf(incident).Procedure(incident.Procedure)?.Decision is null)
                return ([], $"procedure '{incident.Procedure}' has no decision");
            return incident.IsDecisionRequested || incident.Decision is not null
                ? ([], null)
                : WithPerson(logbook, incident, person, "", name => new IncidentEvent.DecisionRequested(id, name));
        });

    /// <summary>Has the server send the hook of an action. Harmless while it is being sent already.</summary>
    public static string? SendHook(Logbook logbook, IncidentId id, string action, string person) =>
        Record(logbook, id, incident =>
        {
            if (IncidentHooks.WhyNot(incident, logbook.PlanOf(incident), action) is { } refusal)
                return ([], refusal);
            return incident.Hook(action) is { IsUnderWay: true }
                ? ([], null)
                : WithPerson(
                    logbook, incident, person, "", name => new IncidentEvent.HookAsked(id, action, name));
        });

    public static string? Resolve(Logbook logbook, IncidentId id, string person, string summary) =>
        RecordAt(logbook, id, (incident, now) => WhyNotResolved(incident, now) is { } refusal
            ? ([], refusal)
            : WithPerson(logbook, incident, person, summary, name => new IncidentEvent.Resolved(id, name, summary)));

    private static string? WhyNotResolved(Incident incident, DateTimeOffset now)
    {
        if (incident.ResolvedAt is not null)
            return $"{incident.Id} is resolved already";
        if (incident.Command.Merged is { } merged)
            return $"{incident.Id} goes on in {merged.Into}";
        if (incident.Decision is { TakenAt: not null } taken && taken.Calls.Any(call => IsUnderWay(call, taken, now)))
            return $"the decision '{taken.Rule}' was taken and is still being carried out";
        return incident.IsPaused && incident.Contained is null ? $"{incident.Id} is paused but not yet contained"
            : null;
    }

    private static bool IsUnderWay(CallProgress call, DecisionProgress decision, DateTimeOffset now) =>
        call.Included is null && (call.Signed is not null || !decision.HasEnded(now));

    private static (IReadOnlyList<LogEvent>, string?) WithPerson(
        Logbook logbook, Incident incident, string person, string text, Func<string, LogEvent> happened)
    {
        if (logbook.PlanOf(incident).Person(person) is not { } known)
            return ([], $"the plan names no person '{Short(person)}'");
        return text.Length > MaximumCharacters
            ? ([], $"the text is longer than {MaximumCharacters} characters")
            : ([happened(known.Name)], null);
    }

    private static string? Record(
        Logbook logbook, IncidentId id, Func<Incident, (IReadOnlyList<LogEvent> Events, string? Refusal)> decide) =>
        RecordAt(logbook, id, (incident, _) => decide(incident));

    private static string? RecordAt(
        Logbook logbook,
        IncidentId id,
        Func<Incident, DateTimeOffset, (IReadOnlyList<LogEvent> Events, string? Refusal)> decide)
    {
        string? refusal = null;
        logbook.Record((book, now) =>
        {
            if (book[id] is not { } incident)
            {
                refusal = $"there is no {id}";
                return [];
            }
            (var events, refusal) = decide(incident, now);
            return events;
        });
        return refusal;
    }

    private static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;
}
