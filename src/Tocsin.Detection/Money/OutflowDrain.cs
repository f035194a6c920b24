using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

public sealed record OutflowDrainState(ValueList<OutflowBookState> Books) : DetectorState;

/// <inheritdoc cref="OutflowDrainSettings.TheCard"/>
internal sealed class OutflowDrain : Detector
{
    private const int ToldMax = 100;

    private readonly OutflowDrainSettings settings;
    private readonly Watch watch;
    private readonly FrozenDictionary<Address, Asset> assets;
    private readonly HashSet<Address> queues;

    // In the order of the watch; a log finds its own by address, however many there are.
    private readonly OutflowBook[] books;
    private readonly FrozenDictionary<Address, int> byContract;
    private readonly FrozenDictionary<Address, int> byIssued;
    private readonly HashSet<int> ofTransaction = [];
    private readonly HashSet<int> ofBlock = [];

    public OutflowDrain(OutflowDrainSettings settings, Watch watch)
    {
        (this.settings, this.watch) = (settings, watch);
        assets = watch.Assets.ToFrozenDictionary(asset => asset.Address);
        var contracts = settings.ContractsOf(watch).ToArray();
        books = [.. contracts.Select(contract => new OutflowBook(contract, watch, settings.ReadsBalances))];
        byContract = contracts.Index().ToFrozenDictionary(one => one.Item.Address, one => one.Index);
        var byName = contracts.Index().ToDictionary(one => one.Item.Name, one => one.Index);
        byIssued = watch.Assets.Where(asset => asset.Issuer is not null && byName.ContainsKey(asset.Issuer))
            .ToFrozenDictionary(asset => asset.Address, asset => byName[asset.Issuer!]);
        queues = watch.Contracts.Where(one => one.IsQueue).Select(one => one.Address).ToHashSet();
    }

    public override IEnumerable<LogInterest> Interests =>
        watch.Assets.Select(asset => new LogInterest(asset.Address, Topics.Transfer));

    public override ValueList<StateRead> Reads => books.SelectMany(book => book.Reads).ToValueList();

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (!TokenEvents.TryTransfer(log, out var moved) || moved.From == moved.To
            || !assets.TryGetValue(moved.Token, out var asset))
            return;
        // What waits in a queue has not left; when it does, it does so by a limit of its own.
        var from = queues.Contains(moved.To) ? null : BookAt(moved.From, moved.Token);
        var to = queues.Contains(moved.From) ? null : BookAt(moved.To, moved.Token);
        if (from is null && to is null)
            return;
        var price = PriceOf(asset, scene);
        Move(from, moved, asset, price);
        if (to != from)
            Move(to, moved, asset, price);
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        foreach (var i in ofTransaction)
            books[i].EndTransaction(transaction.Hash, transaction.From, scene.Block);
        ofTransaction.Clear();
    }

    public override void EndBlock(BlockScene scene)
    {
        foreach (var i in ofBlock)
            if (books[i].EndBlock(scene))
                Judge(books[i], scene);
        ofBlock.Clear();
    }

    public override void Answered(ReadAnswers answers, BlockScene scene)
    {
        foreach (var book in books)
            book.Answered(answers, asset => PriceOf(asset, scene), scene);
    }

    public override void Rollback(BlockRef ancestor)
    {
        foreach (var book in books)
            book.Rollback(ancestor);
    }

    public override DetectorState Snapshot() => new OutflowDrainState(books.Select(book => book.Snapshot())
        .ToValueList());

    public override void Restore(DetectorState state)
    {
        if (state is not OutflowDrainState remembered)
            return;
        var states = remembered.Books.ToDictionary(known => known.Contract);
        foreach (var book in books)
            if (states.TryGetValue(book.Name, out var known))
                book.Restore(known);
    }

    // What a contract issues comes from nowhere and goes there: that is its business, too.
    private int? BookAt(Address account, Address token) =>
        byContract.TryGetValue(account, out var contract) ? contract
        : account.IsZero && byIssued.TryGetValue(token, out var issuer) ? issuer
        : null;

    private void Move(int? book, in TokenTransfer moved, Asset asset, decimal? price)
    {
        if (book is not { } i)
            return;
        ofTransaction.Add(i);
        ofBlock.Add(i);
        books[i].Move(moved, asset, price);
    }

    private decimal? PriceOf(Asset asset, BlockScene scene) =>
        WatchedMoney.ParOf(watch, asset) ?? scene.UsdPrice(asset.Address);

    private void Judge(OutflowBook book, BlockScene scene)
    {
        var hour = book.HourAt(scene);
        if (hour.OthersUsd < settings.MinimumUsd || hour.Transactions < settings.TransactionsMin)
            return;
        // Markets breathe: what one of the last weeks' hours took is no drain, however large a share it is.
        if (hour.OthersUsd <= hour.CustomUsd)
            return;
        if (hour.OthersUsd < LimitOf(hour.BeforeUsd))
            return;
        var (severity, confidence) = hour.BeforeUsd is { } held
            ? (IsFarAbove(hour, held) ? Severity.Critical : Severity.High, Weights.ManyOutflows)
            : (Severity.High, Weights.ManyOutflowsOfUnknown);
        var (newest, senders) = book.Told(scene.Time, ToldMax);
        scene.Report(Threat.ContractAnomaly, new Hit(
            scene.Block, scene.Time, severity, confidence, book.Name, newest, [],
            [Indicate(book.Name, hour, senders, newest[^1].Hash, scene)])
        {
            Detector = settings.Card.Name,
            Key = $"outflow-drain/{book.Name}",
            Size = hour.NetUsd,
        });
    }

    private decimal LimitOf(decimal? before) => before is { } held ? held * settings.Share : settings.UnknownUsd;

    private bool IsFarAbove(in HourOutflow hour, decimal before) =>
        hour.CustomUsd is not { } custom || hour.OthersUsd >= custom * settings.TimesLargest
        || hour.OthersUsd >= before * settings.MostShare;

    private Indicator Indicate(string name, in HourOutflow hour, int senders, Hash32 newest, BlockScene scene)
    {
        var of = hour.BeforeUsd is { } then
            ? $", {Words.Share(Math.Round(hour.NetUsd / Math.Max(1, then), 3))} of the {Words.Usd(then)} that it held"
            : "";
        return scene.Indicate(
            IndicatorNames.ManyOutflows, newest, default, name, hour.NetUsd,
            Math.Max(settings.MinimumUsd, LimitOf(hour.BeforeUsd)),
            $"Within an hour {Words.Usd(hour.NetUsd)} more left {name} than came in{of}, by "
                + $"{Words.Count(hour.Transactions, "transaction", "transactions")} of at least "
                + $"{Words.Count(senders, "account", "accounts")}. None need be large: together they empty it.");
    }
}
