using System.Diagnostics.Metrics;
using Tocsin.Evm.Inputs;
using Tocsin.Plans;

namespace Tocsin.UserReports;

/// <summary>What became of a report. Neither is there where it was taken.</summary>
/// <param name="Refusal">What is wrong with it.</param>
/// <param name="TooMany">True where too many came at once; it may be sent again.</param>
internal readonly record struct ReportAnswer(string? Refusal, bool TooMany)
{
    public bool IsTaken => Refusal is null && !TooMany;
}

/// <summary>
/// Takes what people report. Nobody is asked who they are, so no more is taken in a minute than people can read, and
/// what is dropped is counted and told.
/// </summary>
internal sealed class ReportDesk
{
    public const int MinuteMax = 30;

    private readonly HashSet<string> subjects;
    private readonly Func<Arrival, CancellationToken, ValueTask> take;
    private readonly TimeProvider time;
    private readonly ILogger<ReportDesk> logger;
    private readonly Lock gate = new();
    private (long Minute, int Count) taken;
    private long dropped;

    /// <param name="subjects">The names of the protected things, as the page offers them.</param>
    public ReportDesk(
        IEnumerable<string> subjects, Func<Arrival, CancellationToken, ValueTask> take, TimeProvider time,
        ILogger<ReportDesk> logger)
    {
        (this.take, this.time, this.logger) = (take, time, logger);
        this.subjects = [.. subjects];
        Subjects = [.. this.subjects];
    }

    public static IEnumerable<string> SubjectsOf(ProtectedThings things) =>
        things.Assets.Select(asset => asset.Name)
            .Concat(things.Contracts.Select(contract => contract.Name))
            .Concat(things.Pools.Select(pool => pool.Name));

    public IReadOnlyList<string> Subjects { get; }

    /// <summary>How many were dropped since the start because too many came at once.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    public void Measure(Meter meter) => meter.CreateObservableCounter(
        "tocsin.reports.dropped", () => Dropped, description: "Reports by people that were dropped: too many at once");

    public async Task<ReportAnswer> TakeAsync(SubmittedReport submitted, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (report, refusal) = submitted.Read(now, subjects);
        if (report is null)
            return new ReportAnswer(refusal, TooMany: false);
        if (!MayTake(now))
        {
            // Nothing that a stranger wrote goes into the log of the process.
            if (Interlocked.Increment(ref dropped) is var count && (count == 1 || count % 100 == 0))
                logger.LogWarning(
                    "{Count} reports were dropped: more than {Most} came within a minute", count, MinuteMax);
            return new ReportAnswer(null, TooMany: true);
        }
        await take(report, cancellationToken);
        return default;
    }

    private bool MayTake(DateTimeOffset now)
    {
        lock (gate)
        {
            var minute = now.ToUnixTimeSeconds() / 60;
            taken = (minute, minute == taken.Minute ? taken.Count + 1 : 1);
            if (taken.Count <= MinuteMax)
                return true;
            taken.Count = MinuteMax;
            return false;
        }
    }
}
