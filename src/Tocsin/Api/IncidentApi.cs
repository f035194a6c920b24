using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Configuration;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Pages;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Readiness;
using Tocsin.Recording;
using Tocsin.Reports;
using Tocsin.Safes;
using Tocsin.Signing;

namespace Tocsin.Api;

/// <summary>Incidents over HTTP, for tools. Every answer is JSON; a refusal says why under <c>error</c>.</summary>
internal static class IncidentApi
{
    public static void MapApi(this WebApplication app)
    {
        var incidents = app.MapGroup("/api/incidents").DisableAntiforgery();
        incidents.MapGet("/", (Logbook logbook) => Json(logbook.Book.Incidents.Values))
            .Needs(TokenRole.Viewer);
        incidents.MapGet("/{id}", (string id, Logbook logbook, AfterPauseWatch after) =>
            Find(logbook, id) is { } incident
                ? Json(With(incident, after.Of(incident), Signers.Of(incident, logbook.PlanOf(incident))))
                : Unknown(id))
            .Needs(TokenRole.Viewer);
        incidents.MapGet("/{id}/deadlines", (string id, Logbook logbook, TimeProvider time) =>
            Find(logbook, id) is { } incident ? Json(Deadlines(incident, logbook, time.GetUtcNow())) : Unknown(id))
            .Needs(TokenRole.Viewer);
        incidents.MapPost("/{id}/ack", AcknowledgeAsync).Needs(TokenRole.Responder).Takes<AckRequest>();
        incidents.MapPost("/{id}/notes", NoteAsync).Needs(TokenRole.Responder).Takes<NoteRequest>();
        incidents.MapGet("/{id}/timeline", (string id, Logbook logbook) => Find(logbook, id) is { } incident
            ? Json(logbook.TimelineOf(incident.Id).Select(happened => new
            {
                happened.Sequence,
                happened.At,
                Kind = EventJson.Kind(happened.Event),
                Text = Timeline.Line(happened.Event),
            }))
            : Unknown(id))
            .Needs(TokenRole.Viewer);
        incidents.MapGet("/{id}/decision", (string id, Logbook logbook) => Find(logbook, id)?.Decision is { } decision
            ? Results.Text(DecisionTypedData.Of(decision.Decision).ToJson(), "application/json")
            : Unknown(id))
            .Needs(TokenRole.Viewer);
        incidents.MapPost("/{id}/approvals", ApproveAsync).NeedsAnyToken().Takes<SubmittedApproval>();
        incidents.MapGet("/{id}/calls/{call:int}/safe", (string id, int call, Logbook logbook) =>
            Find(logbook, id) is { } incident && OwnerDesk.ToSign(incident, call - 1) is { } typed
                ? Results.Text(typed.ToJson(), "application/json")
                : Unknown(id))
            .Needs(TokenRole.Viewer);
        incidents.MapPost("/{id}/calls/{call:int}/signatures", OwnerAsync)
            .NeedsAnyToken().Takes<OwnerSignatureRequest>();
        incidents.MapPost("/{id}/decision", RequestAsync).Needs(TokenRole.Responder).Takes<RequestRequest>();
        incidents.MapGet("/{id}/steps", (string id, Logbook logbook) => Find(logbook, id) is { } incident
            ? Json(Steps(incident, logbook.PlanOf(incident)))
            : Unknown(id))
            .Needs(TokenRole.Viewer);
        incidents.MapPost("/{id}/steps", StepAsync).Needs(TokenRole.Responder).Takes<StepRequest>();
        incidents.MapPost("/{id}/hooks/{action}", HookAsync).Needs(TokenRole.Responder).Takes<RequestRequest>();
        incidents.MapPost("/{id}/resolve", ResolveAsync).Needs(TokenRole.Commander).Takes<ResolveRequest>();
        app.MapGet("/api/findings", (Logbook logbook, WatchReading watch) =>
            Json(FindingListView.Of(logbook.Book, watch.Line, watch.Now).Rows))
            .Needs(TokenRole.Viewer);
        app.MapGet("/api/log/head", (Logbook logbook) => Json(new { logbook.Head.Sequence, logbook.Head.Hash }))
            .Needs(TokenRole.Viewer);
    }

