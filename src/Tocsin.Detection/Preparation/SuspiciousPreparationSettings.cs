using Tocsin.Detection.Detectors;
using Tocsin.Detection.Laundering;
using Tocsin.Findings;

namespace Tocsin.Detection.Preparation;

/// <param name="FreshNonceMax">An account that sent at most so many transactions is fresh.</param>
/// <param name="FundedWithin">Money that came longer ago is not held against an account.</param>
/// <param name="Sources">Mixers, bridges and instant swaps whose payments hide where money comes from. Mixers of
/// Tornado Cash's kind are known by their events; where any mixer is listed, only the listed ones count.</param>
/// <param name="Known">Accounts that make contracts against ours by profession, by name or address: our own
/// deployers.</param>
public sealed record SuspiciousPreparationSettings(
    int FreshNonceMax, TimeSpan FundedWithin, ValueList<HidingPlace> Sources, ValueList<string> Known)
    : DetectorSettings
{
    public static SuspiciousPreparationSettings Default { get; } = new(5, TimeSpan.FromHours(24), [], []);

    public static DetectorCard TheCard { get; } = new(
        "suspicious-preparation",
        Threat.SuspiciousPreparation,
        "What attackers do before they attack: an account gets money whose origin is hidden, makes a contract whose "
            + "code names one of ours or can take flash loans, and touches our contracts for the first time. One stage "
            + "alone is recorded (severity 4, or 3 if the contract names ours and takes loans), two are severity 3 "
            + "with 0.7, all three with a contract that names ours are severity 2 with 0.8 or more.",
        "Blocks with receipts. Traces (chain: traces) add contracts that contracts make, and payments inside "
            + "transactions.",
        [
            "fresh_nonce: 5. An account that sent at most so many transactions is fresh.",
            "funded_within: 24h. Money that came longer ago is not held against an account.",
            "sources: none. Mixers, bridges and instant swaps: name, at, kind. Withdrawals from mixers of Tornado "
                + "Cash's kind are known without; where a mixer is listed, only the listed ones count.",
            "known: none. Accounts that make contracts against ours by profession: our own deployers.",
        ],
        [
            "Code that computes or is given our addresses later does not name them.",
            "Money that passes through further accounts after the mixer is not followed.",
            "Anybody can write a mixer's event and name somebody else's account: list the mixers to be safe of that.",
            "Integrators and our own team make contracts that name ours: alone that wakes nobody.",
            "At most 4096 accounts and 8192 payments are remembered; the oldest are forgotten first, those with a "
                + "second stage, larger payments and withdrawals from listed mixers a hundred times later.",
            "Of findings that wake nobody, 128 are told one by one within an hour; what is less sure than those is "
                + "told together until it is sure enough to wake people.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (FreshNonceMax is < 0 or > 1_000)
            yield return $"{Name}: an account is fresh up to 0 to 1000 transactions";
        if (FundedWithin < TimeSpan.FromMinutes(1) || FundedWithin > TimeSpan.FromDays(30))
            yield return $"{Name}: money is held against an account for 1 min to 30 d";
        foreach (var problem in HidingPlace.Problems(Name, Sources, watch))
            yield return problem;
        foreach (var known in Known)
            if (watch.AddressOf(known) is null)
                yield return $"{Name}: '{known}' is neither in the plan nor an address";
    }

    internal override Detector Create(Watch watch) => new SuspiciousPreparation(watch, this);
}
