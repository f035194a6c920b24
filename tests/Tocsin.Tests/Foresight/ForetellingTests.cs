using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Foresight;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Response;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Foresight;

/// <summary>What is signed and what is refused, by what nodes said of it.</summary>
public sealed class ForetellingTests
{
    private const ulong Until = 1_800_000_000;

    private static readonly Address Sender = Address.Parse("0x00000000000000000000000000000000000005e4");
    private static readonly Address Brake = Address.Parse("0x00000000000000000000000000000000000000c0");
    private static readonly Address Vault = Address.Parse("0x00000000000000000000000000000000000000a2");
    private static readonly Address Dollar = Address.Parse("0x00000000000000000000000000000000000000d1");
    private static readonly KnownNames Names = new(MinimalPlan.Plan.Protected, Sender);

    private static readonly ValueList<StateChange> Own =
    [
        new(default, Brake, null, null, null, [new SlotChange(Story.Hash(1), default, Story.Hash(9))]),
        new(default, Sender, null, new Change<ulong>(1, 2), null, []),
    ];

    private static readonly PlannedAction Pause = MinimalPlan.Plan.Actions[0];

    [Fact]
    public void A_pause_tells_approvers_what_it_stops_and_until_when_and_that_nothing_else_changes()
    {
        var foreseen = Judge(Run());

        Assert.Empty(foreseen.Refusals);
        Assert.Equal(
            [
                "pauses market (market) until about 2027-01-15 08:00:00 UTC", "stays open: market by repay(uint256)",
                "changes controls: slot 0x1 from 0x0 to 0x9", "nothing else changes",
            ],
            foreseen.Words);
    }

