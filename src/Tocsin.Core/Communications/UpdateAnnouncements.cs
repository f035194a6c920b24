using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>Who hears of an update: whom it is for, and before that whoever must approve it.</summary>
internal static class UpdateAnnouncements
{
    public static List<Announcement> Of(UpdateEvent happened, Incident after, Plan plan)
    {
        if (after.Updates[happened.Communication, happened.Number] is not { } update)
            return [];
        return happened switch
        {
            UpdateEvent.Drafted { Approver: { } approver } => ToApprovers(update, approver, after, plan),
            UpdateEvent.Drafted or UpdateEvent.Approved =>
                [new Announcement(update.Channel, null, AlertReason.Update, update)],
            _ => [],
        };
    }

    /// <summary>What its channel refused for good goes to the communication's backup, once; that it then did not reach
    /// anybody is a deadline that is open again.</summary>
    public static List<Announcement> After(IncidentEvent.AlertFailed failed, Incident incident, Plan plan)
    {
        if (failed.Update is not { } name || incident.Updates[name.Communication, name.Number] is not { } update)
            return [];
        var backup = plan.Communications.FirstOrDefault(one => one.Id == update.Communication)?.Backup;
        return backup is not null && failed.Channel == update.Channel && backup != failed.Channel
            ? [new Announcement(backup, null, AlertReason.Update, update)]
            : [];
    }

    // Everybody who may approve it, but for whoever wrote it.
    private static List<Announcement> ToApprovers(Update update, string role, Incident incident, Plan plan)
    {
        var people = plan.Holders(role)
            .Concat(plan.People.Where(person => person.Name == incident.Command.Holder(role)))
            .Where(person => person.Name != update.By)
            .Distinct();
        var told = new List<Announcement>();
        Announcements.AddFirstWays(told, people, plan, AlertReason.UpdateWaits);
        return told.ConvertAll(one => one with { Update = update });
    }
}
