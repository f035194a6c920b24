using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Monitoring;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Mempool;

/// <summary>A place in the order of an account's transactions: one block or another holds one of it.</summary>
public readonly record struct AccountTurn(Address From, ulong Nonce);

/// <param name="Hashes">The transactions seen for that place: the same attack with another fee is another one.</param>
/// <param name="Until">From then on it is not waited for any more.</param>
/// <param name="FeePerGasWei">The most that it bids.</param>
/// <param name="LossUsd">What protected contracts would lose by it.</param>
public sealed record AwaitedAttack(
    AccountTurn Turn, ValueList<Hash32> Hashes, DateTimeOffset Until, UInt256 FeePerGasWei = default,
    decimal LossUsd = 0)
{
    /// <summary>True where it bids twice as much or, bidding no less, does twice the harm: so that nobody is told one
    /// after the other by ever so little more.</summary>
    internal bool GoesBefore(AwaitedAttack other) => FeePerGasWei >= other.FeePerGasWei
        && (IsTwice(FeePerGasWei, other.FeePerGasWei) || (LossUsd > 0 && LossUsd / 2 >= other.LossUsd));

    private static bool IsTwice(UInt256 more, UInt256 less) => more > less && more - less >= less;
}

/// <param name="Succeeded">False where it reverted.</param>
public sealed record TurnTaken(BlockRef Block, Hash32 Transaction, bool Succeeded);

public sealed record PendingAttackState(
    ValueList<AwaitedAttack> Awaited,
    NotebookState<AccountTurn, TurnTaken> Taken,
    NotebookState<Hash32, ulong> Mined) : DetectorState;

/// <inheritdoc cref="PendingAttackSettings.TheCard"/>
internal sealed class PendingAttack(Watch watch, PendingAttackSettings settings) : Detector
{
    private const string Kind = "pending-attack";
    private const int AwaitedMax = PendingAttackSettings.OpenMost;
    private const int OfOneSenderMax = 4;
    private const int HashesMax = PendingAttackSettings.VersionsMost;
    private const int MinedMax = 512;

    // What the block says of it may come a little after the block: until then it is not called over.
    private static readonly TimeSpan TellAfterBlock = TimeSpan.FromMinutes(2);

    private readonly PendingJudgement judgement = new(watch);
    private readonly HashSet<Address> ours = [.. watch.Contracts.Select(contract => contract.Address)];
    private readonly Notebook<AccountTurn, TurnTaken> taken = new(4 * AwaitedMax);
    private readonly Notebook<Hash32, ulong> mined = new(MinedMax);
    private List<AwaitedAttack> awaited = [];
    private bool touchesUs;

    public override bool SeesAll => true;

    public override IEnumerable<LogInterest> Interests => ours
        .Select(address => new LogInterest(address, null))
        .Concat(watch.Assets.Select(asset => new LogInterest(asset.Address, Topics.Transfer)));