    /// <summary>The incident, who could sign its decision, and what follows its pause where there is one.</summary>
    private static JsonNode With(Incident incident, AfterPause? after, Signers? signers)
    {
        var node = JsonSerializer.SerializeToNode(incident, EventJson.Options)!;
        if (signers is not null)
            node["signers"] = JsonSerializer.SerializeToNode(signers, EventJson.Options);
        if (after is not null)
            node["afterPause"] = JsonSerializer.SerializeToNode(after, EventJson.Options);
        return node;
    }

    private static object Deadlines(Incident incident, Logbook logbook, DateTimeOffset now)
    {
        var plan = logbook.PlanOf(incident);
        return new
        {
            NextDue = Dues.NextDue(incident, plan, now),
            Deadlines = IncidentDeadlines.Of(incident, plan).Select(deadline => new
            {
                deadline.What,
                deadline.Owner,
                deadline.Due,
                deadline.MetAt,
                State = deadline.StateAt(now),
            }),
        };
    }

    private static IEnumerable<object> Steps(Incident incident, Plan plan) =>
        plan.StepsOf(plan.Procedure(incident.Procedure)).Select(step => new
        {
            step.Id,
            step.What,
            step.Role,
            Who = Commanding.Doers(incident, plan, step.Role).Select(person => person.Name),
            Done = incident.Steps.LastOrDefault(done => done.Step == step.Id),
        });

    private static async Task<IResult> AcknowledgeAsync(string id, HttpRequest request, Logbook logbook) =>
        await ReadAsync<AckRequest>(request) is not { Person: not null } said
            ? BadRequest("to acknowledge is JSON with 'person' and, if it is more than that, an 'answer': informed, "
                + "able-to-sign or unable")
            : Answer(id, logbook, incident => IncidentCommands.Answer(
                logbook, incident, said.Person, said.Answer ?? PageAnswer.Informed, "API"));

    private static async Task<IResult> NoteAsync(string id, HttpRequest request, Logbook logbook) =>
        await ReadAsync<NoteRequest>(request) is not { Person: not null, Text: not null } note
            ? BadRequest("a note is JSON with 'person' and 'text'")
            : Answer(id, logbook, incident => IncidentCommands.AddNote(logbook, incident, note.Person, note.Text));

    private static async Task<IResult> ApproveAsync(string id, HttpRequest request, Logbook logbook, ApprovalDesk desk)
    {
        if (Find(logbook, id) is not { } incident)
            return Unknown(id);
        if (await ReadAsync<SubmittedApproval>(request) is not { Signature: not null } submitted)
            return BadRequest(
                "an approval is JSON with 'signature' and, if you have it, the 'typedData' that it signs");
        var outcome = desk.Submit(incident.Id, submitted);
        return outcome.Refusal is { } refusal
            ? Json(new { error = outcome.Message, refusal }, StatusCodes.Status422UnprocessableEntity)
            : Json(new { message = outcome.Message });
    }

    private static async Task<IResult> OwnerAsync(
        string id, int call, HttpRequest request, Logbook logbook, OwnerDesk desk)
    {
        if (Find(logbook, id) is not { } incident)
            return Unknown(id);
        if (await ReadAsync<OwnerSignatureRequest>(request) is not { Signature.Length: <= 1_000 } given)
            return BadRequest("the signature of an owner is JSON with 'signature'");
        var outcome = desk.Submit(incident.Id, call - 1, given.Signature);
        return outcome.Refusal is { } refusal
            ? Json(new { error = outcome.Message, refusal }, StatusCodes.Status422UnprocessableEntity)
            : Json(new { message = outcome.Message });
    }

