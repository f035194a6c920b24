using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Dispatch;

/// <summary>
/// Wakes people and reminds them: records what the pure functions say is owed, which announces it in the same
/// transaction, and sleeps until something is due or happens. It holds no state, so ending it at any instant loses
/// nothing. It ends, and the server with it, where nothing can be recorded any more.
/// </summary>
internal sealed class Dispatcher(Logbook logbook, TimeProvider time, ILogger<Dispatcher> logger) : BackgroundService
{
    // Never longer, also where nothing is due: the clock of the machine may be set.
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    // The last that was told, so that it is told once.
    private string? fault;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // It would go on and keep nothing: what looks after the server starts it anew, and it reads the log.
            if (logbook.Overtaken is { } reason)
                throw new StorageException(reason);
            var seen = logbook.Head.Sequence;
            // What was done may be what the next is due from.
            var now = time.GetUtcNow();
            if (Round(now))
                continue;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(time.UntilAsync(Next(now), either.Token), logbook.ChangedSince(seen, either.Token));
            await either.CancelAsync();
        }
    }

    // Every incident by itself: what cannot be recorded of one must not keep another's people asleep.
    private bool Round(DateTimeOffset now)
    {
        var isAnything = false;
        foreach (var incident in logbook.Book.Owing(now))
            isAnything |= TryCall(incident, now);
        return isAnything;
    }

    private bool TryCall(Incident incident, DateTimeOffset now)
    {
        try
        {
            if (Dues.Owed(incident, logbook.PlanOf(incident), now).Count == 0)
                return false;
            return logbook.Record((book, present) => book[incident.Id] is { } open
                ? Dues.Owed(open, logbook.PlanOf(open), present)
                : []).Count > 0;
        }
        catch (Exception e)
        {
            if (fault != e.Message)
                logger.LogError(
                    e, "{Incident}: people cannot be called; it is tried again every second", incident.Id);
            fault = e.Message;
            return false;
        }
    }

    private DateTimeOffset Next(DateTimeOffset now)
    {
        var next = logbook.Book.Owing(now).Select(incident => NextOf(incident, now)).Min();
        return next < now + LookAgainAfter ? next.Value : now + LookAgainAfter;
    }

    // What throws was told when it was tried.
    private DateTimeOffset? NextOf(Incident incident, DateTimeOffset now)
    {
        try
        {
            return Dues.NextDue(incident, logbook.PlanOf(incident), now);
        }
        catch (Exception)
        {
            return null;
        }
    }
}
