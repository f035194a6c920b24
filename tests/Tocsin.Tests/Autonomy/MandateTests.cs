using Tocsin.Autonomy;
using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.People;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Autonomy;

/// <summary>What is approved ahead, as the log folds it.</summary>
public sealed class MandateTests
{
    private static readonly Uri Page = new("https://a.b");
    private static readonly Links Links = new(_ => Page, (_, _, _) => Page, Page);

    private static readonly ActionAuthorised Ada = Given(MinimalPlan.Commander.Address, "Ada Commander");
    private static readonly ActionAuthorised Ben = Given(MinimalPlan.Engineer.Address, "Ben Engineer");

    private static readonly IncidentEvent.DecisionProposed Automatic =
        Proposed() with { ByItself = new TakenByItself("pause-all", Stage.Wide, "taken by approvals given long ago") };

    [Fact]
    public void Approvals_of_the_same_decision_add_up_and_of_another_expiry_do_not()
    {
        var later = Ada with { Decision = Decision with { ExpiresAt = At(9000) } };

        var mandate = Book((1, Ada), (2, Ben), (3, later)).Mandate;

        Assert.Equal([2, 1], mandate.Authorisations.Select(one => one.Given.Count));
    }

    [Fact]
    public void A_person_who_is_revoked_takes_their_approvals_along()
    {
        var revoked = new PersonRevoked("ada", "Ada Commander", [MinimalPlan.Commander.Address], "Ben Engineer", "?");

        var mandate = Book((1, Ada), (2, Ben), (3, revoked)).Mandate;

        Assert.Equal("Ben Engineer", Assert.Single(Assert.Single(mandate.Authorisations).Given).Person);
        Assert.Empty(Book((1, Ada), (3, revoked)).Mandate.Authorisations);
    }

    [Fact]
    public void One_use_is_taken_once_whoever_takes_it()
    {
        var ahead = Fold(Whole.Take(3).Concat([(15, Ada), (15, (LogEvent)Ben)]));

        Assert.Empty(Fold([(16, Automatic)], ahead).Mandate.Authorisations);
        Assert.Equal([new AutomaticAct(First, "pause-all", At(16))], Fold([(16, Automatic)], ahead).Mandate.Acts);
        Assert.Equal(At(16), Fold([(16, Automatic)], ahead)[First]!.ActedByItselfAt);
        Assert.Empty(Fold(
            [(16, Proposed()), (17, new IncidentEvent.CallSigned(First, Decision.Id, 0, 7, Hash(0x71), "0x02"))], ahead)
            .Mandate.Authorisations);
        Assert.Single(Fold([(16, Proposed())], ahead).Mandate.Authorisations);
    }

    [Fact]
    public void Nobody_is_asked_to_approve_what_is_taken_by_itself_and_the_whole_team_is_told()
    {
        var before = Fold(Whole.Take(3))[First]!;
        var after = before.Apply(Automatic, At(16));

        var told = Announcements.Of(Automatic, before, after, Plan);

        Assert.All(told, one => Assert.Equal(AlertReason.Automatic, one.Reason));
        Assert.Contains(told, one => one.Channel == "ben-pager");
        var alert = Announcements.Write(
            told[0], "key", after, Plan, Links,
            "1:0", At(16));
        Assert.EndsWith("BEING PAUSED BY ITSELF, nobody was asked", alert.Title, StringComparison.Ordinal);
        Assert.StartsWith("'pause-all' was taken by approvals given long ago.", alert.DoNow, StringComparison.Ordinal);
        Assert.StartsWith("AUTOMATIC: 'pause-all' (market, vault) is taken by", Tocsin.Reports.Timeline.Line(Automatic),
            StringComparison.Ordinal);
    }

    private static IncidentBook Book(params IEnumerable<(double At, LogEvent Event)> events) => Fold(events, null);

    private static ActionAuthorised Given(Tocsin.Chains.Address wallet, string person) =>
        new("pause-all", Decision, Approval(wallet, 0), person);
}
