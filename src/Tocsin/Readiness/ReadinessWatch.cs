using Tocsin.Evm.Inputs;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Watching;

namespace Tocsin.Readiness;

/// <summary>
/// Probes every action at the start, when another plan comes into force, once a day, and whenever somebody asks; what
/// is not ready, sooner, so that the repair is seen.
/// </summary>
internal sealed class ReadinessWatch(
    Logbook logbook,
    ActionProbe probe,
    ReadinessBoard board,
    ChainWatcher watcher,
    TimeProvider time,
    ILogger<ReadinessWatch> logger)
    : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromHours(24);
    public static readonly TimeSpan AgainAfter = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim one = new(1);
    private volatile TaskCompletionSource soon = NewSignal();

    /// <summary>Does not wait for the next probe: another plan is in force.</summary>
    public void ProbeSoon() => soon.TrySetResult();

    /// <summary>Probes now, after a probe that is under way.</summary>
    public async Task<ValueList<ProbeResult>> ProbeAsync(CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            var plan = logbook.InForce ?? throw new InvalidOperationException("no plan is in force");
            var before = board.Kept;
            var (results, known) = await probe.ProbeAsync(plan, before.Known, cancellationToken);
            // Told first: what is told twice is taken once, what is kept and not told would be lost.
            foreach (var result in results)
                if (result.State != ReadyState.Unknown)
                    await TellAsync(result.Action, result.State == ReadyState.Ready, result.Words, cancellationToken);
            foreach (var gone in before.Results.Where(old => plan.Action(old.Action) is null))
                await TellAsync(gone.Action, true, "the plan has it no more", cancellationToken);
            board.Keep(new KeptReadiness(results, known));
            return results;
        }
        finally
        {
            one.Release();
        }
    }

    public override void Dispose()
    {
        one.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var again = AgainAfter;
            soon = NewSignal();
            try
            {
                var results = await ProbeAsync(stoppingToken);
                again = results.All(result => result.State == ReadyState.Ready) ? Every : AgainAfter;
            }
            catch (StorageException e)
            {
                logger.LogError("what the probes of the actions gave could not be kept: {Reason}", e.Message);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // A fault of ours, maybe by an answer that somebody made for it: watching and acting go on.
                logger.LogError(e, "the actions could not be probed");
            }
            await await Task.WhenAny(Task.Delay(again, time, stoppingToken), soon.Task.WaitAsync(stoppingToken));
        }
    }

    private ValueTask TellAsync(string action, bool isReady, string words, CancellationToken cancellationToken) =>
        watcher.TakeAsync(
            new Arrival.ActionProbed(time.GetUtcNow(), action, isReady, words), cancellationToken);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
