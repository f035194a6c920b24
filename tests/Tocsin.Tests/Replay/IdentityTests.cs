using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;
using Tocsin.Recording;
using Tocsin.Replay;

namespace Tocsin.Tests.Replay;

/// <summary>The same inputs give the same bytes of findings, whichever way they come.</summary>
public class IdentityTests
{
    private static readonly Arbitrary<int[]> Scripts =
        Gen.ArrayOf(Gen.Choose(0, 199)).Where(script => script.Length <= 60).ToArbitrary();

    // Attacks, a confirmation, a reorg that takes one back and brings it again, ticks, beats, silence.
    private static readonly int[] Named =
        [1, 14, 150, 151, 20, 125, 126, 21, 22, 118, 1, 23, 24, 152, 120, 14, 27, 142, 143, 144, 30, 31, 32, 145, 162];

    [Fact]
    public void The_stories_reach_findings_that_are_confirmed_and_retracted()
    {
        var lines = Gen.Sample(Scripts.Generator, 60, 60).Append(Named)
            .Select(script => InputStory.Live(InputStory.Tell(script)))
            .ToList();

        Assert.InRange(lines.Count(text => text.Length > 0), 30, 61);
        Assert.Contains(lines, text => text.Contains("\"status\":\"confirmed\"", StringComparison.Ordinal));
        Assert.Contains(lines, text => text.Contains("\"status\":\"retracted\"", StringComparison.Ordinal));
        Assert.NotEmpty(lines[^1]);
    }

    [Fact]
    public Task The_named_story_is_the_same_live_and_from_its_log() => SameFromLogAsync(Named);

