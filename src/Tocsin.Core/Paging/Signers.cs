using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Paging;

/// <summary>How many places of a decision could be filled at this moment.</summary>
/// <param name="Filled">Places that have an approval.</param>
/// <param name="Able">Places that have an approval, or could have one of somebody who said that they are able.</param>
/// <param name="Places">All places.</param>
/// <param name="Missing">Roles of places for which nobody has said so.</param>
public sealed record Signers(int Filled, int Able, int Places, ValueList<string> Missing)
{
    /// <summary>Places of approval that nobody has filled: of a decision that is taken none, of one that is not
    /// proposed yet all.</summary>
    public static IReadOnlyList<ApproverPlace> EmptyPlaces(Incident incident, Plan plan)
    {
        if (!incident.IsOpen || incident.Decision?.TakenAt is not null || RuleOf(incident, plan) is not { } rule)
            return [];
        var seated = rule.Seat(incident.Decision?.Approvers ?? []);
        return [.. rule.Places.Where((_, place) => seated[place] is null)];
    }

    /// <summary>Null where the procedure of the incident has no decision of approvers.</summary>
    public static Signers? Of(Incident incident, Plan plan)
    {
        if (RuleOf(incident, plan) is not { Places.Count: > 0 } seats)
            return null;
        var approved = incident.Decision?.Approvers ?? [];
        Address[] able =
        [
            .. approved,
            .. plan.People
                .Where(person => incident.Pages.AnswerOf(person.Name)?.Answer == PageAnswer.AbleToSign)
                .Select(person => person.Wallet)
                .OfType<Address>(),
        ];
        var seated = seats.Seat(able);
        return new Signers(
            seats.Seat(approved).Count(seat => seat is not null),
            seated.Count(seat => seat is not null),
            seats.Places.Count,
            seats.Places.Where((_, place) => seated[place] is null).Select(place => place.Role).ToValueList());
    }

    private static ApprovalRule? RuleOf(Incident incident, Plan plan) =>
        (incident.Decision?.Rule ?? plan.Procedure(incident.Procedure)?.Decision) is { } id
        && plan.Decision(id) is { } rule ? plan.ApprovalRule(rule) : null;
}
