using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Laundering;

public sealed record LaunderingState(NotebookState<Address, FollowedAccount> Followed) : DetectorState;

/// <inheritdoc cref="LaunderingSettings.TheCard"/>
internal sealed class Laundering(Watch watch, LaunderingSettings settings) : Detector
{
    private const int FollowedMax = 2_048;
    private const int CoinDecimals = 18;
    private const string Coins = "coins";

    // What attacked, or hid money, is not to make room for whom somebody pays now.
    private const int SureWorth = 100;

    private readonly Dictionary<Address, HidingPlace> places = settings.Places.ToDictionary(place => place.Address);
    private readonly Address? coin = settings.Coin is { } name ? watch.FindAsset(name)!.Address : null;
    private readonly Notebook<Address, FollowedAccount> followed = new(FollowedMax);

    public override bool SeesAll => true;

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        if (!transaction.Succeeded || Find(transaction.From, scene) is not { } account)
            return;
        var after = Transfers(account, transaction, scene);
        if (!transaction.ValueWei.IsZero && transaction.To is { } to)
        {
            var mixer = MixerIn(transaction);
            if (PlaceAt(to) is { } place)
                after = after.WithMoved(SumOf(place, transaction.ValueWei, scene));
            else if (mixer is not null)
                after = after.WithMoved(SumOf(mixer, transaction.ValueWei, scene));
            // What is called with data is a contract, not an account.
            else if (transaction.Input.IsEmpty)
                after = Paid(after, transaction.From, to, SumOf("", transaction.ValueWei, scene).Usd, scene);
        }
        Note(transaction.From, account, after, transaction.Hash, scene);
    }

    public override void EndBlock(BlockScene scene)
    {
        foreach (var culprit in scene.Culprits.ToList())
        {
            if (!culprit.IsProven(watch.Thresholds.AlertConfidence) || scene.IsWatched(culprit.Account)
                || places.ContainsKey(culprit.Account))
                continue;
            var until = scene.Time + settings.Follow;
            if (!followed.TryGet(culprit.Account, out var known))
                followed.Set(
                    culprit.Account, new FollowedAccount(culprit.Account, until, [], [], 0), scene, SureWorth);
            else if (until - known.Until > settings.Follow / 4)
                followed.Set(culprit.Account, known with { Until = until }, scene, SureWorth);
        }
    }

    public override void Traced(TransactionTrace trace, BlockScene scene)
    {
        if (trace.Frames.Count == 0 || Find(trace.Frames[0].From, scene) is not { } account)
            return;
        var after = account;
        // What was sent through a router into a mixer counted with the block, by the mixer's event.
        var isCounted = !trace.Frames[0].ValueWei.IsZero;
        foreach (var call in scene.CallsOf(trace))
            if (call.IsAct && call.Frame is { Depth: > 0, ValueWei.IsZero: false, To: { } to }
                && !places.ContainsKey(call.Frame.From) && PlaceAt(to) is { } place
                && !(isCounted && HasMixerDeposit(call.Frame)))
                after = after.WithMoved(SumOf(place, call.Frame.ValueWei, scene));
        Note(trace.Frames[0].From, account, after, trace.Transaction, scene);
    }

    public override void Rollback(BlockRef ancestor) => followed.Rollback(ancestor);

    public override DetectorState Snapshot() => new LaunderingState(followed.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is LaunderingState before)
            followed.Restore(before.Followed);
    }

    private FollowedAccount? Find(Address account, BlockScene scene) =>
        followed.TryGet(account, out var known) && known.Until > scene.Time ? known : null;

    private string? PlaceAt(Address address) =>
        places.TryGetValue(address, out var place) ? place.Words : null;

    private string? MixerIn(in Transaction transaction)
    {
        foreach (ref readonly var log in transaction.Logs.Span)
            if (log.Topics.Count > 0 && log.Topics[0] == Topics.MixerDeposit)
                return PlaceAt(log.Address) ?? $"a mixer ({log.Address.ToShortString()})";
        return null;
    }

    private static bool HasMixerDeposit(CallFrame frame)
    {
        foreach (ref readonly var log in frame.Logs.Span)
            if (log.Topics.Count > 0 && log.Topics[0] == Topics.MixerDeposit)
                return true;
        return false;
    }

    private FollowedAccount Transfers(FollowedAccount account, in Transaction transaction, BlockScene scene)
    {
        var writers = new HashSet<Address>();
        foreach (ref readonly var log in transaction.Logs.Span)
            writers.Add(log.Address);
        var mixer = MixerIn(transaction);
        foreach (ref readonly var log in transaction.Logs.Span)
        {
            if (log.Topics.Count != 3 || log.Topics[0] != Topics.Transfer
                || !LogWords.TryRead(log.Data.Span, 0, out var amount)
                || scene.Units(log.Address, amount) is not { } units)
                continue;
            var (from, to) = (LogWords.AddressOf(log.Topics[1]), LogWords.AddressOf(log.Topics[2]));
            var usd = scene.Usd(log.Address, amount) ?? 0;
            var place = PlaceAt(to) ?? (mixer is not null && writers.Contains(to) ? mixer : null);
            if (place is not null && !places.ContainsKey(from))
                account = account.WithMoved(new MovedSum(place, scene.NameOf(log.Address), units, usd));
            // A contract that was called, or writes events, is a market or a vault: everybody's, not theirs.
            else if (from == transaction.From && to != transaction.To && !writers.Contains(to))
                account = Paid(account, transaction.From, to, usd, scene);
        }
        return account;
    }

    private FollowedAccount Paid(FollowedAccount account, Address payer, Address to, decimal usd, BlockScene scene)
    {
        if (usd < settings.UsdMin || to.IsZero || scene.IsWatched(to) || places.ContainsKey(to))
            return account;
        // Not beyond the second: the next one may be an exchange, and its customers are nobody's accomplices.
        if (payer == account.Root && !followed.TryGet(to, out _))
            followed.Set(to, new FollowedAccount(account.Root, account.Until, [], [], 0), scene, WorthOf(usd));
        return account.WithRecipient(to, usd);
    }

    private MovedSum SumOf(string place, UInt256 wei, BlockScene scene)
    {
        var units = Amounts.Units(wei, CoinDecimals);
        var price = coin is { } asset ? scene.UsdPrice(asset) : null;
        return new MovedSum(place, Coins, units, price is { } usd ? Amounts.Usd(units, usd) : 0);
    }

    private void Note(
        Address account, FollowedAccount before, FollowedAccount after, Hash32 transaction, BlockScene scene)
    {
        if (after == before)
            return;
        followed.Set(account, after, scene, after.Moved.Count > 0 ? SureWorth : 0);
        var isSplit = after.Recipients.Count >= settings.SplitMin && after.Recipients != before.Recipients;
        if (after.Moved != before.Moved || isSplit)
            Report(account, after, transaction, scene);
    }

    private void Report(Address account, FollowedAccount seen, Hash32 transaction, BlockScene scene)
    {
        var root = seen.Root;
        var together = followed.Notes.Where(note => note.Value.Root == root).ToList();
        var sums = together.SelectMany(note => note.Value.Moved)
            .GroupBy(sum => (sum.Place, sum.Asset))
            .Select(group => new MovedSum(
                group.Key.Place, group.Key.Asset, group.Sum(sum => sum.Units), group.Sum(sum => sum.Usd)))
            .OrderByDescending(sum => sum.Usd).ThenBy(sum => sum.Place, StringComparer.Ordinal).ToList();
        var usd = Math.Min(Amounts.UsdMax, sums.Sum(sum => sum.Usd));
        var reasons = new List<Indicator>();
        if (sums.Count > 0)
            reasons.Add(scene.Indicate(
                IndicatorNames.MovedOutOfReach, transaction, account, "what was taken", Math.Max(1, usd), 1,
                $"So far {string.Join("; ", sums.Select(Told))}. Whoever runs these places can be asked to hold it "
                    + "while it is there."));
        if (seen.Recipients.Count >= settings.SplitMin)
            reasons.Add(scene.Indicate(
                IndicatorNames.SplitUp, transaction, account, "what was taken", seen.Recipients.Count,
                settings.SplitMin,
                $"{account} split about {Words.Usd(seen.SplitUsd)} up to "
                    + $"{(seen.Recipients.Count == LaunderingMemory.RecipientsMax ? "at least " : "")}"
                    + $"{seen.Recipients.Count} accounts."));
        scene.Report(Threat.Laundering, new Hit(
            scene.Block, scene.Time, Severity.Elevated, sums.Count > 0 ? Weights.MovedOutOfReach : Weights.SplitUp,
            "what was taken", [new AttackTransaction(scene.Block, transaction, [])],
            root == account ? [root] : [root, account], [.. reasons])
        {
            Detector = settings.Card.Name,
            Key = $"laundering/{root}",
            Size = Math.Max(usd, sums.Count + seen.Recipients.Count),
        });
    }

    private int WorthOf(decimal usd) => (int)Math.Min(SureWorth / 2, usd / settings.UsdMin);

    private static string Told(MovedSum sum) =>
        $"{sum.Units:#,0.##} {sum.Asset}{(sum.Usd > 0 ? $" (about {Words.Usd(sum.Usd)})" : "")} went to {sum.Place}";
}
