using Tocsin.Chains;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Monitoring;

/// <summary>What is not heard, and how soon that is said.</summary>
public sealed class SilenceTests
{
    private readonly Vigil vigil = new(Vigil.ChainOnly);

    [Fact]
    public void A_chain_that_stands_still_is_told_once_then_as_worse_then_as_over()
    {
        vigil.Head(0);
        Assert.Empty(vigil.Passed(119.999));

        var stalled = Assert.Single(vigil.Passed(124));
        Assert.Empty(vigil.Passed(130));
        var worse = Assert.Single(vigil.Passed(600));
        var over = Assert.Single(vigil.Head(754));

        Assert.Equal((Threat.MonitoringImpaired, Severity.High, 1m), (stalled.Threat, stalled.Severity,
            stalled.Confidence));
        Assert.Equal("No new head for 2 min 04 s (limit 2 min): while this lasts, attacks on this chain are not seen.",
            stalled.Reason);
        Assert.Equal((Vigil.At(124), "chain 31337"), (stalled.Time, stalled.Subject));
        Assert.Equal((2, Severity.Critical, FindingStatus.Seen), (worse.Revision, worse.Severity, worse.Status));
        Assert.Equal((3, Severity.Critical, FindingStatus.Over), (over.Revision, over.Severity, over.Status));
        Assert.Equal("Over after 10 min 30 s. Head 1 came after 12 min 34 s without any.", over.Reason);
        Assert.All([worse, over], finding => Assert.Equal(stalled.Id, finding.Id));
        Assert.Equal("monitoring-impaired/31337/chain-stalled/chain/2026-03-01T00:02:04.0000000Z", stalled.Id.Value);
    }

    [Fact]
    public void What_is_due_is_said_at_the_instant_that_was_named()
    {
        Assert.Null(vigil.Engine.DueAt);
        vigil.Head(0);
        Assert.Equal(Vigil.At(120), vigil.Engine.DueAt);
        vigil.Head(30);
        Assert.Equal(Vigil.At(150), vigil.Engine.DueAt);

        Assert.Single(vigil.Passed(150));
        Assert.Equal(Vigil.At(630), vigil.Engine.DueAt);
        Assert.Single(vigil.Passed(630));
        Assert.Null(vigil.Engine.DueAt);
    }

    [Fact]
    public void A_head_that_comes_too_late_was_missing_all_the_same()
    {
        vigil.Head(0);

        var told = vigil.Head(200);

        Assert.Equal([FindingStatus.Seen, FindingStatus.Over], told.Select(finding => finding.Status));
        Assert.StartsWith("No new head for 3 min 20 s", told[0].Reason);
    }

    [Fact]
    public void Old_heads_said_again_are_no_sign_of_life()
    {
        vigil.Head(0);
        vigil.Head(12);
        var blocks = vigil.Story.Blocks;
        for (var at = 20; at < 130; at += 10)
            vigil.Take(new Arrival.HeadSeen(Vigil.At(at), blocks[at / 10 % 2].Ref));
        // A node that lags walks up through blocks that we took long ago.
        vigil.Take(new Arrival.HeadSeen(Vigil.At(131), new BlockRef(0, Story.Hash(9, 9))));

        Assert.Single(vigil.Passed(132));
    }

    [Fact]
    public void After_a_reorg_lower_heads_are_a_sign_of_life()
    {
        for (var at = 0; at < 50; at += 10)
            vigil.Head(at);
        vigil.Take(vigil.Story.BackTo(1));

        vigil.Head(110);

        Assert.Empty(vigil.Passed(229));
    }

    [Fact]
    public void Blocks_that_are_announced_but_not_taken_leave_us_behind()
    {
        vigil.Head(0);
        Announce(10, 5);
        Announce(12, 6);
        Announce(100, 20);
        Assert.Empty(vigil.Passed(131.9));

        var behind = Assert.Single(vigil.Passed(132));
        Announce(200, 30);
        Announce(300, 40);
        Announce(400, 50);
        Announce(500, 60);
        Announce(600, 70);
        var worse = Assert.Single(vigil.Passed(612));
        while (vigil.Story.Blocks.Count <= 66)
            vigil.Take(vigil.Story.Next());
        var over = Assert.Single(Announce(613, 71));

        Assert.Equal((Severity.Elevated, FindingStatus.Seen), (behind.Severity, behind.Status));
        Assert.StartsWith("Nodes announce block 20, but block 0 is the last one taken: 20 behind (limit 5), for 2 min.",
            behind.Reason);
        Assert.Equal((2, Severity.High, behind.Id), (worse.Revision, worse.Severity, worse.Id));
        Assert.Equal((3, FindingStatus.Over), (over.Revision, over.Status));
    }

    [Fact]
    public void Heads_without_any_block_taken_are_told_too()
    {
        Announce(0, 5);
        Announce(100, 14);

        Assert.Contains("no block was taken yet", Assert.Single(vigil.Passed(120)).Reason);
    }

    [Fact]
    public void A_short_lag_is_nothing()
    {
        vigil.Head(0);
        Announce(10, 50);
        Announce(60, 3);
        Announce(110, 51);
        Announce(200, 52);

        Assert.Empty(vigil.Passed(229));
        Assert.Single(vigil.Passed(230));
    }

    [Fact]
    public void A_restart_after_a_long_time_claims_no_silence()
    {
        var night = new Vigil(Vigil.Watch);
        night.Take(new Arrival.Began(Vigil.At(0)));
        night.Head(0);
        night.Restart();

        Assert.Empty(night.Take(new Arrival.Began(Vigil.At(100_000))));

        Assert.Equal(Vigil.At(100_060), night.Engine.DueAt);
        Assert.Empty(night.Passed(100_059));
        Assert.Equal(["price of GEM"], night.Passed(100_060).Select(finding => finding.Subject));
        // The keeper is due again only by its whole promise from now.
        Assert.DoesNotContain(night.WaitUntil(100_599), finding => finding.Threat == Threat.MissedHeartbeat);
        Assert.Contains(night.WaitUntil(100_600), finding => finding.Threat == Threat.MissedHeartbeat);
    }

    [Fact]
    public void Without_a_new_beginning_a_restored_engine_goes_on_as_if_nothing_had_happened()
    {
        vigil.Head(0);
        vigil.Restart();

        Assert.Single(vigil.Passed(120));
    }

    [Fact]
    public void A_stall_from_before_a_restart_is_over_only_when_a_head_comes()
    {
        vigil.Head(0);
        vigil.Passed(120);
        vigil.Restart();
        Assert.Empty(vigil.Take(new Arrival.Began(Vigil.At(5_000))));
        Assert.Empty(vigil.Passed(5_010));

        Assert.Equal(FindingStatus.Over, Assert.Single(vigil.Head(5_020)).Status);
    }

    [Fact]
    public void A_clock_set_back_does_not_make_us_deaf()
    {
        vigil.Head(10_000);
        vigil.Passed(5_000);

        Assert.Equal(Vigil.At(5_120), vigil.Engine.DueAt);
        Assert.Single(vigil.Passed(5_120));
    }

    [Fact]
    public void Arrivals_a_little_out_of_order_move_no_clock()
    {
        vigil.Head(100);
        vigil.Passed(70);

        Assert.Equal(Vigil.At(220), vigil.Engine.DueAt);
    }

    private IReadOnlyList<Finding> Announce(double at, int number) =>
        vigil.Take(new Arrival.HeadSeen(Vigil.At(at), new BlockRef((ulong)number, Story.Hash(8, number))));
}
