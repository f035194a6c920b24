using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Deadlines;

/// <summary>An incident that is over is looked back on, in the time that the plan promises for its severity.</summary>
internal static class ReviewDeadline
{
    public const string What = "review";

    private static readonly TimeSpan RemindEvery = TimeSpan.FromDays(7);

    /// <summary>Null while it is open, where the plan promises none, and of what was none.</summary>
    public static Deadline? Of(Incident incident, Plan plan)
    {
        if (incident.ResolvedAt is not { } ended || incident.IsFalse
            || plan.Times.FirstOrDefault(times => times.Severity == incident.Severity)?.Review is not { } within)
            return null;
        return incident.Command.Reached.FirstOrDefault(one => one.Phase == IncidentPhase.Reviewed) is { } reviewed
            ? new Deadline(What, Commanding.Commander, ended + within, reviewed.At)
            : Insisting.Next(incident, What, Commanding.Commander, ended, ended + within, RemindEvery);
    }
}
