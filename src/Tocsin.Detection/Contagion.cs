using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <param name="Finding">That says so.</param>
internal readonly record struct TroubledAsset(string Asset, FindingId Finding);

/// <summary>
/// What shares hands, code or an asset with a proven attack is likelier to be an attack too: whoever robbed one
/// contract an hour ago is no user of the next, on this chain or another. Its answer follows from the hit and from what
/// was taken before it.
/// </summary>
/// <param name="depegged">The assets that are off their peg now.</param>
internal sealed class Contagion(Watch watch, ProvenAttacks proven, Func<IEnumerable<TroubledAsset>> depegged)
{
    /// <summary>The hit, surer and up to one severity worse (but never critical by this alone) where it shares
    /// something with another attack; otherwise the hit as it is. Once, however much it shares.</summary>
    /// <remarks>Laundering is of such accounts by definition. Code that many make, and assets that everybody holds, say
    /// nothing.</remarks>
    public Hit Spread(Threat threat, Hit hit, IEnumerable<Culprit> culprits)
    {
        if (threat == Threat.Laundering || !threat.IsAttack() || hit.Transactions.Count == 0)
            return hit;
        return (hit.Detector is null ? null : ByHands(threat, hit, culprits))
            ?? ByAttacks(threat, hit)
            ?? ByAsset(threat, hit)
            ?? hit;
    }

    private Hit? ByHands(Threat threat, Hit hit, IEnumerable<Culprit> culprits)
    {
        foreach (var culprit in culprits)
            if (culprit.Threat != threat && culprit.IsProven(watch.Thresholds.AlertConfidence)
                && hit.Addresses.AsSpan().Contains(culprit.Account))
                return Raised(hit, IndicatorNames.SameHands, Weights.SameHands, culprit.Account,
                    $"{culprit.Account} acts in another attack that is under way ({culprit.Finding}): the same "
                    + "hands are at work here.");
        return null;
    }

    private Hit? ByAttacks(Threat threat, Hit hit)
    {
        foreach (var attack in proven.At(hit.Time))
        {
            var account = hit.Addresses.FirstOrDefault(attack.Accounts.Contains);
            var isKnown = attack.Accounts.Contains(account);
            // It goes on with that one, or the patterns tell two sides of it.
            if (isKnown && attack.Chain == watch.Chain && hit.Time - attack.Time <= Engine.AttackGap)
                continue;
            if (isKnown)
                return Raised(hit, IndicatorNames.SameHands, Weights.SameHands, account,
                    $"{account} acts in an attack {attack.Where(watch.Chain)} ({attack.Finding}): the same hands are "
                    + "at work here.");
            foreach (var address in HasCode(hit) ? [] : hit.Addresses)
                if (proven.Code.Of(address) is { } code && attack.Codes.Contains(code))
                    return Raised(hit, IndicatorNames.SameCode, Weights.SameCode, address,
                        $"{address} runs the code of an attack {attack.Where(watch.Chain)} ({attack.Finding}): the "
                        + "same tool is at work here.");
        }
        return null;
    }

    private static bool HasCode(Hit hit) =>
        hit.Indicators.Any(indicator => indicator.Name == IndicatorNames.SameCode);

    // A crowd that gives an asset away is no attack: what many do when it falls is not held against them.
    private Hit? ByAsset(Threat threat, Hit hit)
    {
        if (threat == Threat.LargeTransfer)
            return null;
        var contracts = hit.Transactions.SelectMany(transaction => transaction.Flows)
            .Where(flow => flow.NetUnits < 0).Select(flow => flow.Contract)
            .Append(hit.Subject).Where(name => watch.FindContract(name) is not null).Distinct().ToList();
        if (contracts.Count == 0)
            return null;
        foreach (var (asset, finding) in Troubled(threat, hit))
            if (contracts.Find(contract => proven.Ties.Depends(contract, asset)) is { } dependent)
                return Raised(hit, IndicatorNames.TroubledAsset, Weights.TroubledAsset, Address.Zero,
                    $"{dependent} depends on {asset}, which is not worth what it should be, or is under attack "
                    + $"({finding}): what is done to it now is likelier to be an attack.");
        return null;
    }

    private IEnumerable<TroubledAsset> Troubled(Threat threat, Hit hit)
    {
        foreach (var attack in proven.At(hit.Time))
            if (attack.Threat != threat && !hit.Addresses.Any(attack.Accounts.Contains))
                foreach (var asset in attack.Assets)
                    yield return new TroubledAsset(asset, attack.Finding);
        foreach (var troubled in depegged())
            yield return troubled;
    }

    private static Hit Raised(Hit hit, string indicator, decimal weight, Address by, string reason) => hit with
    {
        Severity = hit.Severity > Severity.High ? hit.Severity - 1 : hit.Severity,
        Confidence = Weights.NoisyOr([hit.Confidence, weight]),
        Indicators = hit.Indicators.Add(new Indicator(
            indicator, hit.Block, hit.Time, hit.Transactions[0].Hash, by, hit.Subject, 1, 1, Weights.Strength(1, 1),
            reason)),
    };
}
