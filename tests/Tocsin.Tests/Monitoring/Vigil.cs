using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Monitoring;

/// <summary>A night at the watch, told input by input. Instants are seconds after midnight.</summary>
internal sealed class Vigil(Watch watch)
{
    public static readonly DateTimeOffset Midnight = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly Address Proxy = Story.Account(0xb1);
    public static readonly Hash32 Known = Story.Hash(7, 1);
    public static readonly Hash32 AlsoKnown = Story.Hash(7, 2);
    public static readonly Hash32 Foreign = Story.Hash(7, 3);

    public static readonly Watch Watch = Story.Watch with
    {
        Senses = new Senses(
            TimeSpan.FromMinutes(2),
            [
                new FeedSense("one", "GEM", TimeSpan.FromMinutes(1)),
                new FeedSense("two", "GEM", TimeSpan.FromMinutes(3)),
                new FeedSense("lone", "USDC", TimeSpan.FromMinutes(5)),
            ],
            [new HeartbeatSense("keeper", TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5))],
            [new FrontEndSense("app", TimeSpan.FromMinutes(10))],
            [
                new KnownContract(
                    "vault", Proxy, [new KnownEvent(Known, "Known(uint256)"), new KnownEvent(AlsoKnown, "Also()")],
                    [ProxySlots.Implementation, ProxySlots.Admin], QuietAfter: 3),
            ])
        {
            Nodes = ["rpc-1", "rpc-2"],
        },
    };

    /// <summary>Nothing but the chain.</summary>
    public static readonly Watch ChainOnly = Story.Watch;

    public Engine Engine { get; private set; } = new(watch);

    public List<Finding> Findings { get; } = [];

    public Story Story { get; } = new();

    public static DateTimeOffset At(double seconds) => Midnight.AddSeconds(seconds);

    public IReadOnlyList<Finding> Take(params Input[] inputs)
    {
        var given = new List<Finding>();
        foreach (var input in inputs)
            given.AddRange(Engine.Step(input));
        Findings.AddRange(given);
        return given;
    }

    public IReadOnlyList<Finding> Passed(double at) => Take(new Arrival.Passed(At(at)));

    /// <summary>A head that is the block last taken, so that nobody is behind.</summary>
    public IReadOnlyList<Finding> Head(double at)
    {
        var block = Story.NextBlock();
        return Take(new ChainStep.Forward(block), new Arrival.HeadSeen(At(at), block.Ref));
    }

    public IReadOnlyList<Finding> Told(
        double at, string node, NodeSymptom symptom, bool present = true, string words = "HTTP 503") =>
        Take(new Arrival.NodeTold(At(at), node, symptom, present, words));

    public IReadOnlyList<Finding> Seen(double at, string aspect, string value, string words = "as seen") =>
        Take(new Arrival.FrontEndSeen(At(at), "app", aspect, value, words));

    /// <summary>As the owner does it: waits until something is due, then says that time passed.</summary>
    public IReadOnlyList<Finding> WaitUntil(double at)
    {
        var given = new List<Finding>();
        while (Engine.DueAt is { } due && due <= At(at))
            given.AddRange(Take(new Arrival.Passed(due)));
        return given;
    }

    public void Restart() => Engine = Engine.Restore(watch, SnapshotJson.RoundTrip(Engine.Snapshot()));

    /// <summary>A block in which the proxy wrote these events, one transaction for each.</summary>
    public IReadOnlyList<Finding> Writes(params Hash32[] topics) => Take(Story.Next(
        [.. topics.Select(topic => (Action<TransactionStory>)(tx =>
            tx.By(Story.Account(1), Proxy).RawLog(Proxy, [topic], [])))]));

    /// <summary>The answers to the declared reads on the newest block.</summary>
    public IReadOnlyList<Finding> Answers(int? implementation, int? admin) => Take(new ChainStep.Answered(
        Engine.Head!.Value,
        [Slot(ProxySlots.Implementation, implementation), Slot(ProxySlots.Admin, admin)]));

    private static ReadAnswer Slot(Hash32 place, int? value) => new(
        new StateRead.Slot(Proxy, place),
        value is { } number ? ValueList.ToValueList(new UInt256(0, (UInt128)number).ToArray()) : null);
}
