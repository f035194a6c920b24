using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Signing;

namespace Tocsin.Api;

/// <summary>What is approved ahead of any incident, over HTTP.</summary>
internal static class MandateApi
{
    public static void MapMandate(this WebApplication app, MandateDesk desk, TimeProvider time)
    {
        var mandate = app.MapGroup("/api/authorisations").DisableAntiforgery();
        mandate.MapGet("/", async (CancellationToken cancellationToken) =>
            IncidentApi.Json(await desk.ListAsync(time.GetUtcNow(), cancellationToken)))
            .Needs(TokenRole.Viewer);
        mandate.MapGet("/plan", () => IncidentApi.Json(desk.InForce())).Needs(TokenRole.Viewer);
        mandate.MapPost("/", (HttpRequest request) => SubmitAsync(request, desk, time))
            .NeedsAnyToken().Takes<SubmittedAuthorisation>();
        mandate.MapPost("/withdraw", (HttpRequest request) => WithdrawAsync(request, desk))
            .Needs(TokenRole.Commander).Takes<SubmittedWithdrawal>();
    }

    private static async Task<IResult> SubmitAsync(HttpRequest request, MandateDesk desk, TimeProvider time)
    {
        if (await IncidentApi.ReadAsync<SubmittedAuthorisation>(request) is not
            { Action: not null, Signature: not null, TypedData.ValueKind: System.Text.Json.JsonValueKind.Object } given)
            return IncidentApi.BadRequest("an approval ahead is JSON with 'action', 'signature' and 'typedData'");
        try
        {
            return Answer(await desk.SubmitAsync(given, time.GetUtcNow(), request.HttpContext.RequestAborted));
        }
        catch (SignerUnreachableException e)
        {
            return Answer(new AuthorisationOutcome(e.Message, e.Message));
        }
    }

    private static async Task<IResult> WithdrawAsync(HttpRequest request, MandateDesk desk) =>
        await IncidentApi.ReadAsync<SubmittedWithdrawal>(request) is
        { Action: not null, By: not null, Reason: not null } asked
            ? Answer(desk.Withdraw(asked))
            : IncidentApi.BadRequest("to withdraw is JSON with 'action', 'by' and 'reason'");

    private static IResult Answer(AuthorisationOutcome outcome) => IncidentApi.Json(
        outcome, outcome.Refusal is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
}
