using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Response;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;
using EvmBlock = Tocsin.Evm.Blocks.Block;
using Log = Tocsin.Evm.Blocks.Log;
using Transaction = Tocsin.Evm.Blocks.Transaction;

namespace Tocsin.Tests.Incidents;

/// <summary>What is shown of a pause and of what follows it.</summary>
public sealed class AfterPauseTests
{
    private static readonly Address Dee = MinimalPlan.Auditor.Address;
    private static readonly LiftedBy ByDee = new(Hash(0x99), Dee, Block(250));

    [Fact]
    public void Before_the_pause_there_is_nothing_after_it() =>
        Assert.Null(AfterPause.Of(Fold(Until<IncidentEvent.ScopePaused>())[First]!, Plan, null));

    [Fact]
    public void While_it_holds_people_see_what_to_send_and_whether_it_would_succeed()
    {
        var trial = new PeopleTrial("open-again", 0, Dee, false, "too early", false, At(130));

        var after = AfterPause.Of(Fold(Until<IncidentEvent.OutflowSeen>())[First]!, Plan, new PeopleTrials([trial]))!;

        Assert.Equal(At(86_520), after.FirstEnd);
        Assert.Equal("Ada Commander (commander)", after.Owner);
        Assert.Null(after.Extend);
        Assert.Equal(("open-again", "auditor"), (after.Reopen!.Id, after.Reopen.Senders));
        Assert.Equal(At(130), after.Reopen.TriedAt);
        var call = Assert.Single(after.Reopen.Calls);
        Assert.Equal(("unpause(market, all-clear)", "controls", "Local"), (call.InWords, call.Name, call.ChainName));
        Assert.Equal(Hex.Format(Plan.Action("open-again")!.Calls[0].Call.Data.AsSpan()), call.Data);
        Assert.Equal(new SenderForPeople("Dee Auditor", Dee, trial), Assert.Single(call.Senders));
        Assert.Equal(
            "extend the pause (nothing is prepared) or to reopen ('open-again', by auditor)", after.Choice);
    }

    [Fact]
    public void A_pause_that_was_lifted_says_by_whom_and_what_is_left_is_still_prepared()
    {
        var market = new IncidentEvent.PauseEnded(First, Decision.Id, 0, PauseEnd.Lifted, Block(250), ByDee);
        var lifted = Fold(Until<IncidentEvent.PauseEnded>())[First]!.Apply(market, At(3000));

        var part = AfterPause.Of(lifted, Plan, null)!;
        Assert.Equal(new PausedScope("market", null, PauseEnd.Lifted, ByDee), part.Scopes[0]);
        Assert.True(part.IsHeld && lifted.IsHeldInPart);
        Assert.NotNull(part.Reopen);
        Assert.Contains(
            $"lifted by {Dee} in {Hash(0x99)}", Tocsin.Reports.Timeline.Line(market), StringComparison.Ordinal);

        var whole = AfterPause.Of(lifted.Apply(market with { Call = 1 }, At(3001)), Plan, null)!;
        Assert.False(whole.IsHeld);
        Assert.Null(whole.Reopen);
    }

    [Fact]
    public void A_pause_that_was_prolonged_is_told_of_anew()
    {
        var told = Fold(Until<IncidentEvent.PauseEnded>())[First]!
            .Apply(new IncidentEvent.PauseNearsEnd(First, new PauseWarning(10, At(86_520))), At(80_000));
        var longer = told
            .Apply(new IncidentEvent.ScopePaused(First, Decision.Id, 0, "market", At(172_920), Block(110)), At(80_010))
            .Apply(new IncidentEvent.ScopePaused(First, Decision.Id, 1, "vault", At(172_920), Block(110)), At(80_010));

        Assert.Null(PauseExpiry.Due(longer, At(80_020)));
        Assert.Equal(At(172_920), AfterPause.Of(longer, Plan, null)!.FirstEnd);
        Assert.True(longer.IsPaused);
    }

    [Theory]
    [InlineData("market", "touch", 2)]
    [InlineData("touch", "market", 3)]
    [InlineData("touch", "touch", 0)]
    [InlineData("touch", "", 2)]
    [InlineData("vault", "", 2)]
    [InlineData("vault", "market", 3)]
    [InlineData("market", "market", 3)]
    [InlineData("", "", 0)]
    public void Who_lifted_a_pause_is_the_sender_of_the_event_that_says_so(string first, string second, int by)
    {
        var planned = Plan.Actions[0].Calls[0];
        var block = new EvmBlock(
            Block(250), Hash(1), At(3000), new[] { Sent(2, first), Sent(3, second) });

        Assert.Equal(
            by == 0 ? null : new LiftedBy(Hash((byte)by), Wallet(by), Block(250)), PauseWatch.Lifter(planned, block));
    }

    private static Address Wallet(int number) => MinimalPlan.Wallet((byte)(number + 20));

    private static Transaction Sent(byte number, string what) => new(
        Hash(number), number, Wallet(number), Attacker, 0, UInt256.Zero, default, true, null,
        what.Length == 0 ? default : new[] { Says(what) });

    private static Log Says(string what) => new(0, Plan.Actions[0].Calls[0].Call.Target, what == "touch"
        ? [Keccak256.Hash("FirstAgreed(address,bytes32,uint64)"), Hash(1)]
        : [Keccak256.Hash("Unpaused(address,bytes32,uint64,bytes32)"), Hash(1), Module(what)], default);

    private static Hash32 Module(string name)
    {
        var bytes = new byte[Hash32.ByteCount];
        System.Text.Encoding.ASCII.GetBytes(name, bytes);
        return new Hash32(bytes);
    }
}
