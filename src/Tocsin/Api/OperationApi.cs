using Tocsin.Configuration;
using Tocsin.Plans;

namespace Tocsin.Api;

/// <summary>Operations of ours over HTTP: announced for a window, withdrawn. A refusal says why under <c>error</c>.
/// </summary>
internal static class OperationApi
{
    public static void MapOperations(this WebApplication app, OperationDesk desk)
    {
        var operations = app.MapGroup("/api/operations").DisableAntiforgery();
        operations.MapGet("/", () => IncidentApi.Json(desk.List())).Needs(TokenRole.Viewer);
        operations.MapPost("/", (HttpRequest request) => AnnounceAsync(request, desk))
            .Needs(TokenRole.Commander).Takes<SubmittedOperation>();
        operations.MapPost("/{name}/withdraw", (string name, HttpRequest request) => WithdrawAsync(name, request, desk))
            .Needs(TokenRole.Responder).Takes<WithdrawRequest>();
    }

    private static async Task<IResult> AnnounceAsync(HttpRequest request, OperationDesk desk)
    {
        if (await IncidentApi.ReadAsync<SubmittedOperation>(request) is not
            {
                By: not null, Reason: not null, Name: not null, From: not null, To: not null, Account: not null,
                Target: not null, Calldata: not null,
            } asked)
            return IncidentApi.BadRequest(
                "an operation is JSON with 'name', 'from', 'to', 'account' (that sends it), 'target' (that it calls), "
                + "'calldata' (the Keccak-256 of its data, or of each call's), 'by' and 'reason'");
        // What is announced is not told as an attack: whoever says so must be known.
        if (request.HttpContext.Features.Get<Caller>() is null)
            return Refused("an operation is announced with a token: see 'tokens' of tocsin.yaml");
        if (Caller.WhyNotOwn(request.HttpContext) is { } refusal)
            return Refused(refusal);
        return Answer(
            desk.Announce(asked), "announced; the watch expects it within a second");
    }

    // What loosens nothing anybody may do.
    private static async Task<IResult> WithdrawAsync(string name, HttpRequest request, OperationDesk desk) =>
        await IncidentApi.ReadAsync<WithdrawRequest>(request) is { By: not null, Reason: not null } asked
            ? Answer(desk.Withdraw(name, asked.By, asked.Reason), "withdrawn")
            : IncidentApi.BadRequest("to withdraw is JSON with 'by' and 'reason'");

    private static IResult Answer(string? refusal, string message) => refusal is null
        ? IncidentApi.Json(new { message })
        : Refused(refusal);

    private static IResult Refused(string error) =>
        IncidentApi.Json(new { error }, StatusCodes.Status422UnprocessableEntity);

    private sealed record WithdrawRequest(string By, string Reason);
}
