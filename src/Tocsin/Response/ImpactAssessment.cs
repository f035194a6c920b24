using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Response;

/// <summary>
/// Counts, from the chain alone, what the attack took and what the pause kept. It says how each figure was found, so
/// that a reader can find it again.
/// </summary>
internal sealed class ImpactAssessment(Nodes nodes, ChainWatcher watcher, Logbook logbook, ChainSettings chain)
{
    private const ulong BlocksAtOnce = 2_000;
    private const ulong BlocksBack = 100_000;
    private static readonly AbiFunction BalanceOf = AbiFunction.Parse("balanceOf(address account) returns (uint256)");

    public async Task AssessAsync(Incident incident, CancellationToken cancellationToken)
    {
        if (watcher.State is not { } state)
            return;
        // Without containment there is nothing that the pause kept; the account is as of now.
        var asOf = incident.Contained?.Block ?? state.Head;
        var pausedAt = PausedAt(incident);
        var plan = logbook.PlanOf(incident);
        var watch = WatchOfPlan.Build(plan, new Thresholds());
        var (lost, calls) = await ReadAttackAsync(incident, watch, state, cancellationToken);
        var contracts = plan.Protected.Contracts.Where(contract => lost.Any(pair => pair.Contract == contract.Name))
            .ToList();
        var from = Math.Max(chain.StartAt ?? 0, asOf.Number > BlocksBack ? asOf.Number - BlocksBack : 0);
        var users = await UsersAsync(contracts, from, asOf.Number, incident.Attackers, cancellationToken);
        var stopped = pausedAt is { } since ? await StoppedAsync(incident, since.Number, asOf.Number, cancellationToken)
            : 0;
        var taken = incident.Findings
            .Where(finding => finding.Status != FindingStatus.Retracted)
            .Max(finding => finding.ImpactUsd);
        // What waits in a queue is still there.
        var queues = plan.Protected.Contracts.Where(contract => contract.IsQueue).Select(contract => contract.Name);
        var left = lost
            .Concat(queues.SelectMany(queue => lost.Select(pair => (Contract: queue, pair.Asset)))).Distinct().ToList();
        var saved = pausedAt is { } block ? await KeptAsync(plan, watch, left, state, block, cancellationToken) : 0;
        var basis = Basis(incident, left, pausedAt, contracts.Select(contract => contract.Name), from, asOf.Number);
        var impact = new Impact(decimal.Round(taken, 2), decimal.Round(saved, 2), users, stopped, asOf, basis, calls);
        logbook.Record((book, _) => book[incident.Id]!.Impact == incident.Impact
            ? [new IncidentEvent.ImpactAssessed(incident.Id, impact)]
            : []);
    }

    private static BlockRef? PausedAt(Incident incident) => incident.Decision?.Calls
        .Where(call => call.PausedAt is not null)
        .Select(call => call.PausedAt)
        .MaxBy(block => block!.Value.Number);

    private static string Basis(
        Incident incident,
        IEnumerable<(string Contract, string Asset)> left,
        BlockRef? pausedAt,
        IEnumerable<string> contracts,
        ulong from,
        ulong to)
    {
        var assets = string.Join(", ", left.Select(pair => $"{pair.Asset} in {pair.Contract}"));
        var kept = pausedAt is { } block
            ? $"Saved: what was left of {assets} at block {block.Number}, which the attack was emptying. "
            : "Saved: nothing was paused. ";
        return $"Taken: what the protected contracts lost, net, in the attack's {incident.AttackTransactions.Count} "
            + "transactions, at prices before it, by the finding that counts most. "
            + (incident.Findings.Any(finding => finding.Threat == Threat.UnbackedMint)
                ? "Units minted without backing count as lost by who issues them. "
                : "")
            + kept
            + $"Users: accounts that blocks {from} to {to} show with an event of {string.Join(", ", contracts)}, "
            + "the attacker's left out.";
    }

    private async Task<(List<(string Contract, string Asset)> Lost, ValueList<AttackCall> Calls)> ReadAttackAsync(
        Incident incident, Watch watch, WatchState state, CancellationToken cancellationToken)
    {
        var pairs = new List<(string, string)>();
        var calls = new List<AttackCall>();
        foreach (var transaction in incident.AttackTransactions)
        {
            if (await nodes.ReceiptAsync(transaction, cancellationToken) is not { } receipt
                || await nodes.BlockAsync(receipt.Block.Number, cancellationToken) is not { } block
                || block.Find(transaction) is not { } sent)
                continue;
            calls.Add(new AttackCall(transaction, sent.From, sent.To, Selector.Of(sent.Input.Span)?.ToString() ?? ""));
            pairs.AddRange(Outflows.Of(block, watch, state.Pools)
                .Where(outflow => outflow.Transaction == transaction)
                .Select(outflow => (outflow.Contract, outflow.Asset)));
        }
        return (pairs.Distinct().ToList(), calls.ToValueList());
    }

    private async Task<decimal> KeptAsync(
        Plan plan,
        Watch watch,
        List<(string Contract, string Asset)> left,
        WatchState state,
        BlockRef pausedAt,
        CancellationToken cancellationToken)
    {
        var kept = 0m;
        foreach (var (contractName, assetName) in left)
        {
            var contract = plan.Protected.Contracts.First(contract => contract.Name == contractName);
            var asset = plan.Protected.Assets.First(asset => asset.Name == assetName);
            var data = BalanceOf.Encode(contract.Address);
            var answer = await nodes.CallAsync(
                null, asset.Address, data, UInt256.Zero, pausedAt.Number, cancellationToken);
            var balance = (UInt256)BalanceOf.DecodeResult(answer)[0];
            kept += balance.ToUnits(asset.Decimals) * (Prices.Usd(watch, asset.Name, state.Pools) ?? 0);
        }
        return kept;
    }

    // Events of ours name the account first: the position's owner, whoever paid for the transaction.
    private async Task<int> UsersAsync(
        IReadOnlyList<Plans.ProtectedContract> contracts,
        ulong from,
        ulong to,
        ValueList<Address> attackers,
        CancellationToken cancellationToken)
    {
        var users = new HashSet<Address>();
        foreach (var contract in contracts)
        {
            for (var start = from; start <= to; start += BlocksAtOnce)
            {
                var logs = await nodes.LogsAsync(
                    start, Math.Min(to, start + BlocksAtOnce - 1), contract.Address, null, cancellationToken);
                var topics = logs
                    .Where(located => located.Log.Topics.Count > 1)
                    .Select(located => located.Log.Topics[1].ToArray());
                foreach (var topic in topics)
                {
                    if (!topic.AsSpan(0, 12).ContainsAnyExcept((byte)0))
                        users.Add(new Address(topic.AsSpan(12)));
                }
            }
        }
        users.ExceptWith(attackers);
        return users.Count;
    }

    private async Task<int> StoppedAsync(Incident incident, ulong from, ulong to, CancellationToken cancellationToken)
    {
        var stopped = 0;
        for (var number = from; number <= to; number++)
        {
            if (await nodes.BlockAsync(number, cancellationToken) is { } block)
                stopped += StoppedIn(block, incident);
        }
        return stopped;
    }

    private static int StoppedIn(Block block, Incident incident)
    {
        var stopped = 0;
        foreach (ref readonly var transaction in block.Transactions.Span)
        {
            if (!transaction.Succeeded
                && (incident.Attackers.Contains(transaction.From)
                    || (transaction.To is { } target && incident.Attackers.Contains(target))))
                stopped++;
        }
        return stopped;
    }
}
