using Tocsin.Evm.Inputs;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Delivery;

/// <summary>Tells the watch which silences hold: what keeps people from being told weakens it.</summary>
internal sealed class SilenceWatch(
    Logbook logbook, ChainWatcher watcher, TimeProvider time, ILogger<SilenceWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Nothing is told where there never was a silence; after a start what holds is told once more.
        ValueList<HeldSilence>? told = logbook.Book.Silences.All.Count == 0 ? [] : null;
        while (true)
        {
            var held = Holding(time.GetUtcNow());
            try
            {
                if (told != held)
                    await watcher.TakeAsync(new Arrival.SilencesHeld(time.GetUtcNow(), held), stoppingToken);
                told = held;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "the watch is not told of silences");
            }
            await Task.Delay(LooksEvery, time, stoppingToken);
        }
    }

    private ValueList<HeldSilence> Holding(DateTimeOffset now) => logbook.Book.Silences.Holding(now)
        .Select(silence => new HeldSilence(silence.Asked.Number, silence.NeedsSecond, silence.InWords))
        .ToValueList();
}
