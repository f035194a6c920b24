using System.Globalization;
using Tocsin.Autonomy;
using Tocsin.Detection.Governance;
using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Evaluation;

/// <summary>
/// How many of the alarms were true, for the plan's <c>automation</c>. Of flows it is not known which detector found
/// what, so they prove nothing here.
/// </summary>
internal static class PrecisionTable
{
    public static PrecisionDocument Of(
        TransactionResult? transactions, PriceResult? prices, GovernanceResult? governance)
    {
        var rows = new List<PrecisionRow>();
        if (transactions?.Protected is { } known)
            rows.Add(Row(
                "conduct", Threat.ContractAnomaly, known.Detected, known.FalseAlarms,
                $"{Count(known.Attacks)} attacks and {Count(known.Benign)} ordinary transactions, protected"));
        if (prices is not null)
            rows.Add(OfPrices(prices));
        if (governance is not null)
            rows.Add(Row(
                GovernanceAttackSettings.CardName, Threat.GovernanceAttack, 0, governance.Flagged,
                $"{Count(governance.Proposals)} ordinary proposals, and no attack"));
        return new PrecisionDocument(rows.ToValueList());
    }

    // A shallow episode that wakes people is counted against it: nothing should be paused for one.
    private static PrecisionRow OfPrices(PriceResult prices)
    {
        var told = prices.Episodes
            .Where(episode => episode.Venues == PriceEvaluation.All && episode.FirstSeverity2 is not null).ToList();
        var right = told.Count(episode => episode.Kind is EpisodeKind.Depeg or EpisodeKind.Flash);
        return Row(
            "peg watch", Threat.PegDeviation, right,
            told.Count - right + prices.Calm.Sum(calm => calm.Severity2),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{prices.Episodes.Count(episode => episode.Venues == PriceEvaluation.All)} episodes and "
                    + $"{prices.Calm.Sum(calm => calm.Years):0.0} calm asset-years, all venues together"));
    }

    private static PrecisionRow Row(string detector, Threat threat, int right, int wrong, string data) => new(
        detector, threat, right, wrong, new MeasuredPrecision(detector, threat, right, wrong).LowerBound, data);

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);
}
