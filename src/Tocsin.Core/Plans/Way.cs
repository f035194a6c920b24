namespace Tocsin.Plans;

/// <summary>One way to reach a person.</summary>
/// <param name="Channel">The channel's name in the configuration.</param>
/// <param name="Wait">How long to wait for an answer before the next way is tried.</param>
public sealed record Way(string Channel, TimeSpan Wait)
{
    /// <summary>What holds where the plan gives no time.</summary>
    public static readonly TimeSpan DefaultWait = TimeSpan.FromMinutes(2);
}

/// <summary>The hours in which a person is usually awake, on their own clock; may run past midnight.</summary>
public readonly record struct AwakeHours(TimeOnly From, TimeOnly To)
{
    public bool Contains(TimeOnly time) =>
        From <= To ? time >= From && time < To : time >= From || time < To;

    public override string ToString() => $"{From:HH\\:mm}-{To:HH\\:mm}";
}
