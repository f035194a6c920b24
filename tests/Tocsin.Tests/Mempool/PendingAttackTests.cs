using Tocsin.Chains;
using Tocsin.Detection.Mempool;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using Tocsin.Tests.Detectors;

namespace Tocsin.Tests.Mempool;

/// <summary>Attacks that are told before they are in a block.</summary>
public sealed class PendingAttackTests
{
    private const int AttackHash = 77;
    private readonly Chronicle chronicle = new(PendingAttackSettings.Default);

    [Fact]
    public void An_attack_is_told_before_its_block()
    {
        var told = Assert.Single(chronicle.Take(Pending(0)));

        Assert.Equal((Threat.FlashLoanAttack, Severity.Critical, FindingStatus.Seen, "pending-attack"),
            (told.Threat, told.Severity, told.Status, told.Detector));
        Assert.True(told.Confidence >= 0.7m);
        Assert.Equal("market", told.Subject);
        Assert.Equal([Story.Hash(3, AttackHash)], told.Transactions);
        Assert.Equal([Story.Attacker, Story.AttackContract], told.Addresses);
        Assert.InRange(told.ImpactUsd, 300_000m, 400_000m);
        Assert.Contains("not in a block yet", told.Reason);
        Assert.Contains(Story.Hash(3, AttackHash).ToString(), told.Reason);
        chronicle.HoldsTogether();
    }

    [Fact]
    public void Calls_without_logs_are_judged_by_their_conduct()
    {
        var absurd = (byte[])[0xb6, 0xb5, 0x5f, 0x25, .. Hash32.Parse("0x80" + new string('0', 62)).ToArray()];
        var told = Assert.Single(chronicle.Take(Pending(0, [Frames.Call(0, Story.Attacker, Chronicle.Desk, absurd)])));

        Assert.Equal((Threat.ContractAnomaly, Severity.High), (told.Threat, told.Severity));
        Assert.Contains("not in a block yet", told.Reason);
    }

    [Fact]
    public void It_ends_after_its_block_and_shares_its_accounts_with_what_the_block_tells()
    {
        var pending = Assert.Single(chronicle.Take(Pending(0)));
        var mined = chronicle.Block(Story.Attack(hash: AttackHash))[0];

        Assert.Equal(pending.Addresses, mined.Addresses);
        Assert.Equal(pending.Transactions, mined.Transactions);
        Assert.Empty(chronicle.Take(new Arrival.Passed(At(20))));
        var over = Assert.Single(chronicle.Take(new Arrival.Passed(At(150))), one => one.Id == pending.Id);
        Assert.Equal((pending.Id, 2, FindingStatus.Over), (over.Id, over.Revision, over.Status));
        Assert.Contains("It is in block 1 now", over.Reason);
        chronicle.HoldsTogether();
    }

    [Fact]
    public void What_is_never_mined_is_over_when_it_is_due()
    {
        var pending = Assert.Single(chronicle.Take(Pending(0)));
        var due = chronicle.Engine.DueAt!.Value;
        while (due < At(600))
        {
            Assert.DoesNotContain(chronicle.Take(new Arrival.Passed(due)), one => one.Id == pending.Id);
            due = chronicle.Engine.DueAt!.Value;
        }

        Assert.Equal(At(600), due);
        var over = Assert.Single(chronicle.Take(new Arrival.Passed(due)), one => one.Id == pending.Id);
        Assert.Equal((FindingStatus.Over, 0m), (over.Status, over.ImpactUsd));
        Assert.Contains("never mined", over.Reason);
    }

    [Fact]
    public void Another_transaction_in_its_place_replaces_it()
    {
        chronicle.Take(Pending(0));
        chronicle.Block(tx => tx.By(Story.Attacker, Story.Router));
        chronicle.Take(new Arrival.Passed(At(13)));

        var over = Assert.Single(chronicle.Take(new Arrival.Passed(At(140))), one => one.Detector == "pending-attack");
        Assert.Equal(FindingStatus.Over, over.Status);
        Assert.Contains("It was replaced: block 1 holds", over.Reason);
    }

