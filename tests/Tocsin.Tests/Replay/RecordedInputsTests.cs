using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;
using Tocsin.Replay;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Replay;

/// <summary>What becomes of a recorded log whose blocks are not all to be had any more.</summary>
public sealed class RecordedInputsTests : IDisposable
{
    private readonly ReplayFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_orphan_that_is_gone_is_told_and_left_out_with_its_rollback()
    {
        var story = new Story();
        List<Input> inputs = [story.Begin(), story.Next()];
        var attack = (ChainStep.Forward)story.Next(Story.Attack());
        var above = (ChainStep.Forward)story.Next();
        List<Input> orphaned =
        [
            attack,
            new ChainStep.Traced(attack.Block.Ref, []),
            new Arrival.Beat(attack.Block.Time, "keeper"),
            above,
            story.BackTo(2),
            story.Next(),
            story.BackTo(1),
        ];
        List<Input> after = [story.Next(Story.Attack()), story.Next()];
        List<Input> all = [.. inputs, .. orphaned, .. after];
        Play.Record(folder.PathOf("log"), all);
        var play = new Play(folder.PathOf("out.jsonl"));

        var replayed = await play.OnceAsync(
            Play.Log(folder.PathOf("log"), all, block => block != attack.Block.Ref));

        Assert.Equal(InputStory.Live([.. inputs, orphaned[2], .. after]), replayed);
        Assert.NotEmpty(replayed);
        Assert.Equal("orphan that no source has any more", Assert.Single(play.Rejections.Rejected).Kind);
        Assert.Empty(play.Rejections.Missing);
    }

