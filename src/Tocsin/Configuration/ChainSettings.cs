using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Inputs;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>One node of the chain.</summary>
/// <param name="Rpc">Its address over HTTP, or a reference to it.</param>
/// <param name="WebSocket">Where it announces heads; null where it is asked for them.</param>
/// <param name="Weight">How much of the asking it gets, measured against the others.</param>
/// <param name="RequestsPerSecond">What it allows; null for no limit of ours.</param>
internal sealed record NodeSettings(string Name, string Rpc, string? WebSocket, int Weight, int? RequestsPerSecond);

/// <summary>By what a block counts as final.</summary>
internal enum FinalityMark
{
    /// <summary>So many blocks stand on it.</summary>
    Confirmations,

    /// <summary>The chain's own word <c>safe</c>.</summary>
    Safe,

    /// <summary>The chain's own word <c>finalized</c>.</summary>
    Finalized,
}

/// <summary>Whether something is asked of the nodes.</summary>
internal enum Asking
{
    /// <summary>Where the nodes can answer it.</summary>
    Auto,
    On,
    Off,
}

/// <summary>The chain that is watched, and through which nodes.</summary>
/// <param name="Nodes">At least one; the first is the one to ask where one is enough.</param>
/// <param name="StartAt">The first block to watch where nothing was watched before; null for the newest.</param>
/// <param name="Confirmations">So many blocks deep counts as final wherever blocks are counted.</param>
/// <param name="QuietBlocks">So many blocks without unexplained outflow count as contained.</param>
/// <param name="Agreement">So many nodes must say the same before anything automatic follows.</param>
/// <param name="StallAfter">So long without a new head, the chain or our view of it has stopped.</param>
/// <param name="Pending">Whether transactions that are in no block yet are watched.</param>
/// <param name="How">See <see cref="Sending"/>; null for the usual.</param>
internal sealed record ChainSettings(
    ChainId Id,
    ValueList<NodeSettings> Nodes,
    TimeSpan PollEvery,
    ulong? StartAt,
    FinalityMark Finality,
    int Confirmations,
    int QuietBlocks,
    int Agreement,
    TimeSpan StallAfter,
    Asking Traces,
    Asking StateChanges,
    bool Pending,
    SendingSettings? How = null)
{
    /// <summary>How our transactions are sent on it.</summary>
    public SendingSettings Sending => How ?? SendingSettings.Usual;

    /// <summary>No chain has as many: at ten blocks a second it would take three thousand years.</summary>
    public const ulong HighestBlock = 1_000_000_000_000;

    private const int DefaultConfirmations = 12;

    // No more blocks than these are remembered, and a follower refuses to count beyond.
    private const int ConfirmationsMax = Engine.RollbackDepthMax;

    // An epoch of Ethereum has 32 blocks; the last justified one is safe and the one before it final.
    private const int SafeBlocks = 32;
    private const int FinalizedBlocks = 64;

    private static readonly Dictionary<string, FinalityMark> Marks = new()
    {
        ["safe"] = FinalityMark.Safe,
        ["finalized"] = FinalityMark.Finalized,
    };

    private static readonly Dictionary<string, Asking> Askings = new()
    {
        ["auto"] = Asking.Auto,
        ["on"] = Asking.On,
        ["off"] = Asking.Off,
    };

    /// <summary>The address of the first node, or a reference to it.</summary>
    public string Rpc => Nodes[0].Rpc;

    /// <summary>Where the first node that announces heads does so; null where none does.</summary>
    public string? WebSocket => Nodes.FirstOrDefault(node => node.WebSocket is not null)?.WebSocket;

    public static ChainSettings Read(YamlPart part)
    {
        part.Knows(
            "id", "rpc", "ws", "nodes", "poll", "start_at", "confirmations", "finality", "quiet_blocks", "agreement",
            "stall_after", "traces", "state_changes", "pending", "relay", "replace_after", "replace_after_blocks");
        var nodes = ReadNodes(part);
        var (finality, confirmations) = ReadFinality(part);
        return new ChainSettings(
            new ChainId(part.Required("id").Quantity()),
            nodes,
            part.Optional("poll")?.Duration("1s", "1h") ?? TimeSpan.FromSeconds(2),
            part.Optional("start_at") is { } start && start.Line() != "latest" ? start.Quantity(HighestBlock) : null,
            finality,
            confirmations,
            part.Optional("quiet_blocks")?.Number(1, 10_000) ?? 5,
            ReadAgreement(part, nodes.Count),
            part.Optional("stall_after")?.Duration("5s", "1d") ?? TimeSpan.FromMinutes(2),
            part.Optional("traces")?.OneOf(Askings) ?? Asking.Auto,
            part.Optional("state_changes")?.OneOf(Askings) ?? Asking.Auto,
            part.Optional("pending")?.Switch() ?? false,
            SendingSettings.Read(part));
    }

    /// <summary>The nodes under <c>nodes:</c>, or the one under <c>rpc:</c>.</summary>
    public static ValueList<NodeSettings> ReadNodes(YamlPart part)
    {
        if (part.Optional("nodes") is not { } several)
            return [new NodeSettings("node", Http(part.Required("rpc")), Socket(part.Optional("ws")), 1, null)];
        foreach (var single in new[] { part.Optional("rpc"), part.Optional("ws") })
            single?.Complain("'rpc' and 'ws' stand under each of the 'nodes' where these are named");
        var nodes = several.Entries().Select(entry => ReadNode(entry.Key, entry.Value)).ToValueList();
        if (nodes.Count == 0)
            several.Complain("'nodes' names no node");
        Witnesses.Check(several, nodes);
        return nodes.Count > 0 ? nodes : [new NodeSettings("node", "", null, 1, null)];
    }

    private static NodeSettings ReadNode(string name, YamlPart part)
    {
        if (name == Arrival.AllNodes || !Names.IsName(name))
            part.Complain(Names.Expected("a node", name));
        part.Knows("rpc", "ws", "weight", "requests_per_second");
        return new NodeSettings(
            name,
            Http(part.Required("rpc")),
            Socket(part.Optional("ws")),
            part.Optional("weight")?.Number(1, 100) ?? 1,
            part.Optional("requests_per_second")?.Number(1, 100_000));
    }

    private static string Http(YamlPart part) => Addresses.Reference(part, "http", "https");

    private static string? Socket(YamlPart? part) => part is null ? null : Addresses.Reference(part, "ws", "wss");

    private static int ReadAgreement(YamlPart part, int nodes)
    {
        var usual = Math.Min(2, nodes);
        if (part.Optional("agreement") is not { } agreement)
            return usual;
        var number = agreement.Number(1, 100);
        if (number <= nodes)
            return number;
        agreement.Complain($"{number} nodes cannot agree: there {(nodes == 1 ? "is 1" : $"are {nodes}")}");
        return usual;
    }

    private static (FinalityMark, int) ReadFinality(YamlPart part)
    {
        var counted = part.Optional("confirmations");
        if (part.Optional("finality") is not { } finality)
            return (FinalityMark.Confirmations, counted?.Number(1, ConfirmationsMax) ?? DefaultConfirmations);
        counted?.Complain("'confirmations' is another name for 'finality': give one of them");
        return finality.Line() switch
        {
            "safe" => (FinalityMark.Safe, SafeBlocks),
            "finalized" => (FinalityMark.Finalized, FinalizedBlocks),
            var text when text.All(char.IsAsciiDigit) =>
                (FinalityMark.Confirmations, finality.Number(1, ConfirmationsMax)),
            _ => (finality.OneOf(Marks), DefaultConfirmations),
        };
    }
}
