using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Accounts;

/// <param name="VictimsMin">Accounts that must lose tokens.</param>
/// <param name="RecipientsMax">More accounts than this that get them, and it is a service, not a thief.</param>
/// <param name="UsdMin">What they must lose together.</param>
/// <param name="Known">Spenders and recipients that are meant to pull tokens, by name or address.</param>
public sealed record ApprovalDrainSettings(
    TimeSpan Window, int VictimsMin, int RecipientsMax, decimal UsdMin, ValueList<string> Known) : DetectorSettings
{
    public static ApprovalDrainSettings Default { get; } = new(TimeSpan.FromHours(1), 5, 3, 50_000m, []);

    public static DetectorCard TheCard { get; } = new(
        "approval-drain",
        Threat.ContractAnomaly,
        "One spender moves watched assets out of many people's accounts to a few recipients, by allowances that they "
            + "gave earlier. If the spender is a protected contract, our own users are being robbed through us; if it "
            + "is a stranger, holders of the asset are.",
        "Transfer logs of watched assets. With traces (chain: traces) it is known who called transferFrom; from logs "
            + "alone only where the sender called the token itself, and what is not known for sure stays below the "
            + "alert threshold.",
        [
            "window: 1h. How far back pulls are counted together.",
            "victims: 5. Accounts that must lose tokens.",
            "recipients: 3. More accounts than this that get them, and it is taken for a service.",
            "usd: 50000. What they must lose together; for a protected contract as spender the plan's minimum loss "
                + "(1000) counts.",
            "known: none. Spenders and recipients that are meant to pull tokens: payment services, settlement "
                + "contracts, collectors.",
        ],
        [
            "A thief who uses a new recipient for each victim is not recognised.",
            "Not counted: what the sender's own account pays; accounts that act or write events in the transaction, or "
                + "are paid something in it; watched pools and protected contracts as recipients. Another recipient "
                + "that gives its customers nothing back is taken for a thief until it is configured as known.",
            "A service that collects payments from many people is recognised as a drain until it is configured as "
                + "known.",
            "Without traces exchanges that sweep deposit addresses look the same, so this stays below the alert.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (Window < TimeSpan.FromMinutes(1) || Window > TimeSpan.FromDays(1))
            yield return $"{Name}: a window is 1 min to 1 d, not {Words.Length(Window)}";
        if (VictimsMin is < 2 or > 1_000 || RecipientsMax is < 1 or > 100)
            yield return $"{Name}: victims are 2 to 1000 and recipients 1 to 100";
        if (UsdMin is <= 0 or > Amounts.UsdMax)
            yield return $"{Name}: a loss in USD must be above 0";
        foreach (var known in Known)
            if (watch.AddressOf(known) is null)
                yield return $"{Name}: '{known}' is neither in the plan nor an address";
    }

    internal override Detector Create(Watch watch) => new ApprovalDrain(watch, this);
}
