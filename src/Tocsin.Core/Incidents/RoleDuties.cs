using Tocsin.Deadlines;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Schedules;

namespace Tocsin.Incidents;

/// <summary>
/// Who should hold which role of an open incident, and what follows where that is somebody else than who does: a pure
/// function of the incident, its plan and an instant. What the plan gave, the plan passes on: at the end of a shift,
/// and where its holder cannot help or is revoked. What a person gave is only offered to whoever comes on call, and
/// stays where it is until a person gives it on.
/// </summary>
public static class RoleDuties
{
    /// <summary>In whose name the plan passes a role on.</summary>
    public const string Tocsin = "Tocsin";

    /// <summary>So far the next change of a shift is looked for: beyond the longest usual one.</summary>
    public static readonly TimeSpan LooksAhead = TimeSpan.FromDays(8);

    // What lies further in the future was written by a clock that was wrong.
    private static readonly TimeSpan ClockMayDiffer = TimeSpan.FromMinutes(1);

    /// <summary>Each role of the plan, and each other one that a person gave.</summary>
    public static ValueList<HeldRole> Of(Incident incident, Plan plan, DateTimeOffset now) =>
        plan.Roles.Select(role => Of(incident, plan, role, now))
            .Concat(incident.Command.Holders
                .Where(given => plan.Role(given.Role) is null)
                .Select(given => new HeldRole(given.Role, null, given.Person, given.Since)))
            .ToValueList();

    /// <summary>What is owed at an instant, as the events that do it.</summary>
    public static IReadOnlyList<CommandEvent> Owed(Incident incident, Plan plan, DateTimeOffset now) => incident.IsOpen
        ? [.. plan.Roles.Select(role => Owed(incident, plan, role, now)).OfType<CommandEvent>()]
        : [];

    /// <summary>When a shift next changes that a role comes from; null where that is beyond <see cref="LooksAhead"/>.
    /// </summary>
    public static DateTimeOffset? NextDue(Incident incident, Plan plan, DateTimeOffset now) => incident.IsOpen
        ? plan.Roles.Select(role => role.From)
            .OfType<string>()
            .Distinct()
            .Select(id => ShiftEnds(plan, id, now))
            .Min()
        : null;

    private static HeldRole Of(Incident incident, Plan plan, PlannedRole role, DateTimeOffset now)
    {
        var given = incident.Command.Given(role.Id);
        var holder = Commanding.Holder(incident, plan, role.Id)?.Name;
        var isOnCall = Commanding.OnCallFor(plan, role, now).Any(person => person.Name == holder);
        return new HeldRole(
            role.Id, role.What, holder, given is not null && given.Person == holder ? given.Since : null)
        {
            Deputy = role.Deputy is { } deputy ? Commanding.Holder(incident, plan, deputy)?.Name : null,
            Schedule = role.From,
            ShiftEnds = isOnCall ? ShiftEnds(plan, role.From!, now) : null,
            OfferedTo = incident.Command.Offer(role.Id)?.Person,
            CannotHelp = holder is not null && !IsAble(incident, holder),
            Actions = role.Actions.Select(action => RoleActions.Of(incident, role, action)).ToValueList(),
        };
    }

    private static CommandEvent? Owed(Incident incident, Plan plan, PlannedRole role, DateTimeOffset now)
    {
        var given = incident.Command.Given(role.Id);
        var offer = incident.Command.Offer(role.Id);
        // Whoever looks back at an instant before it was passed on sees no shift that has not changed yet.
        if (IsJustAfter(given?.Since, now) || IsJustAfter(offer?.At, now))
            return null;
        var holder = given?.Person ?? Commanding.Holder(incident, plan, role.Id)?.Name;
        var onCall = Commanding.OnCallFor(plan, role, now).FirstOrDefault(person => IsAble(incident, person.Name));
        if (holder is not null && WhyNot(incident, plan, holder) is { } why)
            return Commanding.Meant(plan, role, now).FirstOrDefault(person => IsAble(incident, person.Name)) is { } next
                ? Passed(next, why)
                : null;
        if (onCall is null || onCall.Name == holder)
            return null;
        // Not before the shift changes: whoever could not help for a while does not get it back by that.
        var since = offer?.At ?? given?.Since ?? incident.AskedSince;
        var known = offer?.Person ?? Commanding.OnCallFor(plan, role, since).FirstOrDefault()?.Name;
        if (onCall.Name == known && !HasShiftChanged(plan, role, since, now))
            return null;
        return given is { IsByPlan: false }
            ? new CommandEvent.RoleOffered(incident.Id, role.Id, onCall.Name, Tocsin, given.Person, role.From!)
            : Passed(onCall, $"on call in '{role.From}' now");

        CommandEvent.RoleGiven Passed(Person next, string reason) =>
            new(incident.Id, role.Id, next.Name, Tocsin, reason, holder, true);
    }

    private static string? WhyNot(Incident incident, Plan plan, string holder)
    {
        if (plan.People.All(person => person.Name != holder))
            return $"{holder} is revoked";
        return IsAble(incident, holder) ? null : $"{holder} cannot help now";
    }

    private static bool IsAble(Incident incident, string person) =>
        incident.Pages.AnswerOf(person) is not { Answer: PageAnswer.Unable };

    private static bool IsJustAfter(DateTimeOffset? at, DateTimeOffset now) => at > now && at <= now + ClockMayDiffer;

    private static bool HasShiftChanged(Plan plan, PlannedRole role, DateTimeOffset since, DateTimeOffset now) =>
        since < now && plan.Schedule(role.From!) is { } schedule
        && OnCall.NextChange(schedule, since, now - since) is not null;

    private static DateTimeOffset? ShiftEnds(Plan plan, string schedule, DateTimeOffset now) =>
        plan.Schedule(schedule) is { } known ? OnCall.NextChange(known, now, LooksAhead) : null;
}

/// <summary>A role of an incident as it stands now.</summary>
/// <param name="What">What it is for; null where the plan does not say it.</param>
/// <param name="Holder">By name; null where nobody fills it.</param>
/// <param name="Since">When it was given to them; null where the plan meant them from the beginning.</param>
public sealed record HeldRole(string Role, string? What, string? Holder, DateTimeOffset? Since)
{
    /// <summary>Who stands in, by name.</summary>
    public string? Deputy { get; init; }

    /// <summary>The schedule that it comes from.</summary>
    public string? Schedule { get; init; }

    /// <summary>When its holder's shift ends; null where they are not on call for it.</summary>
    public DateTimeOffset? ShiftEnds { get; init; }

    /// <summary>Who came on call while a person holds it whom a person chose.</summary>
    public string? OfferedTo { get; init; }

    /// <summary>True where its holder said so, and nobody else is there to take it.</summary>
    public bool CannotHelp { get; init; }

    public ValueList<RoleTask> Actions { get; init; } = [];
}

/// <summary>Something that the holder of a role must have done.</summary>
/// <param name="Id">By which it is checked off, for example <c>commander/open-call</c>.</param>
/// <param name="Due">Null for no promise.</param>
/// <param name="Done">Who did it and what came of it; null where it is open.</param>
public sealed record RoleTask(string Id, string What, DateTimeOffset? Due, StepResult? Done);
