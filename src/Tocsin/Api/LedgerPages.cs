using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Api;

/// <summary>What the war room's forms say of decisions of people: the same pure functions as over HTTP.</summary>
internal static class LedgerPages
{
    public static void MapLedgerForms(this RouteGroupBuilder incidents)
    {
        incidents.MapPost(
            "/ledger/open/{rule}",
            (string id, string rule, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Say(id, context, form, (incident, plan, now) => Deciding.Open(
                    incident, plan, rule, PageRoutes.Field(form, "person"), PageRoutes.Field(form, "text"), now)));
        incidents.MapPost(
            "/ledger/act-first/{rule}",
            (string id, string rule, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Say(id, context, form, (incident, plan, now) => Deciding.ActFirst(
                    incident, plan, rule, PageRoutes.Field(form, "person"), PageRoutes.Field(form, "text"), now)));
        incidents.MapPost(
            "/ledger/{key}/{deed}",
            (string id, string key, string deed, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Say(id, context, form, (incident, plan, now) => Say(deed, incident, plan, key, form, now)));
    }

    private static Ruling Say(
        string deed, Incident incident, Plan plan, string key, IFormCollection form, DateTimeOffset now)
    {
        var (by, words) = (PageRoutes.Field(form, "person"), PageRoutes.Field(form, "text"));
        return deed switch
        {
            "attest" => Deciding.Attest(
                incident, plan, key, PageRoutes.Field(form, "of"), by, PageRoutes.Field(form, "means"), words, now),
            "approve" => Deciding.Approve(incident, plan, key, by, now),
            "ratify" => Deciding.Ratify(incident, plan, key, by, now),
            "decline" => Deciding.Decline(incident, plan, key, by, words, now),
            "execute" => Deciding.Execute(incident, plan, key, by, words, null, now),
            "review" => Deciding.Review(incident, plan, key, by, words),
            _ => Ruling.Refuse("nothing of that kind is said of a decision"),
        };
    }
}
