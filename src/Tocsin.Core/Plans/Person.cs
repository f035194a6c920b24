using Tocsin.Chains;
using Tocsin.Schedules;

namespace Tocsin.Plans;

/// <param name="Core">True for the core team, false for the extended one.</param>
/// <param name="Ways">Channels by name, in the order in which this person wants to be reached.</param>
public sealed record Person(
    string Id,
    string Name,
    bool Core,
    ValueList<string> Roles,
    string? Email,
    string? Chat,
    string? Phone,
    Address? Wallet,
    ValueList<string> Ways,
    SourceLine At)
{
    /// <summary>The kinds of issue that this person knows; empty for all.</summary>
    public ValueList<string> Categories { get; init; } = [];

    /// <summary>The clock of the place where this person lives; null where the plan does not say.</summary>
    public Zone? Zone { get; init; }

    public AwakeHours? Awake { get; init; }

    /// <summary>People by id who are paged where this one does not answer.</summary>
    public ValueList<string> Substitutes { get; init; } = [];

    /// <summary>How long each of <see cref="Ways"/> waits for an answer; the default where none is given.</summary>
    public ValueList<TimeSpan> Waits { get; init; } = [];

    /// <summary>The ways in order, each with the time that an answer has.</summary>
    public IEnumerable<Way> WaysInOrder =>
        Ways.Select((channel, place) => new Way(channel, place < Waits.Count ? Waits[place] : Way.DefaultWait));
}
