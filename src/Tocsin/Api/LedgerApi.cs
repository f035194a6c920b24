using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;

namespace Tocsin.Api;

/// <summary>
/// The decisions of an incident, over HTTP: listed, and those of people asked for, approved, attested, declined,
/// carried out, done first and ratified, each by the token of whoever says it. Nothing here approves a call.
/// </summary>
internal static class LedgerApi
{
    public static void MapLedger(this WebApplication app, Logbook logbook, TimeProvider time)
    {
        var ledger = app.MapGroup("/api/incidents/{id}/ledger").DisableAntiforgery();
        ledger.MapGet("/", (string id) => List(id, logbook, time.GetUtcNow())).Needs(TokenRole.Viewer);
        ledger.MapPost("/", (string id, HttpRequest request) => RuleAsync<OpenRequest>(
            id, request, logbook, "to ask for a decision is JSON with 'rule', 'by' and, if it helps, 'words'",
            asked => asked is { Rule: not null, By: not null },
            (incident, plan, asked, now) => Deciding.Open(
                incident, plan, asked.Rule, asked.By, asked.Words ?? "", now)))
            .Needs(TokenRole.Responder).Takes<OpenRequest>();
        ledger.MapPost("/act-first", (string id, HttpRequest request) => RuleAsync<ActRequest>(
            id, request, logbook, "to act first is JSON with 'rule', 'by' and 'reason'",
            asked => asked is { Rule: not null, By: not null, Reason: not null },
            (incident, plan, asked, now) => Deciding.ActFirst(
                incident, plan, asked.Rule, asked.By, asked.Reason, now)))
            .Needs(TokenRole.Responder).Takes<ActRequest>();
        MapOfOne(ledger.MapGroup("/{key}"), logbook);
    }

    private static void MapOfOne(RouteGroupBuilder one, Logbook logbook)
    {
        one.MapPost("/approve", (string id, string key, HttpRequest request) => RuleAsync<ByRequest>(
            id, request, logbook, "to approve is JSON with 'by'", asked => asked is { By: not null },
            (incident, plan, asked, now) => Deciding.Approve(incident, plan, key, asked.By, now)))
            .Needs(TokenRole.Responder).Takes<ByRequest>();
        one.MapPost("/ratify", (string id, string key, HttpRequest request) => RuleAsync<ByRequest>(
            id, request, logbook, "to ratify is JSON with 'by'", asked => asked is { By: not null },
            (incident, plan, asked, now) => Deciding.Ratify(incident, plan, key, asked.By, now)))
            .Needs(TokenRole.Responder).Takes<ByRequest>();
        one.MapPost("/attest", (string id, string key, HttpRequest request) => RuleAsync<AttestRequest>(
            id, request, logbook,
            "to attest is JSON with 'of' (who approved), 'means', 'words' and 'by' (who heard it)",
            asked => asked is { Of: not null, Means: not null, Words: not null, By: not null },
            (incident, plan, asked, now) => Deciding.Attest(
                incident, plan, key, asked.Of, asked.By, asked.Means, asked.Words, now)))
            .Needs(TokenRole.Responder).Takes<AttestRequest>();
        one.MapPost("/decline", (string id, string key, HttpRequest request) => RuleAsync<ReasonRequest>(
            id, request, logbook, "to decline is JSON with 'by' and 'reason'",
            asked => asked is { By: not null, Reason: not null },
            (incident, plan, asked, now) => Deciding.Decline(incident, plan, key, asked.By, asked.Reason, now)))
            .Needs(TokenRole.Responder).Takes<ReasonRequest>();
        one.MapPost("/execute", (string id, string key, HttpRequest request) => RuleAsync<ExecuteRequest>(
            id, request, logbook, "that it is done is JSON with 'by', 'words' and, if there is one, 'transaction'",
            asked => asked is { By: not null, Words: not null }
                && (asked.Transaction is null || Hash32.TryParse(asked.Transaction, out _)),
            (incident, plan, asked, now) => Deciding.Execute(
                incident, plan, key, asked.By, asked.Words,
                Hash32.TryParse(asked.Transaction ?? "", out var transaction) ? transaction : null, now)))
            .Needs(TokenRole.Responder).Takes<ExecuteRequest>();
        one.MapPost("/review", (string id, string key, HttpRequest request) => RuleAsync<WordsRequest>(
            id, request, logbook, "to review is JSON with 'by' and 'words'",
            asked => asked is { By: not null, Words: not null },
            (incident, plan, asked, _) => Deciding.Review(incident, plan, key, asked.By, asked.Words)))
            .Needs(TokenRole.Responder).Takes<WordsRequest>();
    }

    private static Task<IResult> RuleAsync<T>(
        string id,
        HttpRequest request,
        Logbook logbook,
        string shape,
        Func<T, bool> isWhole,
        Func<Incident, Plan, T, DateTimeOffset, Ruling> rule)
        where T : class => CommandApi.RuleAtAsync<T>(
            id, request, logbook, shape, isWhole,
            (incident, plan, asked, now) => Caller.WhyNotOwn(request.HttpContext) is { } refusal
                ? Ruling.Refuse(refusal)
                : rule(incident, plan, asked, now));

    private static IResult List(string id, Logbook logbook, DateTimeOffset now)
    {
        if (!IncidentId.TryParse(id, out var known) || logbook.Book[known] is not { } incident)
            return IncidentApi.Unknown(id);
        var plan = logbook.PlanOf(incident);
        return IncidentApi.Json(new
        {
            decisions = Ledger.Rows(incident, plan, now),
            rules = plan.Decisions.Where(rule => Deciding.IsOfPeople(plan, rule)).Select(rule => new
            {
                rule.Id,
                rule.Name,
                plan.Action(rule.Action)?.What,
                mayActFirst = rule.Ratify?.Roles,
            }),
        });
    }

    private sealed record OpenRequest(string Rule, string By, string? Words);

    private sealed record ActRequest(string Rule, string By, string Reason);

    private sealed record ByRequest(string By);

    private sealed record AttestRequest(string Of, string Means, string Words, string By);

    private sealed record ReasonRequest(string By, string Reason);

    private sealed record ExecuteRequest(string By, string Words, string? Transaction);

    private sealed record WordsRequest(string By, string Words);
}
