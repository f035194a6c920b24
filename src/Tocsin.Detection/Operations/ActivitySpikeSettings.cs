using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Operations;

/// <param name="Of">A protected contract; empty for all that have no entry of their own.</param>
public sealed record ActivitySpikeSettings(string Of = "") : DetectorSettings
{
    private const int CountMax = 1_000_000_000;
    private const int FeeBlocksMax = 100_000;
    private const decimal GweiMax = 1_000_000_000m;

    public static DetectorCard TheCard { get; } = new(
        "activity-spike", Threat.ActivitySpike,
        "A protected contract is called, or writes events, far more often than usual at this hour of the day: "
            + "somebody may be keeping others from using it, draining it in small steps, or everybody may be leaving. "
            + "Or most of what is sent to it fails: somebody probes it, or it stopped working for its users. "
            + "Or the chain's base fee stays far above what is usual at this hour: pauses and liquidations become "
            + "dearer and later. Severity 3: it is written down and wakes nobody by itself.",
        "Blocks with receipts; `baseFeePerGas` of the blocks for the fee.",
        [
            "`of`: every protected contract; one by its name",
            "`spreads`: 6; so many times its usual spread above the mean of this hour of the day, an hour is unusual",
            "`calls_least`: 100; an hour with fewer transactions sent to the contract never is",
            "`calls_limit`: none; an hour with more always is, also before anything was learnt",
            "`events_least`: 500; the same of the events that it writes",
            "`events_limit`: none",
            "`failed_least`: 20; so many transactions sent to it failed within the hour",
            "`failed_share`: 0.5; and that share of all that were sent to it",
            "`fee_gwei_least`: 50; a lower base fee is never unusual. Fees are looked at by the entry without `of` "
                + "alone",
            "`fee_gwei_limit`: none; a higher one always is, also before anything was learnt",
            "`fee_blocks`: 10; in so many blocks in a row",
            "`fee_for`: 2min; and for so long",
        ],
        [
            "What is usual is known after seven days; before, only fixed limits and failures tell something.",
            "Hours are those of the clock: what falls into two of them counts half in each.",
            "Chains without a base fee; tips, which users may pay above it; what a rollup charges for its data.",
            "A fee that swings below the limit every few blocks is not told, and one that is dear for days at that "
                + "hour becomes the custom.",
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

    /// <summary>Above 0.</summary>
    public decimal FeeGweiLeast { get; init; } = 50;

    /// <summary>Null for none.</summary>
    public decimal? FeeGweiLimit { get; init; }

    public int FeeBlocks { get; init; } = 10;

    public TimeSpan FeeFor { get; init; } = TimeSpan.FromMinutes(2);

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
        foreach (var gwei in new[] { FeeGweiLeast, FeeGweiLimit ?? 1 })
            if (gwei is <= 0 or > GweiMax)
                yield return $"{Name}: a base fee is above 0 and at most {GweiMax:#,0} gwei, not {gwei}";
        if (FeeBlocks is < 1 or > FeeBlocksMax)
            yield return $"{Name}: a base fee is unusual after 1 to {FeeBlocksMax:#,0} blocks, not {FeeBlocks}";
        if (FeeFor < TimeSpan.Zero || FeeFor > TimeSpan.FromDays(1))
            yield return $"{Name}: a base fee is unusual after 0 s to 1 d, not {FeeFor}";
    }

    internal override Detector Create(Watch watch) => new ActivitySpike(this, watch);
}