    private static async Task<IResult> RequestAsync(string id, HttpRequest request, Logbook logbook) =>
        await ReadAsync<RequestRequest>(request) is not { Person: not null } asked
            ? BadRequest("to ask for the decision is JSON with 'person'")
            : Answer(id, logbook, incident => IncidentCommands.RequestDecision(logbook, incident, asked.Person),
                request.HttpContext.RequestServices.GetService<SignerClient>() is null
                    ? "recorded; nothing is prepared, since the server's tocsin.yaml has no 'signer:'"
                    : "asked for: its approvers are called as soon as it is prepared");

    private static async Task<IResult> StepAsync(string id, HttpRequest request, Logbook logbook) =>
        await ReadAsync<StepRequest>(request) is not { Step: not null, Person: not null } step
            ? BadRequest("a step is JSON with 'step', 'person' and 'result'")
            : Answer(id, logbook, incident =>
                IncidentCommands.FinishStep(logbook, incident, step.Step, step.Person, step.Result ?? "done"));

    private static async Task<IResult> HookAsync(string id, string action, HttpRequest request, Logbook logbook) =>
        await ReadAsync<RequestRequest>(request) is not { Person: not null } asked
            ? BadRequest("to have a hook sent is JSON with 'person'")
            : Answer(id, logbook, incident => IncidentCommands.SendHook(logbook, incident, action, asked.Person));

    private static async Task<IResult> ResolveAsync(string id, HttpRequest request, Logbook logbook) =>
        await ReadAsync<ResolveRequest>(request) is not { Person: not null } resolve
            ? BadRequest("to resolve is JSON with 'person' and 'summary'")
            : Answer(id, logbook, incident =>
                IncidentCommands.Resolve(logbook, incident, resolve.Person, resolve.Summary ?? "resolved"));

    private static IResult Answer(string id, Logbook logbook, Func<IncidentId, string?> act, string done = "recorded")
    {
        if (Find(logbook, id) is not { } incident)
            return Unknown(id);
        return act(incident.Id) is { } refusal
            ? Json(new { error = refusal }, StatusCodes.Status422UnprocessableEntity)
            : Json(new { message = done });
    }

    private static Incident? Find(Logbook logbook, string id) =>
        IncidentId.TryParse(id, out var parsed) ? logbook.Book[parsed] : null;

    /// <summary>
    /// The body; null where it is not one, or where it is written in a name that is not the caller's: nothing is done.
    /// </summary>
    // Only application/json: a form of another site can send text, but not this type.
    internal static async Task<T?> ReadAsync<T>(HttpRequest request)
        where T : class
    {
        if (!request.HasJsonContentType())
            return null;
        try
        {
            var asked = await JsonSerializer.DeserializeAsync<T>(
                request.Body, EventJson.Options, request.HttpContext.RequestAborted);
            return asked is null || request.HttpContext.Features.Get<Caller>()?.Signs(asked) == false ? null : asked;
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    internal static IResult Unknown(string id) =>
        Json(new { error = $"there is no '{(id.Length > 40 ? id[..40] : id)}' here" }, StatusCodes.Status404NotFound);

    internal static IResult BadRequest(string error) => Json(new { error }, StatusCodes.Status400BadRequest);

    internal static IResult Json(object value, int status = StatusCodes.Status200OK) =>
        Results.Text(
            JsonSerializer.Serialize(value, value.GetType(), EventJson.Options),
            "application/json",
            statusCode: status);

    private sealed record OwnerSignatureRequest(string Signature);

    private sealed record AckRequest(string Person, PageAnswer? Answer);

    private sealed record NoteRequest(string Person, string Text);

    private sealed record RequestRequest(string Person);

    private sealed record StepRequest(string Step, string Person, string? Result);

    private sealed record ResolveRequest(string Person, string? Summary);
}
