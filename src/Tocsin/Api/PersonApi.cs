using Tocsin.Configuration;
using Tocsin.People;

namespace Tocsin.Api;

/// <summary>
/// People over HTTP: who is revoked, what somebody did, and to revoke. Nobody is restored here: what loosens is done on
/// the host, while no server runs.
/// </summary>
internal static class PersonApi
{
    public static void MapPeople(this WebApplication app, PeopleDesk desk)
    {
        var people = app.MapGroup("/api/people").DisableAntiforgery();
        people.MapGet("/", () => IncidentApi.Json(desk.List())).Needs(TokenRole.Viewer);
        people.MapGet("/{person}/deeds", (string person) => desk.Review(person) is { } deeds
            ? IncidentApi.Json(deeds)
            : IncidentApi.Json(
                new { error = "the plan names no such person" }, StatusCodes.Status404NotFound))
            .Needs(TokenRole.Viewer);
        people.MapPost("/{person}/revoke", (string person, HttpRequest request) => RevokeAsync(person, request, desk))
            .Needs(TokenRole.Admin).Takes<SubmittedRevocation>();
    }

    private static async Task<IResult> RevokeAsync(string person, HttpRequest request, PeopleDesk desk)
    {
        if (await IncidentApi.ReadAsync<SubmittedRevocation>(request) is not { By: not null, Reason: not null } asked)
            return IncidentApi.BadRequest("to revoke is JSON with 'by', 'reason' and, if you must, 'evenIfUnfillable'");
        var report = desk.Revoke(person, asked);
        return IncidentApi.Json(
            report, report.Error is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }
}