    public override void Log(in Log log, in Transaction transaction, BlockScene scene) =>
        touchesUs |= ours.Contains(log.Address)
            || (log.Topics.Count == 3
                && (ours.Contains(LogWords.AddressOf(log.Topics[1]))
                    || ours.Contains(LogWords.AddressOf(log.Topics[2]))));

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        // A notice may come later than the block that makes it old.
        if (touchesUs)
            mined.Set(transaction.Hash, scene.Block.Number, scene);
        touchesUs = false;
        foreach (var one in awaited)
            if (one.Turn.From == transaction.From && one.Turn.Nonce == transaction.Nonce)
                taken.Set(one.Turn, new TurnTaken(scene.Block, transaction.Hash, transaction.Succeeded), scene);
    }

    public override void Arrived(Arrival arrival, ArrivalScene scene)
    {
        if (arrival is Arrival.Pending { Transaction: { Outcome: not null } pending }
            && !mined.TryGet(pending.Hash, out _))
            Take(pending, scene);
        for (var i = awaited.Count - 1; i >= 0; i--)
        {
            var one = awaited[i];
            if (taken.TryGet(one.Turn, out var by))
                scene.Absent(KeyOf(one.Turn), EndingOf(one, by), TellAfterBlock);
            else if (one.Until > scene.Now && one.Until - scene.Now <= settings.Expiry)
                continue;
            awaited.RemoveAt(i);
        }
    }

    public override void Rollback(BlockRef ancestor)
    {
        taken.Rollback(ancestor);
        mined.Rollback(ancestor);
    }

    public override DetectorState Snapshot() =>
        new PendingAttackState(awaited.ToValueList(), taken.Snapshot(), mined.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is not PendingAttackState before)
            return;
        awaited = [.. before.Awaited];
        taken.Restore(before.Taken);
        mined.Restore(before.Mined);
    }

    private void Take(PendingTransaction pending, ArrivalScene scene)
    {
        var turn = new AccountTurn(pending.From, pending.Nonce);
        var place = awaited.FindIndex(one => one.Turn == turn);
        var hashes = place < 0 ? [] : awaited[place].Hashes;
        var isKnown = hashes.Contains(pending.Hash);
        if ((!isKnown && hashes.Count == HashesMax) || judgement.Judge(pending, scene) is not { } verdict)
            return;
        var now = new AwaitedAttack(
            turn, isKnown ? hashes : hashes.Add(pending.Hash), scene.Now + settings.Expiry, pending.FeePerGasWei,
            verdict.LossUsd);
        if (place >= 0)
            awaited[place] = now;
        else if (HasRoom(now, scene))
            awaited.Add(now);
        else
            return;
        scene.Present(
            new Trouble(
                KeyOf(turn), verdict.Threat, verdict.Severity, verdict.Confidence, verdict.Subject,
                WordsOf(pending, verdict))
            {
                Detector = settings.Card.Name,
                Addresses = verdict.Addresses,
                Transactions = [pending.Hash],
                ImpactUsd = verdict.LossUsd,
                Indicators = verdict.Indicators,
            },
            isNews: !isKnown);
        scene.Absent(
            KeyOf(turn),
            $"It was in no block within {Words.Length(settings.Expiry)}: never mined, dropped or replaced.",
            settings.Expiry);
    }

    // Whoever sends much that is never mined must not keep out what is: one sender has few places, and what bids less
    // makes room.
    private bool HasRoom(AwaitedAttack attack, ArrivalScene scene)
    {
        var rivals = awaited.Where(one => one.Turn.From == attack.Turn.From).ToList();
        if (rivals.Count < OfOneSenderMax)
            rivals = awaited.Count < AwaitedMax ? [] : awaited;
        if (rivals.Count == 0)
            return true;
        var least = rivals.MinBy(one => (one.FeePerGasWei, one.LossUsd))!;
        if (!attack.GoesBefore(least))
            return false;
        awaited.Remove(least);
        scene.Absent(
            KeyOf(least.Turn), "It made room for others that bid more or do more harm, and may still be mined.");
        return true;
    }

    private static ConditionKey KeyOf(AccountTurn turn) => new(Kind, $"{turn.From}/{turn.Nonce}");

    private static string EndingOf(AwaitedAttack one, TurnTaken by) => (one.Hashes.Contains(by.Transaction), by) switch
    {
        (true, { Succeeded: true }) => $"It is in block {by.Block.Number} now: what it did is told there.",
        (true, _) => $"It is in block {by.Block.Number}, where it failed.",
        _ => $"It was replaced: block {by.Block.Number} holds {by.Transaction} of the same account in its place.",
    };

    private static string WordsOf(PendingTransaction pending, PendingVerdict verdict)
    {
        var loss = verdict.LossUsd > 0 ? $" would lose about {Words.Usd(verdict.LossUsd)}" : " is attacked";
        var signs = string.Join(' ', verdict.Indicators.Select(indicator => indicator.Reason).Distinct());
        return $"An attack on {verdict.Subject} is on its way and not in a block yet: transaction {pending.Hash} by "
            + $"{pending.From}. Carried out on the newest state, {verdict.Subject}{loss}. {signs} It may be mined "
            + "within seconds; what is paused before that is safe.";
    }
}
