using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.Api;

/// <summary>
/// What is told of an incident, over HTTP: drafted, read by a second person, withdrawn, left out. Each body is JSON
/// with the person as <c>by</c>; a refusal says why under <c>error</c>.
/// </summary>
internal static class UpdateApi
{
    public static void MapUpdates(
        this WebApplication app, Logbook logbook, Func<IncidentId, Uri> warRoom, TimeProvider time)
    {
        var updates = app.MapGroup("/api/incidents/{id}/updates").DisableAntiforgery();
        updates.MapGet("/", (string id) => List(id, logbook)).Needs(TokenRole.Viewer);
        updates.MapGet("/{communication}/draft", (string id, string communication) => Draft(
            id, communication, logbook, warRoom, time.GetUtcNow()))
            .Needs(TokenRole.Viewer);
        updates.MapPost("/", (string id, HttpRequest request) => CommandApi.RuleAtAsync<DraftRequest>(
            id, request, logbook,
            "an update is JSON with 'communication', 'by' and, unless its template says it, 'text'",
            asked => asked is { Communication: not null, By: not null },
            (incident, plan, asked, now) => Updating.Draft(
                incident, plan,
                new UpdateRequest(asked.Communication, asked.Text, asked.Next, asked.OnBackup ?? false, asked.By),
                warRoom(incident.Id), now)))
            .Needs(TokenRole.Responder).Takes<DraftRequest>();
        updates.MapPost("/{communication}/{number:int}/approve",
            (string id, string communication, int number, HttpRequest request) => CommandApi.RuleAtAsync<ByRequest>(
                id, request, logbook, "to approve is JSON with 'by'", asked => asked is { By: not null },
                (incident, plan, asked, now) => Caller.WhyNotOwn(request.HttpContext) is { } refusal
                    ? Ruling.Refuse(refusal)
                    : Updating.Approve(incident, plan, communication, number, asked.By, now)))
            .Needs(TokenRole.Responder).Takes<ByRequest>();
        updates.MapPost("/{communication}/{number:int}/withdraw",
            (string id, string communication, int number, HttpRequest request) => CommandApi.RuleAsync<ReasonRequest>(
                id, request, logbook, "to withdraw is JSON with 'by' and 'reason'",
                asked => asked is { By: not null, Reason: not null },
                (incident, plan, asked) => Updating.Withdraw(
                    incident, plan, communication, number, asked.By, asked.Reason)))
            .Needs(TokenRole.Responder).Takes<ReasonRequest>();
        updates.MapPost("/{communication}/skip",
            (string id, string communication, HttpRequest request) => CommandApi.RuleAsync<ReasonRequest>(
                id, request, logbook, "to leave one out is JSON with 'by' and 'reason'",
                asked => asked is { By: not null, Reason: not null },
                (incident, plan, asked) => Updating.Skip(incident, plan, communication, asked.By, asked.Reason)))
            .Needs(TokenRole.Responder).Takes<ReasonRequest>();
    }

    private static IResult List(string id, Logbook logbook)
    {
        if (!IncidentId.TryParse(id, out var known) || logbook.Book[known] is not { } incident)
            return IncidentApi.Unknown(id);
        var plan = logbook.PlanOf(incident);
        return IncidentApi.Json(new
        {
            due = UpdatesDue.Of(incident, plan),
            updates = incident.Updates.All,
            communications = UpdatesDue.NeededBy(incident, plan).Select(one => one.Id),
        });
    }

    private static IResult Draft(
        string id, string communication, Logbook logbook, Func<IncidentId, Uri> warRoom, DateTimeOffset now)
    {
        if (!IncidentId.TryParse(id, out var known) || logbook.Book[known] is not { } incident)
            return IncidentApi.Unknown(id);
        var plan = logbook.PlanOf(incident);
        if (plan.Communications.FirstOrDefault(one => one.Id == communication) is not { } found)
            return IncidentApi.Unknown(communication);
        var next = UpdatesDue.LatestNext(found, now);
        return Drafts.Of(found, incident, plan, warRoom(known), next) is { } text
            ? IncidentApi.Json(new { communication, text, next, found.Approver, found.IsPublic })
            : IncidentApi.Json(
                new { error = $"'{communication}' has no template" }, StatusCodes.Status422UnprocessableEntity);
    }

    private sealed record DraftRequest(
        string Communication, string? Text, DateTimeOffset? Next, bool? OnBackup, string By);

    private sealed record ByRequest(string By);

    private sealed record ReasonRequest(string By, string Reason);
}
