using System.Reflection;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Contracts;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Detection.Laundering;
using Tocsin.Detection.Money;
using Tocsin.Detection.Oracles;
using Tocsin.Detection.Risk;
using Tocsin.Detection.Shares;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Detectors;

/// <summary>Whatever stands on a chain, and whatever comes from beside it, the watch goes on.</summary>
public sealed class HostileChainTests
{
    private static readonly Address Source = Chronicle.Far(0x50);
    private static readonly Address Governor = Chronicle.Far(0x51);
    private static readonly Address Token = Chronicle.Far(0x52);

    private static readonly Watch Watch = WithDetectors(Chronicle.Watch);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Nothing_that_a_chain_can_hold_stops_any_detector(int seed)
    {
        Assert.Empty(Watch.Problems());
        var chain = new HostileChain(new Random(seed), Watch, [Source, Governor, Token]);
        var engine = new Engine(Watch);
        for (var i = 0; i < 60; i++)
        {
            foreach (var input in chain.Next(engine))
                engine.Step(input);
            if (i % 10 == 9)
                engine = Engine.Restore(Watch, SnapshotJson.RoundTrip(engine.Snapshot()));
        }
    }

    [Fact]
    public void A_feed_that_says_next_to_nothing_stops_no_detector()
    {
        var chronicle = new Chronicle(Watch, [.. Watch.Detectors]);

        chronicle.Take(new Arrival.Tick(
            Chronicle.Start.AddMinutes(1), "a", "GEM", 0.000_000_000_000_000_000_000_000_000_1m, null));

        Assert.NotNull(chronicle.Engine.Snapshot().Detectors);
    }

    [Fact]
    public void A_call_to_nobody_in_a_trace_stops_no_detector()
    {
        var chronicle = new Chronicle(Watch, [.. Watch.Detectors]);
        var called = Frames.Call(0, Story.Attacker, Story.AttackContract);
        var pull = Frames.Pull(1, Story.AttackContract, Story.Dusd, Story.Market, Story.Attacker, 5);

        Assert.Empty(chronicle.Traced(Story.Hash(8, 1), [called, pull with { To = null, ValueWei = 1 }]));
    }

    private static Watch WithDetectors(Watch watch)
    {
        ValueList<DetectorSettings> described =
        [
            new SilentChangeSettings([new WatchedSlot("market", Hash32.Zero, "the guardian")], ["vault"], 9),
            new GovernanceAttackSettings(Governor.ToString())
            {
                Token = Token.ToString(), Quorum = 400_000m, Timelock = Chronicle.Far(0x53).ToString(),
            },
            new LaunderingSettings(
                [new HidingPlace("Far", Chronicle.Far(0x54), HidingKind.Bridge)], 2, 1m, TimeSpan.FromDays(7), "COIN"),
            new OracleFailureSettings("GEM", Source)
            {
                Pool = "GEM/dUSD", CapFunction = "maxAnswer()", Minimum = 0.01m,
            },
            new StandingRiskSettings("market", "GEM/dUSD", ["dUSD", "USDC"]) { MinimumUsd = 1m },
            new SharePriceJumpSettings("vault", "USDC"),
            new UnbackedMintSettings(
                "dUSD",
                [new Backing.Holding("USDC", "vault"), new Backing.Attested(Source, TimeSpan.FromHours(1))]),
        ];
        var names = described.Select(settings => settings.Name).ToHashSet();
        return watch with
        {
            Detectors =
            [
                .. DetectorDefaults.Of(watch).Where(settings => !names.Contains(settings.Name)), .. described,
            ],
        };
    }
}

/// <summary>Blocks, and what comes after and between them, as somebody would write them who wants to break their
/// reader. What no machine could run is not among it.</summary>
internal sealed class HostileChain
{
    private readonly Random random;
    private readonly Address[] addresses;
    private readonly Hash32[] topics;
    private readonly byte[][] functions;
    private readonly Watch watch;
    private DateTimeOffset time = Chronicle.Start;
    private DateTimeOffset now = Chronicle.Start;
    private int made;

