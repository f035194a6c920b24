using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Deadlines;

/// <summary>What the holders of roles must have done in an incident, and by when.</summary>
internal static class RoleActions
{
    /// <summary>How the name of each of these deadlines begins.</summary>
    public const string Prefix = "action ";

    private static readonly TimeSpan RemindEvery = TimeSpan.FromMinutes(30);

    public static IEnumerable<Deadline> Deadlines(Incident incident, Plan plan)
    {
        foreach (var role in plan.Roles)
            foreach (var action in role.Actions)
                if (Of(incident, role, action) is { Due: { } due } task)
                    yield return task.Done is not null || !incident.IsOpen
                        ? new Deadline(Prefix + task.Id, role.Id, due, task.Done?.At)
                        : Insisting.Next(incident, Prefix + task.Id, role.Id, incident.AskedSince, due, RemindEvery);
    }

    public static RoleTask Of(Incident incident, PlannedRole role, RoleAction action)
    {
        var id = role.IdOf(action);
        return new RoleTask(
            id, action.What, incident.AskedSince + action.Within,
            incident.Steps.FirstOrDefault(done => done.Step == id));
    }
}
