using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

/// <param name="Since">The time of the first block with a mint or an answer; minters are learnt from then.</param>
/// <param name="Supply">Whole units by the last answer; null before the first.</param>
/// <param name="LargestMint">The largest mint without a deposit so far, in whole units.</param>
public sealed record MintFacts(DateTimeOffset Since, decimal? Supply, decimal LargestMint);

/// <param name="Minters">When each was last seen minting.</param>
public sealed record UnbackedMintState(
    NotebookState<string, MintFacts> Facts, NotebookState<Address, DateTimeOffset> Minters) : DetectorState;

/// <inheritdoc cref="UnbackedMintSettings.TheCard"/>
internal sealed class UnbackedMint : Detector
{
    private const int MintersMax = 256;

    // A deposit worth this much of the mint pays for it: fees and prices take the rest.
    private const decimal Matching = 0.9m;

    private readonly UnbackedMintSettings settings;
    private readonly Watch watch;
    private readonly Asset asset;
    private readonly Address? issuer;
    private readonly HashSet<Address> known;
    private readonly HashSet<Address> takers;
    private readonly SupplyReading reading;
    private readonly BackingReading[] backings;
    private readonly DeclaredRead<UInt256> supply;
    private readonly Cell<MintFacts> facts = new();
    private readonly Notebook<Address, DateTimeOffset> minters = new(MintersMax);
    private decimal depositedUsd;

    public UnbackedMint(UnbackedMintSettings settings, Watch watch)
    {
        (this.settings, this.watch) = (settings, watch);
        asset = WatchedMoney.AssetOf(watch, settings.Asset)!;
        issuer = asset.Issuer is { } name ? watch.AddressOf(name) : null;
        known = settings.KnownMinters.Select(minter => watch.AddressOf(minter)!.Value).ToHashSet();
        takers = watch.Contracts.Select(contract => contract.Address)
            .Concat(settings.Backing.OfType<Backing.Holding>().Select(one => watch.AddressOf(one.Holder)!.Value))
            .ToHashSet();
        reading = new SupplyReading(asset.Address);
        backings = [.. settings.Backing.Select(one => BackingReading.Of(one, watch)!)];
        supply = ProtocolReads.TotalSupply(asset.Address);
    }

    public override IEnumerable<LogInterest> Interests =>
        TokenEvents.OfSupply.Select(topic => new LogInterest(asset.Address, topic))
            .Concat(watch.Assets.Select(other => new LogInterest(other.Address, Topics.Transfer)));

