using Tocsin.Configuration;
using Tocsin.Findings;
using Tocsin.Reachability;

namespace Tocsin.Api;

/// <summary>The ways to people over HTTP: what is known of them, and tests. A refusal says why under <c>error</c>.
/// </summary>
internal static class ChannelApi
{
    public static void MapChannels(this WebApplication app, ChannelDesk desk)
    {
        var channels = app.MapGroup("/api/channels").DisableAntiforgery();
        channels.MapGet("/", () => IncidentApi.Json(desk.List())).Needs(TokenRole.Viewer);
        channels.MapPost("/{name}/test", (string name, HttpRequest request) => TestAsync(name, request, desk))
            .Needs(TokenRole.Responder).Takes<TestRequest>();
        app.MapGroup("/api/canaries").DisableAntiforgery()
            .MapGet("/{id}", (string id) =>
                CanaryId.TryParse(id, out var canary) && desk.RowOf(canary) is { } known
                    ? IncidentApi.Json(known)
                    : IncidentApi.Json(new { error = "no such canary is kept" }, StatusCodes.Status404NotFound))
            .Needs(TokenRole.Viewer);
    }

    private static async Task<IResult> TestAsync(string name, HttpRequest request, ChannelDesk desk)
    {
        if (await IncidentApi.ReadAsync<TestRequest>(request) is not { By: not null, Severity: null or (>= 1 and <= 5) }
            asked)
            return IncidentApi.BadRequest("a test is JSON with 'by', and 'severity' from 1 to 5 where it is not 1");
        if (Caller.WhyNotOwn(request.HttpContext) is { } why)
            return Refused(why);
        var (sent, refusal) = desk.Test(name, asked.By, (Severity)(asked.Severity ?? 1));
        return sent is { } canary
            ? IncidentApi.Json(new { canary, message = $"{canary} is on its way to '{name}'" })
            : Refused(refusal!);
    }

    private static IResult Refused(string error) =>
        IncidentApi.Json(new { error }, StatusCodes.Status422UnprocessableEntity);

    private sealed record TestRequest(string By, int? Severity);
}
