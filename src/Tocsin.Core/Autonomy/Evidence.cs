using Tocsin.Findings;

namespace Tocsin.Autonomy;

/// <summary>What a detector looks at. Two are independent where they have nothing of it in common.</summary>
[Flags]
public enum EvidenceSources
{
    None = 0,

    /// <summary>Logs and senders of the transactions in blocks.</summary>
    Receipts = 1,

    /// <summary>Calls within transactions, and what they change.</summary>
    Calls = 2,

    /// <summary>Reads of contracts after a block.</summary>
    Reads = 4,

    /// <summary>Prices from outside the chain.</summary>
    Feeds = 8,

    /// <summary>What people say.</summary>
    People = 16,

    /// <summary>Our own machines and pages.</summary>
    Operations = 32,
}

/// <summary>Whether findings bear each other out, or say one thing twice.</summary>
public static class Evidence
{
    private const EvidenceSources Chain = EvidenceSources.Receipts | EvidenceSources.Calls;

    /// <summary>
    /// What each detector looks at at most, by its name in findings. One that judges another's findings, or simulates
    /// what another sees in a block, has the sources of that one too.
    /// </summary>
    public static IReadOnlyDictionary<string, EvidenceSources> Sources { get; } =
        new Dictionary<string, EvidenceSources>(StringComparer.Ordinal)
        {
            ["flash-loan pattern"] = EvidenceSources.Receipts,
            ["oracle pattern"] = EvidenceSources.Receipts,
            ["large transfer"] = EvidenceSources.Receipts,
            ["conduct"] = EvidenceSources.Calls,
            ["peg watch"] = EvidenceSources.Feeds,
            ["self watch"] = EvidenceSources.Operations,
            ["contract watch"] = EvidenceSources.Receipts | EvidenceSources.Reads,
            ["front-end watch"] = EvidenceSources.Operations,
            ["flash-loan-profit"] = Chain,
            ["oracle-spot"] = EvidenceSources.Receipts | EvidenceSources.Feeds,
            ["suspicious-transfer"] = Chain,
            ["approval-drain"] = Chain,
            ["silent-change"] = EvidenceSources.Calls,
            ["pending-attack"] = Chain,
            ["outflow-drain"] = EvidenceSources.Receipts | EvidenceSources.Reads,
            ["share-price-jump"] = EvidenceSources.Receipts | EvidenceSources.Reads,
            ["redemption-run"] = EvidenceSources.Receipts,
            ["liquidity-drop"] = EvidenceSources.Receipts | EvidenceSources.Reads,
            ["unbacked-mint"] = EvidenceSources.Receipts | EvidenceSources.Reads,
            ["issuer-control"] = EvidenceSources.Receipts,
            ["oracle-failure"] = EvidenceSources.Receipts | EvidenceSources.Reads | EvidenceSources.Feeds,
            ["governance-attack"] = Chain,
            ["privilege-change"] = EvidenceSources.Receipts,
            ["suspicious-preparation"] = Chain,
            ["attack-code"] = Chain,
            ["laundering"] = Chain,
            ["unusual-trading"] = EvidenceSources.Receipts,
            ["activity-spike"] = EvidenceSources.Receipts,
            ["standing-risk"] = EvidenceSources.Receipts | EvidenceSources.Reads,
            ["user-reports"] = EvidenceSources.People,
        };

    /// <summary>True where both are known, differ, and look at nothing in common.</summary>
    public static bool AreIndependent(Finding one, Finding other) =>
        one.Detector != other.Detector
        && Sources.TryGetValue(one.Detector, out var ones)
        && Sources.TryGetValue(other.Detector, out var others)
        && (ones & others) == EvidenceSources.None;

    /// <summary>Sure enough, and neither taken back by the chain nor over.</summary>
    public static bool Counts(Finding finding) =>
        finding.Status is FindingStatus.Seen or FindingStatus.Confirmed && finding.Confidence >= SureFrom;

    /// <summary>The least confidence of a finding by which anything is done.</summary>
    public const decimal SureFrom = 0.7m;
}
