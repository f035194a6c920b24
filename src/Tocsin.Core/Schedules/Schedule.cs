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
    SourceLine At);

/// <summary>Hours of the week in which somebody must be on call; may run past midnight.</summary>
/// <param name="Days">The days on which they begin; empty for each.</param>
public sealed record PromisedHours(ValueList<DayOfWeek> Days, TimeOnly From, TimeOnly To);

/// <summary>People who take turns.</summary>
/// <param name="People">By id, in their order.</param>
/// <param name="From">The local date of the first hand-over; nobody is on call by it before.</param>
/// <param name="HandOver">The local time of each hand-over.</param>
/// <param name="EveryDays">How long a turn is, in days on the local calendar.</param>
/// <param name="Hours">The part of each day that it covers; null for all of it.</param>
public sealed record Rotation(
    ValueList<string> People, DateOnly From, TimeOnly HandOver, int EveryDays, PromisedHours? Hours);

/// <summary>Somebody stands in for whoever would be on call; of two at once, the later written holds.</summary>
/// <param name="Person">By id.</param>
public sealed record Override(DateTimeOffset From, DateTimeOffset To, string Person);
