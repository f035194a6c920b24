using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection.Reading;

/// <summary>An earlier transaction of the same origin, with the block it was in.</summary>
internal readonly record struct Earlier(BlockRef Block, DateTimeOffset Time, TransactionFacts Facts);

/// <summary>
/// All that an indicator may look at: one transaction as read, the prices to measure it by, and what the same origin
/// did before within the longest window.
/// </summary>
/// <param name="Contract">See <see cref="TransactionFacts.Contract"/>.</param>
/// <param name="Reference">The reserves before the block, or before the attack that this transaction continues.</param>
/// <param name="ContinuesAttack">True where the reference is that of an attack under way.</param>
/// <param name="Earlier">In chain order.</param>
internal sealed record Scene(
    WatchIndex Index,
    BlockRef Block,
    DateTimeOffset Time,
    Transaction Transaction,
    Address? Contract,
    TransactionReading Reading,
    ReserveBook Reference,
    bool ContinuesAttack,
    List<Earlier> Earlier)
{
    public Thresholds Thresholds => Index.Watch.Thresholds;

    public Indicator Indicate(string name, string subject, decimal measured, decimal threshold, string reason) =>
        new(name, Block, Time, Transaction.Hash, Transaction.From, subject, Math.Round(measured, 6), threshold,
            Weights.Strength(measured, threshold), reason);

    /// <summary>Value of an amount at the reference prices; 0 where the asset has no price yet.</summary>
    public decimal Usd(int asset, decimal units) =>
        Index.UsdPrice(asset, Reference) is { } price ? Amounts.Usd(units, price) : 0;

    public decimal Usd(int asset, UInt256 amount) =>
        Usd(asset, Amounts.Units(amount, Index.Watch.Assets[asset].Decimals));

    /// <summary>The pool's price to measure by, counted in its quote asset.</summary>
    public decimal? ReferencePrice(string pool) => Index.TryPool(pool, out var place) ? Reference[place]?.Price : null;

    /// <summary>What each protected contract gained or lost of each asset.</summary>
    public List<Flow> ProtectedFlows()
    {
        var flows = new List<Flow>();
        foreach (var balance in Reading.Balances.AsSpan())
        {
            if (!Index.TryContract(balance.Account, out var contract))
                continue;
            var asset = Index.Watch.Assets[balance.Asset];
            var units = balance.NetUnits(asset.Decimals);
            if (units != 0)
                flows.Add(new Flow(Index.Watch.Contracts[contract].Name, asset.Name, units));
        }
        return flows;
    }
}
