using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using Tocsin.Watching;

namespace Tocsin.Tests.Watching;

/// <summary>What is proven on one chain reaches the watches of the others, and no more than that.</summary>
public sealed class AttackNewsTests
{
    private static readonly ChainId One = new(1);
    private static readonly ChainId Two = new(2);
    private static readonly ChainId Three = new(3);
    private static readonly DateTimeOffset At = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    private readonly AttackNews news = new(new ManualTime());
    private readonly List<Arrival.AttackElsewhere> toOne = [];
    private readonly List<Arrival.AttackElsewhere> toTwo = [];
    private readonly List<Arrival.AttackElsewhere> toThree = [];

    [Fact]
    public void It_reaches_all_others_once_again_when_it_grows_and_again_when_it_is_taken_back()
    {
        JoinAll();
        var attack = Attack(One, Story.Attacker);
        news.Tell(One, [attack]);
        news.Tell(One, [attack]);
        news.Tell(One, [attack with { Time = At.AddMinutes(10) }]);
        Assert.Equal(
            (attack.Finding, attack.Accounts, false), Summary(Assert.Single(toTwo)));

        news.Tell(One, [attack with { Accounts = [Story.Attacker, Story.AttackContract] }]);
        news.Tell(One, []);

        Assert.Empty(toOne);
        Assert.Equal([1, 2, 2], toTwo.Select(told => told.Accounts.Count));
        Assert.Equal([false, false, true], toTwo.Select(told => told.Withdrawn));
        Assert.Equal(toTwo, toThree);
        Assert.All(toTwo, told => Assert.Equal(One, told.Chain));
    }

    [Fact]
    public void Whoever_joins_later_hears_what_is_known_and_what_is_known_no_more()
    {
        var (known, gone) = (Attack(One, Story.Attacker), Attack(One, Story.OtherAttacker));
        news.Join(One, [known], [], Put(toOne));

        news.Join(Two, [], [gone], Put(toTwo));
        news.Join(Three, [], [known, gone with { Chain = Two }], Put(toThree));

        Assert.Equal([(known.Finding, false), (gone.Finding, true)], toTwo.Select(t => (t.Finding, t.Withdrawn)));
        Assert.Equal([(gone.Finding, true)], toThree.Select(t => (t.Finding, t.Withdrawn)));
        Assert.Empty(toOne);
    }

    [Fact]
    public void A_watch_that_begins_anew_is_told_only_what_it_does_not_know()
    {
        JoinAll();
        var attack = Attack(Two, Story.Attacker);
        news.Tell(Two, [attack]);
        toOne.Clear();

        news.Join(One, [], [attack], Put(toOne));
        Assert.Empty(toOne);

        // It stopped before it took what it was told.
        news.Join(One, [], [], Put(toOne));
        Assert.Single(toOne);
    }

    [Fact]
    public void A_chain_that_has_no_watch_yet_takes_nothing_back()
    {
        news.Join(Two, [], [Attack(One, Story.Attacker)], Put(toTwo));
        news.Tell(One, []);

        Assert.Empty(toTwo);
    }

    private static (FindingId, ValueList<Address>, bool) Summary(Arrival.AttackElsewhere told) =>
        (told.Finding, told.Accounts, told.Withdrawn);

    private static ProvenAttack Attack(ChainId chain, Address by) => new(
        new FindingId($"flash-loan-attack/{chain}/{by}"), chain, Threat.FlashLoanAttack, At, [by], [], []);

    private void JoinAll()
    {
        news.Join(One, [], [], Put(toOne));
        news.Join(Two, [], [], Put(toTwo));
        news.Join(Three, [], [], Put(toThree));
    }

    private static Action<Arrival> Put(List<Arrival.AttackElsewhere> heard) =>
        arrival => heard.Add((Arrival.AttackElsewhere)arrival);
}
