using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Deadlines;

/// <summary>What the holders of roles must have done in an incident, and by when.</summary>
public static class RoleActions
{
    /// <summary>How the name of each of these deadlines begins.</summary>
    public const string Prefix = "action ";

    private static readonly TimeSpan RemindEvery = TimeSpan.FromMinutes(30);

    /// <summary>For so long a miss is news.</summary>
    public static readonly TimeSpan ToldLateWithin = TimeSpan.FromDays(1);

    // Whoever was told so often knows it. It stays open, and the war room says so.
    private const int MostReminders = 4;

    public static IEnumerable<Deadline> Deadlines(Incident incident, Plan plan)
    {
        foreach (var role in plan.Roles)
            foreach (var action in role.Actions)
                if (Of(incident, role, action) is { Due: { } due } task)
                    yield return task.Done is not null || !incident.IsOpen
                        ? new Deadline(Prefix + task.Id, role.Id, due, task.Done?.At)
                        : Open(incident, role, task, due);
    }

    // What is less bad wakes nobody for a checklist.
    private static Deadline Open(Incident incident, PlannedRole role, RoleTask task, DateTimeOffset due)
    {
        var next = Insisting.Next(
            incident, Prefix + task.Id, role.Id, incident.AskedSince, due, RemindEvery, MostReminders);
        return next with { IsTold = next.IsTold && incident.Severity.IsAtLeast(Severity.High) };
    }

    /// <summary>Who did it since the incident was opened the last time; null while nobody has.</summary>
    public static StepResult? Done(Incident incident, string id) =>
        incident.Steps.LastOrDefault(done => done.Step == id && done.At >= incident.AskedSince);

    public static RoleTask Of(Incident incident, PlannedRole role, RoleAction action)
    {
        var id = role.IdOf(action);
        return new RoleTask(
            id, action.What, incident.AskedSince + action.Within,
            Done(incident, id));
    }
}
