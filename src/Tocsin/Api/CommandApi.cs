using Tocsin.Configuration;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Reports;

namespace Tocsin.Api;

/// <summary>
/// How an incident is led, over HTTP: opened, rated, given to people, merged, closed as false, opened again. Each body
/// is JSON with the person as <c>by</c>; a refusal says why under <c>error</c>.
/// </summary>
internal static class CommandApi
{
    private const int MaximumFindings = 100;

    public static void MapCommand(
        this WebApplication app, Logbook logbook, TocsinConfiguration configuration, TimeProvider time)
    {
        var incidents = app.MapGroup("/api/incidents").DisableAntiforgery();
        incidents.MapGet("/{id}/roles", (string id) =>
            IncidentId.TryParse(id, out var known) && logbook.Book[known] is { } incident
                ? IncidentApi.Json(RoleDuties.Of(incident, logbook.PlanOf(incident), time.GetUtcNow()))
                : IncidentApi.Unknown(id))
            .Needs(TokenRole.Viewer);
        incidents.MapPost("/", (HttpRequest request) => OpenAsync(request, logbook, configuration.Exercise))
            .Needs(TokenRole.Responder).Takes<OpenRequest>();
        incidents.MapPost("/{id}/roles", (string id, HttpRequest request) => RuleAsync<RoleRequest>(
            id, request, logbook, "to give a role is JSON with 'role', 'person', 'by' and 'reason'",
            asked => asked is { Role: not null, Person: not null, By: not null },
            (incident, plan, asked) => Rulings.GiveRole(
                incident, plan, asked.Role, asked.Person, asked.By, asked.Reason ?? "")))
            .Needs(TokenRole.Commander).Takes<RoleRequest>();
        incidents.MapPost("/{id}/assessment", (string id, HttpRequest request) => RuleAsync<WordsRequest>(
            id, request, logbook, "an assessment is JSON with 'by' and 'words'",
            asked => asked is { By: not null, Words: not null },
            (incident, plan, asked) => Rulings.Assess(incident, plan, asked.By, asked.Words)))
            .Needs(TokenRole.Responder).Takes<WordsRequest>();
        incidents.MapPost("/{id}/severity", (string id, HttpRequest request) => RuleAsync<SeverityRequest>(
            id, request, logbook, "a severity is JSON with 'severity' from 1 to 5, 'by' and 'reason'",
            asked => asked is { By: not null, Reason: not null },
            (incident, plan, asked) => Rulings.Rate(
                incident, plan, (Severity)asked.Severity, asked.By, asked.Reason)))
            .Needs(TokenRole.Commander).Takes<SeverityRequest>();
        incidents.MapPost("/{id}/issue", (string id, HttpRequest request) => RuleAsync<IssueRequest>(
            id, request, logbook, "another issue is JSON with 'issue', 'by' and 'reason'",
            asked => asked is { Issue: not null, By: not null, Reason: not null },
            (incident, plan, asked) => Rulings.Reclassify(incident, plan, asked.Issue, asked.By, asked.Reason)))
            .Needs(TokenRole.Commander).Takes<IssueRequest>();
        incidents.MapPost("/{id}/phase", (string id, HttpRequest request) => RuleAsync<PhaseRequest>(
            id, request, logbook, "a phase is JSON with 'phase' (eradicated, recovered or reviewed), 'by' and 'words'",
            asked => asked is { Phase: not null, By: not null, Words: not null },
            (incident, plan, asked) => Phases.Reach(incident, plan, Phase(asked.Phase), asked.By, asked.Words)))
            .Needs(TokenRole.Responder).Takes<PhaseRequest>();
        incidents.MapPost("/{id}/deviations", (string id, HttpRequest request) => RuleAsync<DeviationRequest>(
            id, request, logbook, "a deviation is JSON with 'from', 'by' and 'reason'",
            asked => asked is { From: not null, By: not null, Reason: not null },
            (incident, plan, asked) => Rulings.Deviate(incident, plan, asked.From, asked.By, asked.Reason)))
            .Needs(TokenRole.Responder).Takes<DeviationRequest>();
        incidents.MapPost("/{id}/false-alarm", (string id, HttpRequest request) => ReasonAsync(
            id, request, logbook, Rulings.DeclareFalse))
            .Needs(TokenRole.Commander).Takes<ReasonRequest>();
        incidents.MapPost("/{id}/reopen", (string id, HttpRequest request) => ReasonAsync(
            id, request, logbook, Rulings.Reopen))
            .Needs(TokenRole.Commander).Takes<ReasonRequest>();
        incidents.MapPost("/{id}/merge", (string id, HttpRequest request) => MergeAsync(id, request, logbook))
            .Needs(TokenRole.Commander).Takes<MergeRequest>();
        incidents.MapPost("/{id}/split", (string id, HttpRequest request) => SplitAsync(id, request, logbook))
            .Needs(TokenRole.Commander).Takes<SplitRequest>();
    }

