using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Reading;

/// <summary>A transfer of a watched asset. Mints and burns of an issued asset have its issuer in place of
/// zero.</summary>
/// <param name="IsMint">True where the units were made: nothing that was there before has left.</param>
internal readonly record struct Move(int Asset, Address From, Address To, UInt256 Amount, bool IsMint);

/// <summary>A loan that a lender's own event reports and a transfer of the same amount bears out.</summary>
internal readonly record struct ReportedLoan(int Asset, UInt256 Amount);

/// <summary>A fall of both reserves of a pool at once, which no swap causes.</summary>
/// <param name="Share">The part of the liquidity that went, as a fraction.</param>
internal readonly record struct LiquidityDrop(int Pool, decimal Share);

/// <summary>
/// The logs of one successful transaction, read once: transfers, balances, swaps, loans. One instance is used for all
/// transactions, so that reading allocates nothing once its lists have grown. What does not parse is skipped: a log
/// says whatever its contract likes.
/// </summary>
internal sealed class TransactionReading(WatchIndex index)
{
    private readonly HashSet<Address> markets = [];

    // The pool whose last Sync was the first thing ever seen of it; -1 for none.
    private int firstSeenPool = -1;

    public List<Move> Moves { get; } = [];

    public List<Trade> Trades { get; } = [];

    public List<ReportedLoan> Loans { get; } = [];

    public List<LiquidityDrop> Drops { get; } = [];

    public TokenBalances Balances { get; } = new();

    /// <summary>True if a watched pool changed, a protected contract's balance did, or someone may have lent. Most
    /// transactions only move a popular token between strangers, and need no further look.</summary>
    public bool ConcernsUs()
    {
        if (Trades.Count > 0 || Drops.Count > 0 || Loans.Count > 0)
            return true;
        foreach (var balance in Balances.AsSpan())
            if (balance.IsRepaidLender || index.TryContract(balance.Account, out _))
                return true;
        return false;
    }

    /// <summary>True for an address that wrote a swap or a reserve update: a market, not an account.</summary>
    public bool IsMarket(Address address) => markets.Contains(address) || index.TryPool(address, out _);

    /// <summary>Reads the logs and carries the pools' reserves forward.</summary>
    /// <param name="book">The reserves now; changed by what the transaction did.</param>
    /// <param name="opening">The reserves before the block; a pool seen for the first time is entered.</param>
    public void Read(in Transaction transaction, ReserveBook book, ReserveBook opening)
    {
        markets.Clear();
        Moves.Clear();
        Trades.Clear();
        Loans.Clear();
        Drops.Clear();
        Balances.Clear();
        firstSeenPool = -1;
        foreach (ref readonly var log in transaction.Logs.Span)
            if (log.Topics.Count > 0 && Topics.TryKind(log.Topics[0], out var kind))
                Read(log, kind, book, opening);
    }

    private void Read(in Log log, EventKind kind, ReserveBook book, ReserveBook opening)
    {
        switch (kind)
        {
            case EventKind.Transfer:
                ReadTransfer(log);
                break;
            case EventKind.PoolSync:
                markets.Add(log.Address);
                ReadSync(log, book, opening);
                break;
            case EventKind.PoolSwap:
                markets.Add(log.Address);
                ReadSwap(log, book, opening);
                break;
            case EventKind.OtherSwap:
                markets.Add(log.Address);
                break;
            case EventKind.LoanAaveV2 or EventKind.LoanAaveV3 or EventKind.LoanBalancerOrMaker or EventKind.LoanMorpho:
                ReadLoan(log, kind);
                break;
            case EventKind.LoanUniswapV3:
                ReadFlash(log);
                break;
            default:
                throw new InvalidOperationException($"no reader for {kind}");
        }
    }