    public override ValueList<StateRead> Reads =>
        [supply.Read, .. backings.SelectMany(backing => backing.Reads)];

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (log.Address == asset.Address)
            reading.Read(log);
        else if (TokenEvents.TryTransfer(log, out var paid) && scene.UsdPrice(paid.Token) is { } price)
        {
            var usd = Amounts.Usd(scene.Units(paid.Token, paid.Amount) ?? 0, price);
            // What is paid out again was not deposited.
            depositedUsd = Math.Clamp(
                depositedUsd + (takers.Contains(paid.To) ? usd : 0) - (takers.Contains(paid.From) ? usd : 0),
                -Amounts.UsdMax, Amounts.UsdMax);
        }
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        var minted = Amounts.Units(reading.Issued, asset.Decimals)
            - Amounts.Units(reading.Redeemed, asset.Decimals);
        var (deposited, minter) = (depositedUsd, reading.Minter);
        reading.Clear();
        depositedUsd = 0;
        if (minted <= 0)
            return;
        var usd = PriceUsd(scene) is { } price ? Amounts.Usd(minted, price) : 0;
        var before = FactsAt(scene);
        var stranger = IsStranger(transaction, minter, before, scene);
        if (usd >= settings.MintUsd && deposited < usd * Matching)
        {
            var judged = Judge(minted, stranger, before);
            if (judged is { } hit)
                Report(transaction, minted, usd, hit, before, scene);
            // What an attack made is not history to be measured by.
            if (judged is null)
                Remember(minted, before, scene);
        }
        if (!stranger)
            Meet(transaction, minter, scene);
    }

    public override void Answered(ReadAnswers answers, BlockScene scene)
    {
        if (!supply.TryFind(answers, out var total))
            return;
        var units = Amounts.Units(total, asset.Decimals);
        var before = FactsAt(scene);
        if (before.Supply != units)
            facts.Set(before with { Supply = units }, scene);
        if (backings.Length == 0)
            return;
        var backed = 0m;
        foreach (var backing in backings)
        {
            if (backing.UnitsIn(answers, scene.Time, PriceUsd(scene), scene.UsdPrice) is not { } part)
                return;
            backed = Math.Min(Amounts.UsdMax, backed + part);
        }
        if (units > backed * (1 + settings.Tolerance))
            Report(units, backed, scene);
    }

    public override void Rollback(BlockRef ancestor)
    {
        facts.Rollback(ancestor);
        minters.Rollback(ancestor);
    }

    public override DetectorState Snapshot() => new UnbackedMintState(facts.Snapshot(), minters.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is not UnbackedMintState remembered)
            return;
        facts.Restore(remembered.Facts);
        minters.Restore(remembered.Minters);
    }

    private decimal? PriceUsd(BlockScene scene) => WatchedMoney.ParOf(watch, asset) ?? scene.UsdPrice(asset.Address);

    private MintFacts FactsAt(BlockScene scene)
    {
        if (facts.TryGet(out var known))
            return known;
        var first = new MintFacts(scene.Time, null, 0);
        facts.Set(first, scene);
        return first;
    }

    // Where nobody was told and the time of learning is not over, nobody is a stranger yet.
    private bool IsStranger(in Transaction transaction, Address? minter, MintFacts before, BlockScene scene)
    {
        var maker = MinterOf(transaction, minter);
        if (maker == issuer || minters.TryGet(maker, out _) || known.Contains(maker)
            || known.Contains(transaction.From) || transaction.To is { } called && known.Contains(called))
            return false;
        return known.Count > 0 || scene.Time - before.Since >= settings.LearnsFor;
    }

    // Who calls the token itself mints; otherwise the contract that is called does, whoever uses it.
    private Address MinterOf(in Transaction transaction, Address? minter) => minter
        ?? (transaction.To is { } called && called != asset.Address ? called : transaction.From);

    private void Meet(in Transaction transaction, Address? minter, BlockScene scene)
    {
        if (known.Count > 0 || scene.Time - FactsAt(scene).Since >= settings.LearnsFor)
            return;
        minters.Set(MinterOf(transaction, minter), scene.Time, scene);
    }

    private void Remember(decimal minted, MintFacts before, BlockScene scene)
    {
        if (minted > before.LargestMint)
            facts.Set(before with { LargestMint = minted }, scene);
    }

    private (Severity Severity, decimal Confidence, decimal Measured, decimal Threshold, string Against)? Judge(
        decimal minted, bool stranger, MintFacts before)
    {
        // Where nothing was made yet, the first mint is the whole supply.
        var share = before.Supply is { } total and > 0 ? Math.Min(minted / total, 1_000_000m) : 0;
        if (share >= settings.MintShare)
            return (Severity.Critical, Weights.MintOfSupply, share, settings.MintShare,
                $"that is {Words.Share(share)} of all there was");
        if (stranger && share >= settings.StrangerShare)
            return (Severity.Critical, Weights.MintByStranger, share, settings.StrangerShare,
                $"that is {Words.Share(share)} of all there was, by somebody who never minted");
        if (!stranger && before.LargestMint > 0 && minted >= before.LargestMint * settings.TimesLargest
            && share >= settings.StrangerShare)
            return (Severity.High, Weights.MintAboveHistory, minted, before.LargestMint * settings.TimesLargest,
                $"the largest before was {WatchedMoney.Units(before.LargestMint, asset.Name)}");
        if (stranger && (before.Supply is null || share >= settings.StrangerShare / 5))
            return (Severity.Elevated, Weights.MintBySomebodyNew, share, settings.StrangerShare,
                "by somebody who never minted");
        return null;
    }

    private void Report(
        in Transaction transaction, decimal minted, decimal usd,
        (Severity Severity, decimal Confidence, decimal Measured, decimal Threshold, string Against) judged,
        MintFacts before, BlockScene scene)
    {
        var called = transaction.To ?? transaction.ContractCreated;
        var accounts = new[] { transaction.From, called }.OfType<Address>()
            .Where(account => !known.Contains(account) && !takers.Contains(account) && account != asset.Address)
            .Distinct().ToValueList();
        ValueList<Flow> flows = asset.Issuer is { } name ? [new Flow(name, asset.Name, -minted)] : [];
        var reason = $"{WatchedMoney.Units(minted, asset.Name)} ({Words.Usd(usd)}) were made in one transaction "
            + $"without a deposit that pays for them; {judged.Against}. Nothing stands behind them, and whoever holds "
            + "them can sell them for what others paid in.";
        scene.Report(Threat.UnbackedMint, new Hit(
            scene.Block, scene.Time, judged.Severity, judged.Confidence, asset.Name,
            [new AttackTransaction(scene.Block, transaction.Hash, flows)], accounts,
            [scene.Indicate(IndicatorNames.MintWithoutDeposit, transaction, asset.Name,
                judged.Measured, judged.Threshold, reason)])
        {
            Detector = settings.Card.Name,
        });
    }

    private void Report(decimal units, decimal backed, BlockScene scene)
    {
        var missing = units - backed;
        scene.Report(Threat.UnbackedMint, new Hit(
            scene.Block, scene.Time, Severity.Critical, Weights.SupplyAboveBacking, asset.Name, [], [],
            [scene.Indicate(IndicatorNames.SupplyAboveBacking, default, default, asset.Name,
                missing / Math.Max(1, backed), settings.Tolerance,
                $"There are {WatchedMoney.Units(units, asset.Name)}, but what stands behind them covers "
                    + $"{WatchedMoney.Units(backed, asset.Name)}: {WatchedMoney.Units(missing, asset.Name)} are "
                    + $"without backing, where {Words.Share(settings.Tolerance)} is borne. Either units were made out "
                    + "of nothing, or the reserve is gone.")])
        {
            Detector = settings.Card.Name,
            Key = $"unbacked-mint/{asset.Name}",
            Size = missing,
        });
    }
}
