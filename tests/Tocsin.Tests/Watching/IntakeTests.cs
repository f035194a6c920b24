using Tocsin.Communications;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Replay;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using Tocsin.Watching;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Watching;

/// <summary>What the door to the engine does with the log of inputs that it finds.</summary>
public sealed class IntakeTests : IDisposable
{
    private static readonly List<Input> Inputs =
        InputStory.Tell(1, 14, 150, 151, 20, 22, 1, 23, 24, 152, 14, 27, 142, 143, 14, 30, 31, 32, 145, 1, 2, 3);

    private readonly StoreFolder folder = new();
    private readonly FixedTime time = new(Noon);
    private readonly List<string> lost = [];
    private readonly EventStore store;
    private readonly Logbook logbook;

    public IntakeTests()
    {
        var page = new Uri("https://tocsin.example/");
        store = folder.Open();
        logbook = new Logbook(store, new Links(_ => page, (_, _, _) => page, page), time);
        logbook.Adopt(MinimalPlan.Read());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Log => folder.PathOf("inputs");

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Begun_anew_at_a_block_the_watch_is_replayed_as_it_was()
    {
        var places = Enumerable.Range(1, Inputs.Count - 1).Where(at => Inputs[at] is ChainStep.Forward).ToList();
        var differs = 0;
        foreach (var at in places)
        {
            if (Directory.Exists(Log))
                Directory.Delete(Log, recursive: true);
            var (before, after) = (Inputs[..at], Inputs[at..]);
            await TakeAsync(0, before);
            await TakeAsync(((ChainStep.Forward)after[0]).Block.Ref.Number, after);

            var output = folder.PathOf("out.jsonl");
            var whole = await new Play(output).OnceAsync(Play.Log(Log, Inputs));
            var play = new Play(output);
            await play.OnceAsync(Play.Log(Log, Inputs), stopAfter: at);
            var inPieces = await play.OnceAsync(Play.Log(Log, Inputs));

            Assert.Equal(InputStory.Live(before) + InputStory.Live(after), whole);
            Assert.Equal(whole, inPieces);
            Assert.True(play.Rejections.IsWhole);
            differs += whole == InputStory.Live(Inputs) ? 0 : 1;
        }
        Assert.InRange(differs, 1, places.Count);
    }

    [Fact]
    public async Task Begun_anew_it_forgets_what_came_after_the_checkpoint_as_any_start_does()
    {
        await TakeAsync(null, Inputs[..4]);
        using (var log = InputLog.Open(Log, new InputLogOptions(), time))
            log.Append(Inputs[4]);

        await TakeAsync(7, []);

        Assert.Equal(
            ["Marked", "Marked", "Marked", "Whole", "Anew { Block = 7 }"],
            InputSegments.Read(Log, default).Select(entry => entry.Input is LoggedInput.Anew anew
                ? $"{anew}"
                : entry.Input.GetType().Name));
    }

    [Fact]
    public async Task A_start_that_goes_on_leaves_no_mark()
    {
        await TakeAsync(null, Inputs[..4]);
        await TakeAsync(null, Inputs[4..]);

        Assert.DoesNotContain(InputSegments.Read(Log, default), entry => entry.Input is LoggedInput.Anew);
        Assert.Equal(
            InputStory.Live(Inputs), await new Play(folder.PathOf("out.jsonl")).OnceAsync(Play.Log(Log, Inputs)));
        Assert.Empty(lost);
    }

    [Fact]
    public async Task A_damaged_log_is_told_and_the_engine_goes_on_as_if_nothing_had_been()
    {
        await TakeAsync(null, Inputs[..9]);
        File.WriteAllText(InputSegments.List(Log)[0].Path, "not a log\n");
        var before = logbook.Book.Findings.Count;

        await TakeAsync(null, Inputs[9..]);

        Assert.NotEmpty(lost);
        Assert.NotEqual(before, logbook.Book.Findings.Count);
        Assert.Equal(
            InputStory.Live(Inputs).Split('\n').Select(IdIn).Distinct().Count() - 1, logbook.Book.Findings.Count);
        var kept = InputSegments.Read(Log, default).Select(entry => entry.Input).ToList();
        Assert.IsType<LoggedInput.Lost>(kept[0]);
        Assert.Equal(Inputs.Count - 9, kept.Count - 1);
    }

    private static string IdIn(string line) => line.Split(',')[0];

    private async Task TakeAsync(ulong? from, List<Input> inputs)
    {
        using var log = InputLog.Open(Log, new InputLogOptions { SegmentBytes = 3_000 }, time, Assert.Fail, lost.Add);
        using var door = Intake.Open(
            InputStory.Watch, store, log, new FindingDesk(logbook, exercise: false), from, time);
        foreach (var input in inputs)
        {
            await door.TakeAsync(input, Cancel);
            time.Now += TimeSpan.FromSeconds(1);
        }
    }
}
