using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Operations;

/// <param name="Of">A protected contract; empty for all that have no entry of their own.</param>
public sealed record ActivitySpikeSettings(string Of = "") : DetectorSettings
{
    private const int CountMax = 1_000_000_000;

    public static DetectorCard TheCard { get; } = new(
        "activity-spike", Threat.ActivitySpike,
        "A protected contract is called, or writes events, far more often than usual at this hour of the day: "
            + "somebody may be keeping others from using it, draining it in small steps, or everybody may be leaving. "
            + "Or most of what is sent to it fails: somebody probes it, or it stopped working for its users. "
            + "Severity 3: it is written down and wakes nobody by itself.",
        "Blocks with receipts.",
        [
            "`of`: every protected contract; one by its name",
            "`spreads`: 6; so many times its usual spread above the mean of this hour of the day, an hour is unusual",
            "`calls_least`: 100; an hour with fewer transactions sent to the contract never is",
            "`calls_limit`: none; an hour with more always is, also before anything was learnt",
            "`events_least`: 500; the same of the events that it writes",
            "`events_limit`: none",
            "`failed_least`: 20; so many transactions sent to it failed within the hour",
            "`failed_share`: 0.5; and that share of all that were sent to it",
        ],
        [
            "What is usual is known after seven days; before, only fixed limits and failures tell something.",
            "Hours are those of the clock: what falls into two of them counts half in each.",
            "Gas: blocks as they are read here hold neither the gas that was used nor its price, so a spike of gas, or "
                + "of the price that users pay, goes unseen.",
            "Calls through other contracts count by their events alone; where they fail, not at all.",
            "Of the contracts without an entry of their own, the 256 that were last active are remembered.",
            "A release, an airdrop or a bot whose every second try fails looks the same.",
            "Pending transactions that never make it into a block.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => Of;

    public decimal Spreads { get; init; } = 6;

    public int CallsLeast { get; init; } = 100;

    /// <summary>Null for none.</summary>
    public int? CallsLimit { get; init; }

    public int EventsLeast { get; init; } = 500;

    /// <summary>Null for none.</summary>
    public int? EventsLimit { get; init; }

    public int FailedLeast { get; init; } = 20;

    /// <summary>Above 0, at most 1.</summary>
    public decimal FailedShare { get; init; } = 0.5m;

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (Of.Length > 0 && watch.FindContract(Of) is null)
            yield return $"{Card.Name}: '{Of}' is no protected contract of the plan";
        if (Spreads is < 1 or > 1_000)
            yield return $"{Name}: an hour is unusual from 1 to 1,000 spreads on, not {Spreads}";
        foreach (var count in new[] { CallsLeast, CallsLimit ?? 1, EventsLeast, EventsLimit ?? 1, FailedLeast })
            if (count is < 1 or > CountMax)
                yield return $"{Name}: counts are from 1 to {CountMax:#,0}, not {count}";
        if (FailedShare is <= 0 or > 1)
            yield return $"{Name}: the share of failures is above 0 and at most 1, not {FailedShare}";
    }

    internal override Detector Create(Watch watch) => new ActivitySpike(this, watch);
}
