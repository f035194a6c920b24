using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

/// <summary>How the powers of an asset's issuer are watched.</summary>
/// <param name="Asset">A watched asset, by name or address.</param>
/// <param name="Others">Whether it is recorded when accounts that are none of ours are frozen.</param>
public sealed record IssuerControlSettings(string Asset, bool Others = true) : DetectorSettings
{
    public static DetectorCard TheCard { get; } = new(
        "issuer-control",
        Threat.IssuerControl,
        "The issuer of an asset that the protocol depends on used its powers. Severity 1: the token was paused or "
            + "given up, or a protected contract was frozen or its units destroyed, so that value cannot move. "
            + "Severity 2: a watched pool was frozen, or somebody else owns the token, appoints minters, or its code "
            + "changed. Severity 3: a minter was given an allowance or removed, fees of transfers changed, one of ours "
            + "was released. Severity 4: the token can be moved again, or accounts of others were frozen or released.",
        "Events of the token itself: those of Circle's FiatToken, of TetherToken, Paused, OwnershipTransferred, "
            + "Upgraded and AdminChanged.",
        [
            "asset: which asset, by its name in the plan or its address. Without an entry, every watched asset that no "
                + "protected contract issues.",
            "others: true. Whether freezing and releasing accounts that are none of ours is recorded (severity 4).",
        ],
        [
            "Powers that leave no event, and events of other names.",
            "A freeze of an account of ours that is no protected contract: describe it as one.",
            "That a pause was announced: a planned one looks the same.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => Asset;

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (WatchedMoney.AssetOf(watch, Asset) is null)
            yield return $"{Name}: '{Asset}' is no watched asset";
    }

    internal override Detector Create(Watch watch) => new IssuerControl(this, watch);
}
