using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>Names a condition: what is wrong, and with what.</summary>
public readonly record struct ConditionKey(string Kind, string Name);

/// <summary>Something that was wrong from an instant on, for as long as it lasted.</summary>
/// <param name="Returns">How often in a row it came back within an hour of its end.</param>
/// <param name="Said">The last revision given out.</param>
/// <param name="AbsentSince">Since when it was not seen any more; null while it lasts.</param>
/// <param name="Hold">How long it must stay away before it is over.</param>
/// <param name="Ending">By what it ended, as a sentence.</param>
/// <param name="EndedAt">When it was said to be over; kept for a while to tell what comes back from what is
/// new.</param>
public sealed record Condition(
    ConditionKey Key,
    DateTimeOffset BeganAt,
    int Returns,
    Finding Said,
    DateTimeOffset? AbsentSince,
    TimeSpan Hold,
    string Ending,
    DateTimeOffset? EndedAt)
{
    internal DateTimeOffset? OverAt => EndedAt is null ? AbsentSince + Hold : null;
}

/// <summary>What a rule sees wrong now.</summary>
internal sealed record Trouble(
    ConditionKey Key, Threat Threat, Severity Severity, decimal Confidence, string Subject, string Reason)
{
    /// <summary>The name of the detector that tells it; null for what the watch tells of itself.</summary>
    public string? Detector { get; init; }

    /// <summary>The accounts behind it; none where it has no hands.</summary>
    public ValueList<Address> Addresses { get; init; } = [];

    public ValueList<Hash32> Transactions { get; init; } = [];

    public decimal ImpactUsd { get; init; }

    public ValueList<Indicator> Indicators { get; init; } = [];
}
