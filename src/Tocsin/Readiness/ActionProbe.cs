using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Transactions;
using Tocsin.Foresight;
using Tocsin.Plans;
using Tocsin.Response;
using Tocsin.Safes;

namespace Tocsin.Readiness;

/// <summary>What a probe has found so far.</summary>
internal sealed class ProbeNotes
{
    public List<string> Faults { get; } = [];

    public List<string> Unknowns { get; } = [];

    public List<SeenCode> Codes { get; } = [];

    /// <summary>Wei that the calls on a chain may cost.</summary>
    public Dictionary<ChainId, UInt256> CostWei { get; } = [];
}

/// <summary>
/// Tries an action against the live chain without doing it: each call from the account that would send it, on the
/// latest state, and everything that the plan expects to be so.
/// </summary>
/// <param name="nodesOf">The nodes of a chain; null where none is configured.</param>
/// <param name="account">Who sends the calls; null where there is no signer.</param>
/// <param name="maxFeePerGasWei">The highest fee that the signer signs; null where it was not to be had.</param>
internal sealed class ActionProbe(
    Func<ChainId, Nodes?> nodesOf,
    Address? account,
    Func<CancellationToken, Task<UInt256?>> maxFeePerGasWei,
    HookProbe hooks,
    TimeProvider time)
{
    private readonly Foreteller foreteller = new(time);

    /// <summary>What people send with wallets of their own.</summary>
    public PeopleProbe People { get; } = new(nodesOf, time);

    /// <summary>Every action of the plan.</summary>
    public async Task<(ValueList<ProbeResult> Results, KnownCode Known)> ProbeAsync(
        Plan plan, KnownCode known, CancellationToken cancellationToken)
    {
        known = known.Under(plan.ContentHash);
        var results = new List<ProbeResult>();
        foreach (var action in plan.Actions)
        {
            var notes = await NotesAsync(plan, action, cancellationToken);
            known = known.With(notes.Codes);
            notes.Faults.AddRange(notes.Codes.Select(known.Judge).OfType<string>());
            results.Add(ProbeResult.Of(action.Id, notes.Faults, notes.Unknowns, time.GetUtcNow()));
        }
        return (results.ToValueList(), known);
    }

    private async Task<ProbeNotes> NotesAsync(Plan plan, PlannedAction action, CancellationToken cancellationToken)
    {
        var notes = new ProbeNotes();
        // What prolongs or ends a pause need not be possible while nothing is paused.
        foreach (var need in plan.IsForAfterPause(action) ? [] : action.Needs)
            await TryAsync(plan, need.Chain, notes, nodes => NeedAsync(nodes, need, notes, cancellationToken));
        foreach (var then in action.Then)
            await TryAsync(plan, then.Chain, notes, nodes => ReadableAsync(nodes, then, notes, cancellationToken));
        if (action.By is not null)
        {
            await PeopleAsync(plan, action, notes, cancellationToken);
            return notes;
        }
        if (action.Safe is { } safe)
        {
            await TryAsync(plan, safe.Chain, notes, nodes => SafeAsync(nodes, safe, notes, cancellationToken));
            foreach (var call in account is null ? safe.Calls : [])
                await TryAsync(
                    plan, call.Call.Chain, notes,
                    nodes => CallAsync(nodes, call, safe.Address, notes, cancellationToken));
        }
        if (action.Hook is { } hook)
            notes.Faults.AddRange(await hooks.FaultsAsync(hook, cancellationToken));
        // A team that only watches is not woken for what it never meant to send.
        if (action is { Kind: ActionKind.Calls, Calls.Count: > 0 } && account is null)
            notes.Unknowns.Add("no 'signer' is configured: nobody knows who would send it");
        else if (account is { } sender)
            await CallsAsync(plan, action, sender, notes, cancellationToken);
        return notes;
    }

    private async Task CallsAsync(
        Plan plan, PlannedAction action, Address sender, ProbeNotes notes, CancellationToken cancellationToken)
    {
        var tried = new HashSet<PlannedCall>();
        foreach (var call in action.Calls)
            await TryAsync(plan, call.Call.Chain, notes, async nodes =>
            {
                var by = call.Inner is null ? sender : call.Call.Target;
                var (gas, succeeds) = await CallAsync(nodes, call.Effective, by, notes, cancellationToken);
                if (succeeds)
                    tried.Add(call);
                var fee = await FeeAsync(nodes, cancellationToken);
                var cost = notes.CostWei.GetValueOrDefault(call.Call.Chain);
                notes.CostWei[call.Call.Chain] = cost + (fee * gas) + call.Call.ValueWei;
            });
        for (var index = 0; index < action.Calls.Count; index++)
            if (tried.Contains(action.Calls[index]))
                await ForeseeAsync(plan, action, index, tried, notes, cancellationToken);
        foreach (var (chain, cost) in notes.CostWei)
            await TryAsync(plan, chain, notes, async nodes =>
            {
                var balance = await nodes.BalanceAsync(sender, cancellationToken);
                if (ProbeWords.Funds(sender, plan.Protected.NameOf(chain), balance, cost) is { } fault)
                    notes.Faults.Add(fault);
            });
    }

    // Judged as on the night: what would be refused then is not ready now.
    private Task ForeseeAsync(
        Plan plan,
        PlannedAction action,
        int index,
        HashSet<PlannedCall> tried,
        ProbeNotes notes,
        CancellationToken cancellationToken)
    {
        bool IsTried(int other) => tried.Contains(action.Calls[other]);
        var prospect = Prospect.Of(action, index, IsTried, IsTried);
        var by = prospect.Safe ?? account!.Value;
        return TryAsync(plan, prospect.Chain, notes, async nodes =>
        {
            var outlook = await foreteller.LookAsync(new Asked(nodes), by, prospect, cancellationToken);
            var foreseen = Foretelling.Judge(prospect, outlook, new KnownNames(plan.Protected, by));
            notes.Faults.AddRange(
                foreseen.Refusals.Select(refusal => $"{prospect.Call.InWords} would be refused: {refusal}"));
        });
    }

    private async Task PeopleAsync(
        Plan plan, PlannedAction action, ProbeNotes notes, CancellationToken cancellationToken)
    {
        foreach (var (chain, target) in action.Calls.Select(call => (call.Call.Chain, call.Call.Target)).Distinct())
            await TryAsync(plan, chain, notes, nodes => CodeAsync(nodes, chain, target, notes, cancellationToken));
        foreach (var trial in await People.TryAsync(plan, action, cancellationToken))
        {
            if (trial.Succeeds is null)
                notes.Unknowns.Add(trial.Words);
            else if (trial.LacksRole || (trial.Succeeds is false && !plan.IsForAfterPause(action)))
                notes.Faults.Add(trial.Words);
        }
    }

    /// <returns>The gas with which it would be signed, and whether it was tried and succeeded.</returns>
    private static async Task<(ulong Gas, bool Succeeds)> CallAsync(
        Nodes nodes, PlannedCall planned, Address sender, ProbeNotes notes, CancellationToken cancellationToken)
    {
        var (_, target, value, data) = planned.Call;
        if (!await CodeAsync(nodes, planned.Call.Chain, target, notes, cancellationToken)
            || await IsInForceAsync(nodes, planned, notes, cancellationToken))
            return (Containment.GasAtLeast, false);
        try
        {
            await nodes.CallAsync(sender, target, data.ToArray(), value, null, cancellationToken);
            var gas = await nodes.EstimateGasAsync(sender, target, data.ToArray(), value, cancellationToken);
            return (Containment.GasFor(gas), true);
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            notes.Faults.Add(ProbeWords.Refused(planned, sender, e));
            return (Containment.GasAtLeast, false);
        }
    }

    // What is paused already need not be pausable once more.
    private static async Task<bool> IsInForceAsync(
        Nodes nodes, PlannedCall planned, ProbeNotes notes, CancellationToken cancellationToken)
    {
        if (!planned.IsPause)
            return false;
        var holds = await ViewAsync(nodes, planned.Call.Target, planned.Holds, cancellationToken);
        var until = await ViewAsync(nodes, planned.Call.Target, planned.Until, cancellationToken);
        foreach (var (answer, name) in new[] { (holds, "holds"), (until, "until") })
            if (answer?.Length != UInt256.ByteCount)
                notes.Faults.Add($"whether {planned.InWords} had effect could not be read: the view of '{name}' gives "
                    + "no value");
        return holds is { Length: UInt256.ByteCount } word && !new UInt256(word).IsZero;
    }

    private static async Task<bool> CodeAsync(
        Nodes nodes, ChainId chain, Address target, ProbeNotes notes, CancellationToken cancellationToken)
    {
        var code = await nodes.CodeAsync(target, cancellationToken);
        if (code.Length == 0)
        {
            notes.Faults.Add($"{ChecksumAddress.Format(target)} has no code: it is no contract on this chain");
            return false;
        }
        var implementation = await nodes.StorageAsync(target, ProxySlots.Implementation, cancellationToken);
        var beacon = await nodes.StorageAsync(target, ProxySlots.Beacon, cancellationToken);
        var mark = new CodeMark(Keccak256.Hash(code), implementation, beacon);
        notes.Codes.Add(new SeenCode(chain, target, mark));
        return true;
    }

    private static async Task SafeAsync(
        Nodes nodes, PlannedSafe safe, ProbeNotes notes, CancellationToken cancellationToken)
    {
        if (!await CodeAsync(nodes, safe.Chain, safe.Address, notes, cancellationToken))
            return;
        try
        {
            var state = await SafeState.AskAsync(data => nodes.CallAsync(
                null, safe.Address, data, UInt256.Zero, null, cancellationToken));
            notes.Faults.AddRange(ProbeWords.Safe(safe, state.Owners, state.Threshold, state.Nonce));
        }
        catch (Exception e) when (e is AbiException or NodeException { Fault: NodeFault.Refused })
        {
            notes.Faults.Add($"'{safe.Name}' at {ChecksumAddress.Format(safe.Address)} does not answer as a Safe does");
        }
    }

    private static async Task NeedAsync(
        Nodes nodes, PlannedRead need, ProbeNotes notes, CancellationToken cancellationToken)
    {
        var answer = await ViewAsync(nodes, need.Target, need.Data, cancellationToken);
        if (need.Judge(answer) is { } fault)
            notes.Faults.Add($"it needs that {fault}");
    }

    private static async Task ReadableAsync(
        Nodes nodes, PlannedRead then, ProbeNotes notes, CancellationToken cancellationToken)
    {
        var answer = await ViewAsync(nodes, then.Target, then.Data, cancellationToken);
        if (answer is null || answer.Length < UInt256.ByteCount)
            notes.Faults.Add($"whether it had effect could not be read: {then.Decoded} gives no value");
    }

    /// <summary>Null where the contract refuses to answer.</summary>
    private static async Task<byte[]?> ViewAsync(
        Nodes nodes, Address target, ValueList<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            return await nodes.CallAsync(null, target, data.ToArray(), UInt256.Zero, null, cancellationToken);
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return null;
        }
    }

    private async Task<UInt256> FeeAsync(Nodes nodes, CancellationToken cancellationToken)
    {
        if (await maxFeePerGasWei(cancellationToken) is { } ceiling)
            return ceiling;
        var fees = await nodes.FeesAsync(cancellationToken);
        return FeeOffer.First(fees.BaseFeeWei, fees.PriorityFeeWei, ulong.MaxValue).MaxFeeWei;
    }

    // A node that is silent says nothing against the action, and nothing for it.
    private async Task TryAsync(Plan plan, ChainId chain, ProbeNotes notes, Func<Nodes, Task> probe)
    {
        var name = plan.Protected.NameOf(chain);
        if (nodesOf(chain) is not { } nodes)
        {
            notes.Faults.Add($"no node of {name} is configured: nothing could be sent there");
            return;
        }
        try
        {
            await probe(nodes);
        }
        catch (NodeException e)
        {
            notes.Unknowns.Add($"{name} could not be asked: {e.Message}");
        }
    }
}
