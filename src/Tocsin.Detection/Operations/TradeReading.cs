using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Operations;

/// <summary>
/// What one transaction bought and sold of an asset: by its transfers from and to what wrote a swap in the same
/// transaction, whatever venue that is.
/// </summary>
/// <param name="asset">The asset that is bought and sold.</param>
/// <param name="pool">The only venue that counts; null for all.</param>
internal sealed class TradeReading(Address asset, Address? pool)
{
    private readonly HashSet<Address> markets = [];
    private readonly List<(Address Giver, Address Receiver, decimal Usd)> gifts = [];

    // The transfers of the pool's asset are wanted too: they say who gave tokens to whom.
    public IEnumerable<LogInterest> Interests => [new LogInterest(asset, Topics.Transfer)];

    /// <summary>US dollars at the prices before the block.</summary>
    public decimal BoughtUsd { get; private set; }

    /// <inheritdoc cref="BoughtUsd"/>
    public decimal SoldUsd { get; private set; }

    /// <summary>The asset's transfers between accounts in a transaction without a trade.</summary>
    public IReadOnlyList<(Address Giver, Address Receiver, decimal Usd)> Gifts => gifts;

    /// <summary>True where something was traded.</summary>
    public bool Read(in Transaction transaction, BlockScene scene)
    {
        (BoughtUsd, SoldUsd) = (0, 0);
        gifts.Clear();
        if (scene.UsdPrice(asset) is not { } price)
            return false;
        FindMarkets(transaction);
        foreach (ref readonly var log in transaction.Logs.Span)
            if (log.Address == asset && log.Topics.Count == 3 && log.Topics[0] == Topics.Transfer)
                Add(log, price, scene);
        return BoughtUsd > 0 || SoldUsd > 0;
    }

    private void FindMarkets(in Transaction transaction)
    {
        markets.Clear();
        foreach (ref readonly var log in transaction.Logs.Span)
            if ((pool is null || log.Address == pool) && log.Topics.Count > 0
                && Topics.TryKind(log.Topics[0], out var kind) && kind is EventKind.PoolSwap or EventKind.OtherSwap)
                markets.Add(log.Address);
    }

    private void Add(in Log log, decimal price, BlockScene scene)
    {
        if (!LogWords.TryRead(log.Data.Span, 0, out var amount) || scene.Units(asset, amount) is not { } units)
            return;
        var (from, to) = (LogWords.AddressOf(log.Topics[1]), LogWords.AddressOf(log.Topics[2]));
        var usd = Amounts.Usd(units, price);
        var (leaves, enters) = (markets.Contains(from), markets.Contains(to));
        if (leaves && !enters)
            BoughtUsd += usd;
        else if (enters && !leaves)
            SoldUsd += usd;
        else if (markets.Count == 0 && !from.IsZero && !to.IsZero)
            gifts.Add((from, to, usd));
    }
}
