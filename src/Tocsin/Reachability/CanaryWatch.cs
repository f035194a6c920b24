using Tocsin.Channels;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Reachability;

/// <summary>
/// Sends canaries when they are due, gives up those that nothing proves, and tells the watch which ways do not reach
/// people any more.
/// </summary>
internal sealed class CanaryWatch(
    Logbook logbook,
    IReadOnlyList<IChannel> channels,
    TocsinConfiguration configuration,
    ChainWatcher? watcher,
    TimeProvider time,
    ILogger<CanaryWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<string> names = [.. channels.Select(channel => channel.Name)];
    private readonly Dictionary<Line, string?> told = [];
    private readonly HashSet<string> over = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                logbook.Record((book, now) => logbook.InForce is { } plan
                    ? [.. CanaryRounds.Due(book, plan, names, configuration.Canaries, now)]
                    : []);
                await TellAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "canaries wait");
            }
            await Task.Delay(LooksEvery, time, stoppingToken);
        }
    }

    // After a start each way is told once: what is known already is no news to the watch.
    private async Task TellAsync(CancellationToken cancellationToken)
    {
        if (watcher is null || logbook.InForce is not { } plan)
            return;
        var lines = CanaryRounds.Lines(plan, names).ToList();
        foreach (var gone in logbook.Book.Canaries.All.Values.Select(canary => canary.Channel).Distinct()
            .Where(channel => !over.Contains(channel) && lines.TrueForAll(line => line.Channel != channel)))
        {
            await watcher.TakeAsync(
                new Arrival.ChannelTried(time.GetUtcNow(), gone, IsOfMany: true, Reached: true, "it is tried no more"),
                cancellationToken);
            over.Add(gone);
        }
        over.ExceptWith(lines.Select(line => line.Channel));
        foreach (var line in lines)
        {
            var reach = Reach.Of(logbook.Book.Canaries, line);
            if (reach.IsReached is null || (told.TryGetValue(line, out var last) && last == reach.Why))
                continue;
            await watcher.TakeAsync(
                new Arrival.ChannelTried(
                    time.GetUtcNow(), line.Channel, line.Person is null, reach.Why is null, reach.Why ?? ""),
                cancellationToken);
            told[line] = reach.Why;
        }
    }
}
