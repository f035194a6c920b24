using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Silences;

/// <summary>Who may silence what, and for how long, as functions of the state of the moment.</summary>
public static class Silencing
{
    /// <summary>No silence is longer: what must be quiet for good belongs into the plan.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>So many may hold, or wait, at a time.</summary>
    public const int MaximumLive = 20;

    private const int MaximumReasonCharacters = 500;

    /// <param name="asked">Its number is not looked at.</param>
    public static Ruling Propose(IncidentBook book, Plan plan, SilenceProposed asked, DateTimeOffset now)
    {
        if (Rulings.WhyNotWords(plan, asked.By, asked.Reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        if (asked.Reason.Length > MaximumReasonCharacters)
            return Ruling.Refuse($"a reason has at most {MaximumReasonCharacters} characters");
        if (!Enum.IsDefined(asked.Severity))
            return Ruling.Refuse("a severity is a number from 1 (worst) to 5");
        if (asked.Issue is { } issue && plan.Issues.All(one => one.Id != issue))
            return Ruling.Refuse($"the plan has no issue '{Rulings.Short(issue)}'"
                + PlanCheck.Near(issue, plan.Issues.Select(one => one.Id)));
        if (asked.Channel is { } channel && !Channels(plan).Contains(channel))
            return Ruling.Refuse($"nobody in the plan is told by a channel '{Rulings.Short(channel)}'"
                + PlanCheck.Near(channel, Channels(plan)));
        if (asked.Until <= now || asked.Until - now > Longest)
            return Ruling.Refuse($"a silence lasts at least a minute and at most {Longest.TotalHours} h");
        return book.Silences.All.Count(one => !one.IsOver(now)) >= MaximumLive
            ? Ruling.Refuse($"{MaximumLive} silences hold already: end one first")
            : asked with { Number = book.Silences.Next };
    }

    /// <summary>By somebody else than who asked for it.</summary>
    public static Ruling Confirm(IncidentBook book, Plan plan, int number, string by, DateTimeOffset now)
    {
        if (plan.Person(by) is null)
            return Ruling.Refuse(Rulings.NoPerson(by));
        if (book.Silences[number] is not { } silence || !silence.Waits(now))
            return Ruling.Refuse($"no silence {number} waits for a second person");
        return silence.Asked.By == by
            ? Ruling.Refuse("the second person is somebody else than who asked for it")
            : new SilenceConfirmed(number, by);
    }

    /// <summary>Anybody may: whoever was not told of an incident that is still open hears of it at once.</summary>
    public static Ruling End(IncidentBook book, Plan plan, int number, string by, string reason, DateTimeOffset now)
    {
        if (Rulings.WhyNotWords(plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        return book.Silences[number] is { } silence && !silence.IsOver(now)
            ? new Ruling([new SilenceEnded(number, by, reason), .. Lifted(book, [number])], null)
            : Ruling.Refuse($"no silence {number} holds");
    }

    /// <summary>What follows when somebody's word counts no more.</summary>
    internal static IEnumerable<SilenceEvent> LiftedWith(IncidentBook book, string revoked, DateTimeOffset now) =>
        Lifted(book, [.. book.Silences.Holding(now).Where(one => one.IsOf(revoked)).Select(one => one.Asked.Number)]);

    private static IEnumerable<SilenceEvent.Lifted> Lifted(IncidentBook book, IReadOnlyList<int> silences) =>
        from incident in book.Open
        from silence in silences
        where incident.Silenced.Withheld.Any(one => one.Silence == silence)
        select new SilenceEvent.Lifted(incident.Id, silence);

    private static HashSet<string> Channels(Plan plan) =>
    [
        .. plan.People.SelectMany(person => person.Ways),
        .. plan.Communications.Select(one => one.Channel),
        .. plan.Communications.Select(one => one.Backup).OfType<string>(),
    ];
}
