using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Response;

/// <summary>
/// Looks at every block after the pause for value that leaves, while the pause still holds. Contained is said
/// only after enough quiet blocks, and unsaid when value leaves after all or the pause ends.
/// </summary>
internal sealed class OutflowWatch(
    Nodes nodes, PauseWatch pauses, ChainWatcher watcher, Logbook logbook, ChainSettings chain)
{
    private const ulong BlocksAtOnce = 200;

    // How far each incident was looked at: a memory for speed alone, after a restart the blocks are read again.
    private readonly ConcurrentDictionary<IncidentId, BlockRef> looked = new();

    public async Task LookAsync(Incident incident, CancellationToken cancellationToken)
    {
        // The head that detection has judged, so that both speak of the same chain.
        if (watcher.State is not { } state || await pauses.HasChangedAsync(incident, state, cancellationToken))
            return;
        var here = PausedHere(incident);
        if (here is null)
            looked.TryAdd(incident.Id, state.Head);
        var pausedAt = here ?? looked[incident.Id];
        var last = looked.TryGetValue(incident.Id, out var known) && known.Number > pausedAt.Number ? known : pausedAt;
        var watch = WatchOfPlan.Build(logbook.PlanOf(incident), new Thresholds());
        var until = Math.Min(state.Head.Number, last.Number + BlocksAtOnce);
        for (var number = last.Number + 1; number <= until; number++)
        {
            if (await nodes.BlockAsync(number, cancellationToken) is not { } block)
                return;
            if (block.ParentHash != last.Hash)
            {
                // The chain changed its mind about blocks that were looked at: look again from the pause on.
                looked.TryRemove(incident.Id, out _);
                return;
            }
            Record(incident, Unexplained(incident, block, watch, state));
            looked[incident.Id] = last = block.Ref;
        }
        if (last == state.Head)
            SayContained(incident.Id, pausedAt.Number, state.Head);
    }

    // The last pause on the chain that is watched. Where all of them are on others, value that leaves is looked for
    // from the first look on.
    private BlockRef? PausedHere(Incident incident)
    {
        var decision = incident.Decision!;
        var here = Enumerable.Range(0, decision.Calls.Count)
            .Where(index => decision.Calls[index].IsPause && decision.Decision.Calls[index].Chain == chain.Id)
            .Select(index => decision.Calls[index].PausedAt!.Value)
            .ToList();
        return here.Count > 0 ? here.MaxBy(block => block.Number) : null;
    }

    private void SayContained(IncidentId id, ulong pausedAt, BlockRef head) => logbook.Record((book, _) =>
    {
        var incident = book[id]!;
        var noisy = incident.Outflows.Select(outflow => outflow.Block.Number).DefaultIfEmpty(pausedAt).Max();
        var isQuiet = head.Number >= Math.Max(noisy, pausedAt) + (ulong)chain.QuietBlocks;
        return incident.Contained is null && incident.IsPaused && isQuiet
            ? [new IncidentEvent.Contained(id, head, chain.QuietBlocks)]
            : [];
    });

    private IEnumerable<IncidentEvent.OutflowSeen> Unexplained(
        Incident incident, Block block, Watch watch, WatchState state)
    {
        var contracts = logbook.PlanOf(incident).Protected.Contracts.ToDictionary(contract => contract.Name);
        var scopes = incident.Decision!.Calls.Select(call => call.Scope).ToHashSet();
        foreach (var outflow in Outflows.Of(block, watch, state.Pools))
        {
            var contract = contracts[outflow.Contract];
            var transaction = block.Find(outflow.Transaction)!.Value;
            var isUnexplained = contract.Scope is { } scope && scopes.Contains(scope)
                ? !IsExit(contract, outflow, transaction)
                : IsByAttacker(incident, transaction);
            if (isUnexplained)
                yield return new IncidentEvent.OutflowSeen(
                    incident.Id, block.Ref, outflow.Transaction, outflow.Contract, outflow.Asset, outflow.Usd ?? 0);
        }
    }

    // Explained only where the user called the open exit directly; a contract in between could do anything.
    private static bool IsExit(Plans.ProtectedContract contract, Detection.Outflow outflow, Transaction transaction) =>
        transaction.To == contract.Address
        && Selector.Of(outflow.Selector.AsSpan()) is { } selector
        && contract.Exits.Any(exit => exit.Selector == selector);

    // What is not paused goes on as usual for everybody else.
    private static bool IsByAttacker(Incident incident, Transaction transaction) =>
        incident.Attackers.Contains(transaction.From)
        || (transaction.To is { } target && incident.Attackers.Contains(target));

    private void Record(Incident incident, IEnumerable<IncidentEvent.OutflowSeen> outflows)
    {
        var seen = outflows.ToList();
        if (seen.Count > 0)
            logbook.Record((book, _) => seen.Where(outflow => IsNew(book[incident.Id]!, outflow)).ToList<LogEvent>());
    }

    private static bool IsNew(Incident incident, IncidentEvent.OutflowSeen outflow) => !incident.Outflows.Any(known =>
        known.Transaction == outflow.Transaction
        && known.Contract == outflow.Contract
        && known.Asset == outflow.Asset
        && known.Block == outflow.Block);
}