    /// <summary>By the word that people say; one that they do not say is none of theirs.</summary>
    public static IncidentPhase Phase(string word) =>
        Phases.Table.FirstOrDefault(rule => Phases.Word(rule.Phase) == word)?.Phase ?? IncidentPhase.Detected;

    private static async Task<IResult> OpenAsync(HttpRequest request, Logbook logbook, bool exercise)
    {
        if (await IncidentApi.ReadAsync<OpenRequest>(request) is not { By: not null, Words: not null } asked)
            return IncidentApi.BadRequest(
                "to open an incident is JSON with 'by', 'words' and, if they are known, 'issue' and 'severity'");
        var ruling = Ruling.Refuse("no plan is in force");
        logbook.Record((book, now) =>
        {
            if (logbook.InForce is { } plan)
                ruling = OpeningByPeople.Open(
                    book, plan,
                    new OpeningRequest(
                        asked.Issue, (Severity?)asked.Severity, asked.Words, asked.By,
                        exercise || (asked.Exercise ?? false), asked.Acknowledged ?? false),
                    now);
            return ruling.Events;
        });
        return ruling.Refusal is { } refusal
            ? IncidentApi.Json(new { error = refusal }, StatusCodes.Status422UnprocessableEntity)
            : IncidentApi.Json(
                new
                {
                    message = InWords(ruling),
                    incident = ruling.Events.OfType<IncidentEvent.Opened>().First().Incident,
                },
                StatusCodes.Status201Created);
    }

    private static Task<IResult> ReasonAsync(
        string id, HttpRequest request, Logbook logbook, Func<Incident, Plan, string, string, Ruling> rule) =>
        RuleAsync<ReasonRequest>(
            id, request, logbook, "this is JSON with 'by' and 'reason'",
            asked => asked is { By: not null, Reason: not null },
            (incident, plan, asked) => rule(incident, plan, asked.By, asked.Reason));

    private static async Task<IResult> MergeAsync(string id, HttpRequest request, Logbook logbook)
    {
        if (await IncidentApi.ReadAsync<MergeRequest>(request) is not { Into: not null, By: not null, Reason: not null }
            asked)
            return IncidentApi.BadRequest("to merge is JSON with 'into', 'by' and 'reason'");
        return IncidentId.TryParse(asked.Into, out var into) && logbook.Book[into] is not null
            ? Record(id, logbook, (book, incident, plan, _) => Rulings.Merge(
                book, incident, book[into]!, plan, asked.By, asked.Reason))
            : IncidentApi.Unknown(asked.Into);
    }

    private static async Task<IResult> SplitAsync(string id, HttpRequest request, Logbook logbook)
    {
        if (await IncidentApi.ReadAsync<SplitRequest>(request)
            is not { Findings.Count: <= MaximumFindings, By: not null, Reason: not null } asked
            || asked.Findings.Any(finding => finding is null))
            return IncidentApi.BadRequest(
                $"to split is JSON with 'findings' by their ids, {MaximumFindings} at most, 'by' and 'reason'");
        if (!IncidentId.TryParse(id, out var from) || logbook.Book[from] is null)
            return IncidentApi.Unknown(id);
        var ruling = Split(logbook, from, asked.Findings, asked.By, asked.Reason);
        return ruling.Refusal is { } refusal
            ? IncidentApi.Json(new { error = refusal }, StatusCodes.Status422UnprocessableEntity)
            : IncidentApi.Json(new { message = "split", incident = Opened(ruling) });
    }

