using Tocsin.Chains;
using Tocsin.Detection.Accounts;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using Tocsin.Tests.Detectors;

namespace Tocsin.Tests.Accounts;

/// <summary>Tokens that are taken out of many people's accounts, and what only looks like it.</summary>
public sealed class ApprovalDrainTests
{
    private static readonly Address Thief = Chronicle.Far(0xa1);
    private static readonly Address Drainer = Chronicle.Far(0xa2);

    private static readonly Address Router = Chronicle.Far(0xa3);

    private readonly Chronicle chronicle = new(ApprovalDrainSettings.Default);

    [Theory]
    [InlineData(20, 20_000, true)]
    [InlineData(6, 20_000, false)]
    [InlineData(20, 100, null)]
    [InlineData(4, 90_000, null)]
    public void Many_accounts_emptied_by_a_stranger_are_told(int victims, int each, bool? pages)
    {
        foreach (var half in new[] { 0, 1 })
        {
            var own = Enumerable.Range(0, victims).Where(i => i % 2 == half).ToList();
            Drain(own, each, Drainer);
        }

        var told = chronicle.LastOf("approval-drain");
        Assert.Equal(pages is not null, told.Count > 0);
        if (pages is null)
            return;
        var finding = Assert.Single(told);
        Assert.Equal((Threat.ContractAnomaly, Severity.High, "COIN"),
            (finding.Threat, finding.Severity, finding.Subject));
        Assert.Equal(pages, finding.Confidence >= 0.7m);
        Assert.Equal([Thief, Drainer], finding.Addresses.Order());
        Assert.Contains($"{victims} accounts lost tokens to 1 recipient", finding.Reason);
        chronicle.HoldsTogether();
    }

    [Fact]
    public void Our_own_contract_as_the_spender_is_critical()
    {
        Drain([0, 1, 2, 3, 4, 5], 500, Chronicle.Desk);

        var finding = Assert.Single(chronicle.LastOf("approval-drain"));
        Assert.Equal((Severity.Critical, "desk"), (finding.Severity, finding.Subject));
        Assert.True(finding.Confidence >= 0.7m);
        Assert.Equal([Thief], finding.Addresses);
        Assert.Contains("our contract desk", finding.Reason);
    }

    [Fact]
    public void Logs_alone_are_recorded_and_wake_nobody()
    {
        chronicle.Block(tx => Pulls(tx.By(Thief, Drainer), Enumerable.Range(0, 30), 20_000));

        var finding = Assert.Single(chronicle.LastOf("approval-drain"));
        Assert.True(finding.Confidence < 0.7m);
    }

    [Fact]
    public void Dust_in_front_of_a_drain_does_not_hide_it()
    {
        chronicle.Block(
            tx => Pulls(tx.By(Chronicle.Far(0xa7), Chronicle.Far(0xa8)), Enumerable.Range(100, 200), 1),
            tx => Pulls(tx.By(Thief, Drainer), Enumerable.Range(0, 30), 20_000));

        var finding = Assert.Single(chronicle.LastOf("approval-drain"));
        Assert.Contains("30 accounts lost tokens", finding.Reason);
        chronicle.HoldsTogether();
    }

    [Fact]
    public void Logs_alone_suffice_where_the_same_hands_have_just_attacked()
    {
        chronicle.Block(Story.Attack(by: Thief, through: Drainer));
        chronicle.Block(tx => Pulls(tx.By(Thief, Chronicle.Far(0xa9)), Enumerable.Range(0, 30), 20_000));

        var finding = Assert.Single(chronicle.LastOf("approval-drain"));
        Assert.True(finding.Confidence >= 0.7m);
        Assert.Contains("the same hands are at work here", finding.Reason);
        chronicle.HoldsTogether();
    }

    [Fact]
    public void Whoever_calls_the_token_himself_needs_no_trace()
    {
        for (var i = 0; i < 20; i++)
            chronicle.Block(tx =>
            {
                tx.By(Thief, Chronicle.Coin).Transfer(Chronicle.Coin, Victim(i), Thief, 20_000);
                tx.Input = Frames.PullInput(Victim(i), Thief, 20_000);
            });

        var finding = Assert.Single(chronicle.LastOf("approval-drain"));
        Assert.True(finding.Confidence >= 0.7m);
        Assert.Equal([Thief], finding.Addresses);
        Assert.InRange(chronicle.Findings.Count(one => one.Detector == "approval-drain"), 1, 6);
    }

