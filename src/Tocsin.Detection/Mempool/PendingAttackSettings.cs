using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Mempool;

/// <param name="Expiry">So long in no block, and it is said to be over.</param>
public sealed record PendingAttackSettings(TimeSpan Expiry) : DetectorSettings
{
    /// <summary>So many attacks are open at once.</summary>
    public const int OpenMost = 32;

    /// <summary>So many transactions are taken for one attack: each bids otherwise under the same nonce.</summary>
    public const int VersionsMost = 8;

    public static PendingAttackSettings Default { get; } = new(TimeSpan.FromMinutes(10));

    public static DetectorCard TheCard { get; } = new(
        "pending-attack",
        Threat.ContractAnomaly,
        "A transaction that is in no block yet and, simulated on the newest state, does to a protected contract what "
            + "attacks do. It is judged as if it were in a block: by the pattern of flash-loan attacks and by the "
            + "conduct of its calls. There may be seconds left to pause before it happens. When its block comes, the "
            + "finding of the block names the same accounts and joins the incident; this one then ends.",
        "Pending transactions with their simulated calls (chain: pending: on, and a node that can trace or simulate). "
            + "Blocks tell whether it was mined or replaced.",
        [
            "expiry: 10min. So long in no block after it was last heard of, and it is said to be over.",
        ],
        [
            "Most attacks are sent past the public mempool, straight to those who build blocks: nothing of them is "
                + "seen before their block.",
            "What depends on an earlier transaction that is pending too is simulated without it.",
            "A node that only simulates, and cannot trace, tells no calls: conduct is then not judged.",
            "At most 32 are open at once, 4 of one sender: beyond that only what bids twice as much for gas as the "
                + "least of them, or as much and does twice the harm, is told in its place.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (Expiry < TimeSpan.FromMinutes(1) || Expiry > TimeSpan.FromHours(1))
            yield return $"{Name}: a pending transaction expires after 1 min to 1 h, not {Words.Length(Expiry)}";
    }

    internal override Detector Create(Watch watch) => new PendingAttack(watch, this);
}
