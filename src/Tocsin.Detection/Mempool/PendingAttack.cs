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
public sealed record AwaitedAttack(AccountTurn Turn, ValueList<Hash32> Hashes, DateTimeOffset Until);

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
    private const int AwaitedMax = 32;
    private const int HashesMax = 8;
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
        if (place < 0 && awaited.Count == AwaitedMax)
            return;
        var hashes = place < 0 ? [] : awaited[place].Hashes;
        var isKnown = hashes.Contains(pending.Hash);
        if ((!isKnown && hashes.Count == HashesMax) || judgement.Judge(pending, scene) is not { } verdict)
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
        var now = new AwaitedAttack(
            turn, isKnown ? hashes : hashes.Add(pending.Hash), scene.Now + settings.Expiry);
        if (place < 0)
            awaited.Add(now);
        else
            awaited[place] = now;
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