    [Fact]
    public void A_collector_that_writes_events_and_acts_is_no_market()
    {
        var collector = Chronicle.Far(0xc9);
        chronicle.Block(tx =>
        {
            tx.By(Thief, Drainer).RawLog(collector, [Story.Hash(9, 9)], []);
            foreach (var i in Enumerable.Range(0, 20))
                tx.Transfer(Chronicle.Coin, Victim(i), collector, 20_000);
        });
        chronicle.Traced(
            chronicle.Story.Blocks[^1].Transactions.Span[0].Hash,
            [
                Frames.Call(0, Thief, Drainer),
                Frames.Call(1, Drainer, collector),
                Frames.Call(2, collector, Chronicle.Far(0xca)),
                .. Enumerable.Range(0, 20)
                    .Select(i => Frames.Pull(1, Drainer, Chronicle.Coin, Victim(i), collector, 20_000)),
            ]);

        Assert.True(Assert.Single(chronicle.LastOf("approval-drain")).Confidence >= 0.7m);
        chronicle.HoldsTogether();
    }

    public static TheoryData<string> LookAlikes => ["deposits", "swaps", "settlement", "payouts", "known", "slow"];

    [Theory]
    [MemberData(nameof(LookAlikes))]
    public void What_only_looks_like_it_is_not_told(string kind)
    {
        var quiet = new Chronicle(ApprovalDrainSettings.Default with
        {
            Known = kind == "known" ? [Thief.ToString()] : [],
            Window = TimeSpan.FromMinutes(1),
        });
        for (var i = 0; i < 20; i++)
        {
            quiet.Block(tx => Innocent(tx, kind, i));
            if (kind != "slow")
                quiet.Traced(quiet.Story.Blocks[^1].Transactions.Span[0].Hash, InnocentFrames(kind, i));
            for (var wait = 0; kind == "slow" && wait < 6; wait++)
                quiet.Block();
        }

        Assert.Empty(quiet.LastOf("approval-drain"));
    }

    private static void Innocent(TransactionStory tx, string kind, int i)
    {
        switch (kind)
        {
            case "deposits":
                tx.By(Victim(i), Router).Transfer(Chronicle.Coin, Victim(i), Chronicle.Far(0xc1), 20_000);
                break;
            case "swaps":
                // A pool that is not watched pays out; it writes an event about it.
                tx.By(Thief, Router).Transfer(Chronicle.Coin, Chronicle.Far(0x900 + i), Thief, 20_000)
                    .RawLog(Chronicle.Far(0x900 + i), [Story.Hash(9, 9)], []);
                break;
            case "settlement":
                tx.By(Thief, Router).Transfer(Chronicle.Coin, Victim(i), Router, 20_000)
                    .Transfer(Story.Gem, Router, Victim(i), 2_000);
                break;
            case "payouts":
                tx.By(Thief, Router).Transfer(Chronicle.Coin, Victim(i), Chronicle.Far(0x800 + i), 20_000);
                break;
            default:
                tx.By(Thief, Drainer).Transfer(Chronicle.Coin, Victim(i), Thief, 20_000);
                break;
        }
    }

    private static ValueList<CallFrame> InnocentFrames(string kind, int i) => kind switch
    {
        "deposits" =>
        [
            Frames.Call(0, Victim(i), Router),
            Frames.Pull(1, Router, Chronicle.Coin, Victim(i), Chronicle.Far(0xc1), 20_000),
        ],
        "swaps" =>
        [
            Frames.Call(0, Thief, Router),
            Frames.Call(1, Router, Chronicle.Far(0x900 + i)),
            Frames.Pull(2, Chronicle.Far(0x900 + i), Chronicle.Coin, Chronicle.Far(0x900 + i), Thief, 20_000),
        ],
        "settlement" =>
        [
            Frames.Call(0, Thief, Router),
            Frames.Pull(1, Router, Chronicle.Coin, Victim(i), Router, 20_000),
            Frames.Call(1, Router, Victim(i), wei: UInt256.Parse("7")),
        ],
        "payouts" =>
        [
            Frames.Call(0, Thief, Router),
            Frames.Pull(1, Router, Chronicle.Coin, Victim(i), Chronicle.Far(0x800 + i), 20_000),
        ],
        _ =>
        [
            Frames.Call(0, Thief, Drainer), Frames.Pull(1, Drainer, Chronicle.Coin, Victim(i), Thief, 20_000),
        ],
    };

    private void Drain(IEnumerable<int> victims, int each, Address spender)
    {
        chronicle.Block(tx => Pulls(tx.By(Thief, spender), victims, each));
        chronicle.Traced(
            chronicle.Story.Blocks[^1].Transactions.Span[0].Hash,
            [
                Frames.Call(0, Thief, spender),
                .. victims.Select(i => Frames.Pull(1, spender, Chronicle.Coin, Victim(i), Thief, each)),
            ]);
    }

    private static void Pulls(TransactionStory tx, IEnumerable<int> victims, int each)
    {
        foreach (var i in victims)
            tx.Transfer(Chronicle.Coin, Victim(i), Thief, each);
    }

    private static Address Victim(int i) => Chronicle.Far(0x700 + i);
}
