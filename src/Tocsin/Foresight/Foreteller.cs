using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Foresight;

/// <summary>
/// Asks nodes what a call would do, on the latest state and on the pending one: four requests at once, each answered
/// by the first node that knows.
/// </summary>
internal sealed class Foreteller(TimeProvider time)
{
    /// <summary>So long is waited; what is not known then is unknown, and the pause goes on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private const string Latest = "latest";
    private const string Pending = "pending";

    public async Task<Outlook> LookAsync(
        Asked nodes, Address sender, Prospect prospect, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        Task<Look<T>> LookFor<T>(Func<Node, CancellationToken, Task<T>> ask)
            where T : class => TryAsync(() => nodes.AskAsync(ask, either.Token), cancellationToken);

        var changes = LookFor((node, cancel) => ChangesAsync(node, sender, prospect, Latest, cancel));
        var pendingChanges = LookFor((node, cancel) => ChangesAsync(node, sender, prospect, Pending, cancel));
        var run = LookFor((node, cancel) => RehearseAsync(node, sender, prospect, Latest, cancel));
        var pendingRun = LookFor((node, cancel) => RehearseAsync(node, sender, prospect, Pending, cancel));
        return new Outlook(await changes, await pendingChanges, await run, await pendingRun);
    }

    private static async Task<Look<T>> TryAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return new Look<T>(await ask(), null);
        }
        catch (NodeException e)
        {
            return new Look<T>(null, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Look<T>(null, $"no node answered within {Patience.TotalSeconds:0} s");
        }
    }

    private static Task<ValueList<StateChange>> ChangesAsync(
        Node node, Address sender, Prospect prospect, string tag, CancellationToken cancellationToken) =>
        Traces.ChangesOfCallAsync(node, sender, Simulated(prospect.Call.Call), tag, cancellationToken);

    private static async Task<Rehearsed> RehearseAsync(
        Node node, Address sender, Prospect prospect, string tag, CancellationToken cancellationToken)
    {
        var harm = prospect.Harm.Select(one => View(one.Target, one.Data)).ToList();
        var calls = prospect.Calls.Select(call => new RehearsedCall(sender, Simulated(call.Call))).ToList();
        var meant = prospect.Call;
        List<RehearsedCall> proof = meant.IsPause
            ? [View(meant.Call.Target, meant.Holds), View(meant.Call.Target, meant.Until)]
            : [];
        var then = prospect.Then.Select(one => View(one.Target, one.Data)).ToList();
        // Harm is read right after the calls: in a simulation, a view of a hostile contract changes things too.
        ValueList<RehearsedCall> all = [.. harm, .. calls, .. harm, .. proof, .. then];
        if (all.Count > Rehearsal.CallsMax)
            throw new NodeException(NodeFault.TooLarge, $"it is {all.Count} calls and views, too many to simulate");
        var outcomes = await Rehearsal.RunAsync(node, all, tag, cancellationToken);
        ValueList<RehearsedOutcome> Part(int from, int count) => outcomes.Skip(from).Take(count).ToValueList();
        var afterCalls = harm.Count + calls.Count;
        var proven = Numbers(Part(afterCalls + harm.Count, proof.Count));
        return new Rehearsed(
            Part(harm.Count, calls.Count).Select(one => one.Outcome).ToValueList(),
            Numbers(Part(0, harm.Count)),
            Numbers(Part(afterCalls, harm.Count)),
            meant.IsPause ? proven[0] : null,
            meant.IsPause ? proven[1] : null,
            Part(all.Count - then.Count, then.Count).Select(Answer).ToValueList());
    }

    private static SimulatedCall Simulated(Decisions.Call call) => new(call.Target, call.ValueWei, call.Data);

    private static RehearsedCall View(Address target, ValueList<byte> data) =>
        new(null, new SimulatedCall(target, UInt256.Zero, data));

    private static ValueList<byte>? Answer(RehearsedOutcome one) => one.Outcome.Error is null ? one.Returned : null;

    private static ValueList<UInt256?> Numbers(ValueList<RehearsedOutcome> outcomes) => outcomes
        .Select(one => Answer(one) is { Count: >= UInt256.ByteCount } word
            ? new UInt256(word.AsSpan()[..UInt256.ByteCount])
            : default(UInt256?))
        .ToValueList();
}
