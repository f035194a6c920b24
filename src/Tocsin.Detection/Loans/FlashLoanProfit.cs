using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Reading;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Loans;

/// <inheritdoc cref="FlashLoanProfitSettings"/>
internal sealed class FlashLoanProfit(Watch watch, FlashLoanProfitSettings settings) : Detector
{
    // Enough for the busy senders of a large protocol; who paid in longest ago is forgotten first.
    private const int SendersMax = 8_192;

    // Interest and yield that came on top of what was paid in.
    private const decimal Earnings = 1.1m;

    private static readonly FrozenSet<Hash32> Liquidations = new[]
    {
        // Aave, Compound, Compound III, Morpho, Maker
        Keccak256.Hash("LiquidationCall(address,address,address,uint256,uint256,address,bool)"),
        Keccak256.Hash("LiquidateBorrow(address,address,uint256,address,uint256)"),
        Keccak256.Hash("AbsorbDebt(address,address,uint256,uint256)"),
        Keccak256.Hash("Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)"),
        Keccak256.Hash("Take(uint256,uint256,uint256,uint256,uint256,uint256,address)"),
        // plain markets
        Keccak256.Hash("Liquidated(address,address,uint256,uint256)"),
    }.ToFrozenSet();

    private static readonly FrozenSet<Selector> LiquidationCalls = new[]
    {
        AbiSelector.Of("liquidationCall(address,address,address,uint256,bool)"),
        AbiSelector.Of("liquidateBorrow(address,uint256,address)"), AbiSelector.Of("absorb(address,address[])"),
        AbiSelector.Of("liquidate((address,address,address,address,uint256),address,uint256,uint256,bytes)"),
        AbiSelector.Of("take(uint256,uint256,uint256,address,bytes)"), AbiSelector.Of("liquidate(address,uint256)"),
    }.ToFrozenSet();

    private static readonly FrozenSet<Hash32> OtherSwaps = new[]
    {
        Topics.SwapUniswapV3, Topics.SwapUniswapV4, Topics.SwapBalancerV2, Topics.SwapBalancerV3,
    }.ToFrozenSet();

    private readonly TransactionFlow flow = new(watch);
    private readonly Notebook<PaidIn, PaidUnits> paidIn = new(SendersMax);
    private bool hasLoan;
    private bool hasLiquidation;