    private void ReadTransfer(in Log log)
    {
        // Four topics are an ERC-721 transfer under the same signature.
        if (log.Topics.Count != 3 || !index.TryAsset(log.Address, out var asset))
            return;
        if (!LogWords.TryRead(log.Data.Span, 0, out var amount) || amount.IsZero)
            return;
        var sender = LogWords.AddressOf(log.Topics[1]);
        var from = OrIssuer(sender, asset);
        var to = OrIssuer(LogWords.AddressOf(log.Topics[2]), asset);
        if (from == to)
            return;
        Moves.Add(new Move(asset, from, to, amount, sender.IsZero));
        Balances.Move(asset, from, to, amount);
    }

    private Address OrIssuer(Address address, int asset) => address.IsZero ? index.IssuerOf(asset) : address;

    private void ReadSync(in Log log, ReserveBook book, ReserveBook opening)
    {
        if (!index.TryPool(log.Address, out var pool))
            return;
        if (!LogWords.TryRead(log.Data.Span, 0, out var amount0)
            || !LogWords.TryRead(log.Data.Span, 1, out var amount1))
            return;
        var after = ToReserves(pool, amount0, amount1);
        if (book[pool] is { Base: > 0, Quote: > 0 } before)
        {
            var share = 1 - Math.Max(after.Base / before.Base, after.Quote / before.Quote);
            if (share > 0)
                Drops.Add(new LiquidityDrop(pool, share));
        }
        firstSeenPool = opening[pool] is null ? pool : -1;
        opening[pool] ??= after;
        book[pool] = after;
    }

    // A pair writes Sync with the new reserves and then Swap with the amounts: together they give the old reserves.
    private void ReadSwap(in Log log, ReserveBook book, ReserveBook opening)
    {
        if (!index.TryPool(log.Address, out var pool) || book[pool] is not { } after)
            return;
        if (!LogWords.TryRead(log.Data.Span, 0, out var in0) || !LogWords.TryRead(log.Data.Span, 1, out var in1)
            || !LogWords.TryRead(log.Data.Span, 2, out var out0) || !LogWords.TryRead(log.Data.Span, 3, out var out1))
            return;
        var paid = ToReserves(pool, in0, in1);
        var taken = ToReserves(pool, out0, out1);
        var before = new Reserves(after.Base - paid.Base + taken.Base, after.Quote - paid.Quote + taken.Quote);
        if (before.Price is not { } priceBefore || after.Price is not { } priceAfter)
            return;
        // Nothing was known of this pool before this very swap: what it found is the better opening.
        if (firstSeenPool == pool)
            opening[pool] = before;
        firstSeenPool = -1;
        var buysBase = taken.Base > paid.Base;
        var share = buysBase ? paid.Quote / before.Quote : paid.Base / before.Base;
        Trades.Add(new Trade(index.Watch.Pools[pool].Name, buysBase, priceBefore, priceAfter, share));
    }

    private Reserves ToReserves(int pool, UInt256 amount0, UInt256 amount1)
    {
        var sides = index.SidesOf(pool);
        var (baseAmount, quoteAmount) = sides.BaseIsToken0 ? (amount0, amount1) : (amount1, amount0);
        return new Reserves(
            Amounts.Units(baseAmount, index.Watch.Assets[sides.Base].Decimals),
            Amounts.Units(quoteAmount, index.Watch.Assets[sides.Quote].Decimals));
    }

    private void ReadLoan(in Log log, EventKind kind)
    {
        if (!LoanEvents.TryRead(log, kind, out var token, out var amount) || !index.TryAsset(token, out var asset))
            return;
        // Anyone can write such an event; only the transfer that it speaks of makes it a loan.
        foreach (var move in Moves)
        {
            if (move.Asset == asset && move.Amount == amount)
            {
                Loans.Add(new ReportedLoan(asset, amount));
                return;
            }
        }
    }

    private void ReadFlash(in Log log)
    {
        if (!LogWords.TryRead(log.Data.Span, 0, out var amount0)
            || !LogWords.TryRead(log.Data.Span, 1, out var amount1))
            return;
        // The event does not name its tokens: the pool's own transfers do.
        foreach (var move in Moves)
            if (move.From == log.Address && (move.Amount == amount0 || move.Amount == amount1))
                Loans.Add(new ReportedLoan(move.Asset, move.Amount));
    }
}
