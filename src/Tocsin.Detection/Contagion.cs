using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>
/// What the accounts of a proven attack touch is likelier to be an attack too: whoever robbed one contract an hour ago
/// is no user of the next. A pure function of the hit and of the attacks under way.
/// </summary>
internal static class Contagion
{
    /// <summary>The hit, surer and up to one severity worse (but never critical by this alone) where one of its
    /// accounts acts in a proven attack of another kind; otherwise the hit as it is.</summary>
    /// <remarks>Laundering is of such accounts by definition. By assets and code it does not spread: what many hold,
    /// and what everybody deploys, says nothing about hands.</remarks>
    public static Hit Spread(Threat threat, Hit hit, IEnumerable<Culprit> culprits, decimal alertConfidence)
    {
        if (hit.Detector is null || threat == Threat.Laundering || !threat.IsAttack() || hit.Transactions.Count == 0)
            return hit;
        foreach (var culprit in culprits)
        {
            if (culprit.Threat == threat || !culprit.IsProven(alertConfidence)
                || !hit.Addresses.AsSpan().Contains(culprit.Account))
                continue;
            var reason = $"{culprit.Account} acts in another attack that is under way ({culprit.Finding}): the same "
                + "hands are at work here.";
            return hit with
            {
                Severity = hit.Severity > Severity.High ? hit.Severity - 1 : hit.Severity,
                Confidence = Weights.NoisyOr([hit.Confidence, Weights.SameHands]),
                Indicators = hit.Indicators.Add(new Indicator(
                    IndicatorNames.SameHands, hit.Block, hit.Time, hit.Transactions[0].Hash, culprit.Account,
                    hit.Subject, 1, 1, Weights.Strength(1, 1), reason)),
            };
        }
        return hit;
    }
}
