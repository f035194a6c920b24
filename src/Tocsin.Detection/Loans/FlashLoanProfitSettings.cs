using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Loans;

/// <summary>How attacks paid for by a flash loan are recognised, whatever they do in between.</summary>
/// <param name="Trusted">Accounts of the protocol's own, whose transactions are not judged: keepers that rebalance with
/// borrowed money.</param>
public sealed record FlashLoanProfitSettings(ValueList<Address> Trusted) : DetectorSettings
{
    private const decimal ShareMax = 0.5m;

    /// <summary>A protected contract's loss up to this part of what it gave is a fee or a difference of
    /// prices.</summary>
    public decimal Slack { get; init; } = 0.02m;

    /// <summary>The same where it liquidates somebody: what liquidators are given for their trouble.</summary>
    public decimal LiquidationBonus { get; init; } = 0.15m;

    public static DetectorCard TheCard { get; } = new(
        "flash-loan-profit",
        Threat.FlashLoanAttack,
        "One transaction borrows and pays back, its sender's side ends richer, and protected contracts end poorer by "
        + "at least the minimum loss: an attack that a flash loan pays for, whatever it did in between. It complements "
        + "the flash-loan pattern, which needs a large loan and a pool traded both ways. Severity 1, confidence 0.9 "
        + "or more.",
        "Logs of every block: transfers of watched assets, and the events of Aave v2 and v3, Balancer v2, Maker, "
        + "Morpho, DODO, dYdX and Uniswap v3; of Uniswap v2 a swap that is paid back in what it took. Where "
        + "the node traces, also the calls: lenders without events (ERC-3156, Euler v2, Uniswap v4, Balancer v3) by "
        + "how they call the borrower, and tokens without events by how they are told to move.",
        [
            "trusted: none; accounts whose transactions are not judged, such as a keeper that rebalances with loans",
            "slack: 0.02; a loss up to this part of what the contracts gave is a fee or a difference of prices",
            "liquidation_bonus: 0.15; the same where a protected contract liquidates somebody",
        ],
        [
            "Assets that are not watched, and the native coin, count nothing: a profit taken only in them is not seen.",
            "Without traces, a loan without an event is seen by the flow of tokens alone, from the size of a large "
            + "loan (1,000,000 USD) on, and not from a Uniswap v4 or Balancer v3 vault that also trades.",
            "Whoever winds up a position with a loan takes out what he put in: that is told from theft by what the "
            + "same sender paid in while we watched. A position older than that, with more than the minimum in it, "
            + "looks like an attack; a thief who had paid in as much as he takes does not.",
            "A theft of less than the liquidation bonus, dressed as a liquidation.",
        ]);

    /// <inheritdoc/>
    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (Slack is < 0 or > ShareMax || LiquidationBonus < Slack || LiquidationBonus > ShareMax)
            yield return "slack and liquidation bonus of 'flash-loan-profit' must be fractions from 0 to 0.5, "
                + "and the bonus not below the slack";
    }

    internal override Detector Create(Watch watch) => new FlashLoanProfit(watch, this);
}

/// <summary>What is remembered of a sender.</summary>
public readonly record struct PaidIn(Address Sender, string Asset);

/// <summary>Whole units that a sender paid into protected contracts, less what it took out.</summary>
/// <param name="Block">The block that changed it last.</param>
/// <param name="Before">What it was before that block.</param>
public sealed record PaidUnits(decimal Units, ulong Block, decimal Before);

public sealed record FlashLoanProfitState(NotebookState<PaidIn, PaidUnits> PaidIn) : DetectorState;
