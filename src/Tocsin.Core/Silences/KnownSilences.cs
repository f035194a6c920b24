using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;

namespace Tocsin.Silences;

/// <summary>The silences that people asked for.</summary>
/// <param name="All">In order; of former ones only the last.</param>
public sealed record KnownSilences(ValueList<Silence> All)
{
    /// <summary>So many that are over are still shown; the log has them all.</summary>
    public const int FormerKept = 100;

    public static KnownSilences None { get; } = new([]);

    /// <summary>The number of the next.</summary>
    public int Next { get; init; } = 1;

    public Silence? this[int number] => All.FirstOrDefault(one => one.Asked.Number == number);

    /// <summary>Those that hold back alerts now.</summary>
    public IEnumerable<Silence> Holding(DateTimeOffset now) => All.Where(one => one.Holds(now));

    /// <summary>The silence by which a channel is not told of something; null where it is.</summary>
    public Silence? Of(Incident incident, Announcement announcement, DateTimeOffset now) =>
        IsAlwaysTold(announcement.Reason)
            ? null
            : All.FirstOrDefault(one => one.Holds(now) && one.Covers(incident, announcement.Channel));

    public KnownSilences Apply(SilenceProposed asked, DateTimeOffset at)
    {
        var tooMany = All.Count(one => one.IsOver(at)) - FormerKept;
        return new(All.Where(one => !one.IsOver(at) || tooMany-- <= 0).Append(new(asked, at)).ToValueList())
        {
            Next = asked.Number + 1,
        };
    }

    public KnownSilences Apply(SilenceConfirmed confirmed) =>
        Changed(confirmed.Number, one => one with { ConfirmedBy = confirmed.By });

    public KnownSilences Apply(SilenceEnded ended, DateTimeOffset at) =>
        Changed(ended.Number, one => one with { EndedAt = at, EndedBecause = $"{ended.By}: {ended.Reason}" });

    /// <summary>What a revoked person asked for, or confirmed, silences nothing any more.</summary>
    public KnownSilences Without(string revoked, DateTimeOffset at) => this with
    {
        All = All.Select(one => one.IsOf(revoked) && !one.IsOver(at)
            ? one with { EndedAt = at, EndedBecause = $"'{revoked}' is revoked" }
            : one).ToValueList(),
    };

    // What people write themselves they need not send; and whose word is worth nothing any more everybody must know.
    private static bool IsAlwaysTold(AlertReason reason) => reason is AlertReason.Update or AlertReason.UpdateWaits
        or AlertReason.Revoked or AlertReason.ChannelDistrusted;

    private KnownSilences Changed(int number, Func<Silence, Silence> change) => this with
    {
        All = All.Select(one => one.Asked.Number == number ? change(one) : one).ToValueList(),
    };
}

/// <summary>A silence, and what became of it.</summary>
public sealed record Silence(SilenceProposed Asked, DateTimeOffset At)
{
    /// <summary>The second person's id; null where nobody confirmed it.</summary>
    public string? ConfirmedBy { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? EndedBecause { get; init; }

    /// <summary>True where one person alone must not decide it.</summary>
    public bool NeedsSecond => Asked.Severity == Severity.Critical;

    public bool IsOver(DateTimeOffset now) => EndedAt is not null || now >= Asked.Until;

    public bool Holds(DateTimeOffset now) => !IsOver(now) && (!NeedsSecond || ConfirmedBy is not null);

    /// <summary>True while it waits for the second person.</summary>
    public bool Waits(DateTimeOffset now) => !IsOver(now) && NeedsSecond && ConfirmedBy is null;

    public bool IsOf(string person) => Asked.By == person || ConfirmedBy == person;

    public bool Covers(Incident incident, string channel) =>
        incident.WorstSeverity >= Asked.Severity
        && (Asked.Issue is null || Asked.Issue == incident.Issue)
        && (Asked.Channel is null || Asked.Channel == channel);

    /// <summary>What it silences, for example <c>severities 3 to 5 of 'flash-loan' on war-room</c>.</summary>
    public string Scope => Asked.Severity switch
    {
        Severity.Critical => "every severity",
        Severity.Routine => "severity 5",
        var worst => $"severities {(int)worst} to 5",
    }
        + (Asked.Issue is { } issue ? $" of '{issue}'" : "")
        + (Asked.Channel is { } channel ? $" on {channel}" : "");

    /// <summary>All of it in a line.</summary>
    public string InWords => $"silence {Asked.Number}: {Scope} until {Asked.Until:yyyy-MM-dd HH:mm} UTC, by {Asked.By}"
        + (ConfirmedBy is { } second ? $" and {second}" : "") + $" because {Asked.Reason}";
}
