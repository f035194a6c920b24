using System.Collections.Concurrent;
using System.Text.Json;
using Tocsin.Channels;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Reachability;
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
    ILogger<DeliveryWorker> logger,
    Hush? hush = null) : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    // What is next further away than this may be so by a clock that was set back: then it is looked at.
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(5);

    // So many that wait behind one that does not arrive take their next way with it.
    private const int TakenAlong = 50;

    // So far a page is looked for behind words of severity 1 that wake nobody.
    private const int LookedAtMost = 2_000;

    // Sent, and not yet recorded: a full disk must not make of one page a page a second.
    private readonly ConcurrentDictionary<string, DeliveryResult> unrecorded = [];

    private readonly Pace pace = new(() => logbook.InForce);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            channels.SelectMany(channel => RunLanes(channel, stoppingToken))
                .Append(RunLaneOfUnknownAsync(stoppingToken)));

    // A page never waits for a lesser alert of the same channel that hangs.
    private Task[] RunLanes(IChannel channel, CancellationToken stoppingToken)
    {
        var budget = channel.Limit is { } limit ? new RateBudget(limit) : null;
        return
        [
            RunLaneAsync(channel, budget, Severity.Critical, Severity.Critical, stoppingToken),
            RunLaneAsync(channel, budget, Severity.High, Severity.Routine, stoppingToken),
        ];
    }

    private Task RunLaneAsync(
        IChannel channel, RateBudget? budget, Severity worst, Severity least, CancellationToken stoppingToken)
    {
        DateTimeOffset? heldUntil = null;
        return RepeatAsync(
            async () =>
            {
                heldUntil = null;
                if (logbook.Book.Distrusts.Of(channel.Name) is { } distrust)
                    GiveUp(distrust, worst, least);
                // One at a time: while this one is on its way, a worse one may come in. Of those of severity 1 some may
                // go while others are held; of the others the worst that is due is held, and so is the rest.
                foreach (var item in worst == Severity.Critical ? DueOfWorst(channel) : Due(channel, 1, worst, least))
                {
                    // What was sent, and could not be written down, is not sent once more.
                    if (unrecorded.TryGetValue(item.Item.Key, out var became))
                    {
                        if (!TrySettle([item], became))
                            heldUntil ??= time.GetUtcNow() + LongestWait;
                        continue;
                    }
                    var held = pace.HeldUntil(channel, item.Item.Severity, time.GetUtcNow())
                        ?? TakeBudget(budget, item);
                    heldUntil ??= held;
                    if (held is not null)
                        continue;
                    heldUntil = null;
                    await DeliverAsync(channel, budget, item, stoppingToken);
                    break;
                }
            },
            () => heldUntil ?? store.NextOutboxAttempt(channel.Name, worst, least),
            stoppingToken);
    }

    // What waits for another attempt would all be read, to find that nothing of it is due.
    private IReadOnlyList<OutboxState> Due(IChannel channel, int limit, Severity worst, Severity least)
    {
        var now = time.GetUtcNow();
        return store.NextOutboxAttempt(channel.Name, worst, least) is { } next && (next <= now || next > now + Soon)
            ? store.DueOutbox(channel.Name, now, limit, worst, least)
            : [];
    }

    // However many lesser words of severity 1 a budget holds back, the pages behind them are looked at: first, where
    // there are more of both than are looked at otherwise.
    private IEnumerable<OutboxState> DueOfWorst(IChannel channel)
    {
        var first = Due(channel, TakenAlong, Severity.Critical, Severity.Critical);
        return first.Count < TakenAlong
            ? first
            : Due(channel, LookedAtMost, Severity.Critical, Severity.Critical).Where(IsPage)
                .Take(TakenAlong).Concat(first.Where(item => !IsPage(item)));
    }

    private static bool IsPage(OutboxState item) => Failover.IsPage(Read(item).Reason);

    private DateTimeOffset? TakeBudget(RateBudget? budget, OutboxState item)
    {
        var severity = item.Item.Severity == Severity.Critical && !IsPage(item)
            ? Severity.High
            : item.Item.Severity;
        if (budget?.Take(severity, time.GetUtcNow()) is not { } at)
            return null;
        // Each of those held is looked at in its turn.
        TakeNextWay(item, $"its receiver takes no more before {at:HH:mm:ss} UTC", at);
        return at;
    }

    // Also what would be tried again much later: who it was for hears of it by the next way now.
    private void GiveUp(Distrust distrust, Severity worst, Severity least)
    {
        foreach (var item in AllFor(distrust.Channel, worst, least))
            Settle([item], new DeliveryResult.Permanent($"{distrust.By} distrusts it"));
    }

    private IReadOnlyList<OutboxState> AllFor(
        string channel, Severity worst = Severity.Critical, Severity least = Severity.Routine) =>
        store.DueOutbox(channel, DateTimeOffset.MaxValue, int.MaxValue, worst, least);

    // An alert for a channel that the configuration lost must not wait in silence.
    private Task RunLaneOfUnknownAsync(CancellationToken stoppingToken)
    {
        var known = channels.Select(channel => channel.Name).ToHashSet();
        return RepeatAsync(
            () =>
            {
                foreach (var item in store.UnsettledChannels().Where(name => !known.Contains(name)).SelectMany(
                    name => AllFor(name)))
                {
                    var reason = $"the configuration has no channel '{item.Item.Channel}'";
                    Settle([item], new DeliveryResult.Permanent(reason));
                }
                return Task.CompletedTask;
            },
            () => null,
            stoppingToken);
    }

    // A lane outlives what goes wrong in it (a full disk, a locked database): one that died would be silence.
    private async Task RepeatAsync(Func<Task> work, Func<DateTimeOffset?> nextAttempt, CancellationToken stoppingToken)
    {
        // What a lane has to do first must not keep the others from beginning.
        await Task.Yield();
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

    private async Task DeliverAsync(
        IChannel channel, RateBudget? budget, OutboxState item, CancellationToken stoppingToken)
    {
        if (logbook.InForce?.IsHeardByStruckAlone(channel.Name) == true)
        {
            Settle([item], new DeliveryResult.Permanent("whoever hears this channel is revoked"));
            return;
        }
        if (CanaryId.TryParse(Read(item).Incident, out var canary)
            && logbook.Book.Canaries[canary] is not { IsOpen: true })
        {
            // It was given up, and would only confuse whoever gets it now.
            logbook.Settle([new OutboxOutcome(item.Item.Key, true, time.GetUtcNow(), "given up")], _ => []);
            return;
        }
        var together = GroupOf(channel, item);
        var attempt = AttemptAsync(channel, MessageOf(channel, together), stoppingToken);
        if (item.Item.Severity == Severity.Critical)
            await FailOverAsync(item, attempt, stoppingToken);
        var result = await attempt;
        if (result is DeliveryResult.RetryAfter)
            budget?.GiveBack();
        if (result is DeliveryResult.Delivered or DeliveryResult.Accepted)
            pace.Told(channel, item.Item.Severity, time.GetUtcNow());
        TrySettle(together, result);
    }

    // What failed together is tried again together, so that its key stays the same.
    private IReadOnlyList<OutboxState> GroupOf(IChannel channel, OutboxState first)
    {
        if (!channel.TakesSeveral || !Grouping.IsSmall(first.Item.Severity))
            return [first];
        var alert = Read(first);
        return
        [
            first,
            .. store.DueOutbox(
                channel.Name, time.GetUtcNow(), Grouping.Most, Severity.Elevated, Severity.Routine)
                .Where(other => other.Item.Key != first.Item.Key
                    && other.Attempts == first.Attempts
                    && Grouping.MayJoin(alert, Read(other))),
        ];
    }

    private Message MessageOf(IChannel channel, IReadOnlyList<OutboxState> together)
    {
        var alerts = together.Select(Read).ToList();
        // In the thread of one incident nobody would look for another.
        var isOfOne = alerts.All(alert => alert.Incident == alerts[0].Incident);
        return new(Grouping.Of(alerts), isOfOne ? ThreadOf(alerts[0], channel.Name) : null);
    }

    // Also whatever comes in behind it while it hangs.
    private async Task FailOverAsync(OutboxState item, Task attempt, CancellationToken stoppingToken)
    {
        var has = Failover.AttemptHas;
        for (var wait = has; !await IsOverAsync(attempt, wait, stoppingToken); wait = LongestWait)
        {
            try
            {
                TakeNextWays(item, $"no answer within {has.TotalSeconds} s", time.GetUtcNow() + has);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The attempt goes on, and what comes of it must be known.
                logger.LogError(e, "the next way is delayed");
            }
        }
    }

    // What a channel did not foresee must not keep everything behind it: it may have arrived.
    private async Task<DeliveryResult> AttemptAsync(IChannel channel, Message message, CancellationToken stoppingToken)
    {
        try
        {
            return await channel.DeliverAsync(message, stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            logger.LogError("the attempt by {Channel} ended with {Fault}", channel.Name, e.GetType().Name);
            return new DeliveryResult.Unknown($"the attempt ended with {e.GetType().Name}");
        }
    }

    private async Task<bool> IsOverAsync(Task attempt, TimeSpan within, CancellationToken stoppingToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(attempt, time.UntilAsync(time.GetUtcNow() + within, either.Token));
        await either.CancelAsync();
        return attempt.IsCompleted;
    }

    private bool TrySettle(IReadOnlyList<OutboxState> together, DeliveryResult said)
    {
        foreach (var item in together)
            unrecorded[item.Item.Key] = said;
        try
        {
            Settle(together, said);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError(e, "what became of {Key} is not recorded yet", together[0].Item.Key);
            return false;
        }
    }

    private void Settle(IReadOnlyList<OutboxState> together, DeliveryResult said)
    {
        var worst = together[0].Item;
        var result = Bounded(together, hush?.Of(worst.Channel, said) ?? said);
        var now = time.GetUtcNow();
        var settled = result is DeliveryResult.Delivered or DeliveryResult.Accepted or DeliveryResult.Permanent;
        var hint = (result as DeliveryResult.RetryAfter)?.Hint;
        var next = RetrySchedule.Next(together[0].Attempts + 1, worst.Severity, hint, now);
        logbook.Settle(
            [.. together.Select(item => new OutboxOutcome(item.Item.Key, settled, next, result.Reason))],
            book => [.. together.SelectMany(item => Events(item, Read(item), result, now)
                .Concat(settled ? [] : Delayed(book, item, result.Reason, next, now)))]);
        foreach (var item in together)
            unrecorded.TryRemove(item.Item.Key, out _);
        foreach (var item in settled ? [] : together)
            TakeNextWays(item, result.Reason, next);
        if (result is not (DeliveryResult.Delivered or DeliveryResult.Accepted))
            logger.LogWarning("alert {Key} was not delivered: {Reason}", worst.Key, result.Reason);
    }

    private DeliveryResult Bounded(IReadOnlyList<OutboxState> together, DeliveryResult result) =>
        result is DeliveryResult.Unknown && together.All(PressesNoMore)
            ? new DeliveryResult.Permanent($"{result.Reason}; it may have arrived, and presses no more")
            : result;

    private bool PressesNoMore(OutboxState item) =>
        IncidentId.TryParse(Read(item).Incident, out var id) && logbook.Book[id] is { } incident
        && Failover.IsEnough(incident, item.Attempts + 1);

    // With a page whatever else of that severity waits behind it: each would find out in its turn, one timeout after
    // the other.
    private void TakeNextWays(OutboxState item, string why, DateTimeOffset next)
    {
        var behind = item.Item.Severity == Severity.Critical
            ? store.DueOutbox(
                item.Item.Channel, time.GetUtcNow(), TakenAlong, Severity.Critical, Severity.Critical)
            : [];
        foreach (var one in behind.Where(one => one.Item.Key != item.Item.Key).Prepend(item))
            TakeNextWay(one, why, next);
    }

    private void TakeNextWay(OutboxState item, string why, DateTimeOffset next)
    {
        var now = time.GetUtcNow();
        logbook.Record((book, _) => Delayed(book, item, why, next, now));
    }

    private LogEvent[] Delayed(IncidentBook book, OutboxState item, string why, DateTimeOffset next, DateTimeOffset now)
    {
        var alert = Read(item);
        return IncidentId.TryParse(alert.Incident, out var id) && book[id] is { } incident
            && Failover.IsOwed(
                incident, logbook.PlanOf(incident), new(item.Item.Key, item.Item.Channel, alert.Reason), next, now)
            ? [new IncidentEvent.AlertDelayed(id, item.Item.Key, item.Item.Channel, alert.Reason, why, next)]
            : [];
    }

    private static Alert Read(OutboxState item) =>
        JsonSerializer.Deserialize<Alert>(item.Item.Alert, EventJson.Options)!;

    private LogEvent[] Events(OutboxState item, Alert alert, DeliveryResult result, DateTimeOffset now)
    {
        if (CanaryId.TryParse(alert.Incident, out var canary))
            return OfCanary(canary, item, result, now);
        if (!IncidentId.TryParse(alert.Incident, out var incident))
            return [];
        return result switch
        {
            DeliveryResult.Delivered delivered => [new IncidentEvent.AlertDelivered(
                incident, item.Item.Key, item.Item.Channel, alert.Reason, item.Attempts + 1,
                (long)(now - item.Item.CreatedAt).TotalMilliseconds, UpdateOf(alert), delivered.Receipt)],
            DeliveryResult.Accepted accepted => [new IncidentEvent.AlertAccepted(
                incident, item.Item.Key, item.Item.Channel, alert.Reason, item.Attempts + 1, accepted.Receipt)],
            DeliveryResult.Permanent permanent => [new IncidentEvent.AlertFailed(
                incident, item.Item.Key, item.Item.Channel, alert.Reason, permanent.Reason, UpdateOf(alert))],
            _ => [],
        };
    }

    private LogEvent[] OfCanary(
        CanaryId canary, OutboxState item, DeliveryResult result, DateTimeOffset now) => result switch
        {
            DeliveryResult.Delivered => [new CanaryEvent.Arrived(
                canary, item.Attempts + 1, (long)(now - item.Item.CreatedAt).TotalMilliseconds)],
            DeliveryResult.Accepted accepted => [new CanaryEvent.Accepted(
                canary, accepted.Receipt,
                IsLastWord: !channels.Any(one => one.Name == item.Item.Channel && one.SaysWhetherArrived))],
            DeliveryResult.Permanent permanent => [new CanaryEvent.Lost(canary, permanent.Reason)],
            _ => [],
        };

    private string? ThreadOf(Alert alert, string channel) =>
        IncidentId.TryParse(alert.Incident, out var incident) && logbook.Book[incident] is { } known
            ? known.Deliveries.FirstOrDefault(one => one.Channel == channel && one.Receipt is not null)?.Receipt
                ?? known.AcceptedAlerts.FirstOrDefault(one => one.Channel == channel)?.Receipt
            : null;

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
