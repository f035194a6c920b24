using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Tests.Detection;

public class ReorgTests
{
    private readonly Story story = new();
    private readonly Engine engine = new(Story.Watch);

    [Fact]
    public void A_finding_whose_evidence_is_all_orphaned_is_retracted()
    {
        var seen = Story.Run(engine, story.Begin(), story.Next(Story.Attack()));

        var retracted = engine.Step(story.BackTo(0));

        Assert.Equal(seen.Select(finding => finding.Id), retracted.Select(finding => finding.Id));
        Assert.All(retracted, finding =>
            Assert.Equal((2, FindingStatus.Retracted), (finding.Revision, finding.Status)));
        Assert.All(retracted, finding => Assert.StartsWith("Retracted: a reorg to block 0", finding.Reason));
        Assert.All(retracted, finding => Assert.Equal(story.Blocks[0].Ref, finding.Block));
        Assert.Empty(Story.Run(engine, Enumerable.Range(0, 20).Select(_ => story.Next())));
    }

    [Fact]
    public void A_finding_that_keeps_part_of_its_evidence_says_what_remains()
    {
        var first = Story.Run(engine, story.Begin(), story.Next(Story.Attack()))[0];
        Story.Run(engine, story.Next(Story.Attack()), story.Next(Story.Attack()));

        var remaining = engine.Step(story.BackTo(1))[0];

        Assert.Equal((4, FindingStatus.Seen), (remaining.Revision, remaining.Status));
        Assert.Equal(first with { Revision = 4, Reason = remaining.Reason }, remaining);
        Assert.EndsWith(first.Reason, remaining.Reason);
        Assert.StartsWith("A reorg to block 1 took back part", remaining.Reason);
    }

    [Fact]
    public void An_attack_included_again_in_another_block_is_the_same_finding_seen_again()
    {
        var seen = Story.Run(engine, story.Begin(), story.Next(Story.Attack(hash: 1)));
        engine.Step(story.BackTo(0));
        Assert.Empty(engine.Step(story.Next()));

        var again = engine.Step(story.Next(Story.Attack(hash: 1)));

        Assert.Equal(seen.Select(finding => finding.Id), again.Select(finding => finding.Id));
        Assert.All(again, finding => Assert.Equal((3, FindingStatus.Seen), (finding.Revision, finding.Status)));
        Assert.All(again, finding => Assert.Equal(2ul, finding.Block.Number));
    }

    [Fact]
    public void A_reorg_that_takes_back_only_the_confirmation_says_so_and_it_is_confirmed_again()
    {
        Story.Run(engine, story.Begin(), story.Next(Story.Attack()));
        var confirmed = Story.Run(engine, Enumerable.Range(0, 15).Select(_ => story.Next()));
        Assert.All(confirmed, finding => Assert.Equal(FindingStatus.Confirmed, finding.Status));

        var unconfirmed = engine.Step(story.BackTo(8));
        var again = Story.Run(engine, Enumerable.Range(0, 15).Select(_ => story.Next()));

        Assert.All(unconfirmed, finding => Assert.Equal((3, FindingStatus.Seen), (finding.Revision, finding.Status)));
        Assert.All(again, finding => Assert.Equal((4, FindingStatus.Confirmed), (finding.Revision, finding.Status)));
        Assert.Equal(2, again.Count);
    }

    [Fact]
    public void A_rollback_within_memory_is_taken_and_a_deeper_one_refused()
    {
        Story.Run(engine, Enumerable.Range(0, 400).Select(_ => story.Next()));
        var refused = new ChainStep.Rollback(story.Blocks[400 - 1 - 257].Ref);

        var exception = Assert.Throws<RollbackTooDeepException>(() => engine.Step(refused));

        Assert.Equal(refused.Ancestor, exception.Ancestor);
        Assert.Empty(engine.Step(story.BackTo(400 - 1 - 256)));
        Assert.Empty(engine.Step(story.Next()));
    }

    [Fact]
    public void A_rollback_to_a_block_never_seen_is_refused()
    {
        engine.Step(story.Begin());

        Assert.Throws<RollbackTooDeepException>(() =>
            engine.Step(new ChainStep.Rollback(new BlockRef(0, Story.Hash(9, 9)))));
        Assert.Throws<RollbackTooDeepException>(() =>
            new Engine(Story.Watch).Step(new ChainStep.Rollback(new BlockRef(0, Story.Hash(9, 9)))));
    }

    [Fact]
    public void An_engine_that_began_in_the_middle_of_the_chain_goes_back_to_where_it_began()
    {
        var late = new Engine(Story.Watch);
        story.Begin();
        late.Step(story.Next(Story.Attack()));

        var retracted = late.Step(story.BackTo(0));

        Assert.All(retracted, finding => Assert.Equal(FindingStatus.Retracted, finding.Status));
        Assert.Equal(story.Blocks[0].Ref, late.Head);
        Assert.Empty(late.Pools);
        Assert.NotEmpty(late.Step(story.Next(Story.Attack())));
    }

    [Fact]
    public void A_block_that_does_not_stand_on_the_head_is_refused()
    {
        engine.Step(story.Begin());
        var skipped = story.NextBlock();
        var next = story.NextBlock();

        Assert.Throws<InvalidOperationException>(() => engine.Step(Story.Step(next)));
        engine.Step(Story.Step(skipped));
        engine.Step(Story.Step(next));
    }
}
