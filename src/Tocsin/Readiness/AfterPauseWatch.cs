using System.Collections.Concurrent;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.Readiness;

/// <summary>
/// While a pause holds, tries again and again what lies ready to prolong or to end it, from the wallets of those who
/// would send it. Only the last trials are kept, in memory: after a restart they are made anew within seconds.
/// </summary>
internal sealed class AfterPauseWatch(
    Logbook logbook, ActionProbe probe, TimeProvider time, ILogger<AfterPauseWatch> logger) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan AtMostEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<IncidentId, (PeopleTrials Trials, long Changes)> kept = new();

    /// <summary>Null where nothing of the incident was ever paused.</summary>
    public AfterPause? Of(Incident incident) => AfterPause.Of(
        incident, logbook.PlanOf(incident), kept.TryGetValue(incident.Id, out var last) ? last.Trials : null);

    /// <summary>Grows whenever a trial of the incident gives something else than before.</summary>
    public long ChangesOf(IncidentId incident) => kept.TryGetValue(incident, out var last) ? last.Changes : 0;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var seen = logbook.Head.Sequence;
            try
            {
                foreach (var incident in logbook.Book.Incidents.Values)
                    await TryAsync(incident, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogError(e, "what people could do after the pause could not be tried");
            }
            // What happens to an incident is tried soon, and its many events one after another not each.
            await Task.Delay(AtMostEvery, time, stoppingToken);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(Task.Delay(Every, time, either.Token), logbook.ChangedSince(seen, either.Token));
            await either.CancelAsync();
        }
    }

    private async Task TryAsync(Incident incident, CancellationToken cancellationToken)
    {
        var plan = logbook.PlanOf(incident);
        if (AfterPause.Of(incident, plan, null) is not { } after)
            return;
        var trials = new List<PeopleTrial>();
        foreach (var prepared in new[] { after.Extend, after.Reopen })
            if (prepared is not null)
                trials.AddRange(await probe.People.TryAsync(plan, plan.Action(prepared.Id)!, cancellationToken));
        var given = new PeopleTrials(trials.ToValueList());
        kept.AddOrUpdate(
            incident.Id,
            (given, 1),
            (_, before) => (given, before.Changes + (IsSame(before.Trials, given) ? 0 : 1)));
    }

    private static bool IsSame(PeopleTrials one, PeopleTrials other) =>
        one.All.Select(WithoutAge).SequenceEqual(other.All.Select(WithoutAge));

    private static PeopleTrial WithoutAge(PeopleTrial trial) => trial with { At = default };
}
