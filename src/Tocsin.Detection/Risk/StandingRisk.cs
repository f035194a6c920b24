using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Monitoring;
using Tocsin.Detection.Oracles;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;

namespace Tocsin.Detection.Risk;

/// <inheritdoc cref="StandingRiskSettings"/>
internal sealed class StandingRisk : Detector
{
    private const decimal SureOfSums = 0.8m;

    private readonly Watch watch;
    private readonly StandingRiskSettings settings;
    private readonly Pool pool;
    private readonly ValueList<(Asset Asset, DeclaredRead<UInt256> Balance)> lends;
    private readonly Cell<RiskMemory> risk = new();
    private readonly ConditionKey key;
    private Reserves? ofBlock;

    public StandingRisk(Watch watch, StandingRiskSettings settings)
    {
        this.watch = watch;
        this.settings = settings;
        pool = watch.FindPool(settings.Pool)!;
        var market = watch.FindContract(settings.Market)!.Address;
        lends = settings.Lends.Select(name => watch.FindAsset(name)!)
            .Select(asset => (asset, ProtocolReads.BalanceOf(asset.Address, market))).ToValueList();
        key = new ConditionKey(settings.Card.Name, settings.Subject);
    }

    public override IEnumerable<LogInterest> Interests => [new LogInterest(pool.Address, Topics.PoolSync)];

    public override ValueList<StateRead> Reads => lends.Select(one => one.Balance.Read).ToValueList();

    private RiskMemory Memory => risk.TryGet(out var memory) ? memory : new RiskMemory(null, null, null);

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (PoolPrices.TryReserves(watch, pool, log, out var reserves))
            ofBlock = reserves;
    }

    public override void EndBlock(BlockScene scene)
    {
        if (ofBlock is { } reserves)
            Reckon(Memory with { Pool = reserves }, scene);
        ofBlock = null;
    }

    public override void Answered(ReadAnswers answers, BlockScene scene)
    {
        var usd = 0m;
        foreach (var (asset, balance) in lends)
        {
            // What was not told now is not zero: the sum waits for a block in which all is told.
            if (!balance.TryFind(answers, out var held))
                return;
            usd += Amounts.Usd(Amounts.Units(held, asset.Decimals), scene.UsdPrice(asset.Address) ?? 0);
        }
        Reckon(Memory with { LendableUsd = Math.Round(usd * settings.Share, 2) }, scene);
    }

    public override void Arrived(Arrival arrival, ArrivalScene scene)
    {
        var chance = Prize.ChanceAlone(
            (decimal)settings.Response.TotalSeconds, (decimal)settings.Attack.TotalSeconds);
        if (Memory.Best is { } best && best.ProfitUsd * chance >= settings.MinimumUsd)
            scene.Present(new Trouble(
                key, Threat.StandingRisk, Severity.Elevated, SureOfSums, settings.Market, Sentence(best, chance)));
        else
            scene.Absent(
                key, $"An attack on {settings.Market} would not bring {Words.Usd(settings.MinimumUsd)} any more.",
                settings.OverAfter);
    }

    public override void Rollback(BlockRef ancestor)
    {
        ofBlock = null;
        risk.Rollback(ancestor);
    }

    public override DetectorState Snapshot() => new StandingRiskState(risk.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is StandingRiskState known)
            risk.Restore(known.Risk);
    }

    private void Reckon(RiskMemory known, BlockScene scene)
    {
        if (known == Memory)
            return;
        var quotePrice = watch.FindAsset(pool.Quote)!.UsdPrice!.Value;
        var best = known is { Pool: { Base: > 0, Quote: > 0 } held, LendableUsd: { } lendable }
            ? new Prize(
                held.Base, Amounts.Usd(held.Quote, quotePrice), settings.PoolFee, lendable, settings.LoanToValue,
                settings.CollateralMax, settings.LoanMaxUsd, settings.LoanFee, settings.GasUsd).Best()
            : null;
        risk.Set(known with { Best = best }, scene);
    }

    private string Sentence(Robbery best, decimal chance) =>
        $"Whoever pays {Words.Usd(best.LoanUsd)} into {pool.Name} lifts the price of {pool.Base} to "
        + $"{best.Multiple:0.#} times what it is, borrows {Words.Usd(best.TakenUsd)} from {settings.Market} on "
        + $"{Words.Usd(best.CollateralUsd)} of collateral and trades back: {Words.Usd(best.ProfitUsd)} are left after "
        + $"{Words.Usd(best.TradingUsd + best.LoanFeeUsd + best.GasUsd)} of costs. The chance that nobody stops it in "
        + $"time is {Words.Share(chance)}. {settings.Market} must lend less on {pool.Base}, or not by this price.";
}
