using Tocsin.Chains;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Dispatch;

/// <summary>
/// Looks, apart from whoever does it, whether every open incident has a next instant at which something is due, and
/// whether what was due was done, also after the end. It shares nothing with the dispatcher but the pure functions and
/// the log.
/// </summary>
internal sealed class Auditor(Logbook logbook, FindingDesk desk, TimeProvider time, ILogger<Auditor> logger)
    : BackgroundService
{
    /// <summary>So late a call may be before it is told.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private const string Prefix = "calls-late/";

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    // What was late at the last look: what is done meanwhile is not told.
    private HashSet<string> suspected = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // The dispatcher has its first round before it is looked at.
            await Task.Delay(LookAgainAfter, time, stoppingToken);
            try
            {
                Look(time.GetUtcNow());
            }
            catch (Exception e)
            {
                logger.LogError(e, "Nobody audits whether people are called");
            }
        }
    }

    /// <summary>Tells of each incident whose people are not called in two looks; once, until it is well again.
    /// </summary>
    public void Look(DateTimeOffset now)
    {
        var late = logbook.Book.Owing(now)
            .Select(incident => (incident.Id, Why: WhyLate(incident, logbook.PlanOf(incident), now)))
            .Where(one => one.Why is not null)
            .ToDictionary(one => $"{Prefix}{one.Id}", one => one.Why!);
        var told = desk.Lasting(Prefix);
        foreach (var over in told.Where(finding => !late.ContainsKey(finding.Id.Value)))
            Record(over with
            {
                Revision = over.Revision + 1,
                Status = FindingStatus.Over,
                Time = now,
                Reason = $"People are called again. {over.Reason}",
            });
        foreach (var (id, why) in late.Where(one =>
            suspected.Contains(one.Key) && told.All(finding => finding.Id.Value != one.Key)))
        {
            logger.LogError("{Incident}: {Why}", id[Prefix.Length..], why);
            Tell(id, why, now);
        }
        suspected = [.. late.Keys];
    }

    private static string? WhyLate(Incident incident, Plan plan, DateTimeOffset now)
    {
        try
        {
            return WhyOverdue(incident, plan, now);
        }
        catch (Exception e)
        {
            return $"what is due in it cannot be said: {e.Message}";
        }
    }

    private static string? WhyOverdue(Incident incident, Plan plan, DateTimeOffset now)
    {
        if (incident.IsOpen && Dues.NextDue(incident, plan, now) is null && Dues.Owed(incident, plan, now).Count == 0)
            return "nothing is due in it any more, although it is open";
        return Dues.Owed(incident, plan, now - Grace) is [var first, ..]
            ? $"{first.GetType().Name} was due at least {Grace.TotalSeconds:0} s ago and was not done"
            : null;
    }

    private void Tell(string id, string why, DateTimeOffset now)
    {
        var revision = logbook.Book.Findings.TryGetValue(new FindingId(id), out var known)
            ? known.Finding.Revision + 1
            : 1;
        var chain = logbook.InForce?.Protected.Chain ?? default(ChainId);
        Record(new Finding(
            new FindingId(id), revision, FindingStatus.Seen, now, chain, default, [], Threat.MonitoringImpaired,
            Severity.High, 1, id, [], 0, [], "auditor", $"People are not called for {id[Prefix.Length..]}: {why}."));
    }

    private void Record(Finding finding) => desk.Record([finding], finding.Time, null, null);
}
