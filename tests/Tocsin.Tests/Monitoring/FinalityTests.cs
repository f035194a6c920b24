using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Monitoring;

/// <summary>Where the chain itself says what is final.</summary>
public sealed class FinalityTests
{
    private static readonly Watch Told = Story.Watch with { Thresholds = new Thresholds { FinalityIsTold = true } };

    private readonly Story story = new();
    private readonly Engine engine = new(Told);

    [Fact]
    public void Only_the_chains_own_word_confirms()
    {
        var seen = Story.Run(engine, story.Begin(), story.Next(Story.Attack()));
        Assert.Empty(Story.Run(engine, Enumerable.Range(0, 100).Select(_ => story.Next())));

        Assert.Empty(Final(0));
        var confirmed = Final(1);

        Assert.Equal(seen.Select(finding => finding.Id), confirmed.Select(finding => finding.Id));
        Assert.All(confirmed, finding =>
            Assert.Equal((FindingStatus.Confirmed, 2), (finding.Status, finding.Revision)));
        Assert.All(confirmed, finding => Assert.Equal(story.Blocks[^1].Ref, finding.Block));
        Assert.Empty(Final(1));
        Assert.Empty(Final(0));
        Assert.Empty(Final(50));
    }

    [Fact]
    public void An_attack_that_goes_on_is_confirmed_again()
    {
        Story.Run(engine, story.Begin(), story.Next(Story.Attack()));
        Final(1);
        Assert.All(engine.Step(story.Next(Story.Attack())), f => Assert.Equal(FindingStatus.Seen, f.Status));

        Assert.All(Final(2), finding => Assert.Equal(FindingStatus.Confirmed, finding.Status));
    }

    [Fact]
    public void A_reorg_below_what_was_final_retracts_and_finality_is_told_anew()
    {
        Story.Run(engine, story.Begin(), story.Next(Story.Attack(hash: 1)));
        Final(1);

        Assert.All(engine.Step(story.BackTo(0)), f => Assert.Equal(FindingStatus.Retracted, f.Status));
        Assert.NotEmpty(engine.Step(story.Next(Story.Attack(hash: 1))));
        Assert.NotEmpty(Final(1));
    }

    [Fact]
    public void A_block_above_the_head_cannot_be_final()
    {
        engine.Step(story.Begin());

        var above = new ChainStep.Final(new BlockRef(1, Story.Hash(1, 1)));

        Assert.Throws<InvalidOperationException>(() => engine.Step(above));
    }

    [Fact]
    public void Where_blocks_are_counted_the_word_confirms_nothing()
    {
        var counting = new Engine(Story.Watch);
        Story.Run(counting, story.Begin(), story.Next(Story.Attack()));

        Assert.Empty(counting.Step(new ChainStep.Final(story.Blocks[1].Ref)));
    }

    private IReadOnlyList<Finding> Final(int block) => engine.Step(new ChainStep.Final(story.Blocks[block].Ref));
}
