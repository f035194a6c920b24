using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Laundering;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Preparation;

public sealed record SuspiciousPreparationState(
    NotebookState<Address, HiddenFunds> Funded,
    NotebookState<Address, PreparedAccount> Accounts,
    NotebookState<Address, Address> Makers) : DetectorState;

/// <inheritdoc cref="SuspiciousPreparationSettings.TheCard"/>
internal sealed class SuspiciousPreparation(Watch watch, SuspiciousPreparationSettings settings) : Detector
{
    private const int CoinDecimals = 18;
    private const int FundedMax = 8_192;
    private const int AccountsMax = 4_096;
    private const int ContractsMax = 4;

    // What has a second sign, or cannot be written by anybody for nothing, is not to make room for dust.
    private const int SureWorth = 100;

    private static readonly TimeSpan RememberedFor = TimeSpan.FromDays(7);

    private readonly CodeReading code = new(watch);
    private readonly Dictionary<Address, HidingPlace> sources =
        settings.Sources.ToDictionary(place => place.Address);
    private readonly bool areMixersListed = settings.Sources.Any(place => place.Kind == HidingKind.Mixer);
    private readonly HashSet<Address> known = [.. settings.Known.Select(name => watch.AddressOf(name)!.Value)];
    private readonly Dictionary<Address, string> ours =
        watch.Contracts.ToDictionary(contract => contract.Address, contract => contract.Name);
    private readonly Notebook<Address, HiddenFunds> funded = new(FundedMax);
    private readonly Notebook<Address, PreparedAccount> accounts = new(AccountsMax);
    private readonly Notebook<Address, Address> makers = new(AccountsMax);
    private string? touched;

    public override bool SeesAll => true;

