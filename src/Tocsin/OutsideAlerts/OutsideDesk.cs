using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Tocsin.Configuration;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.OutsideAlerts;

/// <summary>What became of a key that was shown.</summary>
internal enum OutsideEntry
{
    Known,

    /// <summary>The key is none of ours.</summary>
    Stranger,

    /// <summary>More often than anyone needs to.</summary>
    TooOften,
}

/// <summary>
/// Takes the alerts of outside systems and records what follows. Which key is right does not show in the time that the
/// answer takes, and nothing that a stranger wrote goes into the log of the process.
/// </summary>
internal sealed class OutsideDesk
{
    public const int MinimumTokenCharacters = 16;

    /// <summary>Of one source.</summary>
    public const int RequestsAMinute = 240;

    /// <summary>Of one source: so many firings are recorded that open nothing and make nothing worse.</summary>
    public const int RecordsAnHour = 1_000;

    private const int StrangersAMinute = 60;
    private const int WordsMax = 1_000;

    // A sender's clock may be a little ahead of ours.
    private static readonly TimeSpan ClockAhead = TimeSpan.FromMinutes(5);

    private readonly List<(OutsideSettings Settings, byte[] TokenHash)> sources;
    private readonly Logbook logbook;
    private readonly bool exercise;
    private readonly TimeProvider time;
    private readonly ILogger<OutsideDesk> logger;
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> requests = [];
    private readonly Dictionary<string, int> records = [];
    private long minute;
    private long hour;
    private int strangers;
    private long refused;

    /// <param name="sources">Each with its token.</param>
    public OutsideDesk(
        IEnumerable<(OutsideSettings Settings, string Token)> sources, Logbook logbook, bool exercise,
        TimeProvider time, ILogger<OutsideDesk> logger)
    {
        (this.logbook, this.exercise, this.time, this.logger) = (logbook, exercise, time, logger);
        this.sources = [.. sources.Select(source => (source.Settings, Hash(source.Token)))];
    }

    /// <exception cref="InputException">A token cannot be read, is short, or is that of another source.</exception>
    public static OutsideDesk Open(
        TocsinConfiguration configuration, Logbook logbook, TimeProvider time, ILogger<OutsideDesk> logger)
    {
        var sources = new List<(OutsideSettings Settings, string Token)>();
        foreach (var settings in configuration.Outside)
        {
            var token = settings.Token.Reveal(configuration.Directory);
            if (token.Length < MinimumTokenCharacters)
                throw new InputException(
                    $"the token '{settings.Token}' of '{settings.Name}' under 'outside' has fewer than "
                    + $"{MinimumTokenCharacters} characters: make one with 'openssl rand -hex 16'");
            if (sources.FirstOrDefault(other => other.Token == token).Settings is { } same)
                throw new InputException(
                    $"'{same.Name}' and '{settings.Name}' under 'outside' have the same token: each needs its own");
            sources.Add((settings, token));
        }
        return new OutsideDesk(sources, logbook, configuration.Exercise, time, logger);
    }

    /// <summary>Requests with a wrong key since the start.</summary>
    public long Refused => Interlocked.Read(ref refused);

    public void Measure(Meter meter) => meter.CreateObservableCounter(
        "tocsin.outside.refused", () => Refused, description: "Alerts from outside that were refused: a wrong key");

    /// <summary>Whose key that is.</summary>
    /// <param name="token">What was shown; null for nothing.</param>
    /// <param name="source">Null unless the key is known.</param>
    public OutsideEntry Enter(OutsideKind kind, string? token, out OutsideSettings? source)
    {
        source = null;
        var shown = Hash(token ?? "");
        // Every one is compared, so that the time says nothing of which.
        foreach (var (settings, hash) in sources)
            if (CryptographicOperations.FixedTimeEquals(shown, hash) && settings.Kind == kind)
                source = settings;
        lock (gate)
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds() / 60;
            if (now != minute)
            {
                (minute, strangers) = (now, 0);
                requests.Clear();
            }
            if (source is null)
                return CountStranger(kind);
            var count = requests[source.Name] = Math.Min(requests.GetValueOrDefault(source.Name), RequestsAMinute) + 1;
            return count > RequestsAMinute ? OutsideEntry.TooOften : OutsideEntry.Known;
        }
    }

    /// <summary>Records what follows from the alerts, all or nothing; nothing where they say nothing new.</summary>
    public void Take(OutsideSettings source, ValueList<ToldAlert> told)
    {
        var (left, lesser) = (RecordsLeft(source), 0);
        logbook.Record((book, now) =>
        {
            if (logbook.InForce is not { } plan)
                return [];
            var limits = new DetectionLimits(plan.Opens.Severity, plan.Opens.Confidence, exercise);
            var all = new List<LogEvent>();
            // The worst first: it opens the incident that the others of its group join.
            foreach (var alert in told.Select(one => Understood(source, one, now)).OrderBy(one => one.Severity))
            {
                var events = OpeningFromOutside.Take(book, plan, alert, limits, now);
                if (alert.News == OutsideNews.Firing && IsLesser(events) && ++lesser > left)
                    continue;
                book = events.Aggregate(book, (folded, happened) => folded.Apply(happened, now));
                all.AddRange(events);
            }
            return all;
        });
        Spend(source, left, lesser);
    }

    // The log is for ever: whoever has the key of a sender must not fill it with what wakes nobody.
    private static bool IsLesser(IReadOnlyList<LogEvent> events) =>
        events.Count > 0 && events.All(happened => happened is FindingRecorded);

    private int RecordsLeft(OutsideSettings source)
    {
        lock (gate)
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds() / 3600;
            if (now != hour)
            {
                hour = now;
                records.Clear();
            }
            return RecordsAnHour - records.GetValueOrDefault(source.Name);
        }
    }

    private void Spend(OutsideSettings source, int left, int lesser)
    {
        if (left > 0 && lesser > left)
            logger.LogWarning(
                "'{Source}' said more than {Count} things within the hour that open nothing: of those that come now "
                + "none is recorded", source.Name, RecordsAnHour);
        lock (gate)
            records[source.Name] = Math.Min(records.GetValueOrDefault(source.Name) + lesser, RecordsAnHour);
    }

    private static OutsideAlert Understood(OutsideSettings source, ToldAlert told, DateTimeOffset now) => new(
        source.Name,
        told.Group,
        told.Key,
        told.News,
        source.SeverityOf(told.Level),
        source.IssueOf(source.Label is { } label ? ToldText.ValueOf(told.Labels, label) : ""),
        ToldText.Line($"{source.Name}: {told.Words}", WordsMax),
        told.Since > now + ClockAhead ? null : told.Since,
        IsRepeated: source.Kind == OutsideKind.Alertmanager);

    private OutsideEntry CountStranger(OutsideKind kind)
    {
        var count = Interlocked.Increment(ref refused);
        if (count == 1 || count % 100 == 0)
            logger.LogWarning(
                "{Count} alerts from outside were refused for a wrong key, the last on the route of {Kind}",
                count, kind);
        strangers = Math.Min(strangers + 1, StrangersAMinute + 1);
        return strangers > StrangersAMinute ? OutsideEntry.TooOften : OutsideEntry.Stranger;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
