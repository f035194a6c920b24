using Tocsin.Plans;
using Tocsin.Schedules;

namespace Tocsin.Incidents;

/// <summary>Who holds which role of an incident: whom people gave it, else whom the plan means.</summary>
public static class Commanding
{
    public const string Commander = "commander";

    /// <summary>
    /// The holder of a role. Where nobody was given it, or its holder was revoked since: whoever was on call when it
    /// opened in the schedule that the plan names for the role, else the first of the team who holds it. Null where the
    /// plan names nobody.
    /// </summary>
    public static Person? Holder(Incident incident, Plan plan, string role)
    {
        if (incident.Command.Holder(role) is { } given
            && plan.People.FirstOrDefault(person => person.Name == given) is { } holder)
            return holder;
        return plan.Role(role) is { } planned && OnCallFor(plan, planned, incident.AskedSince) is [var onCall, ..]
            ? onCall
            : plan.Holders(role).FirstOrDefault();
    }

    /// <summary>Who does what falls to a role: its holder where somebody was given it or the plan follows a schedule
    /// for it, else all of the team who have it.</summary>
    public static IEnumerable<Person> Doers(Incident incident, Plan plan, string role) =>
        (incident.Command.Holder(role) is not null || plan.Role(role) is { From: not null })
        && Holder(incident, plan, role) is { } holder
            ? [holder]
            : plan.Holders(role);

    /// <summary>Whom the plan means for a role at an instant, in order: whoever is on call for it, who holds it in the
    /// team, who holds that of its deputy.</summary>
    internal static IEnumerable<Person> Meant(Plan plan, PlannedRole role, DateTimeOffset at) =>
        OnCallFor(plan, role, at)
            .Concat(plan.Holders(role.Id))
            .Concat(role.Deputy is { } deputy ? plan.Holders(deputy) : []);

    /// <summary>Who is on call at an instant in the schedule that a role comes from, in order. A deputy whose schedule
    /// is that of the role itself is its second.</summary>
    internal static ValueList<Person> OnCallFor(Plan plan, PlannedRole role, DateTimeOffset at)
    {
        if (role.From is not { } id || plan.Schedule(id) is not { } schedule)
            return [];
        var people = OnCall.At(schedule, at).Select(plan.Person).OfType<Person>().ToValueList();
        var isSecond = plan.Roles.Any(other => other.Deputy == role.Id && other.From == id);
        return isSecond && people.Count > 1 ? [.. people.Skip(1), people[0]] : people;
    }

    /// <summary>Who leads, as alerts and pages name them.</summary>
    public static string Lead(Incident incident, Plan plan) => Holder(incident, plan, Commander) is { } commander
        ? $"{commander.Name} (commander)"
        : "nobody named";
}
