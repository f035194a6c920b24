using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Preparation;

/// <param name="UsdMin">Value of one transfer; null for the plan's threshold of large transfers.</param>
public sealed record SuspiciousTransferSettings(decimal? UsdMin) : DetectorSettings
{
    public static SuspiciousTransferSettings Default { get; } = new((decimal?)null);

    public static DetectorCard TheCard { get; } = new(
        "suspicious-transfer",
        Threat.LargeTransfer,
        "A large value leaves a protected contract for an account that never dealt with any of ours: severity 2 with "
            + "0.6, which alone wakes nobody. If the account or the sender was seen preparing an attack before, it is "
            + "0.7, 0.75 or 0.9 by how many stages were seen.",
        "Transfer logs of watched assets; findings of suspicious-preparation.",
        [
            "usd: 1000000 (the plan's threshold of large transfers). Value of one transfer.",
        ],
        [
            "At the beginning nobody is known: accounts become known by dealing with protected contracts while it "
                + "watches, an hour after they moved a hundredth of that value at once; at most 16384 of them.",
            "One large sum in many small transfers is not seen, nor coins of the chain itself.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (UsdMin is <= 0 or > Amounts.UsdMax)
            yield return $"{Name}: a value in USD must be above 0";
    }

    internal override Detector Create(Watch watch) => new SuspiciousTransfer(watch, this);
}
