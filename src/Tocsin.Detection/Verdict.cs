using System.Text;
using Tocsin.Chains;
using Tocsin.Detection.Patterns;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>Says what the hits of an attack amount to. A pure function: the same hits give the same words.</summary>
internal static class Verdict
{
    /// <param name="at">The block that gives this revision.</param>
    /// <param name="note">A sentence to put before the reason, or nothing.</param>
    public static Finding Of(OpenFinding open, WatchIndex index, FindingStatus status, BlockRef at, DateTimeOffset time,
        string note = "")
    {
        var transactions = DistinctTransactions(open);
        var indicators = DistinctIndicators(open);
        var addresses = DistinctAddresses(open);
        var prices = new ReserveBook(index.Watch.Pools.Count);
        prices.Apply(open.Reference, index);
        var loss = Loss.Of(FlowsOf(transactions), index, prices);
        // A mint that nothing backs is about the asset, whoever issues it, as is the gap that it leaves.
        var subject = loss.Usd > 0 && open.Threat != Threat.UnbackedMint
            ? loss.Contract ?? open.Last.Subject
            : open.Last.Subject;
        var (severity, confidence) = open.Worst;
        var reason = note + Announced(open) + Headline(open.Threat, subject, loss.Usd, transactions.Count, addresses)
            + StrongestReasons(open.Threat, indicators);
        return new Finding(open.Id, open.Revision, status, time, index.Watch.Chain, at, Hashes(transactions),
            open.Threat, severity, confidence, subject, [.. addresses], loss.Usd, [.. indicators],
            open.Last.Detector ?? Pattern.DetectorOf(open.Threat), reason);
    }

    // As soon as anything else belongs to it, it is not what was announced.
    private static string Announced(OpenFinding open) =>
        open.Hits.All(hit => hit.Announced is not null)
            ? $"As announced: {string.Join(", ", open.Hits.Select(hit => hit.Announced).Distinct())}. "
            : "";

    private static string Headline(
        Threat threat, string subject, decimal lossUsd, int transactions, List<Address> addresses)
    {
        var who = Words.Count(transactions, "transaction", "transactions")
            + (addresses.Count > 0 ? $" by {addresses[0]}" : "")
            + (addresses.Count > 1
                ? $" and {Words.Count(addresses.Count - 1, "other address", "other addresses")}"
                : "");
        return threat switch
        {
            Threat.FlashLoanAttack => $"Flash-loan attack on {subject}: about {Words.Usd(lossUsd)} lost in {who}.",
            Threat.OracleManipulation when lossUsd > 0 =>
                $"Price manipulation against {subject}: about {Words.Usd(lossUsd)} lost in {who}.",
            Threat.OracleManipulation => $"Price manipulation on {subject}, without a loss of ours so far: {who}.",
            Threat.LargeTransfer => $"Large transfer at {subject}: {who}.",
            Threat.ContractAnomaly when transactions == 0 => $"{subject} does not behave as it did.",
            Threat.ContractAnomaly => $"Conduct of an attack at {subject}: {who}.",
            Threat.UnbackedMint => $"Unbacked mint of {subject}: {who}.",
            Threat.GovernanceAttack => $"Attack on the governance of {subject}: {who}.",
            Threat.PrivilegeChange => $"Powers over {subject} changed: {who}.",
            Threat.SuspiciousPreparation => $"Preparation of an attack on {subject}: {who}.",
            Threat.Laundering => $"What was taken is being moved out of reach: {who}.",
            Threat.RedemptionRun => $"Run on {subject}.",
            Threat.LiquidityDrop => $"Liquidity of {subject} fell.",
            Threat.IssuerControl => $"The issuer of {subject} used its powers.",
            Threat.OracleFailure => $"The price of {subject} cannot be trusted.",
            Threat.UnusualTrading => $"Unusual trading in {subject}.",
            Threat.ActivitySpike => $"Unusual activity at {subject}.",
            Threat.StandingRisk => $"An attack on {subject} would pay now.",
            Threat.PegDeviation or Threat.MonitoringImpaired or Threat.MissedHeartbeat or Threat.ContractChange
                or Threat.FrontEndChange or Threat.UserReports =>
                throw new ArgumentOutOfRangeException(nameof(threat), threat, "this comes from no block"),
        };
    }

    private static string StrongestReasons(Threat threat, List<Indicator> indicators)
    {
        var text = new StringBuilder();
        // What no pattern puts in an order is told after that, in the order in which it was seen.
        var names = Pattern.IndicatorsOf(threat).Union(indicators.Select(indicator => indicator.Name));
        foreach (var name in names)
        {
            Indicator? strongest = null;
            foreach (var indicator in indicators)
                if (indicator.Name == name && (strongest is null || indicator.Measured > strongest.Measured))
                    strongest = indicator;
            if (strongest is not null)
                text.Append(' ').Append(strongest.Reason);
        }
        return text.ToString();
    }

    private static List<AttackTransaction> DistinctTransactions(OpenFinding open)
    {
        var seen = new HashSet<Hash32>();
        var transactions = new List<AttackTransaction>();
        foreach (var hit in open.Hits.AsSpan())
            foreach (var transaction in hit.Transactions.AsSpan())
                if (seen.Add(transaction.Hash))
                    transactions.Add(transaction);
        return transactions;
    }

    private static List<Indicator> DistinctIndicators(OpenFinding open)
    {
        // The block tells apart what was seen twice without a transaction.
        var seen = new HashSet<(BlockRef, Hash32, string)>();
        var indicators = new List<Indicator>();
        foreach (var hit in open.Hits.AsSpan())
            foreach (var indicator in hit.Indicators.AsSpan())
                if (seen.Add((indicator.Block, indicator.Transaction, indicator.Name)))
                    indicators.Add(indicator);
        return indicators;
    }

    private static List<Address> DistinctAddresses(OpenFinding open)
    {
        var seen = new HashSet<Address>();
        var addresses = new List<Address>();
        foreach (var hit in open.Hits.AsSpan())
            foreach (var address in hit.Addresses.AsSpan())
                if (seen.Add(address))
                    addresses.Add(address);
        return addresses;
    }

    private static IEnumerable<Flow> FlowsOf(List<AttackTransaction> transactions)
    {
        foreach (var transaction in transactions)
            foreach (var flow in transaction.Flows)
                yield return flow;
    }

    private static ValueList<Hash32> Hashes(List<AttackTransaction> transactions)
    {
        var hashes = new Hash32[transactions.Count];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = transactions[i].Hash;
        return new ValueList<Hash32>(hashes);
    }
}