    public override IEnumerable<LogInterest> Interests => ours.Keys
        .Select(address => new LogInterest(address, null))
        .Concat(watch.Assets.Select(asset => new LogInterest(asset.Address, Topics.Transfer)))
        .Append(new LogInterest(null, Topics.MixerWithdrawal));

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (ours.TryGetValue(log.Address, out var name))
            touched ??= name;
        else if (log.Topics[0] == Topics.MixerWithdrawal)
            TakeWithdrawal(log, scene);
        else if (log.Topics.Count == 3 && (ours.TryGetValue(LogWords.AddressOf(log.Topics[1]), out name)
            || ours.TryGetValue(LogWords.AddressOf(log.Topics[2]), out name)))
            touched ??= name;
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        var touches = touched;
        touched = null;
        if (!transaction.Succeeded)
            return;
        if (!transaction.ValueWei.IsZero && transaction.To is { } paid
            && sources.TryGetValue(transaction.From, out var source))
            funded.Set(paid, new HiddenFunds(source.Words, scene.Time), scene, WorthOf(transaction.ValueWei));
        if (known.Contains(transaction.From) || sources.ContainsKey(transaction.From))
            return;
        if (transaction.To is { } to && ours.TryGetValue(to, out var called))
            touches ??= called;
        var isFresh = transaction.Nonce <= (ulong)settings.FreshNonceMax;
        if (transaction.ContractCreated is { } made)
            Made(transaction.From, made, code.Read(transaction.Input.Span), isFresh, touches, transaction.Hash, scene);
        else if (touches is not null)
            Touched(transaction, touches, isFresh, scene);
    }

    public override void Traced(TransactionTrace trace, BlockScene scene)
    {
        if (trace.Frames.Count == 0 || known.Contains(trace.Frames[0].From))
            return;
        foreach (var call in scene.CallsOf(trace))
        {
            if (call.IsUndone || call.Frame.Depth == 0 || call.Frame.To is not { } to)
                continue;
            if (!call.Frame.ValueWei.IsZero)
                TakePayment(call.Frame.From, to, call.Frame.ValueWei, scene);
            if (call.Frame.Kind is CallKind.Create or CallKind.Create2 && !ours.ContainsKey(call.Frame.From))
                Made(trace.Frames[0].From, to, code.Read(call.Frame.Input.Span), false, null, trace.Transaction, scene);
        }
    }

    public override void Rollback(BlockRef ancestor)
    {
        funded.Rollback(ancestor);
        accounts.Rollback(ancestor);
        makers.Rollback(ancestor);
    }

    public override DetectorState Snapshot() =>
        new SuspiciousPreparationState(funded.Snapshot(), accounts.Snapshot(), makers.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is not SuspiciousPreparationState before)
            return;
        funded.Restore(before.Funded);
        accounts.Restore(before.Accounts);
        makers.Restore(before.Makers);
    }

    private void TakeWithdrawal(in Log log, BlockScene scene)
    {
        var isListed = sources.TryGetValue(log.Address, out var mixer) && mixer.Kind == HidingKind.Mixer;
        if ((areMixersListed && !isListed) || !LogWords.TryReadAddress(log.Data.Span, 0, out var recipient)
            || scene.IsWatched(recipient))
            return;
        var from = isListed ? mixer!.Words : WordsOfMixer(log.Address);
        funded.Set(recipient, new HiddenFunds(from, scene.Time), scene, isListed ? SureWorth : 0);
    }

    // That a mixer really paid, and did not only write so, is seen in the calls.
    private void TakePayment(Address payer, Address to, UInt256 wei, BlockScene scene)
    {
        if (sources.TryGetValue(payer, out var source))
            funded.Set(to, new HiddenFunds(source.Words, scene.Time), scene, WorthOf(wei));
        else if (funded.TryGet(to, out var funds) && funds.From == WordsOfMixer(payer))
            funded.Set(to, funds, scene, WorthOf(wei));
    }

    private static string WordsOfMixer(Address mixer) => $"a mixer ({mixer.ToShortString()})";

    private static int WorthOf(UInt256 wei) =>
        (int)Math.Min(Notebook<Address, HiddenFunds>.WorthMax, Amounts.Units(wei, CoinDecimals) * SureWorth);

    // With its constructor it may already act: then what it names is what it touched.
    private void Made(
        Address maker, Address contract, CodeSigns signs, bool isFresh, string? touches, Hash32 transaction,
        BlockScene scene)
    {
        var before = AccountOf(maker, scene);
        if (signs.Names is null && touches is null && !(signs.TakesLoans && before.Funds is not null))
            return;
        if (!makers.TryGet(contract, out _))
            makers.Set(contract, maker, scene);
        var isNew = !before.Contracts.Contains(contract);
        Note(maker, before, before with
        {
            IsFresh = before.IsFresh || isFresh,
            Contracts = isNew && before.Contracts.Count < ContractsMax
                ? before.Contracts.Add(contract)
                : before.Contracts,
            Names = before.Names ?? signs.Names,
            TakesLoans = before.TakesLoans || signs.TakesLoans,
            Touched = before.Touched ?? touches,
            ActedWhenMade = before.ActedWhenMade || touches is not null,
        }, transaction, scene);
    }

    private void Touched(in Transaction transaction, string touches, bool isFresh, BlockScene scene)
    {
        var actor = transaction.To is { } to && makers.TryGet(to, out var maker) ? maker : transaction.From;
        var before = AccountOf(actor, scene);
        // Who was here before, and who hid nothing, is a user.
        if (before.Touched is not null || (before.Funds is null && before.Names is null)
            || (!before.IsPrepared && !isFresh))
            return;
        var after = before with { Touched = touches, IsFresh = before.IsFresh || isFresh };
        Note(actor, before, after, transaction.Hash, scene);
    }

    private PreparedAccount AccountOf(Address account, BlockScene scene)
    {
        var isKnown = accounts.TryGet(account, out var remembered) && scene.Time - remembered.At <= RememberedFor;
        var before = isKnown ? remembered! : PreparedAccount.Unknown;
        return before.Funds is null && funded.TryGet(account, out var funds)
            && scene.Time - funds.At <= settings.FundedWithin
            ? before with { Funds = funds }
            : before;
    }

    private void Note(
        Address account, PreparedAccount before, PreparedAccount after, Hash32 transaction, BlockScene scene)
    {
        if (after == before)
            return;
        var worth = after.Stages > 1 ? SureWorth : 0;
        accounts.Set(account, after with { At = scene.Time }, scene, worth);
        foreach (var contract in after.Contracts)
            if (worth > 0 && makers.TryGet(contract, out var maker) && maker == account)
                makers.Set(contract, account, scene, worth);
        if (after.IsWorthTelling)
            scene.Report(Findings.Threat.SuspiciousPreparation, StageModel.Judge(account, after, transaction, scene));
    }
}
