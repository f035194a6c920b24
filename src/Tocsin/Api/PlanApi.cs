using Tocsin.Configuration;
using Tocsin.Plans;

namespace Tocsin.Api;

/// <summary>
/// Changes of the plan over HTTP, for people who do not use git: proposed by one person, accepted or rejected by
/// another. A refusal says why under <c>error</c>.
/// </summary>
internal static class PlanApi
{
    public static void MapPlan(this WebApplication app, PlanDesk desk)
    {
        var plan = app.MapGroup("/api/plan").DisableAntiforgery();
        plan.MapGet("/", () => IncidentApi.Json(desk.Present())).Needs(TokenRole.Viewer);
        plan.MapGet("/proposals", () => IncidentApi.Json(desk.List())).Needs(TokenRole.Viewer);
        plan.MapGet("/proposals/{number:int}", (int number) => desk.Read(number) is { } reading
            ? IncidentApi.Json(reading)
            : Unknown(number))
            .Needs(TokenRole.Viewer);
        plan.MapPost("/proposals", (HttpRequest request) => ProposeAsync(request, desk))
            .Needs(TokenRole.Responder).Takes<SubmittedProposal>();
        plan.MapPost("/proposals/{number:int}/settle", (int number, HttpRequest request) =>
            SettleAsync(number, request, desk))
            .Needs(TokenRole.Admin).Takes<SettleRequest>();
    }

    private static async Task<IResult> ProposeAsync(HttpRequest request, PlanDesk desk)
    {
        if (await IncidentApi.ReadAsync<SubmittedProposal>(request)
            is not { By: not null, Reason: not null, Files: not null } asked
            || asked.Files.Any(file => file is not { Name: not null, Text: not null }))
            return IncidentApi.BadRequest(
                "a proposal is JSON with 'by', 'reason', 'base' (the hash of the plan that was changed) and 'files', "
                + "each with 'name' and 'text'");
        return Caller.WhyNotOwn(request.HttpContext) is { } refusal
            ? Refused(refusal)
            : Answer(desk.Propose(asked), StatusCodes.Status201Created);
    }

    private static async Task<IResult> SettleAsync(int number, HttpRequest request, PlanDesk desk)
    {
        if (await IncidentApi.ReadAsync<SettleRequest>(request)
            is not { By: not null, Accept: { } accept, Reason: not null } asked)
            return IncidentApi.BadRequest("to settle is JSON with 'accept' (true or false), 'by' and 'reason'");
        if (!desk.Knows(number))
            return Unknown(number);
        if (Caller.WhyNotOwn(request.HttpContext) is { } refusal)
            return Refused(refusal);
        // Else whoever has an account on this machine could give himself a wallet that approves.
        return accept && request.HttpContext.Features.Get<Caller>() is null
            ? Refused("to have the plan's files written takes 'tokens' in tocsin.yaml: without them it is not known "
                + "who asks; change the folder")
            : Answer(desk.Settle(number, accept, asked.By, asked.Reason), StatusCodes.Status200OK);
    }

    private static IResult Answer(PlanOutcome outcome, int done) => outcome.Error is { } error
        ? Refused(error)
        : IncidentApi.Json(new { outcome.Message, outcome.Proposal }, done);

    private static IResult Refused(string error) =>
        IncidentApi.Json(new { error }, StatusCodes.Status422UnprocessableEntity);

    private static IResult Unknown(int number) => IncidentApi.Json(
        new { error = $"there is no proposal {number}, or it was settled long ago" }, StatusCodes.Status404NotFound);

    private sealed record SettleRequest(bool? Accept, string By, string Reason);
}
