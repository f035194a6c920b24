using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Schedules;

namespace Tocsin.Reachability;

/// <summary>How often canaries are sent.</summary>
/// <param name="Channels">Through each channel of many; null for never.</param>
/// <param name="People">To each person by each of their own ways; null for never.</param>
public sealed record CanaryPace(TimeSpan? Channels, TimeSpan? People)
{
    public static CanaryPace Default { get; } = new(TimeSpan.FromDays(1), TimeSpan.FromDays(7));
}

/// <summary>Which canaries are due: a pure function of the log, the plan and an instant.</summary>
public static class CanaryRounds
{
    /// <summary>What is not proven by then did not arrive: a page that takes longer is none.</summary>
    public static readonly TimeSpan ProvenWithin = TimeSpan.FromMinutes(5);

    // Whoever sets a plan up tests by hand, and is left in peace for a while.
    private static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(10);

    // Of whom the plan says nothing, on their clock.
    private static readonly AwakeHours Daytime = new(new TimeOnly(9, 0), new TimeOnly(18, 0));

    /// <summary>The ways that the configuration and the plan know, in their order.</summary>
    /// <param name="channels">The configuration's names.</param>
    public static IEnumerable<Line> Lines(Plan plan, IReadOnlyList<string> channels)
    {
        // A test of what the world reads would be read by the world.
        var spoken = plan.Communications.Where(one => one.IsPublic)
            .SelectMany(one => new[] { one.Channel, one.Backup })
            .ToHashSet(StringComparer.Ordinal);
        return channels.Where(name => !spoken.Contains(name) && !plan.Distrusted.Contains(name))
            .Select(channel => new Line(channel, OwnWay.PersonOf(plan, channel)?.Id));
    }

    /// <summary>Everything that is due: lost ones first, then at most one new one for each way.</summary>
    /// <param name="plan">In force.</param>
    public static IReadOnlyList<CanaryEvent> Due(
        IncidentBook book, Plan plan, IReadOnlyList<string> channels, CanaryPace pace, DateTimeOffset now)
    {
        var canaries = book.Canaries;
        var due = new List<CanaryEvent>();
        foreach (var open in canaries.Open.Where(open => now - open.SentAt >= ProvenWithin))
            due.Add(new CanaryEvent.Lost(open.Id, WhyLost(open)));
        var next = canaries.NextId.Number;
        foreach (var line in Lines(plan, channels))
            if (now - book.PlanSince >= FirstAfter && IsNamed(plan, line.Channel)
                && IsDue(canaries, plan, line, pace, now))
                due.Add(new CanaryEvent.Sent(
                    new CanaryId(next++), line.Channel, line.Person, Severity.Routine, By: null));
        return due;
    }

    // Nobody is told anything by a channel that the plan does not name, and the world may read it.
    private static bool IsNamed(Plan plan, string channel) =>
        plan.People.Any(person => person.Ways.Contains(channel))
        || plan.Communications.Any(one => one.Channel == channel || one.Backup == channel);

    private static string WhyLost(Canary open) => open.Receipt is null
        ? $"it could not be sent within {ProvenWithin.TotalMinutes:0} minutes"
        : $"its receiver took it over, and said nothing more within {ProvenWithin.TotalMinutes:0} minutes";

    // Of a clock that was wrong no canary is awaited for ever.
    private static bool IsDue(Canaries canaries, Plan plan, Line line, CanaryPace pace, DateTimeOffset now)
    {
        if ((line.Person is null ? pace.Channels : pace.People) is not { } every)
            return false;
        var last = canaries.Of(line).LastOrDefault();
        return (last is null || (now - last.SentAt).Duration() >= every)
            && (line.Person is null || IsAwake(plan.Person(line.Person), now));
    }

    private static bool IsAwake(Person? person, DateTimeOffset now) => person is not null
        && (person.Awake ?? Daytime).Contains(TimeOnly.FromDateTime((person.Zone ?? Zone.Utc).LocalAt(now)));
}
