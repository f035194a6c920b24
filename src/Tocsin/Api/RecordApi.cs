using Tocsin.Configuration;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Recording;
using Tocsin.Records;
using Tocsin.Reports;

namespace Tocsin.Api;

/// <summary>An incident for whoever keeps it, or joins it late, over HTTP. Nothing here is recorded.</summary>
internal static class RecordApi
{
    public static void MapRecord(this WebApplication app, Logbook logbook, TimeProvider time)
    {
        var incidents = app.MapGroup("/api/incidents");
        incidents.MapGet("/{id}/export", (string id) => Find(logbook, id) is { } incident
            ? IncidentApi.Json(Export(incident, logbook))
            : IncidentApi.Unknown(id))
            .Needs(TokenRole.Viewer);
        incidents.MapGet("/{id}/since", (string id, long? after) => Find(logbook, id) is { } incident
            ? IncidentApi.Json(Since.Of(logbook.TimelineOf(incident.Id), after ?? 0))
            : IncidentApi.Unknown(id))
            .Needs(TokenRole.Viewer);
        incidents.MapGet("/{id}/now", (string id) => Find(logbook, id) is { } incident
            ? IncidentApi.Json(Now(incident, logbook, time.GetUtcNow()))
            : IncidentApi.Unknown(id))
            .Needs(TokenRole.Viewer);
    }

    private static object Now(Incident incident, Logbook logbook, DateTimeOffset now)
    {
        var plan = logbook.PlanOf(incident);
        return new
        {
            At = now,
            Pace = Pace.Of(logbook.TimelineOf(incident.Id), plan, now),
            Team = Awake.Of(incident, plan, now),
        };
    }

    private static object Export(Incident incident, Logbook logbook)
    {
        var events = logbook.TimelineOf(incident.Id);
        return RecordText.Node(
            IncidentRecord.Of(events, logbook.AsWritten(incident.Plan)),
            events.Select(one => (EventJson.Kind(one.Event), EventJson.Write(one.Event))));
    }

    private static Incident? Find(Logbook logbook, string id) =>
        IncidentId.TryParse(id, out var parsed) ? logbook.Book[parsed] : null;
}
