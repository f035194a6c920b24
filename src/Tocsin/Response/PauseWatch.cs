using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Response;

/// <summary>
/// Reads each pause at the present head: whether it holds, until when, and where it was ended early, by whom. Where one
/// is over, everybody must know at once.
/// </summary>
internal sealed class PauseWatch(ActingChains chains, ChainWatcher watcher, Logbook logbook)
{
    // A contract may count its time a little differently from block to block.
    private static readonly TimeSpan SameEnd = TimeSpan.FromMinutes(1);

    private static readonly Hash32[] Lifted =
        [Keccak256.Hash("Unpaused(address,bytes32,uint64,bytes32)"), Keccak256.Hash("Unpaused(address)")];

    public async Task LookAsync(Incident incident, CancellationToken cancellationToken)
    {
        if (watcher.State is { } state)
            await HasChangedAsync(incident, state, cancellationToken);
    }

    /// <summary>True where something of the pause is otherwise than was known, or cannot be judged at this head. What
    /// changed is recorded, one at a time.</summary>
    public async Task<bool> HasChangedAsync(Incident incident, WatchState state, CancellationToken cancellationToken)
    {
        var plan = logbook.PlanOf(incident);
        var decision = incident.Decision!;
        if ((plan.Decision(decision.Rule) is { } rule ? plan.Action(rule.Action) : null) is not { Calls: var planned })
            throw new StillRefusedException($"the plan of {incident.Id} has no such decision");
        for (var index = 0; index < decision.Calls.Count; index++)
        {
            var call = decision.Calls[index];
            if (call is not { IsPause: true, PausedUntil: { } known, PausedAt: { } since })
                continue;
            if (chains.Of(decision.Decision.Calls[index].Chain) is not { } there
                || await there.HeadAsync(cancellationToken) is not { } head
                || head.Number < since.Number)
                return true;
            if (await there.Pauses.UntilAsync(planned[index], head, cancellationToken) is { } until)
            {
                if ((until - known).Duration() < SameEnd)
                    continue;
                Record(incident, decision, new IncidentEvent.ScopePaused(
                    incident.Id, decision.Decision.Id, index, call.Scope, until, since));
                return true;
            }
            // A reorg that took the pause away is told as that, by whoever looks for its transaction.
            if (!call.IsSettled && await there.Nodes.BlockRefAsync(since.Number, cancellationToken) != since)
                return true;
            var why = state.BlockTime >= known ? PauseEnd.Expired : PauseEnd.Lifted;
            var by = why == PauseEnd.Lifted
                ? await LifterAsync(there, planned[index], since.Number, head.Number, cancellationToken)
                : null;
            Record(incident, decision, new IncidentEvent.PauseEnded(
                incident.Id, decision.Decision.Id, index, why, head, by));
            return true;
        }
        return false;
    }

    private void Record(Incident incident, DecisionProgress decision, IncidentEvent happened) =>
        logbook.Record((book, _) => book[incident.Id]!.Decision == decision ? [happened] : []);

    // That it is over must be told, whether or not a node remembers who did it.
    private static async Task<LiftedBy?> LifterAsync(
        ActingChain there, PlannedCall planned, ulong paused, ulong open, CancellationToken cancellationToken)
    {
        try
        {
            var first = await FirstOpenAsync(there, planned, paused, open, cancellationToken);
            return await there.Nodes.BlockAsync(first, cancellationToken) is { } block ? Lifter(planned, block) : null;
        }
        catch (NodeException)
        {
            return null;
        }
    }

    /// <summary>The first block at whose end it does not hold. Looked for backwards from the newest, in growing steps:
    /// few nodes remember old states.</summary>
    private static async Task<ulong> FirstOpenAsync(
        ActingChain there, PlannedCall planned, ulong paused, ulong open, CancellationToken cancellationToken)
    {
        for (var step = 1UL; open - paused > step; step *= 2)
        {
            if (await HoldsAsync(there, planned, open - step, cancellationToken))
            {
                paused = open - step;
                break;
            }
            open -= step;
        }
        while (open - paused > 1)
        {
            var middle = paused + ((open - paused) / 2);
            if (await HoldsAsync(there, planned, middle, cancellationToken))
                paused = middle;
            else
                open = middle;
        }
        return open;
    }

    private static async Task<bool> HoldsAsync(
        ActingChain there, PlannedCall planned, ulong number, CancellationToken cancellationToken) =>
        await there.Nodes.BlockRefAsync(number, cancellationToken) is { } block
        && await there.Pauses.HoldsAsync(planned, block, cancellationToken);

    /// <summary>The transaction whose event says that it ended the pause, or the only one that the contract has an
    /// event of; null where that leaves it open.</summary>
    internal static LiftedBy? Lifter(PlannedCall planned, Block block)
    {
        var (touching, lifting) = (new List<LiftedBy>(), new List<LiftedBy>());
        foreach (ref readonly var transaction in block.Transactions.Span)
        {
            var by = new LiftedBy(transaction.Hash, transaction.From, block.Ref);
            foreach (ref readonly var log in transaction.Logs.Span)
            {
                if (log.Address != planned.Effective.Call.Target)
                    continue;
                if (!touching.Contains(by))
                    touching.Add(by);
                if (Says(log, planned))
                    lifting.Add(by);
            }
        }
        return lifting.LastOrDefault() ?? (touching.Count == 1 ? touching[0] : null);
    }

    // An event that names a module must name the one that the view is asked for.
    private static bool Says(in Log log, PlannedCall planned) =>
        log.Topics.Count > 0
        && Lifted.Contains(log.Topics[0])
        && (log.Topics.Count < 3
            || planned.Holds.AsSpan()[Math.Min(Selector.ByteCount, planned.Holds.Count)..]
                .SequenceEqual(log.Topics[2].ToArray()));
}
