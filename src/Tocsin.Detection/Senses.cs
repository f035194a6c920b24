using Tocsin.Chains;

namespace Tocsin.Detection;

/// <summary>
/// What must be heard for the watch to be trusted, and how long silence is borne. What is late, changed or
/// contradictory becomes a finding of its own.
/// </summary>
/// <param name="StallAfter">So long without a new head, the chain or our view of it has stopped.</param>
public sealed record Senses(
    TimeSpan StallAfter,
    ValueList<FeedSense> Feeds,
    ValueList<HeartbeatSense> Heartbeats,
    ValueList<FrontEndSense> FrontEnds,
    ValueList<KnownContract> Contracts)
{
    private const int FeedFailuresMax = 1_000;

    /// <summary>The names of the chain's nodes, so that a fault of all of them is told from a fault of one; empty where
    /// they are not known, and then each counts as one of several.</summary>
    public ValueList<string> Nodes { get; init; } = [];

    /// <summary>More blocks than this between the head that nodes announce and the block last taken, for
    /// <see cref="BehindAfter"/>, and we are behind.</summary>
    public int BehindBlocks { get; init; } = 5;

    /// <inheritdoc cref="BehindBlocks"/>
    public TimeSpan BehindAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>So many failures of a feed in a row, without a price between them, and it fails.</summary>
    public int FeedFailures { get; init; } = 3;

    /// <summary>So many blocks without an answer to the reads of a contract, and a change of it would go
    /// unseen.</summary>
    public int UnreadBlocks { get; init; } = 50;

    /// <summary>Nothing but the chain itself, which must not stand still for two minutes.</summary>
    public static Senses ChainOnly { get; } = new(TimeSpan.FromMinutes(2), [], [], [], []);

    internal IEnumerable<string> Problems()
    {
        if (StallAfter <= TimeSpan.Zero || BehindAfter <= TimeSpan.Zero)
            yield return "the chain stalls, and we are behind, after a time longer than nothing";
        if (BehindBlocks < 1 || UnreadBlocks < 1 || FeedFailures is < 1 or > FeedFailuresMax)
            yield return "blocks behind, unread blocks and failures of a feed begin at 1";
        foreach (var feed in Feeds)
            if (feed.StaleAfter <= TimeSpan.Zero)
                yield return $"feed '{feed.Name}' is stale after {feed.StaleAfter}: that must be longer than nothing";
        foreach (var heartbeat in Heartbeats)
            if (heartbeat.Every <= TimeSpan.Zero || heartbeat.Grace < TimeSpan.Zero)
                yield return $"heartbeat '{heartbeat.Name}' beats every {heartbeat.Every} "
                    + $"with {heartbeat.Grace} of grace: that cannot be";
        foreach (var frontEnd in FrontEnds)
            if (frontEnd.UnreachableAfter <= TimeSpan.Zero)
                yield return $"front end '{frontEnd.Name}' is unreachable after {frontEnd.UnreachableAfter}: "
                    + "that must be longer than nothing";
        foreach (var contract in Contracts)
            if (contract.QuietAfter < 1)
                yield return $"contract '{contract.Name}' is quiet after {contract.QuietAfter} calls: 1 or more";
        foreach (var (kind, name) in NamedTwice())
            yield return $"{kind} '{name}' is listened to twice";
    }

    private List<(string Kind, string Name)> NamedTwice()
    {
        var seen = new HashSet<(string, string)>();
        var twice = new List<(string, string)>();
        foreach (var feed in Feeds)
            Add("feed", feed.Name);
        foreach (var heartbeat in Heartbeats)
            Add("heartbeat", heartbeat.Name);
        foreach (var frontEnd in FrontEnds)
            Add("front end", frontEnd.Name);
        foreach (var contract in Contracts)
            Add("contract", contract.Address.ToString());
        return twice;

        void Add(string kind, string name)
        {
            if (!seen.Add((kind, name)))
                twice.Add((kind, name));
        }
    }
}

/// <summary>A price feed.</summary>
/// <param name="StaleAfter">So long without a tick, or with a source time older than this, the feed is stale. Rather
/// several of its usual intervals than one.</param>
public sealed record FeedSense(string Name, string Asset, TimeSpan StaleAfter);

/// <summary>A keeper or bot of the protocol that gives a sign of life.</summary>
/// <param name="Every">How often it promised to beat.</param>
/// <param name="Grace">How much later than that is still in time.</param>
public sealed record HeartbeatSense(string Name, TimeSpan Every, TimeSpan Grace);

/// <summary>A page that users are sent to.</summary>
/// <param name="UnreachableAfter">So long without being reached, it is down.</param>
public sealed record FrontEndSense(string Name, TimeSpan UnreachableAfter);

/// <summary>What is known of a contract beyond its address.</summary>
/// <param name="Events">The events of its ABI, by first topic; empty where no ABI is given.</param>
/// <param name="Proxy">Slots that say which code it runs and who may change that, in the order of
/// <see cref="ProxySlots"/>; empty where it is no proxy.</param>
/// <param name="Name">Several contracts may share one.</param>
/// <param name="QuietAfter">So many successful calls in which it wrote events, and none of its ABI, before the first
/// that is of it: then the ABI is not that of the contract. Counted anew after its code changed; never where it is
/// <see cref="int.MaxValue"/>.</param>
public sealed record KnownContract(
    string Name, Address Address, ValueList<KnownEvent> Events, ValueList<Hash32> Proxy, int QuietAfter = 20);

/// <param name="Topic">Keccak-256 of the signature.</param>
/// <param name="Signature">For people, for example <c>Transfer(address,address,uint256)</c>.</param>
public sealed record KnownEvent(Hash32 Topic, string Signature);

/// <summary>Storage places by which a proxy says what it runs.</summary>
public static class ProxySlots
{
    /// <summary>EIP-1967: <c>keccak256("eip1967.proxy.implementation") - 1</c>.</summary>
    public static readonly Hash32 Implementation =
        Hash32.Parse("0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");

    /// <summary>EIP-1967: <c>keccak256("eip1967.proxy.beacon") - 1</c>.</summary>
    public static readonly Hash32 Beacon =
        Hash32.Parse("0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50");

    /// <summary>EIP-1967: <c>keccak256("eip1967.proxy.admin") - 1</c>.</summary>
    public static readonly Hash32 Admin =
        Hash32.Parse("0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103");

    /// <summary>Slot 0, where a Safe proxy keeps its singleton.</summary>
    public static readonly Hash32 SafeSingleton = Hash32.Zero;
}
