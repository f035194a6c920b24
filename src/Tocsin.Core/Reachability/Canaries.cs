using System.Collections.Immutable;
using Tocsin.Findings;

namespace Tocsin.Reachability;

/// <summary>One canary and what became of it.</summary>
/// <param name="Receipt">By which the receiver knows it, while it has yet to arrive.</param>
/// <param name="Why">Why it is lost; null where it is not.</param>
public sealed record Canary(
    CanaryId Id, string Channel, string? Person, Severity Severity, string? By, DateTimeOffset SentAt,
    string? Receipt = null, DateTimeOffset? ArrivedAt = null, DateTimeOffset? AnsweredAt = null, string? Why = null)
{
    /// <summary>The way that it tries: a channel, or one person's own.</summary>
    public Line Line => new(Channel, Person);

    /// <summary>True where its receiver took it over, and never says more.</summary>
    public bool IsTakenOverOnly { get; init; }

    public bool IsProven => ArrivedAt is not null || AnsweredAt is not null;

    /// <summary>True while nothing is known of it.</summary>
    public bool IsOpen => !IsProven && Why is null;
}

/// <summary>A way to people: a channel, or with a person their own.</summary>
public readonly record struct Line(string Channel, string? Person);

/// <summary>The canaries of late, the memory of which ways are known to work. Of each way the last ones are kept.
/// </summary>
public sealed record Canaries(ImmutableSortedDictionary<int, Canary> All, int Last)
{
    /// <summary>So many of each way are kept, and its score is counted over them.</summary>
    public const int KeptOfEach = 10;

    public static Canaries None { get; } = new(ImmutableSortedDictionary<int, Canary>.Empty, 0);

    /// <summary>The name of the one that is sent next.</summary>
    public CanaryId NextId => new(Last + 1);

    /// <summary>Null for one that never was, or of long ago.</summary>
    public Canary? this[CanaryId id] => All.GetValueOrDefault(id.Number);

    public IEnumerable<Canary> Open => All.Values.Where(canary => canary.IsOpen);

    /// <summary>Of one way, the newest last.</summary>
    public IEnumerable<Canary> Of(Line line) => All.Values.Where(canary => canary.Line == line);

    /// <summary>What is heard of one that is kept no more changes nothing.</summary>
    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public Canaries Apply(CanaryEvent happened, DateTimeOffset at)
    {
        if (happened is CanaryEvent.Sent sent)
            return With(new(sent.Canary, sent.Channel, sent.Person, sent.Severity, sent.By, at));
        if (this[happened.Canary] is not { } known)
            return this;
        return this with { All = All.SetItem(known.Id.Number, After(known, happened, at)) };
    }

    // What arrives after all is not lost.
    private static Canary After(Canary known, CanaryEvent happened, DateTimeOffset at) => happened switch
    {
        CanaryEvent.Accepted accepted => known with
        {
            Receipt = accepted.Receipt,
            ArrivedAt = accepted.IsLastWord ? at : known.ArrivedAt,
            IsTakenOverOnly = accepted.IsLastWord,
        },
        CanaryEvent.Arrived => known with { ArrivedAt = at, Why = null },
        CanaryEvent.Confirmed => known with { AnsweredAt = known.AnsweredAt ?? at, Why = null },
        CanaryEvent.Lost lost => known with { Why = lost.Why },
        _ => throw new InvalidOperationException($"a canary cannot take {happened.GetType().Name}"),
    };

    private Canaries With(Canary canary)
    {
        var all = All;
        var old = Of(canary.Line).Select(one => one.Id.Number).ToList();
        foreach (var number in old.Take(Math.Max(0, old.Count + 1 - KeptOfEach)))
            all = all.Remove(number);
        return new(all.SetItem(canary.Id.Number, canary), canary.Id.Number);
    }
}
