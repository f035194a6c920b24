namespace Tocsin.Detection.Risk;

/// <summary>What an attack on a market that trusts the spot price of a pool would take and cost.</summary>
/// <param name="TakenUsd">What the market would lend on collateral that looks precious.</param>
/// <param name="CollateralUsd">What the collateral that stays behind is honestly worth.</param>
/// <param name="TradingUsd">What moving the price there and back costs.</param>
/// <param name="LoanUsd">What must be borrowed for the length of the transaction.</param>
/// <param name="LoanFeeUsd">What that costs.</param>
/// <param name="Multiple">How many times as high the price would stand.</param>
public readonly record struct Robbery(
    decimal TakenUsd, decimal CollateralUsd, decimal TradingUsd, decimal LoanUsd, decimal LoanFeeUsd, decimal GasUsd,
    decimal Multiple)
{
    /// <summary>What is left of it for the attacker; below 0 where it does not pay.</summary>
    public decimal ProfitUsd => TakenUsd - CollateralUsd - TradingUsd - LoanFeeUsd - GasUsd;
}

/// <summary>What the attacker finds.</summary>
/// <param name="BaseUnits">What the pool holds of the asset that serves as collateral.</param>
/// <param name="QuoteUsd">What it holds of the other side, in US dollars.</param>
/// <param name="PoolFee">What a trade costs there, as a fraction of what is paid in; Uniswap V2: 0.003.</param>
/// <param name="LendableUsd">What the market can lend out at most.</param>
/// <param name="LoanToValue">What it lends on collateral, as a fraction.</param>
/// <param name="CollateralUnitsMax">What collateral the attacker can get hold of; null for any amount.</param>
/// <param name="LoanUsdMax">What can be borrowed for one transaction; null for any amount.</param>
/// <param name="LoanFee">What that costs, as a fraction.</param>
public sealed record Prize(
    decimal BaseUnits,
    decimal QuoteUsd,
    decimal PoolFee,
    decimal LendableUsd,
    decimal LoanToValue,
    decimal? CollateralUnitsMax,
    decimal? LoanUsdMax,
    decimal LoanFee,
    decimal GasUsd)
{
    // Payments of 1 % to 2,750 % of what the pool holds, each 2 % above the one before: between two of them the profit
    // of the best hardly differs.
    private const decimal LeastPayment = 0.01m;
    private const decimal Step = 1.02m;
    private const int Steps = 400;

    /// <summary>
    /// The attack with one payment.
    /// <para>
    /// The pool keeps x·y constant but for its fee φ (Uniswap V2, whitepaper 3.2.1): who pays in d of the quote side
    /// gets b = x·(1−φ)d ∕ (y + (1−φ)d) of the base, and leaves reserves x − b and y + d. The spot price is the ratio
    /// of the reserves, so it stands at m times what it was, with
    /// m = (1 + d/y)·(1 + (1−φ)d/y).
    /// </para>
    /// <para>
    /// On c units of collateral, honestly worth p = y/x each, the market now lends λ·c·p·m. It has L to lend, so
    /// c = L ∕ (λ·p·m) is enough: more of it is only lost, because it stays behind. The attacker takes
    /// T = min(L, λ·c·p·m) and leaves c·p.
    /// </para>
    /// <para>
    /// He sells b back into x − b and y + d and gets (y + d)·(1−φ)b ∕ (x − b + (1−φ)b). The difference to d is the cost
    /// of moving the price, R. At the same d/y all of R, b and d are proportional to the depth of the pool, and T and
    /// c·p do not depend on it: so the deeper the pool, the smaller the profit, and in an infinitely deep one nothing
    /// pays.
    /// </para>
    /// </summary>
    /// <param name="payment">d, in US dollars, above 0.</param>
    public Robbery With(decimal payment)
    {
        var kept = 1 - PoolFee;
        var ratio = payment / QuoteUsd;
        var multiple = (1 + ratio) * (1 + (kept * ratio));
        var price = QuoteUsd / BaseUnits;
        var wanted = LendableUsd / (LoanToValue * multiple);
        var collateralUsd = CollateralUnitsMax is { } units ? Math.Min(wanted, Amounts.Usd(units, price)) : wanted;
        var taken = Math.Min(LendableUsd, LoanToValue * multiple * collateralUsd);
        // As parts of the pool, so that amounts of any size fit.
        var bought = kept * ratio / (1 + (kept * ratio));
        var back = (1 + ratio) * kept * bought / (1 - bought + (kept * bought));
        var trading = QuoteUsd * Math.Max(0, ratio - back);
        return new Robbery(taken, collateralUsd, trading, payment, payment * LoanFee, GasUsd, multiple);
    }

    /// <summary>The most profitable payment of those that are tried; null where none pays.</summary>
    public Robbery? Best()
    {
        Robbery? best = null;
        if (BaseUnits <= 0 || QuoteUsd <= 0 || LendableUsd <= 0 || LoanToValue <= 0)
            return null;
        var ratio = LeastPayment;
        for (var i = 0; i < Steps; i++, ratio = Math.Round(ratio * Step, 12))
        {
            var payment = Amounts.Usd(ratio, QuoteUsd);
            if (payment > LoanUsdMax)
                break;
            var robbery = With(payment);
            if (robbery.ProfitUsd > (best?.ProfitUsd ?? 0))
                best = robbery;
        }
        return best;
    }

    /// <summary>
    /// The chance that nobody intervenes before the attack is over: 1 where it is one transaction, because nothing can
    /// come in between. Otherwise r ∕ (r + a) with r the median time to a response and a the length of the attack:
    /// response times that are log-logistic with shape 1, heavy in both tails as those of people are; one half where
    /// the attack takes as long as half of the responses do.
    /// </summary>
    public static decimal ChanceAlone(decimal responseSeconds, decimal attackSeconds) =>
        attackSeconds <= 0 ? 1
        : responseSeconds <= 0 ? 0
        : responseSeconds / (responseSeconds + attackSeconds);
}
