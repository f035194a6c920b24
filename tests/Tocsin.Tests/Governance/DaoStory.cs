using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Governance;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Tests.Governance;

/// <summary>A protocol that is governed by votes, told block by block with events as contracts write them.</summary>
internal sealed class DaoStory
{
    public static readonly Address Governor = Account(0xf1);
    public static readonly Address Timelock = Account(0xf2);
    public static readonly Address Vault = Account(0xf3);
    public static readonly Address Token = Account(0xf4);
    public static readonly Address Safe = Account(0xf5);
    public static readonly Address Lender = Account(0xc1);
    public static readonly Address Founder = Account(0x11);
    public static readonly Address Holder = Account(0x12);
    public static readonly Address Stranger = Account(0xa1);
    public static readonly Address Accomplice = Account(0xa2);

    public static readonly Watch Plain = new(
        new ChainId(31337),
        [],
        [],
        [
            new ProtectedContract("governor", Governor, "dao"), new ProtectedContract("timelock", Timelock, "dao"),
            new ProtectedContract("vault", Vault, "vault"),
        ],
        new Thresholds { Confirmations = 3 });

    public static readonly GovernanceAttackSettings Votes = new("governor")
    {
        Token = Token.ToString(),
        Quorum = 1_000_000m,
        Timelock = "timelock",
    };

    public static readonly Watch Dao = Plain with { Detectors = [Votes] };

    public static readonly Watch Powers = Plain with
    {
        Detectors = [new PrivilegeChangeSettings { Also = [Safe.ToString()], Known = [Founder] }],
    };

    private static readonly DateTimeOffset Genesis = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    private readonly List<Block> chain = [];
    private DateTimeOffset time = Genesis;
    private int made;

    public DateTimeOffset Time => time;

    /// <summary>The newest block.</summary>
    public BlockRef Head => chain[^1].Ref;

    public static Address Account(int number) => new(new UInt256(0, (UInt128)number).ToArray().AsSpan(12));

    /// <summary>A block that comes so long after the one before.</summary>
    public ChainStep After(TimeSpan wait, params Action<DaoTransaction>[] transactions)
    {
        time += wait;
        var told = new List<Transaction>();
        foreach (var tell in transactions)
        {
            var transaction = new DaoTransaction(Hash(1, ++made), told.Count);
            tell(transaction);
            told.Add(transaction.Done());
        }
        var parent = chain.Count == 0 ? new BlockRef(0, Hash32.Zero) : chain[^1].Ref;
        var block = new Block(new BlockRef(parent.Number + 1, Hash(2, ++made)), parent.Hash, time, told.ToArray());
        chain.Add(block);
        return new ChainStep.Forward(block);
    }

    public ChainStep Next(params Action<DaoTransaction>[] transactions) =>
        After(TimeSpan.FromSeconds(12), transactions);

    /// <summary>Takes back the newest blocks.</summary>
    public ChainStep Back(int blocks)
    {
        chain.RemoveRange(chain.Count - blocks, blocks);
        time = chain[^1].Time;
        return new ChainStep.Rollback(chain[^1].Ref);
    }

    public static List<Finding> Run(Watch watch, params IEnumerable<ChainStep> steps)
    {
        var engine = new Engine(watch);
        return [.. steps.SelectMany(engine.Step)];
    }

    public static bool IsPage(Finding finding) =>
        finding.Severity.IsAtLeast(Severity.High) && finding.Confidence >= 0.7m;

    private static Hash32 Hash(int kind, int number) =>
        new(new UInt256((UInt128)kind << 64, (UInt128)number).ToArray());
}

/// <summary>One transaction, told log by log.</summary>
internal sealed class DaoTransaction(Hash32 hash, int index)
{
    private readonly List<Log> logs = [];
    private Address from = DaoStory.Holder;
    private Address? to = DaoStory.Governor;
    private byte[] input = [];
    private UInt256 value;

    public DaoTransaction By(Address sender, Address? called = null)
    {
        (from, to) = (sender, called ?? DaoStory.Governor);
        return this;
    }

    public DaoTransaction Calling(Address called, string function, params object[] arguments)
    {
        (to, input) = (called, AbiFunction.Parse(function).Encode(arguments));
        return this;
    }

    public DaoTransaction Paying(ulong wei)
    {
        value = wei;
        return this;
    }

    /// <param name="declared">The event with its indexed parameters.</param>
    public DaoTransaction Log(Address emitter, string declared, params object[] values)
    {
        var shape = AbiEvent.Parse(declared);
        var topics = new List<Hash32> { shape.Topic0 };
        var inData = new List<AbiParameter>();
        var data = new List<object>();
        foreach (var (parameter, one) in shape.Parameters.Zip(values))
        {
            if (parameter.Indexed)
                topics.Add(new Hash32(AbiEncoder.Encode([parameter], one)));
            else
            {
                inData.Add(parameter);
                data.Add(one);
            }
        }
        logs.Add(new Log(
            logs.Count, emitter, LogTopics.Create([.. topics]), AbiEncoder.Encode(inData, data.ToArray())));
        return this;
    }

    public DaoTransaction Propose(
        ulong id, Address proposer, Address target, string function, params object[] arguments) => Log(
        DaoStory.Governor,
        "ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)",
        id, proposer, new object[] { target }, new object[] { UInt256.Zero }, new object[] { "" },
        new object[] { AbiFunction.Parse(function).Encode(arguments) }, 10UL, 20UL, "a proposal");

    public DaoTransaction Vote(ulong id, Address voter, decimal votes) => Log(
        DaoStory.Governor, "VoteCast(address indexed,uint256,uint8,uint256,string)", voter, id, (byte)1, Wei(votes),
        "");

    public DaoTransaction Move(Address giver, Address receiver, decimal votes) => Log(
        DaoStory.Token, "Transfer(address indexed,address indexed,uint256)", giver, receiver, Wei(votes));

    public DaoTransaction Delegated(Address account, decimal before, decimal after) => Log(
        DaoStory.Token, "DelegateVotesChanged(address indexed,uint256,uint256)", account, Wei(before), Wei(after));

    public DaoTransaction Execute(ulong id) => Log(DaoStory.Governor, "ProposalExecuted(uint256)", id);

    public DaoTransaction Upgrade(Address proxy, Address code) => Log(proxy, "Upgraded(address indexed)", code);

    public Transaction Done() => new(hash, index, from, to, 0, value, input, true, null, logs.ToArray());

    private static UInt256 Wei(decimal votes) => (UInt256)((BigInteger)votes * BigInteger.Pow(10, 18));
}
