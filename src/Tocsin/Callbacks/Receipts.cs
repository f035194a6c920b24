using System.Text.Json;
using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.Reachability;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Callbacks;

/// <summary>A provider's word on what it had taken over, as events.</summary>
internal sealed class Receipts(Logbook logbook, EventStore store)
{
    /// <summary>Records it once for each alert of that receipt. False where the log knows no such receipt: the word may
    /// have come before the answer to the sending was recorded.</summary>
    /// <param name="why">Why it will not reach the person; null where it has.</param>
    public bool Record(string channel, string receipt, string? why)
    {
        if (logbook.Book.Canaries.All.Values.Any(canary => canary.Channel == channel && canary.Receipt == receipt))
        {
            RecordCanary(channel, receipt, why);
            return true;
        }
        var known = Alerts(logbook.Book, channel, receipt).ToList();
        var open = known.Where(one => !IsSettled(one.Incident, one.Alert)).ToList();
        if (open.Count == 0)
            return known.Count > 0;
        var sent = open.Select(one => store.FindOutbox(one.Alert.Key)).OfType<OutboxState>()
            .ToDictionary(state => state.Item.Key);
        logbook.Record((book, now) =>
        [
            .. from one in open
               let incident = book[one.Incident.Id]
               where !IsSettled(incident, one.Alert) && sent.ContainsKey(one.Alert.Key)
               select Event(incident.Id, one.Alert, sent[one.Alert.Key], why, now),
        ]);
        return true;
    }

    private void RecordCanary(string channel, string receipt, string? why) => logbook.Record((book, now) =>
    [
        .. from canary in book.Canaries.All.Values
           where canary.IsOpen && canary.Channel == channel && canary.Receipt == receipt
           select why is null
               ? (LogEvent)new CanaryEvent.Arrived(canary.Id, 1, (long)(now - canary.SentAt).TotalMilliseconds)
               : new CanaryEvent.Lost(canary.Id, why),
    ]);

    private static IEnumerable<(Incident Incident, AcceptedAlert Alert)> Alerts(
        IncidentBook book, string channel, string receipt) =>
        from incident in book.Incidents.Values
        from alert in incident.AcceptedAlerts
        where alert.Channel == channel && alert.Receipt == receipt
        select (incident, alert);

    private static bool IsSettled(Incident incident, AcceptedAlert alert) =>
        incident.Deliveries.Any(done => done.Key == alert.Key);

    private static IncidentEvent Event(
        IncidentId incident, AcceptedAlert accepted, OutboxState sent, string? why, DateTimeOffset now)
    {
        var alert = JsonSerializer.Deserialize<Alert>(sent.Item.Alert, EventJson.Options)!;
        var update = alert.Reason == AlertReason.Update ? alert.Statement?.Update : null;
        return why is null
            ? new IncidentEvent.AlertDelivered(
                incident, accepted.Key, accepted.Channel, alert.Reason, sent.Attempts,
                (long)(now - sent.Item.CreatedAt).TotalMilliseconds, update, accepted.Receipt)
            : new IncidentEvent.AlertFailed(incident, accepted.Key, accepted.Channel, alert.Reason, why, update);
    }
}
