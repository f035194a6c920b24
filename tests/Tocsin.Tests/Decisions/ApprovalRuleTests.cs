using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Decisions;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Decisions;

public sealed class ApprovalRuleTests
{
    private static readonly Address[] People = [.. Enumerable.Range(1, 5)
        .Select(i => new Address([.. new byte[19], (byte)i]))];

    /// <summary>Up to five places for any of five wallets, and approvers in any order, perhaps twice.</summary>
    private static Gen<(ApprovalRule Rule, Address[] Approvers)> Cases() =>
        from places in Gen.Choose(0, 31).ListOf()
        from approvers in Gen.Choose(0, 4).Select(i => People[i]).ArrayOf()
        select (new ApprovalRule(places.Take(5).Select(Place).ToValueList()), approvers.Take(8).ToArray());

    [Fact]
    public void No_wallet_is_seated_twice_and_each_sits_where_it_may() => Prop.ForAll(Cases().ToArbitrary(), test =>
    {
        var seats = test.Rule.Seat(test.Approvers);
        var seated = seats.OfType<Address>().ToList();
        return seats.Count == test.Rule.Places.Count
            && seated.Distinct().Count() == seated.Count
            && seats.Select((wallet, i) => wallet is null || test.Rule.Places[i].Wallets.Contains(wallet.Value))
                .All(ok => ok)
            && seated.All(test.Approvers.Contains);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void As_many_places_are_filled_as_can_be_whoever_came_first() => Prop.ForAll(Cases().ToArbitrary(), test =>
    {
        var most = Most(test.Rule.Places, [.. test.Approvers.Distinct()], 0);
        return Filled(test.Rule, test.Approvers) == most
            && Filled(test.Rule, [.. test.Approvers.Reverse()]) == most
            && Filled(test.Rule, [.. test.Approvers.Order()]) == most
            && test.Rule.IsMetBy(test.Approvers) == (test.Rule.Places.Count > 0 && most == test.Rule.Places.Count);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nobody_stands_on_both_sides_of_a_quorum()
    {
        var both = new ApprovalRule([new("commander", [People[0]]), new("engineer", [People[0]])]);

        Assert.False(both.IsMetBy([People[0]]));
        Assert.False(both.IsMetBy([People[0], People[0]]));
    }

    [Fact]
    public void A_substitute_makes_room_where_that_fills_more_places()
    {
        var rule = new ApprovalRule([new("commander", [People[0], People[1]]), new("engineer", [People[0]])]);

        Assert.True(rule.IsMetBy([People[0], People[1]]));
        Assert.True(rule.IsMetBy([People[1], People[0]]));
    }

    [Fact]
    public void A_rule_without_places_is_never_met() => Assert.False(new ApprovalRule([]).IsMetBy(People));

    [Fact]
    public void Of_a_group_as_many_different_members_are_needed_as_the_plan_says()
    {
        var decision = Plan.Decisions[0] with { Required = [], Additional = [new("engineer", 2)] };
        var plan = Plan with { People = [.. Plan.People, Plan.People[1] with { Id = "eve", Wallet = People[0] }] };
        var rule = plan.ApprovalRule(decision);

        Assert.Equal(2, rule.Places.Count);
        Assert.False(rule.IsMetBy([People[0]]));
        Assert.True(rule.IsMetBy([People[0], plan.People[1].Wallet!.Value]));
    }

    private static ApproverPlace Place(int mask) =>
        new($"place {mask}", People.Where((_, i) => (mask & (1 << i)) != 0).ToValueList());

    private static int Filled(ApprovalRule rule, Address[] approvers) =>
        rule.Seat(approvers).Count(wallet => wallet is not null);

    // Every way to fill the places from this one on, the best of them.
    private static int Most(ValueList<ApproverPlace> places, List<Address> free, int place)
    {
        if (place == places.Count)
            return 0;
        var best = Most(places, free, place + 1);
        foreach (var wallet in free.Where(places[place].Wallets.Contains).ToList())
            best = Math.Max(best, 1 + Most(places, [.. free.Where(other => other != wallet)], place + 1));
        return best;
    }
}