    [Fact]
    public void What_changes_besides_is_refused_on_the_latest_state_and_on_the_pending_one()
    {
        var other = new StateChange(default, Vault, null, null, null, [new(Story.Hash(1), default, Story.Hash(2))]);

        var now = Judge(Run(), Own.Add(other));
        Assert.StartsWith("vault's storage slot 0x", now.Refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing else changes", now.Words);
        Assert.StartsWith(
            "on the pending state, vault's storage", Judge(Run(), Own, Own.Add(other)).Refusal,
            StringComparison.Ordinal);
        Assert.Null(Judge(Run(), Own.Add(other), action: Pause with { Changes = [Vault] }).Refusal);
    }

    [Fact]
    public void A_token_that_moves_is_refused()
    {
        var log = new Log(
            0, Dollar, [Keccak256.Hash("Transfer(address,address,uint256)"), default, default], new byte[32]);

        Assert.Contains("dUSD leave", Judge(Run(logs: [log])).Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 8, false)]
    [InlineData(3, 9, true)]
    [InlineData(9, 3, false)]
    public void Harm_is_refused_where_it_grows_by_more_than_the_plan_accepts(ulong before, ulong after, bool isRefused)
    {
        var foreseen = Judge(Run(before: before, after: after), action: Harmful);

        Assert.Equal(isRefused, foreseen.Refusal is not null);
        var more = after > before ? after - before : 0;
        Assert.Contains(
            $"positions that can be liquidated: {more} more ({before} now, {after} afterwards); "
                + "the plan accepts 5 more",
            foreseen.Words);
    }

    [Fact]
    public void Harm_is_told_in_units_of_its_asset_where_that_is_known()
    {
        var foreseen = Judge(
            Run(before: 0, after: 2_500_000_000_000_000_000),
            action: Harmful with { Harm = [Harmful.Harm[0] with { Asset = "dUSD", AtMostMore = 1 }] });

        Assert.Contains(
            "2.5 dUSD more (0 dUSD now, 2.5 dUSD afterwards), and the plan accepts less than 0.000001 dUSD more",
            foreseen.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void From_a_bundle_approvers_are_told_the_same()
    {
        var compiled = PlanReader.Read(
            [new PlanFile(CompiledPlan.FileName, CompiledPlan.Of(MinimalPlan.Plan).Write())]).Plan;

        Assert.Equal(
            Judge(Run()).Words, Judge(Run(), Own, names: new KnownNames(compiled.Protected, Sender)).Words);
    }

    [Fact]
    public void What_would_have_no_effect_is_refused()
    {
        Assert.Equal(
            "it would have no effect: market would not be paused", Judge(Run(holds: 0)).Refusal);
        Assert.StartsWith(
            "it would not have its effect: the router lists it: listed() is true and not false",
            Judge(Run(then: 1), action: Proven).Refusal, StringComparison.Ordinal);
        Assert.Contains("afterwards: the router lists it", Judge(Run(then: 0), action: Proven).Words);
    }

    [Fact]
    public void What_is_not_known_is_told_and_refused_only_where_the_plan_wants_it_known()
    {
        var unknown = Judge(null, null, action: Harmful);

        Assert.Null(unknown.Refusal);
        Assert.Contains("what it changes in the state is NOT known: no such method", unknown.Words);
        Assert.Contains("positions that can be liquidated: how many more is not known: no such method", unknown.Words);
        Assert.Contains("what it does on the pending state is not known: no such method", unknown.Words);
        Assert.Equal(
            "what it would change is not known (no such method), and the plan has it signed only when that is known",
            Judge(null, null, action: Pause with { MustForesee = true }).Refusal);
    }

    [Fact]
    public void Without_a_difference_the_payments_of_a_simulation_are_judged() => Assert.Contains(
        "ETH leave vault for", Judge(Run(payments: [new(Vault, Dollar, 7)]), null, null).Refusal,
        StringComparison.Ordinal);

    [Fact]
    public void A_pending_transaction_that_breaks_it_is_told()
    {
        var broken = Run() with { Calls = [new SimulatedOutcome("execution reverted", [], [], [])] };

        var foreseen = Judge(Run(), Own, null, null, broken);

        Assert.Null(foreseen.Refusal);
        Assert.Contains("on the PENDING state it would fail: execution reverted", foreseen.Words);
    }

    [Fact]
    public void What_is_to_come_is_seen_with_the_call_and_what_is_in_the_chain_is_not_made_twice()
    {
        var progress = DecisionProgress.Begin(Story.Proposed(), Story.Noon);

        var both = Prospect.Of(Pause, progress, 1);
        Assert.Equal((2, 1, true), (both.Calls.Count, both.Meant, both.IsWhole));
        var signed = progress.Apply(
            new IncidentEvent.CallSigned(Story.First, Story.Decision.Id, 0, 7, default, "0x"), Story.Noon);
        var second = Prospect.Of(Pause, signed, 1);
        Assert.Equal((1, 0, false), (second.Calls.Count, second.Meant, second.IsWhole));
    }

    [Fact]
    public async Task A_call_that_is_not_the_one_approvers_read_of_is_refused_before_any_node_is_asked()
    {
        var call = Story.Decision.Calls[0] with { Data = [.. Story.Decision.Calls[0].Data, 0] };
        var decision = Story.Decision with { Calls = [call, Story.Decision.Calls[1]] };
        var book = IncidentBook.Empty;
        foreach (var (at, happened) in Story.Whole.Take(3).Append((16, Story.Proposed(decision))))
            book = book.Apply(happened, Story.At(at));
        var trial = new Trial(new ActingChains([]), Sender, new ChainId(31337), TimeProvider.System);

        var tried = await trial.RunAsync(
            new SeenCall(book[Story.First]!, 0), Story.Plan, _ => Task.FromResult<string?>(null),
            TestContext.Current.CancellationToken);

        Assert.True(tried.IsRefused);
        Assert.Contains("not the one that the plan has words for", tried.Words, StringComparison.Ordinal);
    }

    private static PlannedAction Harmful => Pause with
    {
        Harm =
        [
            new PlannedHarm(
                new ChainId(31337), Vault, [], 5, "liquidatable()", "positions that can be liquidated", default),
        ],
    };

    private static PlannedAction Proven => Pause with
    {
        Then =
        [
            new PlannedRead(
                new ChainId(31337), Vault, [], AnswerForm.Flag, ReadRelation.Is, 0, "listed()", "the router lists it",
                default),
        ],
    };

    private static Rehearsed Run(
        ulong holds = 1,
        ulong before = 0,
        ulong after = 0,
        ulong then = 0,
        ValueList<Log>? logs = null,
        ValueList<SimulatedPayment>? payments = null) => new(
            [new SimulatedOutcome(null, logs ?? [], payments ?? [], [])], [before], [after], holds, Until,
            [((UInt256)then).ToArray().ToValueList()]);

    private static Foreseen Judge(Rehearsed? run) => Judge(run, Own);

    private static Foreseen Judge(
        Rehearsed? run,
        ValueList<StateChange>? changes,
        ValueList<StateChange>? pendingChanges = null,
        PlannedAction? action = null,
        Rehearsed? pendingRun = null,
        KnownNames? names = null)
    {
        var prospect = Prospect.Of(action ?? Pause, 0, index => index == 0, _ => true);
        return Foretelling.Judge(
            prospect,
            new Outlook(Look(changes), Look(pendingChanges), Look(run), Look(pendingRun ?? run)),
            names ?? Names);
    }

    private static Look<T> Look<T>(T? value)
        where T : class => new(value, value is null ? "no such method" : null);

    private static Foreseen Judge(Rehearsed? run, PlannedAction action) => Judge(run, Own, null, action);
}
