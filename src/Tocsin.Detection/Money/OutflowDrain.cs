using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

/// <summary>A transaction by which the contract lost value.</summary>
/// <param name="Flows">What it gained or lost of each asset.</param>
public sealed record Outgoing(BlockRef Block, Hash32 Transaction, Address From, decimal Usd, ValueList<Flow> Flows);

/// <summary>What a block took out of the contract and brought in.</summary>
/// <param name="NetUsd">Above 0 where more went out.</param>
/// <param name="Transactions">How many took something out.</param>
/// <param name="Largest">The largest of them; the others are in the sums alone.</param>
public sealed record BlockOutflow(decimal NetUsd, int Transactions, ValueList<Outgoing> Largest);

/// <param name="Block">On whose state it was read.</param>
/// <param name="Usd">What the contract held then.</param>
public sealed record HeldValue(ulong Block, decimal Usd);

public sealed record OutflowDrainState(
    ValueList<Trailed<BlockOutflow>> Blocks, NotebookState<string, HeldValue> Held,
    LargestHoursState Largest) : DetectorState;

/// <inheritdoc cref="OutflowDrainSettings.TheCard"/>
internal sealed class OutflowDrain : Detector
{
    private const string Only = "held";
    private const int OutgoingOfBlockMax = 16;
    private const int ToldMax = 100;

    private readonly OutflowDrainSettings settings;
    private readonly Watch watch;
    private readonly ProtectedContract contract;
    private readonly (Asset Asset, DeclaredRead<UInt256> Balance)[] held;
    private readonly HashSet<Address> issued;

    // The hour that is learnt and the one that is under way.
    private readonly Trail<BlockOutflow> blocks = new(2 * UsualHours.Hour);
    private readonly LargestHours largest = new();
    private readonly Notebook<string, HeldValue> known = new(1);
    private readonly SortedDictionary<string, decimal> units = new(StringComparer.Ordinal);
    private readonly List<Outgoing> ofBlock = [];
    private decimal netUsdOfTransaction;
    private decimal mintedUsdOfTransaction;
    private decimal netUsdOfBlock;
    private int outgoingOfBlock;

    public OutflowDrain(OutflowDrainSettings settings, Watch watch)
    {
        (this.settings, this.watch) = (settings, watch);
        contract = settings.ContractOf(watch)!;
        issued = watch.Assets.Where(asset => asset.Issuer == contract.Name).Select(asset => asset.Address).ToHashSet();
        held = [.. watch.Assets.Where(asset => settings.ReadsBalances && !issued.Contains(asset.Address))
            .Select(asset => (asset, ProtocolReads.BalanceOf(asset.Address, contract.Address)))];
    }

    public override IEnumerable<LogInterest> Interests =>
        watch.Assets.Select(asset => new LogInterest(asset.Address, Topics.Transfer));

