using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Laundering;

/// <param name="Places">Where money goes that nobody can follow. Mixers of Tornado Cash's kind are known
/// without.</param>
/// <param name="SplitMin">Money that is paid out to so many accounts is being split up.</param>
/// <param name="UsdMin">Smaller payments to an account make it no part of the attack.</param>
/// <param name="Follow">So long after they were last named, accounts of an attack are followed.</param>
/// <param name="Coin">A watched asset that is worth as much as the chain's own coin; null where there is none.</param>
public sealed record LaunderingSettings(
    ValueList<HidingPlace> Places, int SplitMin, decimal UsdMin, TimeSpan Follow, string? Coin) : DetectorSettings
{
    public static LaunderingSettings Default { get; } = new([], 5, 10_000m, TimeSpan.FromDays(7), null);

    public static DetectorCard TheCard { get; } = new(
        "laundering",
        Threat.Laundering,
        "Accounts of an attack that was found here pay into a mixer, a bridge, an instant swap or an exchange, or "
            + "split the money up to many accounts. It tells how much went where, so that exchanges, bridges and "
            + "issuers can be asked to freeze it while it is there. Severity 3; it joins the attack's incident.",
        "Blocks with receipts, and this engine's own findings of severity 1 and 2 that woke people. Traces (chain: "
            + "traces) add payments inside transactions.",
        [
            "places: none. Mixers, bridges, swaps and exchanges: name, at, kind. Mixers of Tornado Cash's kind are "
                + "known without.",
            "split: 5. Money that is paid out to so many accounts is being split up.",
            "usd: 10000. Smaller payments to an account make it no part of the attack.",
            "follow: 7d. So long after they were last named, accounts of an attack are followed.",
            "coin: none. A watched asset that is worth as much as the chain's own coin, so that coins have a value.",
        ],
        [
            "Followed are the attack's own accounts and those that they pay directly, not further: beyond that it "
                + "would be the customers of an exchange.",
            "Only what such an account signs itself counts; what others send for it does not.",
            "Tokens that are not watched are not seen: money that was changed into them is lost from sight.",
            "At most 2048 accounts are followed, and 32 recipients of each.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    public override IEnumerable<string> Problems(Watch watch)
    {
        foreach (var problem in HidingPlace.Problems(Name, Places, watch))
            yield return problem;
        if (SplitMin is < 2 or > LaunderingMemory.RecipientsMax)
            yield return $"{Name}: split is 2 to {LaunderingMemory.RecipientsMax}";
        if (UsdMin is <= 0 or > Amounts.UsdMax)
            yield return $"{Name}: a value in USD must be above 0";
        if (Follow < TimeSpan.FromHours(1) || Follow > TimeSpan.FromDays(60))
            yield return $"{Name}: accounts are followed for 1 h to 60 d";
        if (Coin is not null && watch.FindAsset(Coin) is null)
            yield return $"{Name}: '{Coin}' is no asset of the plan";
    }

    internal override Detector Create(Watch watch) => new Laundering(watch, this);
}
