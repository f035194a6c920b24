using System.Diagnostics;
using System.Text.Json;
using Tocsin.Api;
using Tocsin.Configuration;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.OutsideAlerts;

/// <summary>
/// The addresses under <c>/api/outside</c> to which senders of other systems post, answered as those systems answer,
/// so that a sender only changes its address. Each shows a key of its own and can do nothing else.
/// </summary>
internal static class OutsideApi
{
    private const int BodyMax = 256 * 1024;
    private const int HeaderMax = 1024;
    private const string RetryAfterSeconds = "60";
    private const string TooLarge = "the body is larger than 256 KB, or did not arrive whole";

    public static void MapOutside(this IEndpointRouteBuilder app, OutsideDesk desk)
    {
        var outside = app.MapGroup("/api/outside").DisableAntiforgery()
            .KnowsCallersBy("the key of the outside system");
        outside.MapPost("/alertmanager", (HttpRequest request) => AlertmanagerAsync(request, desk));
        outside.MapPost("/pagerduty/v2/enqueue", (HttpRequest request) => PagerDutyAsync(request, desk));
        outside.MapPost("/opsgenie/v2/alerts", (HttpRequest request) => OpsgenieAsync(
            request, desk, OpsgenieAlert.Read));
        outside.MapPost("/opsgenie/v2/alerts/{identifier}/acknowledge", (string identifier, HttpRequest request) =>
            OpsgenieAsync(request, desk, body => OpsgenieAlert.ReadWord(
                identifier, request.Query["identifierType"], OutsideNews.Acknowledged, body)));
        outside.MapPost("/opsgenie/v2/alerts/{identifier}/close", (string identifier, HttpRequest request) =>
            OpsgenieAsync(request, desk, body => OpsgenieAlert.ReadWord(
                identifier, request.Query["identifierType"], OutsideNews.Ended, body)));
    }

    // Alertmanager sends again after a 5xx, and after nothing else.
    private static async Task<IResult> AlertmanagerAsync(HttpRequest request, OutsideDesk desk)
    {
        switch (desk.Enter(OutsideKind.Alertmanager, Key(request, "Bearer "), out var source))
        {
            case OutsideEntry.Stranger:
                request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
                return Json(new { error = "the token is not known" }, StatusCodes.Status401Unauthorized);
            case OutsideEntry.TooOften:
                return Later(request, new { error = "too many requests" }, source is null
                    ? StatusCodes.Status429TooManyRequests
                    : StatusCodes.Status503ServiceUnavailable);
        }
        if (await BodyAsync(request) is not { } body)
            return Json(new { error = TooLarge }, StatusCodes.Status413PayloadTooLarge);
        var told = AlertmanagerAlert.Read(body);
        if (told.Refusal is { } refusal)
            return Json(new { error = refusal }, StatusCodes.Status400BadRequest);
        desk.Take(source!, told.Alerts);
        return Json(new { status = "success", alerts = told.Alerts.Count }, StatusCodes.Status202Accepted);
    }

    // The key is in the body, as it is there.
    private static async Task<IResult> PagerDutyAsync(HttpRequest request, OutsideDesk desk)
    {
        if (await BodyAsync(request) is not { } body)
            return InvalidEvent(TooLarge, StatusCodes.Status413PayloadTooLarge);
        var told = PagerDutyEvent.Read(body);
        if (told.Refusal is { } refusal)
            return InvalidEvent(refusal, StatusCodes.Status400BadRequest);
        switch (desk.Enter(OutsideKind.PagerDuty, told.Secret, out var source))
        {
            case OutsideEntry.Stranger:
                return InvalidEvent("'routing_key' is not known", StatusCodes.Status401Unauthorized);
            case OutsideEntry.TooOften:
                return Later(
                    request, new { status = "throttle exceeded", message = "too many requests" },
                    StatusCodes.Status429TooManyRequests);
        }
        desk.Take(source!, told.Alerts);
        return Json(
            new { status = "success", message = "Event processed", dedup_key = told.Alerts[0].Key },
            StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> OpsgenieAsync(
        HttpRequest request, OutsideDesk desk, Func<ReadOnlyMemory<byte>, ToldAlerts> read)
    {
        var began = Stopwatch.GetTimestamp();
        switch (desk.Enter(OutsideKind.Opsgenie, Key(request, "GenieKey "), out var source))
        {
            case OutsideEntry.Stranger:
                return Answered(began, "message", "Could not authenticate", StatusCodes.Status401Unauthorized);
            case OutsideEntry.TooOften:
                request.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
                return Answered(
                    began, "message", "You are making too many requests!", StatusCodes.Status429TooManyRequests);
        }
        if (await BodyAsync(request) is not { } body)
            return Answered(began, "message", TooLarge, StatusCodes.Status413PayloadTooLarge);
        var told = read(body);
        if (told.Refusal is { } refusal)
            return Answered(began, "message", refusal, StatusCodes.Status422UnprocessableEntity);
        desk.Take(source!, told.Alerts);
        return Answered(began, "result", "Request will be processed", StatusCodes.Status202Accepted);
    }

    private static string? Key(HttpRequest request, string scheme) =>
        request.Headers.Authorization is [{ Length: <= HeaderMax } header]
        && header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            ? header[scheme.Length..].Trim()
            : null;

    /// <summary>Null where it is too large or broken off.</summary>
    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpRequest request)
    {
        var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
            {
                if (body.Length + count > BodyMax)
                    return null;
                body.Write(buffer, 0, count);
            }
            return body.ToArray();
        }
        catch (BadHttpRequestException)
        {
            return null;
        }
    }

    private static IResult Later(HttpRequest request, object answer, int status)
    {
        request.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
        return Json(answer, status);
    }

    private static IResult InvalidEvent(string error, int status) => Json(
        new { status = "invalid event", message = "Event object is invalid", errors = new[] { error } }, status);

    private static IResult Answered(long began, string key, string words, int status) => Json(
        new Dictionary<string, object>
        {
            [key] = words,
            ["took"] = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 3),
            ["requestId"] = Guid.NewGuid(),
        },
        status);

    private static IResult Json(object answer, int status) => Results.Text(
        JsonSerializer.Serialize(answer, answer.GetType(), EventJson.Options), "application/json", statusCode: status);
}
