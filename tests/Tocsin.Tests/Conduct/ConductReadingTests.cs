using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using static Tocsin.Tests.Conduct.CallScript;

namespace Tocsin.Tests.Conduct;

/// <summary>What counts as each trait of an attack's conduct, and what looks like it and does not.</summary>
public sealed class ConductReadingTests
{
    private const string Go = "go(uint256,uint256)";
    private const string Send = "transfer(address,uint256)";
    private const string Draw = "transferFrom(address,address,uint256)";
    private static readonly BigInteger Ether = BigInteger.Pow(10, 18);
    private static readonly BigInteger All = (BigInteger.One << 256) - 1;
    private static readonly HashSet<Address> Ours = [Market];

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 1)]
    [InlineData(6, 2)]
    public void The_same_call_again_and_again_is_repeated(int times, int level)
    {
        var script = Robotic();

        for (var i = 0; i < times; i++)
            script.Call(Market, "withdraw(uint256,address)", 1, Robot);

        Assert.Equal(level, LevelOf(script, Trait.Repeat));
    }

    [Fact]
    public void Moving_tokens_and_asking_are_no_repeats()
    {
        var script = Robotic();

        for (var i = 0; i < 10; i++)
            script.Call(Token, Send, Somebody, 1).Call(Token, "balanceOf(address)", Robot);

        Assert.Equal(0, LevelOf(script, Trait.Repeat));
    }

    [Fact]
    public void Who_pays_and_gets_nothing_was_taken_from()
    {
        Assert.Equal(1, LevelOf(Robotic().Call(Market, () => { }, "redeem()").Call(Token, Draw, Somebody, Robot, 5),
            Trait.Taken));
        // A pool that is paid with another token sells; one that gives to a third party pays nobody of ours.
        Assert.Equal(0, LevelOf(Sale(), Trait.Taken));
        Assert.Equal(0, LevelOf(Robotic().Call(Token, Draw, Somebody, Pool, 5), Trait.Taken));

        CallScript Sale()
        {
            var script = Robotic();
            return script.Call(Of(9), Send, Pool, 3).Call(
                Pool, () => script.Call(Token, Send, Robot, 5), "swap(uint256,uint256,address,bytes)", 0, 5, Robot, 0);
        }
    }

    [Fact]
    public void What_failed_never_happened()
    {
        var script = Robotic();

        script.Fail(Market, () => script.Call(Token, Send, Robot, 5), "redeem()");

        Assert.Equal(0, LevelOf(script, Trait.Taken));
    }

    [Fact]
    public void An_allowance_without_limit_counts_inside_a_transaction_alone()
    {
        Assert.Equal(
            2, LevelOf(Robotic().Call(Token, "approve(address,uint256)", Pool, All)
                .Call(Token, "approve(address,uint256)", Market, All), Trait.Allowance));
        Assert.Equal(0, LevelOf(Robotic().Call(Token, "approve(address,uint256)", Pool, 1000), Trait.Allowance));
        Assert.Equal(0, LevelOf(new CallScript(Token, "approve(address,uint256)", Pool, All), Trait.Allowance));
    }

    [Fact]
    public void A_contract_that_acts_when_it_is_made_is_told_from_one_that_is_only_made()
    {
        CallScript acting = Robotic(), idle = Robotic();

        acting.Create(Of(20), () => acting.Call(Market, "borrow(uint256)", 7));
        for (var i = 0; i < 100; i++)
            idle.Create(Of(20 + i), () => { });

        Assert.Equal(1, LevelOf(acting, Trait.Created));
        Assert.Equal(0, LevelOf(idle, Trait.Created));
    }

    [Fact]
    public void Acting_while_called_back_is_reentry_and_answering_is_not()
    {
        CallScript again = Robotic(), answer = Robotic();

        again.Call(Market, () => again.Call(Robot, () => again.Call(Pool, () =>
            again.Call(Token, Send, Robot, 1), "take(uint256)", 1), "hook(uint256)", 1), "withdraw(uint256)", 1);
        answer.Call(Market, () => answer.Call(Robot, "hook(uint256)", 1), "withdraw(uint256)", 1);

        Assert.Equal(1, LevelOf(again, Trait.Reaction));
        Assert.Equal(0, LevelOf(answer, Trait.Reaction));
    }

    [Fact]
    public void A_proxy_acts_as_itself()
    {
        CallScript script = Robotic();

        for (var i = 0; i < 5; i++)
            script.Call(Market, () => script.Delegate(Of(30), () => { }), "withdraw(uint256,address)", 1, Robot);

        Assert.Equal(1, LevelOf(script, Trait.Repeat));
    }

    [Theory]
    [InlineData(99, 0)]
    [InlineData(100, 1)]
    [InlineData(1000, 2)]
    public void Very_many_coins_are_told(int coins, int level)
    {
        var script = Robotic();

        script.Call(Market, () => script.Pay(Robot, coins * Ether), "redeem()");

        Assert.Equal(level, LevelOf(script, Trait.Coins));
    }

    [Fact]
    public void A_pool_traded_both_ways_is_told_and_two_pools_one_way_each_are_not()
    {
        const string Swap = "swap(uint256,uint256,address,bytes)";

        Assert.Equal(1, LevelOf(
            Robotic().Call(Pool, Swap, 5, 0, Robot, 0).Call(Pool, Swap, 0, 5, Robot, 0), Trait.RoundTrip));
        Assert.Equal(0, LevelOf(
            Robotic().Call(Pool, Swap, 5, 0, Robot, 0).Call(Of(9), Swap, 0, 5, Robot, 0), Trait.RoundTrip));
    }

    [Fact]
    public void A_protected_contract_that_lost_a_fifth_is_told()
    {
        CallScript fifth = Robotic(), less = Robotic();

        fifth.Ask(Token, 100, "balanceOf(address)", Market);
        fifth.Call(Market, () => fifth.Call(Token, Send, Robot, 20), "redeem()");
        less.Ask(Token, 100, "balanceOf(address)", Market);
        less.Call(Market, () => less.Call(Token, Send, Robot, 19), "redeem()");

        Assert.Contains(new TraitLevel(Trait.LostShare, 1), Known(fifth).Traits);
        Assert.DoesNotContain(Known(less).Traits, shown => shown.Trait == Trait.LostShare);
    }

    [Fact]
    public void A_number_that_no_honest_caller_gives_is_told_and_as_much_as_there_is_is_not()
    {
        var absurd = new CallScript(Market, "send(address,uint256)", Somebody, BigInteger.One << 255);
        var most = new CallScript(Market, "send(address,uint256)", Somebody, All);

        Assert.Contains(new TraitLevel(Trait.Absurd, 1), Known(absurd).Traits);
        Assert.Empty(Known(most).Traits);
    }

    [Fact]
    public void A_stranger_who_administers_is_told_and_a_contract_that_others_use_too_is_not()
    {
        var stranger = new CallScript(Market, "transferOwnership(address)", Sender);
        var through = new CallScript(Of(9), "execute(address)", Market).Call(
            Market, "transferOwnership(address)", Sender);

        Assert.Contains(new TraitLevel(Trait.Administered, 1), Known(stranger).Traits);
        Assert.True(Known(stranger).Confidence >= 0.7m);
        Assert.DoesNotContain(Known(through).Traits, shown => shown.Trait == Trait.Administered);
    }

    [Fact]
    public void What_touches_nothing_protected_is_nothing_to_us()
    {
        var script = Robotic();
        for (var i = 0; i < 10; i++)
            script.Call(Pool, "drain(uint256)", 1).Call(Token, "approve(address,uint256)", Pool, All);

        Assert.Equal(0, Known(script).Confidence);
        Assert.True(ConductReading.Blind(script.Frames).Confidence > 0.9m);
    }

    [Fact]
    public void Ordinary_use_is_not_alarming()
    {
        var script = new CallScript(Market, "deposit(uint256,address)", 1000, Sender);
        script.Call(Token, Draw, Sender, Market, 1000);

        Assert.True(Known(script).Confidence < 0.1m);
        Assert.True(ConductReading.Blind(script.Frames).Confidence < 0.1m);
    }

    [Fact]
    public void No_weight_is_below_zero_so_what_is_added_cannot_look_better()
    {
        Assert.All(
            TraitWeights.Blind.Weights.Concat(TraitWeights.Protected.Weights), one => Assert.True(one.Value > 0));
    }

    [Fact]
    public void At_the_threshold_the_confidence_is_what_people_are_alerted_from()
    {
        foreach (var weights in new[] { TraitWeights.Blind, TraitWeights.Protected })
        {
            Assert.Equal(0.7m, weights.Confidence(weights.Threshold));
            Assert.True(weights.Confidence(weights.Threshold - 0.01) < 0.7m);
        }
    }

    // Two arguments, so that it is not terse.
    private static CallScript Robotic() => new(Robot, Go, 1, 2);

    private static int LevelOf(CallScript script, Trait trait) =>
        ConductReading.Blind(script.Frames).Traits.FirstOrDefault(shown => shown.Trait == trait).Level;

    private static ConductReading Known(CallScript script) => ConductReading.Protected(script.Frames, Ours);
}