    [Fact]
    public void Live_and_a_replay_of_its_log_are_the_same() =>
        Prop.ForAll(Scripts, script => SameFromLogAsync(script).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();

    [Fact]
    public void In_pieces_through_json_is_the_same() => Prop.ForAll(
        Scripts, Gen.Choose(1, 7).ToArbitrary(), (script, size) =>
    {
        var inputs = InputStory.Tell(script);
        var engine = new Engine(InputStory.Watch);
        var pieces = "";
        foreach (var piece in inputs.Chunk(size))
        {
            engine = Engine.Restore(InputStory.Watch, ThroughJson(engine.Snapshot()));
            pieces += InputStory.Lines(engine, piece);
        }
        Assert.Equal(InputStory.Live(inputs), pieces);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_crash_that_leaves_a_tail_behind_the_checkpoint_changes_nothing() =>
        Prop.ForAll(Scripts, Gen.Choose(0, 100).ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (script, at, beyond) =>
        {
            var inputs = InputStory.Tell(script);
            var checkpoint = inputs.Count * at / 100;
            var crash = checkpoint + ((inputs.Count - checkpoint) * beyond / 100);
            using var folder = new ReplayFolder();
            LiveWithCrash(folder.PathOf("log"), inputs, checkpoint, crash);
            var replayed = new Play(folder.PathOf("out.jsonl")).OnceAsync(Play.Log(folder.PathOf("log"), inputs))
                .GetAwaiter().GetResult();
            Assert.Equal(InputStory.Live(inputs), replayed);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void From_a_checkpoint_the_rest_is_the_same() =>
        Prop.ForAll(Scripts, Gen.Choose(0, 100).ToArbitrary(), (script, at) =>
        {
            var inputs = InputStory.Tell(script);
            var count = inputs.Count * at / 100;
            using var folder = new ReplayFolder();
            using var log = InputLog.Open(
                folder.PathOf("log"), new InputLogOptions { SegmentBytes = 2_000 }, new ManualTime());
            var blocks = new Dictionary<BlockRef, Block>();
            var engine = new Engine(InputStory.Watch);
            var (text, position, snapshot) = ("", default(InputPosition), engine.Snapshot());
            foreach (var (input, index) in inputs.Select((input, index) => (input, index)))
            {
                if (index == count)
                    (position, snapshot) = (log.Position, ThroughJson(engine.Snapshot()));
                log.Append(input);
                if (input is ChainStep.Forward { Block: var block })
                    blocks[block.Ref] = block;
                var lines = InputStory.Lines(engine, [input]);
                text += index < count ? "" : lines;
            }
            var restored = Engine.Restore(InputStory.Watch, snapshot);
            var rest = position == default
                ? inputs.Skip(count)
                : log.ReadFrom(position).Select(entry => Whole(entry.Input, blocks));
            Assert.Equal(text, InputStory.Lines(restored, rest));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_replay_stopped_anywhere_and_gone_on_with_writes_the_same_file() =>
        Prop.ForAll(Scripts, Gen.Choose(1, 40).ToArbitrary(), (script, stop) =>
        {
            var inputs = InputStory.Tell(script);
            using var folder = new ReplayFolder();
            Play.Record(folder.PathOf("log"), inputs);
            var play = new Play(folder.PathOf("out.jsonl"));
            var source = Play.Log(folder.PathOf("log"), inputs);
            _ = play.OnceAsync(source, stopAfter: stop).GetAwaiter().GetResult();
            // What a crash wrote beyond the last state is cut.
            File.AppendAllText(folder.PathOf("out.jsonl"), "{\"id\":\"torn");
            Assert.Equal(InputStory.Live(inputs), play.OnceAsync(source).GetAwaiter().GetResult());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Block_files_with_orphans_give_what_live_gave() => Prop.ForAll(Scripts, script =>
    {
        var steps = InputStory.TellChain(script);
        using var folder = new ReplayFolder();
        var path = folder.Write(
            "blocks.jsonl", steps.OfType<ChainStep.Forward>().Select(step => BlockText.Line(step.Block)));
        var play = new Play(folder.PathOf("out.jsonl"));
        var replayed = play.OnceAsync(rejections => new BlockFiles([path], InputStory.Watch.Chain, rejections))
            .GetAwaiter().GetResult();
        Assert.Equal(InputStory.Live(steps), replayed);
        Assert.Empty(play.Rejections.Rejected);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Canonical_blocks_give_what_live_gave_without_what_reorgs_caused() => Prop.ForAll(Scripts, script =>
    {
        var live = new Engine(InputStory.Watch);
        var byBlock = new Dictionary<BlockRef, string>();
        var canonical = new List<Block>();
        foreach (var step in InputStory.TellChain(script))
        {
            var lines = Unnumbered(live, step);
            if (step is ChainStep.Forward { Block: var block })
            {
                byBlock[block.Ref] = lines;
                canonical.Add(block);
            }
            else if (step is ChainStep.Rollback rollback)
                canonical.RemoveAll(taken => taken.Ref.Number > rollback.Ancestor.Number);
        }
        var replay = new Engine(InputStory.Watch);
        Assert.All(canonical, block =>
            Assert.Equal(byBlock[block.Ref], Unnumbered(replay, new ChainStep.Forward(block))));
    }).QuickCheckThrowOnFailure();

    private static async Task SameFromLogAsync(int[] script)
    {
        var inputs = InputStory.Tell(script);
        using var folder = new ReplayFolder();
        Play.Record(folder.PathOf("log"), inputs);
        var play = new Play(folder.PathOf("out.jsonl"));
        var replayed = await play.OnceAsync(Play.Log(folder.PathOf("log"), inputs));

        Assert.Equal(InputStory.Live(inputs), replayed);
        Assert.Empty(play.Rejections.Rejected);
        Assert.Equal(inputs.Count, play.Run!.Counts.Inputs);
        Assert.False(File.Exists(folder.PathOf("out.jsonl.state")));
    }

    private static void LiveWithCrash(string folder, List<Input> inputs, int checkpoint, int crash)
    {
        InputPosition position;
        using (var log = InputLog.Open(folder, new InputLogOptions { SegmentBytes = 2_000 }, new ManualTime()))
        {
            inputs.Take(checkpoint).ToList().ForEach(log.Append);
            log.Flush(toDisk: true);
            position = log.Position;
            inputs.Skip(checkpoint).Take(crash - checkpoint).ToList().ForEach(log.Append);
        }
        var torn = InputSegments.List(folder)[^1];
        File.AppendAllText(torn.Path, "{\"kind\":\"tick.1\",\"feed\":\"ref");
        using (var log = InputLog.Open(folder, new InputLogOptions { SegmentBytes = 2_000 }, new ManualTime()))
        {
            Assert.Equal(crash, log.Position.Count);
            log.GoOnFrom(position);
            Assert.Equal(position, log.Position);
            inputs.Skip(checkpoint).ToList().ForEach(log.Append);
        }
    }

    private static Input Whole(LoggedInput logged, Dictionary<BlockRef, Block> blocks) => logged switch
    {
        LoggedInput.Marked marked => new ChainStep.Forward(blocks[marked.Block.Ref]),
        LoggedInput.Whole whole => whole.Input,
        _ => throw new InvalidOperationException("no such input"),
    };

    private static string Unnumbered(Engine engine, Input input) =>
        string.Concat(engine.Step(input).Select(finding => InputStory.Line(finding with { Revision = 0 })));

    private static EngineSnapshot ThroughJson(EngineSnapshot snapshot) => JsonSerializer.Deserialize<EngineSnapshot>(
        JsonSerializer.Serialize(snapshot, EventJson.Options), EventJson.Options)!;
}