    public override IEnumerable<LogInterest> Interests =>
    [
        .. watch.Assets.Select(asset => new LogInterest(asset.Address, Topics.Transfer)),
        .. LoanSigns.Topics.Select(topic => new LogInterest(null, topic)),
        .. OtherSwaps.Order().Select(topic => new LogInterest(null, topic)),
        .. watch.Contracts.SelectMany(contract =>
            Liquidations.Order().Select(topic => new LogInterest(contract.Address, topic))),
    ];

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        var topic = log.Topics[0];
        if (topic == Topics.Transfer)
            flow.Take(log);
        else if (Liquidations.Contains(topic))
            hasLiquidation = true;
        else
        {
            if (topic == Topics.PoolSwap || OtherSwaps.Contains(topic))
                flow.AddMarket(log.Address);
            hasLoan |= LoanSigns.IsLoan(log);
        }
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        if (flow.ConcernsUs)
        {
            Judge(
                new Act(transaction.Hash, transaction.From, transaction.To ?? transaction.ContractCreated, hasLoan,
                    hasLiquidation, IsTraced: false),
                scene);
            Remember(transaction.From, scene);
        }
        flow.Clear();
        (hasLoan, hasLiquidation) = (false, false);
    }

    public override void Traced(TransactionTrace trace, BlockScene scene)
    {
        if (trace.Frames.Count == 0 || trace.Frames[0].Error is not null)
            return;
        var calls = scene.CallsOf(trace);
        var side = new Side(calls);
        flow.Take(calls);
        if (flow.ConcernsUs)
        {
            var liquidates = calls.Any(call => call.IsAct && call.Function is { } function
                && LiquidationCalls.Contains(function) && call.Frame.To is { } to && flow.IsOurs(to));
            Judge(
                new Act(trace.Transaction, side.Sender, trace.Frames[0].To, LoanSigns.HasCallback(calls, side),
                    liquidates, IsTraced: true),
                scene);
        }
        flow.Clear();
    }

    public override void Rollback(BlockRef ancestor) => paidIn.Rollback(ancestor);

    public override DetectorState Snapshot() => new FlashLoanProfitState(paidIn.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is FlashLoanProfitState known)
            paidIn.Restore(known.PaidIn);
    }

    private void Judge(in Act act, BlockScene scene)
    {
        if (settings.Trusted.Contains(act.Sender))
            return;
        var flows = flow.Flows();
        var loss = scene.LossOf(flows);
        var minimum = watch.Thresholds.MinimumLossUsd;
        if (loss.Contract is null || loss.Usd < minimum || IsFair(act, scene) || loss.Usd <= OwnMoney(act, scene))
            return;
        var lent = LentUsd(act, scene);
        if (!act.HasLoan && lent < watch.Thresholds.LargeLoanUsd)
            return;
        var (gain, winner) = Gain(act, scene);
        if (gain <= 0 || scene.Has(Threat.FlashLoanAttack, act.Hash))
            return;
        Report(act, scene, flows, loss, lent, gain, winner);
    }

    private void Report(
        in Act act, BlockScene scene, ValueList<Flow> flows, Loss loss, decimal lent, decimal gain, Address winner)
    {
        var minimum = watch.Thresholds.MinimumLossUsd;
        var borrowed = lent > 0 ? $"{Words.Usd(lent)} were borrowed" : "Money was borrowed";
        ValueList<Indicator> indicators =
        [
            scene.Indicate(IndicatorNames.FlashLoan, act.Hash, act.Sender, loss.Contract!, Math.Max(lent, minimum),
                minimum, $"{borrowed} and paid back within one transaction."),
            scene.Indicate(IndicatorNames.LoanProfit, act.Hash, act.Sender, loss.Contract!, loss.Usd, minimum,
                $"In it {loss.Contract} lost {Words.Usd(loss.Usd)} at the prices before the block and the sender's "
                + $"side gained {Words.Usd(gain)}, most of it {winner.ToShortString()}."),
        ];
        var confidence = Weights.NoisyOr(
            [.. indicators.Select(one => one.Strength * Weights.Of(Threat.FlashLoanAttack, one.Name))]);
        scene.Report(Threat.FlashLoanAttack, new Hit(
            scene.Block, scene.Time, Severity.Critical,
            Math.Max(confidence, Weights.SingleTransactionFlashLoan), loss.Contract!,
            [new AttackTransaction(scene.Block, act.Hash, flows)], AddressesOf(act), indicators)
        {
            Detector = settings.Card.Name,
        });
    }

    private ValueList<Address> AddressesOf(in Act act) =>
        act.Called is { } called && !flow.IsOurs(called) && !flow.IsMarket(called)
            && watch.Assets.All(asset => asset.Address != called)
            ? [act.Sender, called]
            : [act.Sender];

    // A trade at a slightly other price, or a liquidation with its bonus.
    private bool IsFair(in Act act, BlockScene scene)
    {
        var (gave, got) = flow.Exchange(scene);
        return gave - got <= gave * (act.HasLiquidation ? settings.LiquidationBonus : settings.Slack);
    }

    private decimal OwnMoney(in Act act, BlockScene scene)
    {
        var usd = 0m;
        foreach (var asset in watch.Assets)
            if (paidIn.TryGet(new PaidIn(act.Sender, asset.Name), out var paid)
                && scene.UsdPrice(asset.Address) is { } price)
                // Traces come after the block: what it took out is no more in the sum, but was its own.
                usd += Amounts.Usd(
                    act.IsTraced && paid.Block == scene.Block.Number ? paid.Before : paid.Units, price);
        return Math.Max(0, usd) * Earnings;
    }

    private decimal LentUsd(in Act act, BlockScene scene)
    {
        var usd = 0m;
        foreach (var balance in flow.Balances.AsSpan())
            if (IsLender(balance, act) && (act.HasLoan || !flow.IsMarket(balance.Account))
                && scene.UsdPrice(watch.Assets[balance.Asset].Address) is { } price)
                usd += Amounts.Usd(Amounts.Units(balance.Lent, watch.Assets[balance.Asset].Decimals), price);
        return usd;
    }

    // The side that acts is whoever is no protected contract, no market and no lender who was paid back: so a profit
    // that is sent on to a fresh account counts.
    private (decimal Usd, Address Winner) Gain(in Act act, BlockScene scene)
    {
        var (total, most, winner) = (0m, 0m, default(Address));
        foreach (var balance in flow.Balances.AsSpan())
        {
            // Anybody can write a market's event: what the sender called for it is no market by that alone.
            var isActor = balance.Account == act.Sender || balance.Account == act.Called;
            if (balance.Account.IsZero || flow.IsOurs(balance.Account)
                || (flow.IsMarket(balance.Account) && !isActor) || IsLender(balance, act))
                continue;
            var usd = flow.Usd(balance, scene);
            total += usd;
            (most, winner) = usd > most ? (usd, balance.Account) : (most, winner);
        }
        return (total, winner);
    }

    private static bool IsLender(in TokenBalance balance, in Act act) =>
        balance.IsRepaidLender && balance.Account != act.Sender && balance.Account != act.Called;

    private void Remember(Address sender, BlockScene scene)
    {
        foreach (var sum in flow.Flows().GroupBy(one => one.Asset))
        {
            var key = new PaidIn(sender, sum.Key);
            var known = paidIn.TryGet(key, out var paid) ? paid : new PaidUnits(0, scene.Block.Number, 0);
            var after = Math.Clamp(
                known.Units + sum.Sum(one => one.NetUnits), -Amounts.UnitsMax, Amounts.UnitsMax);
            var before = known.Block == scene.Block.Number ? known.Before : known.Units;
            paidIn.Set(key, new PaidUnits(after, scene.Block.Number, before), scene);
        }
    }

    /// <summary>A transaction, as its logs or its calls show it.</summary>
    private readonly record struct Act(
        Hash32 Hash, Address Sender, Address? Called, bool HasLoan, bool HasLiquidation, bool IsTraced);
}
