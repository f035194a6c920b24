using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Reorgs;

/// <summary>Every kind of reorg that a watch has to live through, from the node to the findings.</summary>
public sealed class ReorgTests
{
    [Fact]
    public async Task Live()
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(5);
        watched.Story.Next(Story.Attack());
        await watched.ToHeadAsync();

        watched.Reorg(2, 3);

        Assert.Equal("<4 5 6 7", await watched.ToHeadAsync());
        Assert.Equal([FollowNoticeKind.Reorg], watched.Told);
        Assert.Equal((1, 2), (watched.Counters!.Reorgs, watched.Counters.DeepestReorg));
        Assert.Empty(watched.Verdicts());
        Assert.Equal(2, watched.Findings.Count(finding => finding.Status == FindingStatus.Retracted));
    }

    [Fact]
    public async Task While_offline()
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(3);
        watched.Story.Next(Story.Attack());
        await watched.ToHeadAsync();
        await watched.RestartAsync();

        watched.Reorg(3, 2);
        watched.Story.Next(Story.Attack(hash: 7));
        watched.Extend(30);

        Assert.StartsWith("<1 2 3 4 5", await watched.ToHeadAsync());
        AssertSameAsReplay(watched);
        Assert.All(watched.Verdicts(), verdict => Assert.EndsWith($"{Story.Hash(3, 7)}", verdict.Id.Value));
    }

    [Fact]
    public async Task Deep()
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(98);
        watched.Story.Next(Story.Attack());
        watched.Extend(150);
        await watched.ToHeadAsync();
        var asked = watched.Questions;

        watched.Reorg(200, 0);
        watched.Extend(50);
        watched.Story.Next(Story.Attack());
        watched.Extend(160);

        Assert.StartsWith("<49 50 51", await watched.ToHeadAsync());
        Assert.Equal(200, watched.Counters!.DeepestReorg);
        AssertSameAsReplay(watched);
        // Each block once, and few questions for the ancestor of two hundred orphans.
        Assert.InRange(watched.Questions - asked, 211, 211 + 30);
    }

    [Fact]
    public async Task Twice_in_a_row()
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(6);
        watched.Story.Next(Story.Attack(hash: 1));
        await watched.ToHeadAsync();

        watched.Reorg(2, 1);
        watched.Story.Next(Story.Attack(hash: 1));
        watched.Extend(1);
        Assert.Equal("<5 6 7 8", await watched.ToHeadAsync());
        watched.Reorg(4, 6);
        Assert.Equal("<4 5 6 7 8 9 10", await watched.ToHeadAsync());

        Assert.Equal((2, 4), (watched.Counters!.Reorgs, watched.Counters.DeepestReorg));
        AssertSameAsReplay(watched);
        var statuses = watched.Findings.Where(finding => finding.Threat == Threat.FlashLoanAttack)
            .Select(finding => (finding.Revision, finding.Status));
        Assert.Equal(
            [(1, FindingStatus.Seen), (2, FindingStatus.Retracted), (3, FindingStatus.Seen),
                (4, FindingStatus.Retracted)],
            statuses);
    }

    [Fact]
    public async Task A_second_one_while_the_first_is_being_followed()
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(20);
        await watched.ToHeadAsync();
        watched.Reorg(5, 9);
        watched.Publish();
        watched.Tell(watched.Story.Blocks[^1].Ref);
        Assert.Equal("<15", await watched.StepAsync());
        Assert.Equal("16", await watched.StepAsync());

        watched.Reorg(14, 15);

        Assert.StartsWith("<10 11", (await watched.ToHeadAsync()).TrimStart("0123456789 ".ToCharArray()));
        Assert.Equal(watched.Story.Blocks, watched.Taken);
    }

    [Fact]
    public async Task No_events_in_the_orphan()
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(5);
        await watched.ToHeadAsync();

        watched.Reorg(3, 4);

        Assert.Equal("<2 3 4 5 6", await watched.ToHeadAsync());
        Assert.Empty(watched.Findings);
    }

    [Fact]
    public async Task An_orphan_with_findings_that_are_on_the_new_branch_too()
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(2);
        watched.Story.Next(Story.Attack(hash: 1));
        await watched.ToHeadAsync();
        var seen = watched.Findings.ToList();

        watched.Reorg(1, 2);
        watched.Story.Next(Story.Attack(hash: 1));
        watched.Extend(12);
        await watched.ToHeadAsync();

        Assert.Equal(seen.Select(finding => finding.Id), watched.Verdicts().Select(verdict => verdict.Id));
        Assert.All(watched.Verdicts(), verdict => Assert.Equal(FindingStatus.Confirmed, verdict.Status));
        Assert.All(watched.Findings.GroupBy(finding => finding.Id), revisions => Assert.Equal(
            [FindingStatus.Seen, FindingStatus.Retracted, FindingStatus.Seen, FindingStatus.Confirmed],
            revisions.Select(finding => finding.Status)));
        AssertSameAsReplay(watched);
    }

    [Theory]
    [InlineData(12, false)]
    [InlineData(13, true)]
    public async Task Deeper_than_counted_finality(int depth, bool isBroken)
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(20);
        await watched.ToHeadAsync();
        var final = watched.Taken[8].Ref;

        watched.Reorg(depth, depth + 1);

        Assert.StartsWith($"<{20 - depth} ", await watched.ToHeadAsync());
        Assert.Equal(isBroken ? 1 : 0, watched.Counters!.FinalityBroken);
        Assert.Equal(
            isBroken ? [FollowNoticeKind.Reorg, FollowNoticeKind.BrokeFinality] : [FollowNoticeKind.Reorg],
            watched.Told);
        if (isBroken)
        {
            var loud = watched.Notices.Last();
            Assert.Equal((depth, final), (loud.Depth, loud.Final));
            Assert.Contains("block 8 (0x", loud.Text, StringComparison.Ordinal);
        }
        AssertSameAsReplay(watched);
    }

    [Fact]
    public async Task Deeper_than_finality_by_the_chains_own_word()
    {
        await using var watched = new WatchedStory();
        watched.Options = watched.Options with { Finality = Finality.Finalized };
        watched.Story.Begin();
        watched.Extend(20);
        watched.Tagged = watched.Story.Blocks[15].Ref;
        Assert.EndsWith("15 !15 16 17 18 19 20", await watched.ToHeadAsync());

        watched.Reorg(6, 8);
        watched.Tagged = watched.Story.Blocks[18].Ref;
        watched.Time.Advance(watched.Options.FinalityInterval);

        Assert.Equal("<14 15 16 17 18 !18 19 20 21 22", await watched.ToHeadAsync());
        var loud = watched.Notices.Single(notice => notice.Kind == FollowNoticeKind.BrokeFinality);
        Assert.Equal((6, 15ul), (loud.Depth, loud.Final!.Value.Number));
    }

    [Fact]
    public async Task A_checkpoint_on_an_orphan()
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(40);
        watched.Story.Next(Story.Attack());
        watched.Extend(3);
        await watched.ToHeadAsync();
        await watched.RestartAsync();

        // Shorter than what was taken: no block of the new branch is above the checkpoint.
        watched.Reorg(6, 2);

        Assert.Equal("<38 39 40", await watched.ToHeadAsync());
        Assert.Empty(watched.Verdicts());
        await watched.RestartAsync();
        watched.Extend(8);
        Assert.Equal("41 42 43 44 45 46 47 48", await watched.ToHeadAsync());
        AssertSameAsReplay(watched);
    }

    [Fact]
    public async Task During_catch_up()
    {
        await using var watched = new WatchedStory();
        watched.Options = watched.Options with { LagBlocks = 8 };
        watched.Story.Begin();
        watched.Extend(5);
        await watched.ToHeadAsync();
        await watched.RestartAsync();
        watched.Extend(40);
        watched.Story.Next(Story.Attack());
        watched.Extend(100);
        watched.Publish();
        var answers = 0;
        watched.Asked = () =>
        {
            if (++answers != 60)
                return;
            watched.Reorg(110, 70);
            watched.Story.Next(Story.Attack());
            watched.Extend(60);
            watched.Publish();
            watched.Tell(watched.Story.Blocks[^1].Ref);
        };

        watched.Tell(watched.Story.Blocks[^1].Ref);
        await watched.UntilAsync(() => watched.Taken[^1].Ref == watched.Story.Blocks[^1].Ref && answers > 60);

        Assert.Equal(1, watched.Counters!.Reorgs);
        Assert.Equal(1, watched.Told.Count(kind => kind == FollowNoticeKind.CaughtUp));
        AssertSameAsReplay(watched);
    }

    [Fact]
    public async Task Several_heads_of_the_same_height()
    {
        await using var watched = new WatchedStory();
        watched.Story.Begin();
        watched.Extend(4);
        await watched.ToHeadAsync();

        var text = "";
        for (var round = 0; round < 4; round++)
        {
            watched.Reorg(1, 0);
            watched.Story.Next(round % 2 == 0 ? [Story.Attack()] : []);
            text += $"{await watched.ToHeadAsync()} ";
        }
        // And back to one that was orphaned before.
        var (now, before) = (watched.Story.Blocks[^1].Ref, watched.Taken[3].Ref);
        watched.Tell(new BlockRef(4, Story.Hash(9, 9)));
        watched.Tell(before);
        watched.Tell(now);
        watched.Extend(1);
        text += await watched.ToHeadAsync();

        Assert.Equal("<3 4 <3 4 <3 4 <3 4 5", text);
        Assert.Equal(4, watched.Counters!.Reorgs);
        Assert.Empty(watched.Verdicts());
    }

    [Fact]
    public async Task Too_deep_until_someone_says_where_to_begin_again()
    {
        await using var watched = new WatchedStory();
        watched.Options = watched.Options with { RememberedBlocks = 20 };
        watched.Story.Begin();
        watched.Extend(60);
        await watched.ToHeadAsync();
        watched.Reorg(21, 30);

        var thrown = await Assert.ThrowsAsync<ReorgTooDeepException>(watched.ToHeadAsync);
        Assert.Equal((40ul, 60ul), (thrown.Oldest.Number, thrown.Newest.Number));
        Assert.Equal(watched.Story.Blocks[40].Ref, thrown.Instead);
        Assert.Contains(FollowNoticeKind.BrokeFinality, watched.Told);
        await watched.RestartAsync();
        await Assert.ThrowsAsync<ReorgTooDeepException>(watched.ToHeadAsync);

        await watched.RestartAsync(FollowStart.At(30));

        Assert.StartsWith("30 31 32", await watched.ToHeadAsync());
    }

    internal static void AssertSameAsReplay(WatchedStory watched)
    {
        Assert.Equal(watched.Story.Blocks, watched.Taken);
        var replay = new Tocsin.Detection.Engine(watched.Watch);
        var all = new List<Finding>();
        foreach (var block in watched.Taken)
        {
            var findings = replay.Step(new ChainStep.Forward(block));
            all.AddRange(findings);
            Assert.Equal(Unnumbered(findings), Unnumbered(watched.ByBlock[block.Ref.Hash]));
        }
        Assert.Equal(WatchedStory.Verdicts(all), watched.Verdicts());
    }

    private static IEnumerable<Finding> Unnumbered(IEnumerable<Finding> findings) =>
        findings.Select(finding => finding with { Revision = 0 });
}