    /// <summary>Takes findings of a known incident apart from it.</summary>
    public static Ruling Split(
        Logbook logbook, IncidentId from, IReadOnlyCollection<string> findings, string by, string reason)
    {
        var ruling = Ruling.Nothing;
        logbook.Record((book, _) =>
        {
            var present = book[from]!;
            ruling = Splitting.Split(book, present, logbook.PlanOf(present), findings, by, reason);
            return ruling.Events;
        });
        return ruling;
    }

    /// <summary>The one incident that is opened by what was ruled.</summary>
    public static IncidentId Opened(Ruling ruling) =>
        ruling.Events.OfType<IncidentEvent.Opened>().Single().Incident;

    public static Task<IResult> RuleAsync<T>(
        string id,
        HttpRequest request,
        Logbook logbook,
        string shape,
        Func<T, bool> isWhole,
        Func<Incident, Plan, T, Ruling> rule)
        where T : class =>
        RuleAtAsync<T>(
            id, request, logbook, shape, isWhole, (incident, plan, asked, _) => rule(incident, plan, asked));

    /// <summary>As <see cref="RuleAsync"/>, for what depends on the instant.</summary>
    public static async Task<IResult> RuleAtAsync<T>(
        string id,
        HttpRequest request,
        Logbook logbook,
        string shape,
        Func<T, bool> isWhole,
        Func<Incident, Plan, T, DateTimeOffset, Ruling> rule)
        where T : class =>
        await IncidentApi.ReadAsync<T>(request) is { } asked && isWhole(asked)
            ? Record(id, logbook, (_, incident, plan, now) => rule(incident, plan, asked, now))
            : IncidentApi.BadRequest(shape);

    private static IResult Record(
        string id, Logbook logbook, Func<IncidentBook, Incident, Plan, DateTimeOffset, Ruling> rule)
    {
        if (!IncidentId.TryParse(id, out var incident) || logbook.Book[incident] is null)
            return IncidentApi.Unknown(id);
        var ruling = Ruled(logbook, incident, rule);
        return ruling.Refusal is { } refusal
            ? IncidentApi.Json(new { error = refusal }, StatusCodes.Status422UnprocessableEntity)
            : IncidentApi.Json(new { message = InWords(ruling) });
    }

    /// <summary>Null, or why it was refused.</summary>
    public static string? Rule(
        Logbook logbook, IncidentId incident, Func<IncidentBook, Incident, Plan, DateTimeOffset, Ruling> rule) =>
        Ruled(logbook, incident, rule).Refusal;

    // As the timeline tells it, with the numbers by which people name it from now on; what it moves is not told again.
    private static string InWords(Ruling ruling) => ruling.Events.Count == 0
        ? "it is so already"
        : string.Join('\n', ruling.Events.Where(one => one is not FindingRecorded).Select(Timeline.Line));

    private static Ruling Ruled(
        Logbook logbook, IncidentId incident, Func<IncidentBook, Incident, Plan, DateTimeOffset, Ruling> rule)
    {
        var ruling = Ruling.Nothing;
        logbook.Record((book, now) =>
        {
            var present = book[incident]!;
            ruling = rule(book, present, logbook.PlanOf(present), now);
            return ruling.Events;
        });
        return ruling;
    }

    private sealed record OpenRequest(
        string By, string Words, string? Issue, int? Severity, bool? Exercise, bool? Acknowledged);

    private sealed record RoleRequest(string Role, string Person, string By, string? Reason);

    private sealed record WordsRequest(string By, string Words);

    private sealed record SeverityRequest(int Severity, string By, string Reason);

    private sealed record PhaseRequest(string Phase, string By, string Words);

    private sealed record IssueRequest(string Issue, string By, string Reason);

    private sealed record DeviationRequest(string From, string By, string Reason);

    private sealed record ReasonRequest(string By, string Reason);

    private sealed record SplitRequest(ValueList<string> Findings, string By, string Reason);

    private sealed record MergeRequest(string Into, string By, string Reason);
}
