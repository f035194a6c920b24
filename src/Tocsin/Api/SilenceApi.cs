using Tocsin.Configuration;
using Tocsin.Delivery;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Silences;

namespace Tocsin.Api;

/// <summary>Silences over HTTP: asked for, confirmed, ended. A refusal says why under <c>error</c>.</summary>
internal static class SilenceApi
{
    public static void MapSilences(this WebApplication app, SilenceDesk desk)
    {
        var silences = app.MapGroup("/api/silences").DisableAntiforgery();
        silences.MapGet("/", () => IncidentApi.Json(desk.List())).Needs(TokenRole.Viewer);
        silences.MapPost("/", (HttpRequest request) => AddAsync(request, desk))
            .Needs(TokenRole.Commander).Takes<SubmittedSilence>();
        silences.MapPost("/{number:int}/confirm", (int number, HttpRequest request) =>
            ConfirmAsync(number, request, desk)).Needs(TokenRole.Commander).Takes<ConfirmRequest>();
        silences.MapPost("/{number:int}/end", (int number, HttpRequest request) => EndAsync(number, request, desk))
            .Needs(TokenRole.Responder).Takes<EndRequest>();
    }

    private static async Task<IResult> AddAsync(HttpRequest request, SilenceDesk desk)
    {
        if (await IncidentApi.ReadAsync<SubmittedSilence>(request) is not { By: not null, Reason: not null } asked)
            return IncidentApi.BadRequest(
                "a silence is JSON with 'by', 'reason' and, where you want others, 'minutes' (60), 'severity' (3, and "
                + "what is less bad), 'issue' and 'channel'");
        return WhyNotKnown(request) is { } refusal
            ? Refused(refusal)
            : Answer(desk.Add(asked), happened => Words((SilenceProposed)happened));
    }

    private static string Words(SilenceProposed asked) => asked.Severity == Severity.Critical
        ? $"silence {asked.Number} waits: it covers severity 1, so a second person confirms it"
        : Holds(asked.Number);

    private static string Holds(int number) => $"silence {number} holds; coverage is weakened until it ends";

    private static async Task<IResult> ConfirmAsync(int number, HttpRequest request, SilenceDesk desk)
    {
        if (await IncidentApi.ReadAsync<ConfirmRequest>(request) is not { By: not null } asked)
            return IncidentApi.BadRequest("to confirm is JSON with 'by'");
        return WhyNotKnown(request) is { } refusal
            ? Refused(refusal)
            : Answer(desk.Confirm(number, asked.By), _ => Holds(number));
    }

    // What loosens nothing anybody may do.
    private static async Task<IResult> EndAsync(int number, HttpRequest request, SilenceDesk desk) =>
        await IncidentApi.ReadAsync<EndRequest>(request) is { By: not null, Reason: not null } asked
            ? Answer(desk.End(number, asked.By, asked.Reason), _ => "ended; what is still open is told now")
            : IncidentApi.BadRequest("to end is JSON with 'by' and 'reason'");

    // Whoever keeps alerts back must be known, and two must be two.
    private static string? WhyNotKnown(HttpRequest request) =>
        request.HttpContext.Features.Get<Caller>() is null
            ? "a silence takes a token: see 'tokens' of tocsin.yaml"
            : Caller.WhyNotOwn(request.HttpContext);

    private static IResult Answer(Ruling ruling, Func<LogEvent, string> words) => ruling.Refusal is { } refusal
        ? Refused(refusal)
        : IncidentApi.Json(new { message = words(ruling.Events[0]) });

    private static IResult Refused(string error) =>
        IncidentApi.Json(new { error }, StatusCodes.Status422UnprocessableEntity);

    private sealed record ConfirmRequest(string By);

    private sealed record EndRequest(string By, string Reason);
}
