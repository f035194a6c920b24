using System.Globalization;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Reports;

namespace Tocsin.Api;

/// <summary>
/// What people found out about where funds went, over HTTP. Each body is JSON with the person as <c>by</c>; the chain
/// is that of the plan unless the body names another.
/// </summary>
internal static class TracingApi
{
    public static void MapTracing(this WebApplication app, Logbook logbook)
    {
        var records = app.MapGroup("/api/incidents/{id}/records").DisableAntiforgery();
        records.MapGet("/", (string id) =>
            IncidentId.TryParse(id, out var known) && logbook.Book[known] is { } incident
                ? IncidentApi.Json(incident.Records)
                : IncidentApi.Unknown(id))
            .Needs(TokenRole.Viewer);
        records.MapPost("/addresses", (string id, HttpRequest request) => CommandApi.RuleAsync<AddressRequest>(
            id, request, logbook,
            "an address is JSON with 'address', 'status' (attacker, victim, laundering, frozen, ours or cleared), "
            + "'by' and, if you like, 'words' and 'chain'",
            asked => asked is { Address: not null, Status: not null, By: not null },
            (incident, plan, asked) => Tracing.Record(incident, plan, new RecordEvent.AddressMarked(
                incident.Id, Chain(asked.Chain, plan), asked.Address!.Value, asked.Status!.Value, asked.Words ?? "",
                asked.By))))
            .Needs(TokenRole.Responder).Takes<AddressRequest>();
        records.MapPost("/funds", (string id, HttpRequest request) => CommandApi.RuleAsync<FundsRequest>(
            id, request, logbook,
            "funds are JSON with 'from', 'asset', 'units' as text, 'kind' (taken, passed, swapped, bridged, frozen, "
            + "returned or rescued), 'by' and, if they are known, 'to', 'transaction', 'recovery' (open, requested, "
            + "frozen, recovered or lost), 'words' and 'chain'",
            asked => asked is { From: not null, Asset: not null, Kind: not null, By: not null } && Units(asked) > 0,
            (incident, plan, asked) => Tracing.Record(incident, plan, new RecordEvent.FundsMoved(
                incident.Id, Chain(asked.Chain, plan), asked.From!.Value, asked.To, asked.Transaction, asked.Asset,
                Units(asked), asked.Kind!.Value, asked.Recovery ?? FundsRecovery.Open, asked.Words ?? "", asked.By))))
            .Needs(TokenRole.Responder).Takes<FundsRequest>();
        records.MapPost("/transactions", (string id, HttpRequest request) => CommandApi.RuleAsync<TransactionRequest>(
            id, request, logbook, "a transaction is JSON with 'transaction', 'words', 'by' and, if you like, 'chain'",
            asked => asked is { Transaction: not null, Words: not null, By: not null },
            (incident, plan, asked) => Tracing.Record(incident, plan, new RecordEvent.TransactionNoted(
                incident.Id, Chain(asked.Chain, plan), asked.Transaction!.Value, asked.Words, asked.By))))
            .Needs(TokenRole.Responder).Takes<TransactionRequest>();
    }

    private static ChainId Chain(ulong? chain, Plan plan) => chain is { } named ? new(named) : plan.Protected.Chain;

    // As text, since a number of JSON is rounded by many who write it.
    private static decimal Units(FundsRequest asked) =>
        decimal.TryParse(
            asked.Units, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var units) ? units : 0;

    private sealed record AddressRequest(
        Address? Address, AddressStatus? Status, string? Words, ulong? Chain, string By);

    private sealed record FundsRequest(
        Address? From,
        Address? To,
        Hash32? Transaction,
        string Asset,
        string Units,
        FundsKind? Kind,
        FundsRecovery? Recovery,
        string? Words,
        ulong? Chain,
        string By);

    private sealed record TransactionRequest(Hash32? Transaction, string Words, ulong? Chain, string By);
}
