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
        var onCall = plan.Role(role)?.From is { } id && plan.Schedule(id) is { } schedule
            ? OnCall.At(schedule, incident.AskedSince).Select(plan.Person).OfType<Person>().FirstOrDefault()
            : null;
        return onCall ?? plan.Holders(role).FirstOrDefault();
    }

    /// <summary>Who leads, as alerts and pages name them.</summary>
    public static string Lead(Incident incident, Plan plan) => Holder(incident, plan, Commander) is { } commander
        ? $"{commander.Name} (commander)"
        : "nobody named";
}
