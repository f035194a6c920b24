using System.Globalization;
using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Reports;

namespace Tocsin.Api;

/// <summary>
/// The war room's forms for where funds went and for taking two attacks apart: the same pure functions as over HTTP.
/// </summary>
internal static class RecordPages
{
    private static readonly Ruling NoAddress = Ruling.Refuse("an address is 0x and 40 hexadecimal digits");
    private static readonly Ruling NoTransaction = Ruling.Refuse("a transaction is 0x and 64 hexadecimal digits");
    private static readonly Ruling NoChain = Ruling.Refuse("a chain is its number, for example 1 for Ethereum");

    public static void MapRecordForms(this RouteGroupBuilder incidents)
    {
        MapRecord(incidents, "addresses", AddressOf);
        MapRecord(incidents, "funds", FundsOf);
        MapRecord(incidents, "transactions", TransactionOf);
        incidents.MapPost("/split", (string id, HttpContext context, IFormCollection form, WarRoom room) =>
            Split(id, context, form, room));
    }

    private static void MapRecord(
        RouteGroupBuilder incidents, string kind, Func<Incident, Plan, IFormCollection, Ruling> rule) =>
        incidents.MapPost(
            $"/records/{kind}",
            (string id, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Rule(id, context, (incident, plan, _) => rule(incident, plan, form)));

    private static Ruling AddressOf(Incident incident, Plan plan, IFormCollection form)
    {
        if (ChainOf(form, plan) is not { } chain)
            return NoChain;
        if (!Address.TryParse(PageRoutes.Field(form, "address"), out var address))
            return NoAddress;
        return Enum.TryParse<AddressStatus>(PageRoutes.Field(form, "status"), ignoreCase: true, out var status)
            ? Tracing.Record(incident, plan, new RecordEvent.AddressMarked(
                incident.Id, chain, address, status, PageRoutes.Field(form, "words"),
                PageRoutes.Field(form, "person")))
            : Ruling.Refuse("there is no such status");
    }

    private static Ruling FundsOf(Incident incident, Plan plan, IFormCollection form)
    {
        var (to, transaction) = (PageRoutes.Field(form, "to"), PageRoutes.Field(form, "transaction"));
        if (ChainOf(form, plan) is not { } chain)
            return NoChain;
        if (!Address.TryParse(PageRoutes.Field(form, "from"), out var from))
            return NoAddress;
        if (!Address.TryParse(to, out var receiver) && to.Length > 0)
            return NoAddress;
        if (!Hash32.TryParse(transaction, out var hash) && transaction.Length > 0)
            return NoTransaction;
        var recovered = PageRoutes.Field(form, "recovery");
        return Enum.TryParse<FundsKind>(PageRoutes.Field(form, "kind"), ignoreCase: true, out var kind)
            && (Enum.TryParse<FundsRecovery>(recovered, ignoreCase: true, out var recovery) || recovered.Length == 0)
            ? Tracing.Record(incident, plan, new RecordEvent.FundsMoved(
                incident.Id, chain, from, to.Length > 0 ? receiver : null, transaction.Length > 0 ? hash : null,
                PageRoutes.Field(form, "asset"), UnitsOf(form), kind, recovery, PageRoutes.Field(form, "words"),
                PageRoutes.Field(form, "person")))
            : Ruling.Refuse("there is no such kind or recovery");
    }

    private static Ruling TransactionOf(Incident incident, Plan plan, IFormCollection form)
    {
        if (ChainOf(form, plan) is not { } chain)
            return NoChain;
        return Hash32.TryParse(PageRoutes.Field(form, "transaction"), out var transaction)
            ? Tracing.Record(incident, plan, new RecordEvent.TransactionNoted(
                incident.Id, chain, transaction, PageRoutes.Field(form, "words"), PageRoutes.Field(form, "person")))
            : NoTransaction;
    }

    // That of the plan unless another is named.
    private static ChainId? ChainOf(IFormCollection form, Plan plan) => PageRoutes.Field(form, "chain") switch
    {
        "" => plan.Protected.Chain,
        var named => ulong.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var chain)
            ? new ChainId(chain)
            : null,
    };

    // Of none it is said that it must be above zero.
    private static decimal UnitsOf(IFormCollection form) => decimal.TryParse(
        PageRoutes.Field(form, "units"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var units)
        ? units
        : 0;

    private static IResult Split(string id, HttpContext context, IFormCollection form, WarRoom room)
    {
        if (!IncidentId.TryParse(id, out var from) || room.Logbook.Book[from] is null)
            return PageRoutes.NotFound($"There is no incident '{id}'.");
        var ruling = CommandApi.Split(
            room.Logbook, from, [.. form["finding"].OfType<string>()], PageRoutes.Field(form, "person"),
            PageRoutes.Field(form, "reason"));
        return ruling.Refusal is { } refusal
            ? room.Show(id, context, refusal)
            : Results.Redirect($"/incidents/{CommandApi.Opened(ruling)}");
    }
}