    [Fact]
    public async Task A_rollback_below_a_left_out_orphan_still_takes_back_what_stands_below_it()
    {
        var story = new Story();
        List<Input> all = [story.Begin(), story.Next(Story.Attack())];
        var gone = (ChainStep.Forward)story.Next();
        List<Input> rest = [story.BackTo(0), story.Next(), story.Next()];
        List<Input> log = [.. all, gone, .. rest];
        Play.Record(folder.PathOf("log"), log);

        var replayed = await new Play(folder.PathOf("out.jsonl")).OnceAsync(
            Play.Log(folder.PathOf("log"), log, block => block != gone.Block.Ref));

        Assert.Equal(InputStory.Live([.. all, .. rest]), replayed);
        Assert.Contains("\"status\":\"retracted\"", replayed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_canonical_block_that_is_gone_is_missing_and_detection_begins_anew()
    {
        var story = new Story();
        List<Input> log = [story.Begin()];
        var gone = (ChainStep.Forward)story.Next();
        List<Input> rest = [story.Next(Story.Attack()), story.BackTo(1), story.Next(Story.Attack()), story.Next()];
        log.AddRange([gone, new ChainStep.Answered(gone.Block.Ref, []), .. rest]);
        Play.Record(folder.PathOf("log"), log);
        var play = new Play(folder.PathOf("out.jsonl"));

        var replayed = await play.OnceAsync(Play.Log(folder.PathOf("log"), log, block => block != gone.Block.Ref));

        Assert.Equal([new MissingBlocks(1, 1)], play.Rejections.Missing);
        Assert.Equal(InputStory.Live(rest), replayed);
    }

    [Fact]
    public async Task Inputs_that_are_lost_are_told_and_detection_begins_anew_after_them()
    {
        var story = new Story();
        List<Input> before = [story.Begin(), story.Next(Story.Attack())];
        List<Input> after = [story.Next(), story.Next(Story.Attack()), story.Next()];
        using (var log = InputLog.Open(folder.PathOf("log"), new InputLogOptions(), new ManualTime()))
        {
            before.ForEach(log.Append);
            log.GoOnFrom(new InputPosition(5, 1000, 50));
            after.ForEach(log.Append);
        }
        var source = Play.Log(folder.PathOf("log"), [.. before, .. after]);

        for (var stop = 1; stop <= 6; stop++)
        {
            var play = new Play(folder.PathOf($"out{stop}.jsonl"));
            await play.OnceAsync(source, stopAfter: stop);
            var replayed = await play.OnceAsync(source);

            Assert.Equal(InputStory.Live(before) + InputStory.Live(after), replayed);
            Assert.False(play.Rejections.IsWhole);
            Assert.Equal(1, Assert.Single(play.Rejections.Rejected).Count);
        }
        await Assert.ThrowsAsync<ReplayStoppedException>(
            () => new Play(folder.PathOf("strict.jsonl")).OnceAsync(source, strict: true));
    }

    [Fact]
    public async Task Blocks_may_come_from_block_files_in_which_orphans_lie_anywhere_near()
    {
        var inputs = InputStory.Tell(1, 14, 150, 20, 126, 21, 118, 1, 23, 24, 120, 14, 27, 30, 31, 32);
        Play.Record(folder.PathOf("log"), inputs);
        var blocks = inputs.OfType<ChainStep.Forward>().Select(step => step.Block)
            .OrderBy(block => block.Ref.Number).ThenByDescending(block => block.Ref.Hash);
        var path = folder.Write("blocks.jsonl", blocks.Select(block => BlockText.Line(block)));
        var play = new Play(folder.PathOf("out.jsonl"));

        var replayed = await play.OnceAsync(rejections =>
        {
            var shelf = new BlockShelf([path], InputStory.Watch.Chain, rejections);
            return new RecordedInputs(
                folder.PathOf("log"), (block, _) => Task.FromResult(shelf.Find(block)), rejections);
        });

        Assert.Equal(InputStory.Live(inputs), replayed);
        Assert.NotEmpty(replayed);
    }
}

/// <summary>What a replay does with what an earlier one left.</summary>
public sealed class ReplayRunTests : IDisposable
{
    private readonly ReplayFolder folder = new();
    private readonly List<Input> inputs = InputStory.Tell(1, 14, 150, 20, 126, 21, 118, 1, 23, 24, 120, 14, 27, 30, 31);

    public ReplayRunTests() => Play.Record(folder.PathOf("log"), inputs);

    public void Dispose() => folder.Dispose();

    private Func<Rejections, ReplaySource> Source => Play.Log(folder.PathOf("log"), inputs);

    [Fact]
    public async Task With_other_arguments_or_another_watch_it_says_so_unless_told_to_restart()
    {
        var play = new Play(folder.PathOf("out.jsonl"));
        await play.OnceAsync(Source, stopAfter: 5);
        var other = InputStory.Watch with { Thresholds = new() { Confirmations = 5 } };

        await Assert.ThrowsAsync<Tocsin.Texts.InputException>(() => play.OnceAsync(Source, arguments: "other"));
        await Assert.ThrowsAsync<Tocsin.Texts.InputException>(() => play.OnceAsync(Source, watch: other));
        Assert.Equal(InputStory.Live(inputs), await play.OnceAsync(Source, restart: true));
        Assert.False(play.Run!.Resumed);
    }

    [Fact]
    public async Task Findings_cut_shorter_than_the_state_says_are_refused()
    {
        var play = new Play(folder.PathOf("out.jsonl"));
        var length = (await play.OnceAsync(Source, stopAfter: 12)).Length;
        Assert.InRange(length, 1, int.MaxValue);
        File.WriteAllText(folder.PathOf("out.jsonl"), "");

        await Assert.ThrowsAsync<Tocsin.Texts.InputException>(() => play.OnceAsync(Source));
    }

    [Fact]
    public async Task What_was_counted_before_a_stop_is_counted_on()
    {
        var play = new Play(folder.PathOf("out.jsonl"));
        await play.OnceAsync(Source, stopAfter: 7);
        await play.OnceAsync(Source);

        Assert.True(play.Run!.Resumed);
        Assert.Equal(inputs.Count, play.Run.Counts.Inputs);
        Assert.Equal(
            File.ReadAllLines(folder.PathOf("out.jsonl")).Length, play.Run.Counts.Findings);
    }

    [Fact]
    public async Task A_finished_replay_begins_anew_the_next_time()
    {
        var play = new Play(folder.PathOf("out.jsonl"));
        var first = await play.OnceAsync(Source);

        Assert.Equal(first, await play.OnceAsync(Source));
        Assert.False(play.Run!.Resumed);
    }
}
