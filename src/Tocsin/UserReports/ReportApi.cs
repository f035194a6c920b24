using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Tocsin.Api;
using Tocsin.Configuration;
using Tocsin.Pages;
using Tocsin.Recording;

namespace Tocsin.UserReports;

/// <summary>
/// Reports by people: <c>POST /api/reports</c> with JSON for tools, and the page <c>/reports</c>. The guards before
/// them let in this machine alone.
/// </summary>
internal static class ReportApi
{
    private const string RetryAfterSeconds = "60";
    private static readonly string[] Fields = ["kind", "subject", "text", "contact", "transaction"];

    public static void MapReports(this WebApplication app, ReportDesk desk)
    {
        app.MapPost("/api/reports", (HttpRequest request) => TakeAsync(request, desk)).DisableAntiforgery()
            .Needs(TokenRole.Responder).Takes<SubmittedReport>();
        app.MapGet("/reports", (HttpContext context, IAntiforgery antiforgery) =>
            Show(context, antiforgery, desk, null, isTaken: false));
        app.MapPost(
            "/reports",
            async (HttpContext context, IFormCollection form, IAntiforgery antiforgery) =>
            {
                var answer = await desk.TakeAsync(Of(form), context.RequestAborted);
                return Show(context, antiforgery, desk, MessageOf(answer), answer.IsTaken, StatusOf(answer), form);
            });
    }

    /// <summary>Answers 202; 400 with what is wrong under <c>error</c>; 429 where too many came at once.</summary>
    private static async Task<IResult> TakeAsync(HttpRequest request, ReportDesk desk)
    {
        var (submitted, unknown) = await ReadAsync(request);
        if (submitted is null)
            return Json(
                (unknown is null ? "" : $"{unknown} is not known: ")
                    + "a report is JSON with 'kind', 'text' and, if you like, 'subject', 'contact' and 'transaction'",
                StatusCodes.Status400BadRequest);
        var answer = await desk.TakeAsync(submitted, request.HttpContext.RequestAborted);
        if (answer.TooMany)
            request.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
        return answer.IsTaken
            ? Results.StatusCode(StatusCodes.Status202Accepted)
            : Json(MessageOf(answer)!, StatusOf(answer));
    }

    // Only application/json: a form of another site can send text, but not this type.
    private static async Task<(SubmittedReport? Report, string? Unknown)> ReadAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            return (null, null);
        try
        {
            using var sent = await JsonDocument.ParseAsync(
                request.Body, cancellationToken: request.HttpContext.RequestAborted);
            if (sent.RootElement.ValueKind == JsonValueKind.Object
                && sent.RootElement.EnumerateObject().FirstOrDefault(field => !Fields.Contains(field.Name)) is
                { Value.ValueKind: not JsonValueKind.Undefined } unknown)
                return (null, Names.IsName(unknown.Name) ? $"'{unknown.Name}'" : "a field that is no name");
            return (sent.RootElement.Deserialize<SubmittedReport>(EventJson.Options), null);
        }
        // The last is what half a surrogate pair in an escape gives.
        catch (Exception e) when (e is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            return (null, null);
        }
    }

    private static SubmittedReport Of(IFormCollection form) => new(
        form["kind"], form["subject"], form["text"], form["contact"], form["transaction"]);

    private static int StatusOf(ReportAnswer answer) => answer switch
    {
        { TooMany: true } => StatusCodes.Status429TooManyRequests,
        { Refusal: not null } => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status200OK,
    };

    private static string? MessageOf(ReportAnswer answer) => answer.TooMany
        ? "Too many reports came within a minute: this one was not taken. Send it again in a minute."
        : answer.Refusal is { } refusal ? $"Not taken: {refusal}." : null;

    private static IResult Json(string error, int status) => Results.Text(
        JsonSerializer.Serialize(new { error }, EventJson.Options), "application/json", statusCode: status);

    // What was refused stays in the form: nobody writes it twice.
    private static RazorComponentResult<UserReportPage> Show(
        HttpContext context, IAntiforgery antiforgery, ReportDesk desk, string? message, bool isTaken,
        int status = StatusCodes.Status200OK, IFormCollection? form = null)
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        if (status == StatusCodes.Status429TooManyRequests)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        var page = PageRoutes.Page<UserReportPage>(new UserReportView(
            SubmittedReport.Kinds.Select(kind => (kind.Key, kind.Value.Words)).ToList(),
            desk.Subjects,
            isTaken || form is null ? null : Of(form),
            isTaken,
            desk.Dropped,
            tokens.FormFieldName,
            tokens.RequestToken!,
            message));
        page.StatusCode = status;
        return page;
    }
}
