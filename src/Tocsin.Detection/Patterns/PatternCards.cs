using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Patterns;

/// <summary>What is told of the patterns of events.</summary>
internal static class PatternCards
{
    private const string Events =
        "Transfers, swaps and loans in the logs of blocks. Prices come from Uniswap v2 pairs that the plan names.";

    public static DetectorCard FlashLoanAttack { get; } = new(
        Pattern.DetectorOf(Threat.FlashLoanAttack), Threat.FlashLoanAttack,
        "One origin borrows a large sum within a transaction, trades rapidly, and comes out ahead of a protected "
            + "contract that comes out behind, all within a minute. Severity 1.",
        Events,
        [
            "`LargeLoanUsd`: 1,000,000: value borrowed within one transaction",
            "`RapidTrades`: 2 swaps on one pool within `FlashLoanWindow`, 60 s",
            "`MinimumLossUsd`: 1,000: below this a loss is rounding or a fee",
        ],
        ["A victim that is no protected contract.", "Pools of other kinds than Uniswap v2 pairs."]);

    public static DetectorCard OracleManipulation { get; } = new(
        Pattern.DetectorOf(Threat.OracleManipulation), Threat.OracleManipulation,
        "One origin moves the price of a watched pool by trades that are large against its depth, within five minutes. "
            + "Severity 1 where a protected contract lost value to it meanwhile, otherwise 3.",
        Events,
        [
            "`PriceDeviation`: 0.02 of the price before",
            "`TradeOfReserve`: 0.10 of what the pool held",
            "`LiquidityDrop`: 0.30 of the liquidity taken out at once",
            "`OracleWindow`: 300 s",
        ],
        ["Several accounts that nothing on the chain connects.", "Pools of other kinds than Uniswap v2 pairs."]);

    public static DetectorCard LargeTransfer { get; } = new(
        Pattern.DetectorOf(Threat.LargeTransfer), Threat.LargeTransfer,
        "One transfer of a watched asset from or to a protected contract is large. Alone it says little: its "
            + "confidence of 0.6 is below what people are alerted from, and it joins an incident of the same accounts.",
        Events,
        ["`LargeTransferUsd`: 1,000,000"],
        ["Assets that the plan does not name or price."]);
}
