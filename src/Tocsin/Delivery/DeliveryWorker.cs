using System.Text.Json;
using Tocsin.Channels;
using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Delivery;

/// <summary>
/// Empties the outbox: each channel in its own lane, so that a slow receiver delays no other. An item leaves the outbox
/// only with the event that says what became of it, so a crash repeats an attempt at worst, under the same key.
/// </summary>
internal sealed class DeliveryWorker(
    IReadOnlyList<IChannel> channels,
    Logbook logbook,
    EventStore store,
    TimeProvider time,
    ILogger<DeliveryWorker> logger) : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            channels.Select(channel => RunLaneAsync(channel, stoppingToken))
                .Append(RunLaneOfUnknownAsync(stoppingToken)));

    private Task RunLaneAsync(IChannel channel, CancellationToken stoppingToken) => RepeatAsync(
        async () =>
        {
            // One at a time: while this one is on its way, a worse one may come in.
            foreach (var item in store.DueOutbox(channel.Name, time.GetUtcNow(), limit: 1))
                await DeliverAsync(channel, item, stoppingToken);
        },
        () => store.NextOutboxAttempt(channel.Name),
        stoppingToken);

    // An alert for a channel that the configuration lost must not wait in silence.
    private Task RunLaneOfUnknownAsync(CancellationToken stoppingToken)
    {
        var known = channels.Select(channel => channel.Name).ToHashSet();
        return RepeatAsync(
            () =>
            {
                foreach (var item in store.UnsettledOutbox().Where(item => !known.Contains(item.Item.Channel)))
                {
                    var reason = $"the configuration has no channel '{item.Item.Channel}'";
                    Settle(item, new DeliveryResult.Permanent(reason));
                }
                return Task.CompletedTask;
            },
            () => null,
            stoppingToken);
    }

    // A lane outlives what goes wrong in it (a full disk, a locked database): one that died would be silence.
    private async Task RepeatAsync(Func<Task> work, Func<DateTimeOffset?> nextAttempt, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var seen = logbook.Head.Sequence;
            try
            {
                await work();
                await WaitAsync(nextAttempt(), seen, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "delivery is delayed");
                await Task.Delay(LongestWait, time, stoppingToken);
            }
        }
    }

    private async Task DeliverAsync(IChannel channel, OutboxState item, CancellationToken stoppingToken)
    {
        if (logbook.InForce?.IsHeardByStruckAlone(channel.Name) == true)
        {
            Settle(item, new DeliveryResult.Permanent("whoever hears this channel is revoked"));
            return;
        }
        var alert = JsonSerializer.Deserialize<Alert>(item.Item.Alert, EventJson.Options)!;
        var result = await channel.DeliverAsync(alert, stoppingToken);
        Settle(item, result);
    }

    private void Settle(OutboxState item, DeliveryResult result)
    {
        var now = time.GetUtcNow();
        var alert = JsonSerializer.Deserialize<Alert>(item.Item.Alert, EventJson.Options)!;
        var settled = result is DeliveryResult.Delivered or DeliveryResult.Permanent;
        var hint = (result as DeliveryResult.RetryAfter)?.Hint;
        var next = RetrySchedule.Next(item.Attempts + 1, item.Item.Severity, hint, now);
        logbook.Settle(
            [new OutboxOutcome(item.Item.Key, settled, next, result.Reason)], Events(item, alert, result, now));
        if (result is not DeliveryResult.Delivered)
            logger.LogWarning("alert {Key} was not delivered: {Reason}", item.Item.Key, result.Reason);
    }

    private static LogEvent[] Events(OutboxState item, Alert alert, DeliveryResult result, DateTimeOffset now)
    {
        if (!IncidentId.TryParse(alert.Incident, out var incident))
            return [];
        return result switch
        {
            DeliveryResult.Delivered => [new IncidentEvent.AlertDelivered(
                incident, item.Item.Key, item.Item.Channel, alert.Reason, item.Attempts + 1,
                (long)(now - item.Item.CreatedAt).TotalMilliseconds, UpdateOf(alert))],
            DeliveryResult.Permanent permanent => [new IncidentEvent.AlertFailed(
                incident, item.Item.Key, item.Item.Channel, alert.Reason, permanent.Reason, UpdateOf(alert))],
            _ => [],
        };
    }

    // That it was shown to its approver tells nobody anything.
    private static UpdateName? UpdateOf(Alert alert) =>
        alert.Reason == AlertReason.Update ? alert.Statement?.Update : null;

    private async Task WaitAsync(DateTimeOffset? nextAttempt, long seen, CancellationToken stoppingToken)
    {
        var now = time.GetUtcNow();
        var until = nextAttempt < now + LongestWait ? nextAttempt.Value : now + LongestWait;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(time.UntilAsync(until, either.Token), logbook.ChangedSince(seen, either.Token));
        await either.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
    }
}
