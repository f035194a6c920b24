using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.Detection.Money;

/// <summary>A transaction by which the contract lost value.</summary>
/// <param name="Flows">What it gained or lost of each asset.</param>
public sealed record Outgoing(BlockRef Block, Hash32 Transaction, Address From, decimal Usd, ValueList<Flow> Flows);

/// <summary>What a block took out of the contract and brought in.</summary>
/// <param name="NetUsd">Above 0 where more went out.</param>
/// <param name="Transactions">How many took something out.</param>
/// <param name="MostUsd">What the largest of them took.</param>
/// <param name="Largest">The largest of them, in the order of the chain; the others are in the sums alone.</param>
public sealed record BlockOutflow(decimal NetUsd, int Transactions, decimal MostUsd, ValueList<Outgoing> Largest);

/// <param name="Block">On whose state it was read.</param>
/// <param name="Time">That block's.</param>
/// <param name="Usd">What the contract held then.</param>
public sealed record HeldValue(ulong Block, DateTimeOffset Time, decimal Usd);

/// <param name="Contract">By name.</param>
public sealed record OutflowBookState(
    string Contract, ValueList<Trailed<BlockOutflow>> Blocks, NotebookState<string, HeldValue> Held,
    LargestHoursState Largest);

/// <summary>What an hour took out of a contract and brought in.</summary>
/// <param name="NetUsd">Above 0 where more went out.</param>
/// <param name="OthersUsd">The same without the largest transaction.</param>
/// <param name="BeforeUsd">What the contract held before it; null where that is not known.</param>
/// <param name="CustomUsd">What the largest hours of the last weeks took; null while too little was seen.</param>
internal readonly record struct HourOutflow(
    decimal NetUsd, decimal OthersUsd, int Transactions, decimal? BeforeUsd, decimal? CustomUsd);

/// <summary>What left one contract, and what it held.</summary>
internal sealed class OutflowBook
{
    private const int OutgoingOfBlockMax = 16;

    private readonly ProtectedContract contract;
    private readonly (Asset Asset, DeclaredRead<UInt256> Balance)[] held;
    private readonly HashSet<Address> issued;

    // The hour that is learnt and the one that is under way.
    private readonly Trail<BlockOutflow> blocks = new(2 * UsualHours.Hour);
    private readonly LargestHours largest = new();
    private readonly Cell<HeldValue> known = new();
    private readonly SortedDictionary<string, decimal> units = new(StringComparer.Ordinal);
    private readonly List<Outgoing> ofBlock = [];
    private decimal netUsdOfTransaction;
    private decimal mintedUsdOfTransaction;
    private decimal netUsdOfBlock;
    private int outgoingOfBlock;

    public OutflowBook(ProtectedContract contract, Watch watch, bool readsBalances)
    {
        this.contract = contract;
        issued = watch.Assets.Where(asset => asset.Issuer == contract.Name).Select(asset => asset.Address).ToHashSet();
        held = [.. watch.Assets.Where(asset => readsBalances && !issued.Contains(asset.Address))
            .Select(asset => (asset, ProtocolReads.BalanceOf(asset.Address, contract.Address)))];
    }

    public string Name => contract.Name;

    public IEnumerable<StateRead> Reads => held.Select(one => one.Balance.Read);

    /// <param name="price">US dollars for one whole unit; null where nothing tells.</param>
    public void Move(in TokenTransfer moved, Asset asset, decimal? price)
    {
        var isIssued = issued.Contains(moved.Token);
        var direction = (Leaves(moved.From, isIssued) ? 1 : 0) - (Leaves(moved.To, isIssued) ? 1 : 0);
        if (direction == 0)
            return;
        var amount = direction * Amounts.Units(moved.Amount, asset.Decimals);
        units[asset.Name] = units.GetValueOrDefault(asset.Name) - amount;
        if (price is not { } usd)
            return;
        if (isIssued && moved.From.IsZero)
            mintedUsdOfTransaction = Add(mintedUsdOfTransaction, Amounts.Usd(amount, usd));
        else
            netUsdOfTransaction = Add(netUsdOfTransaction, Amounts.Usd(amount, usd));
    }

