using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;
using Tocsin.Replay;

namespace Tocsin.Tests.Replay;

/// <summary>Plays a source as the command does, and gives back what it wrote.</summary>
internal sealed class Play(string findings)
{
    public Rejections Rejections { get; private set; } = new(strict: false, _ => { });

    public ReplayRun? Run { get; private set; }

    /// <param name="source">Made anew for each play, as by a new process.</param>
    /// <param name="stopAfter">Stops, as with Ctrl-C, after so many units.</param>
    public async Task<string> OnceAsync(
        Func<Rejections, ReplaySource> source, Watch? watch = null, int? stopAfter = null, bool restart = false,
        bool strict = false, string arguments = "test")
    {
        Rejections = new Rejections(strict, _ => { });
        using var stop = new CancellationTokenSource();
        var units = 0;
        using var run = new ReplayRun(
            watch ?? InputStory.Watch, source(Rejections), Rejections, findings, [arguments], new ManualTime())
        {
            Advanced = () =>
            {
                if (++units == stopAfter)
                    stop.Cancel();
            },
        };
        Run = run;
        try
        {
            await run.RunAsync(restart, stop.Token);
        }
        catch (OperationCanceledException) when (stopAfter is not null)
        {
            // As asked.
        }
        run.Dispose();
        return File.ReadAllText(findings);
    }

    /// <summary>A recorded log whose blocks are those of the inputs.</summary>
    public static Func<Rejections, ReplaySource> Log(
        string folder, IEnumerable<Input> inputs, Func<BlockRef, bool>? has = null)
    {
        var blocks = inputs.OfType<ChainStep.Forward>().ToDictionary(step => step.Block.Ref, step => step.Block);
        return rejections => new RecordedInputs(
            folder,
            (block, _) => Task.FromResult(has is null || has(block) ? blocks.GetValueOrDefault(block) : null),
            rejections);
    }

    /// <summary>Writes a log of several segments.</summary>
    public static void Record(string folder, IEnumerable<Input> inputs, long segmentBytes = 3_000)
    {
        using var log = InputLog.Open(folder, new InputLogOptions { SegmentBytes = segmentBytes }, new ManualTime());
        foreach (var input in inputs)
            log.Append(input);
    }
}
