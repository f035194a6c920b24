using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Preparation;

/// <summary>The detector of tools that were used before; there is nothing to set.</summary>
public sealed record AttackCodeSettings : DetectorSettings
{
    public static AttackCodeSettings Default { get; } = new();

    public static DetectorCard TheCard { get; } = new(
        "attack-code",
        Threat.SuspiciousPreparation,
        "A contract that runs the code of a proven attack of the last day, on this chain or another one that is "
            + "watched, touches ours, or is made naming one of ours: severity 2 with 0.8, before it has done any harm "
            + "that is known. Whatever else is found of such a contract, of an account of such an attack, or at a "
            + "contract that depends on an asset in trouble, is surer and one severity worse, down to 2, by the same "
            + "knowledge. Code is compared as it was when the contract was made, up to the compiler's metadata (else "
            + "its first 1024 bytes) and with all addresses in it blanked, so that another victim, other constructor "
            + "arguments and immutables make no difference.",
        "Blocks with receipts. Traces (chain: traces) add contracts that contracts make. Other chains tell what is "
            + "proven there.",
        [],
        [
            "Code that was changed in a statement, a constant that is no address, or by another compiler.",
            "Contracts made before the watch began, or more than 2048 contracts ago, and what contracts make where "
                + "there are no traces.",
            "Code below 512 bytes, and proxies (EIP-1967), which say nothing of what they run.",
            "Code that more than three accounts made before the attack was proven is everybody's: who spends four "
                + "accounts on making it first is not recognised by it.",
            "Code that is in use by a few honest people besides the attacker touches ours: that looks the same.",
            "An asset that more than three protected contracts depend on, or all of three, is everybody's.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    internal override Detector Create(Watch watch) => new AttackCode(watch);
}
