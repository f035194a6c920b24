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

    /// <summary>What its channel refused for good goes to the communication's backup.</summary>
    public static List<Announcement> OnBackup(IncidentEvent.AlertFailed failed, Incident incident, Plan plan)
    {
        var told = new List<Announcement>();
        foreach (var update in incident.Updates.All.Where(one => one.ReleasedAt is not null)
            .GroupBy(one => one.Communication).Select(ofOne => ofOne.Last()))
        {
            var backup = plan.Communications.FirstOrDefault(one => one.Id == update.Communication)?.Backup;
            if (update.Channel == failed.Channel && backup is not null && backup != failed.Channel)
                told.Add(new Announcement(backup, null, AlertReason.Update, update));
        }
        return told;
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
