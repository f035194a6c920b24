using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

/// <summary>How what leaves protected contracts by many transactions is watched.</summary>
/// <param name="Contract">A protected contract by name, or its address; empty for each that no other settings
/// name.</param>
/// <param name="Share">Which share of what it held must leave within an hour.</param>
/// <param name="MinimumUsd">Less than this is not told.</param>
/// <param name="UnknownUsd">The limit while what it holds is not known.</param>
/// <param name="TransactionsMin">By fewer transactions it is no drain in parts.</param>
/// <param name="TimesLargest">So many times the largest hour of the last weeks is severity 1.</param>
/// <param name="MostShare">A share from which on it is severity 1 where it is above that largest hour.</param>
/// <param name="ReadsBalances">Whether what it holds is read after each block.</param>
public sealed record OutflowDrainSettings(
    string Contract = "",
    decimal Share = 0.2m,
    decimal MinimumUsd = 100_000m,
    decimal UnknownUsd = 1_000_000m,
    int TransactionsMin = 3,
    decimal TimesLargest = 2m,
    decimal MostShare = 0.5m,
    bool ReadsBalances = true) : DetectorSettings
{
    private const decimal TimesMax = 1_000m;

    public static DetectorCard TheCard { get; } = new(
        "outflow-drain",
        Threat.ContractAnomaly,
        "A large part of what a protected contract held left it within an hour by several transactions, whoever sent "
            + "them, and little came in for it; it would be so without the largest of them. Each may be below the "
            + "limit of a single transfer: so a bridge or vault is emptied by a crowd, or slowly by one. Units of an "
            + "asset that the contract issues answer for what was paid in for them when they are made, and count as "
            + "coming in when they are burnt, so that an honest deposit or redemption is none.",
        "Transfers of watched assets from and to the contract, and from and to the zero address of assets it issues; "
            + "reads of balanceOf() of the contract for each watched asset after each block.",
        [
            "contract: every one that no other entry names; a protected contract by name or address.",
            "share: 0.2. The share of what it held that left, net, within an hour: severity 1.",
            "usd_min: 100000. Less than this is not told, whatever share it is.",
            "unknown_usd: 1000000. Where what it holds is not known, because a balance or a price was not told for an "
                + "hour: from this amount on, severity 2.",
            "transactions_min: 3. By fewer transactions it is told elsewhere, as a large transfer or a single attack.",
            "times_largest: 2. Once a week was seen, an hour is told only if it is larger than every hour of the last "
                + "four weeks: at severity 1 if so many times as large, otherwise at 2. An hour counts there as at "
                + "most twice the largest before it, and a day that stands alone as twice the others, so that an "
                + "attack does not become what is usual.",
            "most_share: 0.5. From this share on it is severity 1, if it is larger than those hours at all.",
            "reads: true; without an entry false where contracts times assets are more than 32. Whether balances are "
                + "read after each block.",
        ],
        [
            "Assets that are not watched, that have no price, and the chain's own coin.",
            "What comes in counts at the watch's prices: worthless collateral with a false price hides a drain.",
            "An announced migration in several transactions, or the honest exit of several large holders, looks the "
                + "same.",
            "A drain that takes less than the share in every hour, or less than some hour of the last weeks.",
            "A lending market from which much is borrowed against collateral that lies elsewhere: it is told as well.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => Contract;

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (Contract.Length > 0 && !ContractsOf(watch).Any())
            yield return $"{Name}: '{Contract}' is no protected contract";
        if (Share is <= 0 or > 1)
            yield return $"{Name}: the share must be above 0 and at most 1";
        if (MinimumUsd <= 0 || UnknownUsd <= 0)
            yield return $"{Name}: usd_min and unknown_usd must be above 0";
        if (TransactionsMin < 1)
            yield return $"{Name}: transactions_min begins at 1";
        if (TimesLargest is < 1 or > TimesMax || MostShare is <= 0 or > 1)
            yield return $"{Name}: times_largest must be from 1 to {TimesMax}, most_share above 0 and at most 1";
    }

    internal IEnumerable<ProtectedContract> ContractsOf(Watch watch)
    {
        if (Contract.Length > 0)
            return watch.Contracts.Where(contract => contract.Address == watch.AddressOf(Contract));
        var others = watch.Detectors.OfType<OutflowDrainSettings>()
            .Where(other => other.Contract.Length > 0)
            .Select(other => watch.AddressOf(other.Contract)).ToHashSet();
        return watch.Contracts.Where(contract => !others.Contains(contract.Address));
    }

    internal override Detector Create(Watch watch) => new OutflowDrain(this, watch);
}
