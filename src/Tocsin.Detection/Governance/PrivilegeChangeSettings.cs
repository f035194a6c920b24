using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Governance;

/// <summary>Whose powers over our contracts are watched, and who may have them.</summary>
public sealed record PrivilegeChangeSettings : DetectorSettings
{
    public const string CardName = "privilege-change";

    /// <summary>Contracts to watch beside the protected ones and the plan's controls: Safes, timelocks, governors,
    /// access managers.</summary>
    public ValueList<string> Also { get; init; } = [];

    /// <summary>Accounts of ours: what is given to them pages nobody.</summary>
    public ValueList<Address> Known { get; init; } = [];

    public static DetectorCard TheCard { get; } = new(
        CardName, Threat.PrivilegeChange,
        "Powers over a contract of ours that change hands: roles, owners, code, admins, owners and threshold of a "
            + "Safe, its modules and guards, delays of a timelock, and what a timelock runs without having waited. "
            + "What is given to an account that neither the plan nor 'known' names is severity 2, and severity 1 "
            + "together with a lowered threshold, a shortened delay or replaced code by the same sender within the "
            + "hour. A module that acts for a Safe is told once: severity 2 where it was enabled under our eyes, else "
            + "3. A pause is severity 3, and what happens among known accounts severity 4.",
        "Blocks with receipts. It is on without being configured, for all protected contracts, for what stands "
            + "under 'controls' in the plan, and for assets with an issuer.",
        [
            "also: none; further contracts to watch, by name in the plan or by address",
            "known: none; accounts of ours that may be given powers, beside the contracts of the plan",
        ],
        [
            "A contract that changes its powers without an event (a Safe whose code was swapped by a delegate call) is "
                + "seen by the contract watch and by silent-change, where it is declared (abis: … proxy: safe), and "
                + "not here.",
            "An upgrade of ours is severity 2 unless the new code is under 'known' or the transaction is announced "
                + "under 'planned'.",
            "Whether a threshold or a delay fell is known only after it was seen once, where the event does not say.",
            "An execution that was scheduled before the watch began is told from an unscheduled one only after 30 "
                + "days.",
            "Who stole the key of a known account and gives powers to another known account is told at severity 4.",
        ]);

    /// <inheritdoc/>
    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    public override IEnumerable<string> Problems(Watch watch)
    {
        foreach (var name in Also)
            if (watch.AddressOf(name) is null)
                yield return $"{Name}: '{name}' (also) is neither in the plan nor an address";
    }

    internal override Detector Create(Watch watch) => new PrivilegeChange(this, watch);
}