    public void EndTransaction(Hash32 transaction, Address from, BlockRef block)
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
                block, transaction, from, netUsdOfTransaction,
                units.Select(pair => new Flow(contract.Name, pair.Key, Math.Clamp(
                    pair.Value, -Amounts.UnitsMax, Amounts.UnitsMax))).ToValueList()));
        }
        units.Clear();
        (netUsdOfTransaction, mintedUsdOfTransaction) = (0, 0);
    }

    /// <summary>True where the block took something out.</summary>
    public bool EndBlock(BlockScene scene)
    {
        if (netUsdOfBlock == 0 && outgoingOfBlock == 0)
            return false;
        largest.Pass(scene, OthersOf);
        var most = ofBlock.Count == 0 ? 0 : ofBlock.Max(one => one.Usd);
        var least = ofBlock.Count <= OutgoingOfBlockMax
            ? 0
            : ofBlock.Select(one => one.Usd).OrderDescending().ElementAt(OutgoingOfBlockMax - 1);
        blocks.Add(scene, new BlockOutflow(
            netUsdOfBlock, outgoingOfBlock, most,
            ofBlock.Where(one => one.Usd >= least).Take(OutgoingOfBlockMax).ToValueList()));
        var isOutgoing = outgoingOfBlock > 0;
        (netUsdOfBlock, outgoingOfBlock) = (0, 0);
        ofBlock.Clear();
        return isOutgoing;
    }

    /// <summary>Takes what it holds, where all of that is told: a balance or a price that is missing would make the
    /// share of what left too large.</summary>
    /// <param name="priceOf">US dollars for one whole unit; null where nothing tells.</param>
    public void Answered(ReadAnswers answers, Func<Asset, decimal?> priceOf, BlockScene scene)
    {
        var usd = 0m;
        foreach (var (asset, balance) in held)
        {
            if (!balance.TryFind(answers, out var amount))
                return;
            if (amount.IsZero)
                continue;
            if (priceOf(asset) is not { } price)
                return;
            usd = Add(usd, Amounts.Usd(Amounts.Units(amount, asset.Decimals), price));
        }
        if (held.Length > 0)
            known.Set(new HeldValue(scene.Block.Number, scene.Time, usd), scene);
    }

    public HourOutflow HourAt(BlockScene scene)
    {
        // What was told longer ago than what left is remembered says nothing of now.
        var holding = known.TryGet(out var told) && scene.Time - told.Time <= UsualHours.Hour ? told : null;
        var (net, netSince, most, count) = (0m, 0m, 0m, 0);
        foreach (var (number, _, what) in blocks.Since(scene.Time, UsualHours.Hour))
        {
            net = Add(net, what.NetUsd);
            netSince = number > holding?.Block ? Add(netSince, what.NetUsd) : netSince;
            most = Math.Max(most, what.MostUsd);
            count += what.Transactions;
        }
        // What it held an hour ago is what it holds now and what left since. Where one transaction makes the hour,
        // that one is to be judged, and not those beside it.
        return new HourOutflow(
            net, net - most, count, holding is null ? null : Math.Max(0, holding.Usd - netSince) + net,
            largest.At(scene.Time));
    }

    /// <summary>The last of the hour's transactions that took something out, in the order of the chain, and by how many
    /// accounts all were sent that are remembered.</summary>
    public (ValueList<AttackTransaction> Newest, int Senders) Told(DateTimeOffset now, int most)
    {
        var ofHour = blocks.Since(now, UsualHours.Hour).SelectMany(one => one.What.Largest).ToList();
        var newest = ofHour.TakeLast(most).Select(one => new AttackTransaction(one.Block, one.Transaction, one.Flows));
        return (newest.ToValueList(), ofHour.Select(one => one.From).Distinct().Count());
    }

    public void Rollback(BlockRef ancestor)
    {
        blocks.Rollback(ancestor);
        known.Rollback(ancestor);
        largest.Rollback(ancestor);
    }

    public OutflowBookState Snapshot() => new(Name, blocks.ToList(), known.Snapshot(), largest.Snapshot());

    public void Restore(OutflowBookState state)
    {
        blocks.Restore(state.Blocks);
        known.Restore(state.Held);
        largest.Restore(state.Largest);
    }

    private static decimal Add(decimal left, decimal right) =>
        Math.Clamp(left + right, -Amounts.UsdMax, Amounts.UsdMax);

    // As it is judged: or one large withdrawal would hide every drain of the weeks after it.
    private decimal OthersOf(DateTimeOffset hour)
    {
        var (net, most) = (0m, 0m);
        foreach (var (_, time, what) in blocks.Since(hour + UsualHours.Hour))
            if (Hours.Of(time) == hour)
                (net, most) = (Add(net, what.NetUsd), Math.Max(most, what.MostUsd));
        return Add(net, -most);
    }

    // What a contract issues leaves it by being made, and is its own while it holds it.
    private bool Leaves(Address account, bool isIssued) =>
        account == contract.Address || isIssued && account.IsZero;
}