    public override ValueList<StateRead> Reads => held.Select(one => one.Balance.Read).ToValueList();

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (!TokenEvents.TryTransfer(log, out var moved) || moved.From == moved.To)
            return;
        var isIssued = issued.Contains(moved.Token);
        var isMint = isIssued && moved.From.IsZero;
        var direction = (Leaves(moved.From, isIssued) ? 1 : 0) - (Leaves(moved.To, isIssued) ? 1 : 0);
        if (direction == 0 || WatchedMoney.AssetAt(watch, moved.Token) is not { } asset)
            return;
        var amount = direction * Amounts.Units(moved.Amount, asset.Decimals);
        units[asset.Name] = units.GetValueOrDefault(asset.Name) - amount;
        if (PriceOf(asset, scene) is not { } price)
            return;
        if (isMint)
            mintedUsdOfTransaction = Add(mintedUsdOfTransaction, Amounts.Usd(amount, price));
        else
            netUsdOfTransaction = Add(netUsdOfTransaction, Amounts.Usd(amount, price));
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        if (units.Count == 0)
            return;
        // New units answer for what was paid in for them; beyond that they are the business of unbacked-mint.
        if (netUsdOfTransaction < 0)
            netUsdOfTransaction = Math.Min(0, Add(netUsdOfTransaction, mintedUsdOfTransaction));
        netUsdOfBlock = Add(netUsdOfBlock, netUsdOfTransaction);
        if (netUsdOfTransaction > 0)
        {
            outgoingOfBlock++;
            ofBlock.Add(new Outgoing(
                scene.Block, transaction.Hash, transaction.From, netUsdOfTransaction,
                units.Select(pair => new Flow(contract.Name, pair.Key, Math.Clamp(
                    pair.Value, -Amounts.UnitsMax, Amounts.UnitsMax))).ToValueList()));
        }
        units.Clear();
        (netUsdOfTransaction, mintedUsdOfTransaction) = (0, 0);
    }

    public override void EndBlock(BlockScene scene)
    {
        if (netUsdOfBlock == 0 && outgoingOfBlock == 0)
            return;
        largest.Pass(scene, NetOf);
        blocks.Add(scene, new BlockOutflow(
            netUsdOfBlock, outgoingOfBlock,
            ofBlock.OrderByDescending(one => one.Usd).Take(OutgoingOfBlockMax).ToValueList()));
        var isOutgoing = outgoingOfBlock > 0;
        (netUsdOfBlock, outgoingOfBlock) = (0, 0);
        ofBlock.Clear();
        if (isOutgoing)
            Judge(scene);
    }

    public override void Answered(ReadAnswers answers, BlockScene scene)
    {
        var usd = 0m;
        var isAnswered = false;
        foreach (var (asset, balance) in held)
        {
            if (!balance.TryFind(answers, out var amount) || PriceOf(asset, scene) is not { } price)
                continue;
            isAnswered = true;
            usd = Add(usd, Amounts.Usd(Amounts.Units(amount, asset.Decimals), price));
        }
        if (isAnswered)
            known.Set(Only, new HeldValue(scene.Block.Number, usd), scene);
    }

    public override void Rollback(BlockRef ancestor)
    {
        blocks.Rollback(ancestor);
        known.Rollback(ancestor);
        largest.Rollback(ancestor);
    }

    public override DetectorState Snapshot() =>
        new OutflowDrainState(blocks.ToList(), known.Snapshot(), largest.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is not OutflowDrainState remembered)
            return;
        blocks.Restore(remembered.Blocks);
        known.Restore(remembered.Held);
        largest.Restore(remembered.Largest);
    }

    private static decimal Add(decimal left, decimal right) =>
        Math.Clamp(left + right, -Amounts.UsdMax, Amounts.UsdMax);

    private decimal NetOf(DateTimeOffset hour)
    {
        var (net, most) = (0m, 0m);
        foreach (var (_, time, what) in blocks.Since(hour + UsualHours.Hour))
        {
            if (UsualHours.HourOf(time) != hour)
                continue;
            net = Add(net, what.NetUsd);
            foreach (var one in what.Largest.AsSpan())
                most = Math.Max(most, one.Usd);
        }
        // As it is judged: or one large withdrawal would hide every drain of the weeks after it.
        return Add(net, -most);
    }

    // What a contract issues leaves it by being made, and is its own while it holds it.
    private bool Leaves(Address account, bool isIssued) =>
        account == contract.Address || isIssued && account.IsZero;

    private decimal? PriceOf(Asset asset, BlockScene scene) =>
        WatchedMoney.ParOf(watch, asset) ?? scene.UsdPrice(asset.Address);

    private void Judge(BlockScene scene)
    {
        var (net, count, most, told) = (0m, 0, 0m, new List<AttackTransaction>());
        var senders = new HashSet<Address>();
        var since = known.TryGet(Only, out var holding) ? holding.Block : 0;
        var netSince = 0m;
        foreach (var (number, _, what) in blocks.Since(scene.Time, UsualHours.Hour))
        {
            net = Add(net, what.NetUsd);
            count += what.Transactions;
            netSince = number > since ? Add(netSince, what.NetUsd) : netSince;
            foreach (var one in what.Largest.AsSpan())
            {
                senders.Add(one.From);
                most = Math.Max(most, one.Usd);
                told.Add(new AttackTransaction(one.Block, one.Transaction, one.Flows));
            }
        }
        // Where one transaction makes it, that one is to be judged, and not those beside it.
        var others = net - most;
        if (others < settings.MinimumUsd || count < settings.TransactionsMin)
            return;
        // Markets breathe: what one of the last weeks' hours took is no drain, however large a share it is.
        var custom = largest.At(scene.Time);
        if (others <= custom)
            return;
        // What it held an hour ago is what it holds now and what left since.
        decimal? before = holding is null ? null : Math.Max(0, holding.Usd - netSince) + net;
        if (before is { } then ? others < then * settings.Share : others < settings.UnknownUsd)
            return;
        var (severity, confidence) = before is { } held
            ? (IsFarAbove(others, custom, held) ? Severity.Critical : Severity.High, Weights.ManyOutflows)
            : (Severity.High, Weights.ManyOutflowsOfUnknown);
        scene.Report(Threat.ContractAnomaly, new Hit(
            scene.Block, scene.Time, severity, confidence, contract.Name, told.TakeLast(ToldMax).ToValueList(), [],
            [Indicate(net, before, count, senders.Count, told[^1], scene)])
        {
            Detector = settings.Card.Name,
            Key = $"outflow-drain/{contract.Name}",
            Size = net,
        });
    }

    private bool IsFarAbove(decimal others, decimal? custom, decimal before) =>
        custom is null || others >= custom * settings.TimesLargest || others >= before * settings.MostShare;

    private Indicator Indicate(
        decimal net, decimal? before, int count, int senders, AttackTransaction newest, BlockScene scene)
    {
        var of = before is { } then
            ? $", {Words.Share(Math.Round(net / Math.Max(1, then), 3))} of the {Words.Usd(then)} that it held"
            : "";
        return scene.Indicate(
            IndicatorNames.ManyOutflows, newest.Hash, default, contract.Name, net,
            before is { } held ? Math.Max(settings.MinimumUsd, held * settings.Share) : settings.UnknownUsd,
            $"Within an hour {Words.Usd(net)} more left {contract.Name} than came in{of}, by "
                + $"{Words.Count(count, "transaction", "transactions")} of at least "
                + $"{Words.Count(senders, "account", "accounts")}. None need be large: together they empty it.");
    }
}
