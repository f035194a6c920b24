using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm.Abi;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Response;

namespace Tocsin.Foresight;

/// <summary>What came of trying a call of a decision.</summary>
/// <param name="Words">Why it is not signed, or that it would succeed.</param>
/// <param name="Foreseen">What it would do, for approvers; null where nobody looked.</param>
/// <param name="IsSeen">True where a node told all that it would change.</param>
internal sealed record Tried(
    bool Succeeded, string Words, ValueList<string>? Foreseen = null, bool IsRefused = false, bool IsSeen = false)
{
    public IncidentEvent.CallSimulated Of(SeenCall seen) => new(
        seen.Incident.Id, seen.Decision.Id, seen.Index, Succeeded, Words, Foreseen, IsRefused ? true : null);
}

/// <summary>
/// Tries a call of a decision before anyone signs it: whether it would succeed, and whether it would do what the plan
/// says and nothing else.
/// </summary>
/// <param name="watched">Of this chain the watch itself says when it is blind; of another nobody else does.</param>
internal sealed class Trial(ActingChains chains, Address sender, ChainId watched, TimeProvider time)
{
    /// <summary>What was tried so long ago is tried again before it is signed: the state has moved on.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(3);

    private static readonly AbiError[] ControlsErrors =
    [
        AbiError.Parse("DurationOutOfBounds(uint64 durationSeconds,uint64 minPauseSeconds,uint64 maxPauseSeconds)"),
        AbiError.Parse("CoolingDown(bytes32 module,uint64 armedAt)"),
        AbiError.Parse("AccessControlUnauthorizedAccount(address account,bytes32 neededRole)"),
    ];

    // Whoever configures more nodes than this is not helped by asking all of them at once.
    private const int NodesMost = 8;

    private readonly Foreteller foreteller = new(time);

    public bool IsStale(SeenCall seen) =>
        seen.Progress.Simulation is { } last && (time.GetUtcNow() - last.At).Duration() >= FreshFor;

    /// <param name="mismatch">Why it cannot be made as the chain is now; null where it can.</param>
    /// <exception cref="NodeException">No node of the watched chain gives a usable answer.</exception>
    public async Task<Tried> RunAsync(
        SeenCall seen, Plan plan, Func<ActingChain, Task<string?>> mismatch, CancellationToken cancellationToken)
    {
        var action = plan.Decision(seen.Incident.Decision!.Rule) is { } rule ? plan.Action(rule.Action) : null;
        // What approvers read are the plan's words: they must be about the bytes that are signed.
        if (action is null || seen.Index >= action.Calls.Count || action.Calls[seen.Index].Call != seen.Call)
            return new Tried(
                false, "the call that would be signed is not the one that the plan has words for", null, true);
        if (chains.Of(seen.Call.Chain) is not { } chain)
            return new Tried(false, ActingChains.Unknown(seen.Call.Chain));
        var prospect = Prospect.Of(action, seen.Incident.Decision!, seen.Index);
        try
        {
            if (await chain.WrongChainAsync(cancellationToken) is { } wrong)
                return new Tried(false, wrong);
            if (await mismatch(chain) is { } other)
                return new Tried(false, other);
            var tried = await TryAsync(new Asked(chain.Nodes), prospect, plan, cancellationToken);
            return tried.Succeeded || chain.Nodes.Names.Count < 2
                ? tried
                : await ContradictedAsync(chain.Nodes, prospect, plan, tried, cancellationToken);
        }
        catch (NodeException) when (seen.Call.Chain != watched)
        {
            return new Tried(false, $"no node of {chain} gives a usable answer");
        }
    }

    /// <summary>One node that lies must not stop a pause: another that sees as much and nothing against it counts.
    /// </summary>
    private async Task<Tried> ContradictedAsync(
        Nodes nodes, Prospect prospect, Plan plan, Tried tried, CancellationToken cancellationToken)
    {
        var others = await Task.WhenAll(nodes.Names.Take(NodesMost).Select(async name =>
        {
            try
            {
                return await TryAsync(new Asked(nodes, name), prospect, plan, cancellationToken);
            }
            catch (NodeException)
            {
                return null;
            }
        }));
        return others.FirstOrDefault(other => other is { Succeeded: true } && (other.IsSeen || !tried.IsRefused))
            is { } good
            ? good with { Words = $"{good.Words}; not every node says so: {tried.Words}" }
            : tried;
    }

    private async Task<Tried> TryAsync(
        Asked nodes, Prospect prospect, Plan plan, CancellationToken cancellationToken)
    {
        var (by, call) = (prospect.Safe ?? sender, prospect.Call.Call);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Asked side by side: each round trip is one that the attack has.
        var looking = foreteller.LookAsync(nodes, by, prospect, over.Token);
        var trying = FaultAsync(nodes, by, call, over.Token);
        var measuring = nodes.AskAsync(
            (node, cancel) => node.EstimateGasAsync(by, call.Target, call.Data.ToArray(), call.ValueWei, cancel),
            over.Token);
        try
        {
            if (await trying is { } fault)
                return new Tried(false, fault + After(prospect, await looking));
            var gas = await measuring;
            var outlook = await looking;
            var foreseen = Foretelling.Judge(prospect, outlook, new KnownNames(plan.Protected, by));
            var isSeen = outlook is { Changes.Value: not null, Run.Value: not null };
            return foreseen.Refusal is { } refusal
                ? new Tried(false, refusal, foreseen.Words, true, isSeen)
                : new Tried(true, $"it would succeed now and use about {gas} gas", foreseen.Words, IsSeen: isSeen);
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return new Tried(false, Reason(e));
        }
        finally
        {
            await EndAsync(Task.WhenAll(looking, trying, measuring), over);
        }
    }

    private static async Task<string?> FaultAsync(
        Asked nodes, Address by, Call call, CancellationToken cancellationToken)
    {
        try
        {
            await nodes.AskAsync(
                (node, cancel) => node.CallAsync(by, call.Target, call.Data.ToArray(), call.ValueWei, null, cancel),
                cancellationToken);
            return null;
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return Reason(e);
        }
    }

    // A call is signed when it would succeed by itself: which of two enters the chain first is not for us to say.
    private static string After(Prospect prospect, Outlook outlook) =>
        prospect.Meant > 0 && outlook.Run.Value?.Calls[prospect.Meant] is { Error: null }
            ? "; once the calls before it are in the chain, it would succeed"
            : "";

    private static async Task EndAsync(Task looking, CancellationTokenSource over)
    {
        if (!looking.IsCompleted)
            await over.CancelAsync();
        await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Why a call was refused, in words.</summary>
    public static string Reason(NodeException e)
    {
        var words = e.Error?.Data is { Length: > 0 } data ? RevertReason.Describe(data, ControlsErrors) : null;
        return words ?? e.Error?.Message ?? e.Message;
    }
}
