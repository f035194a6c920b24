using Tocsin.Plans;

namespace Tocsin.Schedules;

/// <summary>Who is on call when: rotations on the clock of one place, and overrides.</summary>
/// <param name="Zone">The clock by which hand-overs happen.</param>
/// <param name="Promise">When somebody must be on call; empty for always.</param>
public sealed record Schedule(
    string Id,
    Zone Zone,
    ValueList<PromisedHours> Promise,
    ValueList<Rotation> Rotations,
    ValueList<Override> Overrides,
    SourceLine At)
{
    public bool IsPromisedAt(DateTimeOffset instant) =>
        Promise.Count == 0 || Promise.Any(hours => hours.Covers(instant, Zone));

    /// <summary>
    /// The same without people who are revoked: whoever comes next takes their turns, nobody else's turn moves, and
    /// what they stood in for falls back to the rotations.
    /// </summary>
    public Schedule Without(Func<string, bool> isRevoked) => this with
    {
        Rotations = Rotations.Select(rotation => rotation.Without(isRevoked)).ToValueList(),
        Overrides = Overrides.Where(one => !isRevoked(one.Person)).ToValueList(),
    };
}

/// <summary>
/// Hours of some days. They may run past midnight; where they end at the time at which they begin, that is a day later.
/// </summary>
/// <param name="Days">The days on which they begin; empty for each.</param>
public sealed record PromisedHours(ValueList<DayOfWeek> Days, TimeOnly From, TimeOnly To)
{
    public bool Covers(DateTimeOffset instant, Zone zone)
    {
        var today = DateOnly.FromDateTime(zone.LocalAt(instant));
        // Yesterday's may run past midnight; tomorrow's may have begun before a clock was set back over midnight.
        for (var day = today.AddDays(-1); day <= today.AddDays(1); day = day.AddDays(1))
        {
            if (BeginOn(day) && Begin(day, zone) <= instant && instant < End(day, zone))
                return true;
        }
        return false;
    }

    /// <summary>When they next begin or end.</summary>
    public DateTimeOffset EdgeAfter(DateTimeOffset instant, Zone zone)
    {
        // A day's hours have ended when those of the next begin, so the first edge that is found is the next one.
        for (var day = DateOnly.FromDateTime(zone.LocalAt(instant)).AddDays(-1); ; day = day.AddDays(1))
        {
            if (!BeginOn(day))
                continue;
            if (Begin(day, zone) is var begin && begin > instant)
                return begin;
            if (End(day, zone) is var end && end > instant)
                return end;
        }
    }

    private bool BeginOn(DateOnly day) => Days.Count == 0 || Days.Contains(day.DayOfWeek);

    private DateTimeOffset Begin(DateOnly day, Zone zone) => zone.InstantOf(day.ToDateTime(From));

    private DateTimeOffset End(DateOnly day, Zone zone) =>
        zone.InstantOf((From < To ? day : day.AddDays(1)).ToDateTime(To));
}

/// <summary>People who take turns.</summary>
/// <param name="People">By id, in their order.</param>
/// <param name="From">The local date of the first hand-over; nobody is on call by it before.</param>
/// <param name="HandOver">The local time of each hand-over.</param>
/// <param name="EveryDays">How long a turn is, in days on the local calendar.</param>
/// <param name="Hours">The part of each day that it covers; null for all of it.</param>
public sealed record Rotation(
    ValueList<string> People, DateOnly From, TimeOnly HandOver, int EveryDays, PromisedHours? Hours)
{
    /// <summary>Whose turn it is; null before the first hand-over and outside of its hours.</summary>
    public string? PersonAt(DateTimeOffset instant, Zone zone)
    {
        if (People.Count == 0 || Hours?.Covers(instant, zone) == false)
            return null;
        var turn = TurnAt(instant, zone);
        return turn < 0 ? null : People[turn % People.Count];
    }

    /// <summary>When it next hands over, or its hours begin or end.</summary>
    public DateTimeOffset EdgeAfter(DateTimeOffset instant, Zone zone)
    {
        var handOver = Begin(TurnAt(instant, zone) + 1, zone);
        return Hours?.EdgeAfter(instant, zone) is { } edge && edge < handOver ? edge : handOver;
    }

    internal Rotation Without(Func<string, bool> isRevoked)
    {
        var next = Enumerable.Range(0, People.Count).Select(place => Enumerable.Range(place, People.Count)
            .Select(at => People[at % People.Count])
            .FirstOrDefault(person => !isRevoked(person)));
        return this with { People = next.OfType<string>().ToValueList() };
    }

    /// <summary>
    /// When a turn begins: counted on the local calendar, so that a turn over a change of the clock is an hour shorter
    /// or longer and each hand-over happens once.
    /// </summary>
    private DateTimeOffset Begin(int turn, Zone zone) =>
        zone.InstantOf(From.AddDays(turn * EveryDays).ToDateTime(HandOver));

    // The number of the turn, from 0 on; -1 before the first.
    private int TurnAt(DateTimeOffset instant, Zone zone)
    {
        if (instant < Begin(0, zone))
            return -1;
        var days = DateOnly.FromDateTime(zone.LocalAt(instant)).DayNumber - From.DayNumber;
        var turn = days / EveryDays;
        // The calendar alone is off by one where it is a day of a hand-over, before its time.
        while (Begin(turn, zone) > instant)
            turn--;
        while (Begin(turn + 1, zone) <= instant)
            turn++;
        return turn;
    }
}

/// <summary>Somebody stands in for whoever would be on call; of two at once, the later written holds.</summary>
/// <param name="Person">By id.</param>
public sealed record Override(DateTimeOffset From, DateTimeOffset To, string Person)
{
    public bool Covers(DateTimeOffset instant) => From <= instant && instant < To;
}
