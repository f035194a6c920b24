using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Paging;

/// <summary>
/// Wakes those who can still fill a place of a decision, until it is taken or its time is over. They were all told by
/// their first way when it was proposed.
/// </summary>
internal static class ApproverPages
{
    /// <summary>So often a person's ways are gone through.</summary>
    public const int Rounds = 3;

    // Who says that they are able to sign is on their way to do it.
    private static readonly TimeSpan SigningTakes = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan UnableFor = TimeSpan.FromHours(1);

    public static IEnumerable<PageStep> Steps(Incident incident, Plan plan)
    {
        if (incident.Decision is not { TakenAt: null, ByItself: null } decision
            || plan.Decision(decision.Rule) is not { } rule)
            return [];
        var approvers = plan.ApprovalRule(rule);
        var seats = approvers.Seat(decision.Approvers);
        var empty = approvers.Places.Where((_, place) => seats[place] is null).ToList();
        return plan.People
            .Where(person => person.Wallet is { } wallet && !decision.Approvers.Contains(wallet)
                && empty.Any(place => place.Wallets.Contains(wallet)) && person.Ways.Count > 0)
            .Select(person => NextOf(incident, decision, person))
            .OfType<PageStep>()
            .Where(step => step.Due < decision.Decision.ExpiresAt);
    }

    // Who could not help in the afternoon may be able to in the evening.
    private static bool IsUnable(Incident incident, DecisionProgress decision, Person person) =>
        incident.Pages.AnswerOf(person.Name) is { Answer: PageAnswer.Unable } unable
        && unable.At >= decision.ProposedAt - UnableFor;

    private static PageStep? NextOf(Incident incident, DecisionProgress decision, Person person)
    {
        var pages = incident.Pages.Pages
            .Where(page => page.Purpose == PagePurpose.Approve && page.Person == person.Name)
            .ToList();
        // Of all decisions of the incident: one that lapses and is proposed anew wakes nobody for ever.
        if (pages.Count + 1 >= person.Ways.Count * Rounds || IsUnable(incident, decision, person))
            return null;
        var (way, at) = pages is [.., var last] && last.At >= decision.ProposedAt
            ? (last.Way, last.At)
            : (0, decision.ProposedAt);
        var due = at + person.WaysInOrder.ElementAt(way).Wait;
        if (incident.Pages.AnswerOf(person.Name) is { Answer: PageAnswer.AbleToSign } able
            && able.At + SigningTakes > due && able.At >= decision.ProposedAt)
            due = able.At + SigningTakes;
        var next = (way + 1) % person.Ways.Count;
        return new PageStep(due, new PageEvent.Paged(
            incident.Id, person.Name, person.Ways[next], next, PagePurpose.Approve));
    }
}