    public HostileChain(Random random, Watch watch, IEnumerable<Address> others)
    {
        (this.random, this.watch) = (random, watch);
        addresses =
        [
            Address.Zero, .. others, .. watch.Assets.Select(asset => asset.Address),
            .. watch.Pools.Select(pool => pool.Address), .. watch.Contracts.Select(contract => contract.Address),
            .. Enumerable.Range(0x53, 12).Select(Chronicle.Far), Story.Lender, Story.Attacker, Story.AttackContract,
        ];
        var types = typeof(Engine).Assembly.GetTypes().Where(type => !type.ContainsGenericParameters).ToList();
        var known = types
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => !field.IsLiteral).Select(field => field.GetValue(null)).ToList();
        topics =
        [
            .. known.OfType<Hash32>(),
            .. watch.Detectors.SelectMany(settings => settings.Create(watch).Interests)
                .Select(interest => interest.Topic).OfType<Hash32>(),
        ];
        functions =
        [
            .. known.OfType<Tocsin.Evm.Abi.AbiFunction>().Select(function => Bytes(function.Selector)),
            .. known.OfType<Selector>().Select(Bytes), [0x23, 0xb8, 0x72, 0xdd], [0xa9, 0x05, 0x9c, 0xbb], [1, 2],
        ];
    }

    public IEnumerable<Input> Next(Engine engine)
    {
        if (random.Next(8) == 0 && engine.Head is { Number: > 3 })
        {
            var depth = random.Next(1, 3);
            var blocks = engine.Snapshot().Blocks;
            if (blocks.Count > depth)
                yield return new ChainStep.Rollback(blocks[blocks.Count - 1 - depth].Ref);
        }
        var block = Block(engine.Head);
        yield return new ChainStep.Forward(block);
        var hashes = block.Transactions.ToArray().Select(transaction => transaction.Hash).ToList();
        if (random.Next(3) > 0)
            yield return new ChainStep.Traced(block.Ref, [.. hashes.Select(Trace)]);
        if (random.Next(3) > 0)
            yield return new ChainStep.Changed(block.Ref, [.. hashes.Select(Change)]);
        if (random.Next(5) > 0)
            yield return new ChainStep.Answered(block.Ref, [.. engine.Reads.Select(Answer)]);
        for (var i = random.Next(8); i > 0; i--)
            yield return Arrival(block.Ref);
    }

    private static byte[] Bytes(Selector selector) =>
        new UInt256(0, selector.Value).ToArray()[^4..];

    private T One<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];

    private Block Block(BlockRef? head)
    {
        time += TimeSpan.FromSeconds(random.Next(20) == 0 ? random.Next(200_000) : random.Next(13));
        var transactions = Enumerable.Range(0, random.Next(12)).Select(Transaction).ToArray();
        var number = head is { } before ? before.Number + 1 : 1;
        return new Block(new BlockRef(number, Hash()), head?.Hash ?? Hash32.Zero, time, transactions);
    }

    private Transaction Transaction(int index)
    {
        var creates = random.Next(5) == 0;
        var succeeded = random.Next(6) > 0;
        return new Transaction(
            Hash(), index, One(addresses), creates ? null : One(addresses),
            random.Next(3) == 0 ? ulong.MaxValue : (ulong)random.Next(4), Number(), Input(creates ? 60_000 : 600),
            succeeded, creates && succeeded ? One(addresses) : null,
            succeeded ? Enumerable.Range(0, random.Next(20)).Select(Log).ToArray() : Array.Empty<Log>());
    }

    private Log Log(int index)
    {
        var words = new Hash32[random.Next(5)];
        for (var i = 0; i < words.Length; i++)
            words[i] = i == 0 ? One(topics) : Word();
        return new Log(index, One(addresses), LogTopics.Create(words), Data(random.Next(30) == 0 ? 300 : 9));
    }

    private byte[] Data(int wordsMax)
    {
        var data = Enumerable.Range(0, random.Next(wordsMax)).SelectMany(_ => Word().ToArray()).ToArray();
        return random.Next(6) == 0 ? data[..random.Next(data.Length + 1)] : data;
    }

    private byte[] Input(int lengthMax)
    {
        if (random.Next(5) == 0)
            return [];
        if (random.Next(2) == 0)
            return [.. One(functions), .. Data(12)];
        var input = new byte[random.Next(lengthMax)];
        random.NextBytes(input);
        return input;
    }

    private Hash32 Word() => random.Next(3) switch
    {
        0 => Chronicle.Topic(One(addresses)),
        1 => new Hash32(Number().ToArray()),
        _ => new Hash32(((UInt256)(uint)(32 * random.Next(8))).ToArray()),
    };

    private UInt256 Number() => random.Next(7) switch
    {
        0 => UInt256.Zero,
        1 => UInt256.One,
        2 => UInt256.MaxValue,
        3 => new UInt256((UInt128)1 << 127, 0),
        4 => (UInt256)(ulong)(uint)time.ToUnixTimeSeconds(),
        5 => Story.Wei(random.Next(1, 50_000_000)),
        _ => (UInt256)(ulong)random.NextInt64(),
    };

    private Hash32 Hash() => Story.Hash(9, ++made);

    private TransactionTrace Trace(Hash32 transaction)
    {
        var frames = new List<CallFrame>();
        var depth = 0;
        for (var count = random.Next(60); count > 0; count--)
        {
            frames.Add(new CallFrame(
                depth, One(Enum.GetValues<CallKind>()), One(addresses),
                random.Next(9) == 0 ? null : One(addresses), Number(), Input(200), Data(4),
                random.Next(4) == 0 ? "execution reverted" : null,
                Enumerable.Range(0, random.Next(4)).Select(Log).ToArray()));
            depth = random.Next(3) == 0 ? random.Next(1, depth + 2) : depth + 1;
        }
        return new TransactionTrace(transaction, [.. frames]);
    }

    private StateChange Change(Hash32 transaction) => new(
        transaction, One(addresses), new Change<UInt256>(Number(), Number()),
        random.Next(2) == 0 ? null : new Change<ulong>(0, ulong.MaxValue),
        random.Next(2) == 0 ? null : new Change<ValueList<byte>>([.. Data(2)], [.. Data(2)]),
        [.. Enumerable.Range(0, random.Next(3)).Select(_ => new SlotChange(Word(), Word(), Word()))]);

    private ReadAnswer Answer(StateRead read) => new(
        read, random.Next(6) == 0 ? null : [.. random.Next(3) == 0 ? Data(9) : Round()]);

    private byte[] Round() => [.. Enumerable.Range(0, 5).SelectMany(_ => Number().ToArray())];

    private Arrival Arrival(BlockRef head)
    {
        now += TimeSpan.FromSeconds(random.Next(12) == 0 ? -random.Next(900) : random.Next(600));
        var subject = random.Next(2) == 0 ? "" : One(watch.Contracts).Name;
        return random.Next(6) switch
        {
            0 => new Arrival.Began(now),
            1 => new Arrival.HeadSeen(now, head),
            2 => new Arrival.Reported(
                now, One(Enum.GetValues<ReportKind>()), subject, new string('\ud83d', 1) + "😀{0}", null, Hash()),
            3 => new Arrival.Passed(now),
            4 => new Arrival.Tick(now, One(["a", "b"]), One(watch.Assets).Name, One(Prices), null),
            _ => Pending(),
        };
    }

    private static readonly decimal[] Prices =
        [decimal.MaxValue, 0.000_000_000_000_000_000_000_001m, 1m, 10m, 0m, -1m, 999_999_999_999m];

    private Arrival.Pending Pending()
    {
        var hash = Hash();
        var creates = random.Next(4) == 0;
        return new Arrival.Pending(now, new PendingTransaction(
            hash, One(addresses), creates ? null : One(addresses), (ulong)random.Next(3), Number(), Input(60_000),
            random.Next(4) == 0 ? null : Trace(hash), null));
    }
}
