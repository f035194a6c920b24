using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;

namespace Tocsin.Response;

/// <summary>A chain on which calls are carried out, with all that is asked and given there.</summary>
/// <param name="confirmations">So many blocks deep, a call is not looked for any more.</param>
/// <param name="relay">Is given transactions before the nodes are, and asked for nothing; null for none.</param>
/// <param name="head">The newest block; null where none is known yet.</param>
internal sealed class ActingChain(
    ChainId id,
    string name,
    Nodes nodes,
    int confirmations,
    SendingSettings sending,
    Node? relay,
    Func<CancellationToken, Task<BlockRef?>> head)
{
    public ChainId Id => id;

    public Nodes Nodes => nodes;

    public ulong Confirmations => (ulong)confirmations;

    public SendingSettings Sending => sending;

    public Node? Relay => relay;

    public PauseReading Pauses { get; } = new(nodes);

    /// <exception cref="NodeException">No node of the chain answers.</exception>
    public Task<BlockRef?> HeadAsync(CancellationToken cancellationToken) => head(cancellationToken);

    /// <summary>The newest block where it can be had: for what goes on without it.</summary>
    public async Task<BlockRef?> HeadIfKnownAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await head(cancellationToken);
        }
        catch (NodeException)
        {
            return null;
        }
    }

    /// <summary>Asks anew, since an address may lead elsewhere than it did at the start.</summary>
    /// <returns>Null where a node is on this chain; else on which it is.</returns>
    /// <exception cref="NodeException">No node of the chain answers.</exception>
    public async Task<string?> WrongChainAsync(CancellationToken cancellationToken)
    {
        try
        {
            var told = await nodes.AskWhoAsync(
                (node, cancel) => node.ChainIdAsync(cancel), said => said == id, cancellationToken);
            return told.Value == id
                ? null
                : $"the node {told.Node} is on chain {told.Value}, but the call is for chain {id}";
        }
        catch (NodeException e) when (e.Fault == NodeFault.Inconsistent)
        {
            return e.Message;
        }
    }

    /// <summary>How many nonces of the account each node counts that answers.</summary>
    /// <param name="tag">latest, or the number of a block as a quantity.</param>
    public async Task<IReadOnlyList<ulong>> UsedNoncesAsync(
        Address account, string tag, CancellationToken cancellationToken)
    {
        var told = await Task.WhenAll(nodes.Names.Select(
            one => UsedNoncesAsync(nodes.Named(one), account, tag, cancellationToken)));
        return [.. told.OfType<ulong>()];
    }

    /// <summary>
    /// True where two nodes, or the only one that answers, count past the nonce: one that lies must not stop a pause.
    /// </summary>
    public static bool IsBeyond(IReadOnlyList<ulong> used, ulong nonce) =>
        used.Count > 0 && used.Count(count => count > nonce) >= Math.Min(2, used.Count);

    public override string ToString() => name;

    private static async Task<ulong?> UsedNoncesAsync(
        Node node, Address account, string tag, CancellationToken cancellationToken)
    {
        try
        {
            return await node.NonceAsync(account, tag, cancellationToken);
        }
        catch (NodeException)
        {
            return null;
        }
    }
}

/// <summary>The chains on which we act: the one that is watched, and those under <c>act_on</c>.</summary>
internal sealed class ActingChains(IReadOnlyList<ActingChain> chains)
{
    /// <summary>Null where the configuration names no node of it.</summary>
    public ActingChain? Of(ChainId chain) => chains.FirstOrDefault(one => one.Id == chain);

    /// <summary>Why nothing can be done on a chain that the configuration does not name.</summary>
    public static string Unknown(ChainId chain) =>
        $"no node of chain {chain} is configured: name it under 'act_on'";

    /// <param name="watched">The nodes of the watched chain.</param>
    /// <param name="judged">
    /// Where detection runs, the newest block that it has judged, so that both speak of one chain; null where it does
    /// not: then the nodes are asked.
    /// </param>
    public static ActingChains Create(
        TocsinConfiguration configuration,
        Nodes watched,
        TimeProvider time,
        Func<CancellationToken, Task<BlockRef?>>? judged = null)
    {
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var chain = configuration.Chain;
        return new ActingChains(
        [
            new ActingChain(
                chain.Id, "the watched chain", watched, chain.Confirmations, chain.Sending,
                Relay(chain.Sending, http, configuration, time), judged ?? NewestOf(watched)),
            .. configuration.ActOn.Select(other => Create(other, http, configuration, time)),
        ]);
    }

    private static ActingChain Create(
        ActOnSettings other, HttpClient http, TocsinConfiguration configuration, TimeProvider time)
    {
        var nodes = other.Nodes.Select(settings => new NamedNode(
            settings.Name,
            new Node(
                http,
                new Uri(Addresses.Reveal(settings.Rpc, configuration)),
                time,
                new NodeOptions { RequestsPerSecond = settings.RequestsPerSecond }),
            settings.Weight));
        var several = new Nodes([.. nodes], time, new NodesOptions { ExpectedChain = other.Id });
        return new ActingChain(
            other.Id, other.Name, several, other.Confirmations, other.Sending,
            Relay(other.Sending, http, configuration, time), NewestOf(several));
    }

    private static Func<CancellationToken, Task<BlockRef?>> NewestOf(Nodes nodes) =>
        async cancel => await nodes.AskAsync((node, one) => node.HeadAsync(one), cancel);

    private static Node? Relay(
        SendingSettings sending, HttpClient http, TocsinConfiguration configuration, TimeProvider time) =>
        sending.Relay is { } relay
            ? new Node(
                http,
                new Uri(Addresses.Reveal(relay.Url, configuration)),
                time,
                new NodeOptions { RequestTimeout = TimeSpan.FromSeconds(3) })
            : null;
}
