using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;
using Tocsin.Watching;

namespace Tocsin.Plans;

/// <summary>
/// Looks at the plan's folder and puts what changed there into force for incidents that open from then on. A plan that
/// cannot be used, or is gone, leaves the last good one in force, and that is told until it is good again.
/// </summary>
/// <param name="started">The plan of the start: what is watched, and what is done by itself, stays as it says.</param>
/// <param name="check">Reads the files and refuses errors, each in a line of its own.</param>
/// <param name="mend">Ends what was left half done in the folder.</param>
/// <param name="adopted">Hears that another plan is in force.</param>
internal sealed class PlanWatch(
    ReadPlan started,
    string folder,
    Func<ValueList<PlanFile>, ReadPlan> check,
    Logbook logbook,
    FindingDesk desk,
    Action mend,
    Action adopted,
    TimeProvider time,
    ILogger<PlanWatch> logger)
    : BackgroundService
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly string prefix = $"plan-unusable/{started.Plan.Protected.Chain}/";

    // A look may find files half written: only what two looks in a row saw is judged.
    private Sight seen = new(started.Files, null);
    private Sight? judged;

    /// <exception cref="StorageException">What came out cannot be kept; the next look tries again.</exception>
    internal void Look()
    {
        mend();
        var sight = See();
        var isSettled = sight == seen;
        seen = sight;
        if (!isSettled || sight == judged)
            return;
        Judge(sight);
        judged = sight;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                Look();
            }
            catch (StorageException e)
            {
                logger.LogError("what became of the plan could not be kept: {Reason}", e.Message);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // A fault of ours, maybe by a text that nobody thought of: the plan in force goes on.
                logger.LogError(e, "the plan's folder could not be looked at");
            }
            await Task.Delay(LookEvery, time, stoppingToken);
        }
    }

    private Sight See()
    {
        try
        {
            return new Sight(PlanReader.Load(folder), null);
        }
        catch (InputException e)
        {
            return new Sight([], e.Message);
        }
    }

    private void Judge(Sight sight)
    {
        try
        {
            var read = sight.Fault is { } fault ? throw new InputException(fault) : check(sight.Files);
            Take(read);
            Tell(null);
        }
        catch (InputException e)
        {
            Tell(e.Message);
        }
    }

    private void Take(ReadPlan read)
    {
        if (read.Plan.ContentHash == logbook.Book.Plan)
            return;
        if (!WatchesTheSame(read.Plan, started.Plan))
        {
            logger.LogWarning(
                "The plan in {Folder} changed under 'protected' or 'automation': all that changed in it comes into "
                    + "force at the next start, until then {Plan} stays in force",
                folder, logbook.Book.Plan?.ToShortString());
            return;
        }
        logbook.Adopt(read);
        adopted();
        logger.LogInformation(
            "Plan {Plan} is in force for incidents that open from now on", read.Plan.ContentHash.ToShortString());
    }

    // Lines move when something else is written above them.
    internal static bool WatchesTheSame(Plan one, Plan other) =>
        Unplaced(one.Protected) == Unplaced(other.Protected)
        && one.Autonomy with { Ladder = [], At = default } == other.Autonomy with { Ladder = [], At = default }
        && one.Autonomy.Ladder.Select(entry => entry with { At = default })
            .SequenceEqual(other.Autonomy.Ladder.Select(entry => entry with { At = default }));

    private static ProtectedThings Unplaced(ProtectedThings things) => things with
    {
        Assets = things.Assets.Select(asset => asset with { At = default }).ToValueList(),
        Pools = things.Pools.Select(pool => pool with { At = default }).ToValueList(),
        Contracts = things.Contracts.Select(contract => contract with { At = default }).ToValueList(),
    };

    /// <param name="fault">A line for each thing that is wrong; null where the plan is good.</param>
    private void Tell(string? fault)
    {
        var now = time.GetUtcNow();
        var lasting = desk.Lasting(prefix);
        if (fault is null)
        {
            foreach (var over in lasting)
                Record(over with
                {
                    Revision = over.Revision + 1,
                    Status = FindingStatus.Over,
                    Time = now,
                    Reason = $"The plan in {folder} can be used again.",
                });
            return;
        }
        var lines = fault.Split(Environment.NewLine);
        var more = lines.Length > 1 ? $" (and {lines.Length - 1} more, which 'tocsin plan check' names)" : "";
        var reason = $"The plan in {folder} cannot be used: {lines[0].TrimEnd('.')}{more}. The last good one, "
            + $"{logbook.Book.Plan?.ToShortString()}, stays in force.";
        var known = lasting.Count > 0 ? lasting[0] : null;
        if (known?.Reason == reason)
            return;
        logger.LogError("{Reason}", reason);
        Record(new Finding(
            known?.Id ?? new FindingId($"{prefix}{now:yyyyMMddTHHmmssZ}"), (known?.Revision ?? 0) + 1,
            FindingStatus.Seen, now, started.Plan.Protected.Chain, default, [], Threat.MonitoringImpaired,
            Severity.Elevated, 1, "the plan", [], 0, [], "plan-watch", reason));
    }

    private void Record(Finding finding) => desk.Record([finding], finding.Time, null, null);

    /// <param name="Fault">Why the folder cannot be read at all; null where it was.</param>
    private sealed record Sight(ValueList<PlanFile> Files, string? Fault);
}