    [Fact]
    public void The_same_attack_with_another_fee_is_the_same_finding()
    {
        var first = Assert.Single(chronicle.Take(Pending(0)));
        Assert.Empty(chronicle.Take(Pending(2)));
        var second = Assert.Single(chronicle.Take(Pending(4, hash: 78)));

        Assert.Equal((first.Id, 2), (second.Id, second.Revision));
        Assert.Equal([Story.Hash(3, AttackHash), Story.Hash(3, 78)], second.Transactions);
    }

    [Fact]
    public void A_notice_that_comes_after_its_block_says_nothing()
    {
        chronicle.Block(Story.Attack(hash: AttackHash));

        Assert.Empty(chronicle.Take(Pending(1)));
    }

    [Fact]
    public void Honest_failed_and_unknown_outcomes_are_not_told()
    {
        var honest = Frames.Call(0, Story.Account(1), Story.Market) with
        {
            Logs = LogsOf(tx => tx.Transfer(Story.Dusd, Story.Market, Story.Account(1), 900_000m)),
        };

        Assert.Empty(chronicle.Take(Pending(0, [honest])));
        Assert.Empty(chronicle.Take(Pending(1, [AttackFrame() with { Error = "reverted" }])));
        Assert.Empty(chronicle.Take(new Arrival.Pending(At(2), Transaction(null, AttackHash, 0))));
        Assert.Empty(chronicle.Take(Pending(3, [])));
    }

    [Fact]
    public void One_sender_has_few_places_and_his_best_bids_have_them()
    {
        for (var nonce = 0; nonce < 100; nonce++)
            chronicle.Take(new Arrival.Pending(
                At(nonce / 100.0), Transaction([AttackFrame()], AttackHash + nonce, (ulong)nonce)));
        Assert.Equal(4, chronicle.Findings.Count);

        var told = chronicle.Take(new Arrival.Pending(
            At(2), Transaction([AttackFrame()], 500, 500) with { FeePerGasWei = UInt256.Parse("9") }));
        Assert.Equal([FindingStatus.Seen, FindingStatus.Over], told.Select(one => one.Status));
    }

    [Fact]
    public void Cheap_hopeless_transactions_keep_out_nobody_who_bids_more()
    {
        for (var sender = 0; sender < 40; sender++)
            chronicle.Take(new Arrival.Pending(At(sender / 100.0), From(0x300 + sender, 1)));
        Assert.Equal(32, chronicle.Findings.Count);
        Assert.Empty(chronicle.Take(new Arrival.Pending(At(1), From(0x400, 1))));

        var told = chronicle.Take(new Arrival.Pending(At(2), From(0x401, 2)));

        Assert.Contains(Story.Hash(3, 0x401).ToString(), told[0].Reason);
        Assert.Contains("made room", told[1].Reason);
        Assert.Equal(FindingStatus.Over, told[1].Status);
        chronicle.HoldsTogether();
    }

    private static PendingTransaction From(int sender, int fee) => Transaction([AttackFrame()], sender, 0) with
    {
        From = Chronicle.Far(sender),
        FeePerGasWei = UInt256.Parse($"{fee}"),
    };

    private static DateTimeOffset At(double seconds) => Chronicle.Start.AddSeconds(seconds);

    private static Arrival.Pending Pending(double at, CallFrame[]? frames = null, int hash = AttackHash) =>
        new(At(at), Transaction(frames ?? [AttackFrame()], hash, 0));

    private static PendingTransaction Transaction(CallFrame[]? frames, int hash, ulong nonce) => new(
        Story.Hash(3, hash), Story.Attacker, Story.AttackContract, nonce, default, default,
        frames is null ? null : new TransactionTrace(Story.Hash(3, hash), [.. frames]),
        frames is null ? "the node could not say" : null);

    private static CallFrame AttackFrame() =>
        Frames.Call(0, Story.Attacker, Story.AttackContract, [0xde, 0xad, 0xbe, 0xef]) with
        {
            Logs = LogsOf(Story.Attack()),
        };

    private static ReadOnlyMemory<Log> LogsOf(Action<TransactionStory> tell)
    {
        var story = new Story();
        story.Begin();
        return story.NextBlock(tell).Transactions.Span[0].Logs;
    }
}
