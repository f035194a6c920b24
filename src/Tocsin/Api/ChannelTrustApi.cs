using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Delivery;

namespace Tocsin.Api;

/// <summary>Over HTTP: that a channel is in wrong hands, and that it is ours again.</summary>
internal static class ChannelTrustApi
{
    public static void MapChannelTrust(this WebApplication app, DistrustDesk desk)
    {
        var channels = app.MapGroup("/api/channels").DisableAntiforgery();
        channels.MapGet("/distrusted", () => IncidentApi.Json(desk.List())).Needs(TokenRole.Viewer);
        channels.MapPost("/{channel}/distrust", (string channel, HttpRequest request) =>
            JudgeAsync(channel, request, desk.Distrust)).Needs(TokenRole.Admin).Takes<SubmittedJudgement>();
        channels.MapPost("/{channel}/trust", (string channel, HttpRequest request) =>
            JudgeAsync(channel, request, desk.Trust)).Needs(TokenRole.Admin).Takes<SubmittedJudgement>();
    }

    private static async Task<IResult> JudgeAsync(
        string channel, HttpRequest request, Func<string, SubmittedJudgement, JudgementOutcome> judge)
    {
        if (await IncidentApi.ReadAsync<SubmittedJudgement>(request) is not { By: not null, Reason: not null } asked)
            return IncidentApi.BadRequest("that is JSON with 'by', 'reason' and, if you must, 'anyway'");
        var outcome = judge(channel, asked);
        return outcome.Refusal is { } error
            ? IncidentApi.Json(new { error }, StatusCodes.Status422UnprocessableEntity)
            : IncidentApi.Json(new { outcome.Told, outcome.Cut });
    }
}
