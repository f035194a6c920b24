using Tocsin.Api;

namespace Tocsin.Heartbeats;

/// <summary>Beats over HTTP: <c>POST /api/beats/NAME</c> with <c>Authorization: Bearer TOKEN</c> (RFC 6750).</summary>
internal static class BeatApi
{
    private const int MaximumHeaderCharacters = 1024;
    private const string Scheme = "Bearer ";

    /// <summary>
    /// Answers 204; 401 for a wrong token and an unknown name alike; 429 where it comes too often. The body is not
    /// read. A keeper is no browser: it sends no Origin, which the guards before this let through.
    /// </summary>
    public static void MapBeats(this IEndpointRouteBuilder app, BeatDesk desk) =>
        app.MapPost(
            "/api/beats/{name}",
            async (string name, HttpRequest request, CancellationToken cancellationToken) =>
            {
                var answer = await desk.TakeAsync(name, Token(request), cancellationToken);
                return Answer(answer, request.HttpContext.Response.Headers);
            }).DisableAntiforgery().KnowsCallersBy("the token of the heartbeat");

    private static IResult Answer(BeatAnswer answer, IHeaderDictionary headers)
    {
        if (answer == BeatAnswer.Unknown)
            headers.WWWAuthenticate = "Bearer";
        if (answer == BeatAnswer.TooOften)
            headers.RetryAfter = $"{BeatDesk.LeastBetween.TotalSeconds:0}";
        return Results.StatusCode(answer switch
        {
            BeatAnswer.Taken => StatusCodes.Status204NoContent,
            BeatAnswer.Unknown => StatusCodes.Status401Unauthorized,
            BeatAnswer.TooOften => StatusCodes.Status429TooManyRequests,
        });
    }

    private static string? Token(HttpRequest request) =>
        request.Headers.Authorization is [{ Length: <= MaximumHeaderCharacters } header]
        && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? header[Scheme.Length..].Trim()
            : null;
}
