using Tocsin.Chains;
using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Operations;

/// <summary>Accounts that trade the same way and belong together.</summary>
/// <param name="Bond">What links them, as words after "accounts".</param>
/// <param name="Senders">Each once, in the order of their trades.</param>
internal sealed record LinkedAccounts(string Bond, bool Buys, ValueList<Address> Senders, decimal Usd)
{
    private const int SendersMax = 64;

    /// <summary>The group with the most accounts; null where none is large enough.</summary>
    public static LinkedAccounts? Largest(
        IEnumerable<Trailed<LinkedTrade>> trades, int accountsLeast, decimal usdLeast)
    {
        var all = trades.Select(trailed => trailed.What).ToList();
        LinkedAccounts? largest = null;
        foreach (var buys in new[] { true, false })
        {
            var some = all.Where(trade => trade.Buys == buys).ToList();
            if (some.Count < accountsLeast)
                continue;
            var groups = some.Where(trade => trade.Through is not null).GroupBy(trade => $"through {trade.Through}, "
                    + "a contract that nobody had used for this before")
                .Concat(some.Where(trade => trade.Giver is not null)
                    .GroupBy(trade => $"that were given tokens by {trade.Giver} within the hour before"))
                .Concat(some.Where(trade => trade.IsNew).GroupBy(_ => "that had hardly ever sent a transaction"));
            foreach (var group in groups)
            {
                var senders = group.Select(trade => trade.Sender).Distinct().Take(SendersMax).ToValueList();
                var usd = group.Sum(trade => trade.Usd);
                if (senders.Count >= accountsLeast && usd >= usdLeast && senders.Count > (largest?.Senders.Count ?? 0))
                    largest = new LinkedAccounts(group.Key, buys, senders, usd);
            }
        }
        return largest;
    }
}
