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
        var subject = loss.Usd > 0 ? loss.Contract ?? open.Last.Subject : open.Last.Subject;
        var (severity, confidence) = Worst(open);
        var reason = note + Headline(open.Threat, subject, loss.Usd, transactions.Count, addresses)
            + StrongestReasons(open.Threat, indicators);
        return new Finding(open.Id, open.Revision, status, time, index.Watch.Chain, at, Hashes(transactions),
            open.Threat, severity, confidence, subject, [.. addresses], loss.Usd, [.. indicators],
            Pattern.DetectorOf(open.Threat), reason);
    }

    private static string Headline(
        Threat threat, string subject, decimal lossUsd, int transactions, List<Address> addresses)
    {
        var who = $"{Words.Count(transactions, "transaction", "transactions")} by {addresses[0]}"
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
            Threat.ContractAnomaly => $"Conduct of an attack at {subject}: {who}.",
            Threat.PegDeviation or Threat.MonitoringImpaired or Threat.MissedHeartbeat or Threat.ContractChange
                or Threat.FrontEndChange =>
                throw new ArgumentOutOfRangeException(nameof(threat), threat, "this is no attack"),
        };
    }

    private static string StrongestReasons(Threat threat, List<Indicator> indicators)
    {
        var text = new StringBuilder();
        foreach (var name in Pattern.IndicatorsOf(threat).AsSpan())
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

    private static (Severity Severity, decimal Confidence) Worst(OpenFinding open)
    {
        var (severity, confidence) = (Severity.Routine, 0m);
        foreach (var hit in open.Hits.AsSpan())
        {
            severity = hit.Severity.IsAtLeast(severity) ? hit.Severity : severity;
            confidence = Math.Max(confidence, hit.Confidence);
        }
        return (severity, confidence);
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
        var seen = new HashSet<(Hash32, string)>();
        var indicators = new List<Indicator>();
        foreach (var hit in open.Hits.AsSpan())
            foreach (var indicator in hit.Indicators.AsSpan())
                if (seen.Add((indicator.Transaction, indicator.Name)))
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
