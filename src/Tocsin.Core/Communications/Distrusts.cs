using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>The channels that may be in wrong hands.</summary>
/// <param name="All">One for each channel that is distrusted, or was.</param>
public sealed record Distrusts(ValueList<Distrust> All)
{
    public static Distrusts None { get; } = new([]);

    /// <summary>Those that are distrusted now.</summary>
    public IEnumerable<Distrust> Now => All.Where(one => one.TrustedAt is null);

    /// <summary>Null where the channel is trusted.</summary>
    public Distrust? Of(string channel) => Now.FirstOrDefault(one => one.Channel == channel);

    /// <summary>Also what comes from it: no answer that it brings is one.</summary>
    public bool IsDistrusted(string channel) => Of(channel) is not null;

    /// <summary>What was sent by the channel before may have been read, and pressed, by others.</summary>
    public bool IsVoid(Person person, DateTimeOffset givenAt) =>
        All.Any(one =>
            (person.Ways.Contains(one.Channel) || one.Readers.Contains(person.Id)) && givenAt <= one.At);

    public Distrusts Apply(ChannelDistrusted happened, DateTimeOffset at) => new(
        All.Where(one => !happened.Channels.Contains(one.Channel))
            .Concat(happened.Channels.Select(one => new Distrust(one, happened.By, happened.Reason, at)
            {
                Readers = happened.Readers ?? [],
            }))
            .ToValueList());

    public Distrusts Apply(ChannelTrusted happened, DateTimeOffset at) => new(
        All.Select(one => happened.Channels.Contains(one.Channel) ? one with { TrustedAt = at } : one).ToValueList());

    /// <summary>The plan as it holds now: what is distrusted is no way to anybody.</summary>
    public Plan Bind(Plan plan) =>
        Now.Any() ? plan with { Distrusted = Now.Select(one => one.Channel).ToValueList() } : plan;
}

/// <summary>A channel that is distrusted, or was.</summary>
/// <param name="At">Since when, the last time.</param>
public sealed record Distrust(string Channel, string By, string Reason, DateTimeOffset At)
{
    public DateTimeOffset? TrustedAt { get; init; }

    /// <summary>Whose way it was when it was distrusted, by their ids.</summary>
    public ValueList<string> Readers { get; init; } = [];

    public string InWords => $"{Channel} is distrusted by {By} since {At:yyyy-MM-dd HH:mm} UTC: {Reason}";
}
