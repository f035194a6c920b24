using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Response;
using Tocsin.Watching;

namespace Tocsin.Signing;

/// <summary>The signer's account on one chain, as nodes, signer and log say.</summary>
/// <param name="Used">How many nonces each node counts that answers.</param>
/// <param name="NextNonce">What the signer's journal would go on with.</param>
/// <param name="Entries">How many signatures the journal holds, over all chains.</param>
/// <param name="UnderWay">Calls that were signed and are in no block, as far as we know.</param>
/// <param name="BehindFor">How long the chain has counted less than journal and calls under way explain.</param>
internal sealed record AgentSight(
    Address Account,
    ChainId Chain,
    IReadOnlyList<ulong> Used,
    ulong NextNonce,
    int Entries,
    int UnderWay,
    bool HasCode,
    TimeSpan BehindFor)
{
    // A call that 'contain' sent is on its way without the server's knowing.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>True where the chain counts less than what was signed and is not under way.</summary>
    public bool IsBehind => Used.Count > 0
        && NextNonce > (ulong)UnderWay && Used.Max() < NextNonce - (ulong)UnderWay;

    /// <summary>What is wrong with it, in words; null where all is explained or nobody answers.</summary>
    public string? Fault()
    {
        var name = $"the signer's account {ChecksumAddress.Format(Account)}";
        if (HasCode)
            return $"On chain {Chain} {name} holds code: its key has handed it to a contract (EIP-7702), or is not the "
                + "only one that acts for it. Take its role away with the action under 'revoke', then find out who "
                + "has the key.";
        if (ActingChain.IsBeyond(Used, NextNonce))
            return $"On chain {Chain} {name} has used {Used.Max()} nonces, and the signer's journal knows "
                + $"{NextNonce}: somebody else has its key, or 'first_nonce' in its policy is too low. If nobody can "
                + "explain it at once, take its role away with the action under 'revoke'.";
        return IsBehind && (Entries == 0 || BehindFor >= Patience)
            ? $"On chain {Chain} {name} has used {Used.Max()} nonces, but the signer would go on with {NextNonce}: "
                + "'first_nonce' in its policy is too high, and nothing that it signs can enter the chain."
            : null;
    }
}

/// <summary>Watches the signer's own account: it is the agent that acts, and acts only as its journal says.</summary>
internal sealed class AgentWatch(
    Logbook logbook,
    SignerClient signer,
    SignerSettings settings,
    ActingChains chains,
    FindingDesk desk,
    TimeProvider time,
    ILogger<AgentWatch> logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    // For pacing and patience alone: a restart looks at once and waits anew.
    private readonly Dictionary<ChainId, DateTimeOffset> behindSince = [];
    private DateTimeOffset lookedAt;

    /// <summary>A finding where something is wrong, over when it is explained.</summary>
    /// <exception cref="SignerUnreachableException">The signer does not answer.</exception>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if ((now - lookedAt).Duration() < LookEvery || logbook.InForce is not { } plan)
            return;
        lookedAt = now;
        var acted = plan.Actions.Where(action => action.By is null && action.Calls.Count > 0)
            .SelectMany(action => action.Chains).Distinct();
        foreach (var chain in acted)
        {
            if (chains.Of(chain) is not { } acting)
                continue;
            try
            {
                if (await SeeAsync(acting, now, cancellationToken) is { } sight)
                    Tell(chain, sight.Fault(), now);
            }
            catch (NodeException)
            {
                // The watch says itself when nodes are silent; what was told stays until they say otherwise.
            }
        }
    }

    private async Task<AgentSight?> SeeAsync(
        ActingChain chain, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The chain first: what is signed and mined between the two questions must not look like a stranger's.
        var used = await chain.UsedNoncesAsync(settings.Account, "latest", cancellationToken);
        var code = await chain.Nodes.CodeAsync(settings.Account, cancellationToken);
        var asked = new SignerRequest(Status: new StatusRequest(chain.Id));
        if ((await signer.AskAsync(asked, cancellationToken)).Status is not { } status || used.Count == 0)
            return null;
        var underWay = logbook.Book.Incidents.Values
            .Select(incident => incident.Decision)
            .Sum(decision => decision is null ? 0 : decision.Calls.Where((call, index) =>
                call is { Signed: not null, Included: null } && decision.Decision.Calls[index].Chain == chain.Id)
                .Count());
        var sight = new AgentSight(
            settings.Account, chain.Id, used, status.NextNonce, status.Entries, underWay, code.Length > 0,
            TimeSpan.Zero);
        if (!sight.IsBehind)
        {
            behindSince.Remove(chain.Id);
            return sight;
        }
        behindSince.TryAdd(chain.Id, now);
        return sight with { BehindFor = now - behindSince[chain.Id] };
    }

    private void Tell(ChainId chain, string? fault, DateTimeOffset now)
    {
        var id = new FindingId($"agent-account/{chain}");
        var known = logbook.Book.Findings.GetValueOrDefault(id)?.Finding;
        var isOpen = known is { Status: FindingStatus.Seen or FindingStatus.Confirmed };
        if (fault is null ? !isOpen : isOpen && known!.Reason == fault)
            return;
        desk.Record(
            [
                new Finding(
                    id, (known?.Revision ?? 0) + 1, fault is null ? FindingStatus.Over : FindingStatus.Seen, now, chain,
                    default, [], Threat.MonitoringImpaired, Severity.Critical, 1, "the signer's account", [], 0, [],
                    "signer", fault ?? "Signer and chain agree again on what the signer's account has done."),
            ],
            now, null, null);
        if (fault is not null)
            logger.LogError("{Reason}", fault);
    }
}
