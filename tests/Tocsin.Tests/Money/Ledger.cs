using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Pegs;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Recording;

namespace Tocsin.Tests.Money;

/// <summary>A chain told block by block at chosen times: dUSD that the vault issues, USDC and DAI that others issue, a
/// pair of USDC and dUSD.</summary>
internal sealed class Ledger
{
    public static readonly Address Dusd = Account("dUSD");
    public static readonly Address Usdc = Account("USDC");
    public static readonly Address Dai = Account("DAI");
    public static readonly Address Vault = Account("vault");
    public static readonly Address Bridge = Account("bridge");
    public static readonly Address Queue = Account("queue");
    public static readonly Address Pair = Account("pair");

    public static readonly Watch Watch = new(
        new ChainId(31337),
        [new Asset("dUSD", Dusd, 18, 1m, "vault"), new Asset("USDC", Usdc, 6, 1m), new Asset("DAI", Dai, 18, 1m)],
        [new Pool("dUSD/USDC", Pair, "dUSD", "USDC", true)],
        [
            new ProtectedContract("vault", Vault, "issuance"), new ProtectedContract("bridge", Bridge, "bridge"),
            new ProtectedContract("queue", Queue, "") { IsQueue = true },
        ],
        new Thresholds())
    {
        Pegs = [new Peg("USDC", 1m)],
    };

    private readonly List<Input> inputs = [];
    private readonly List<Transaction> transactions = [];
    private Block? last;
    private int sent;

    public DateTimeOffset Now { get; private set; } = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    /// <summary>Everything told so far, in order.</summary>
    public IReadOnlyList<Input> Inputs => inputs;

    public static Address Account(string name) => new(Keccak256.Hash(name).ToArray().AsSpan(12));

    public static Watch With(params DetectorSettings[] detectors) => Watch with { Detectors = [.. detectors] };

    public static UInt256 Wei(decimal units, Address token) => Tests.Detection.Story.Wei(units, token == Usdc ? 6 : 18);

    public static Log Transfer(Address token, Address from, Address to, decimal units) => Event(
        token, "Transfer(address,address,uint256)", [from, to], Wei(units, token));

    public static Log Mint(Address token, Address to, decimal units) => Transfer(token, Address.Zero, to, units);

    public static Log Burn(Address token, Address from, decimal units) => Transfer(token, from, Address.Zero, units);

    public static Log Event(Address emitter, string signature, Address[] indexed, params UInt256[] words) => new(
        0, emitter, LogTopics.Create([Keccak256.Hash(signature), .. indexed.Select(Topic)]),
        (byte[])[.. words.SelectMany(word => word.ToArray())]);

    public static UInt256 Word(Address address) => new(Topic(address).ToArray());

    /// <summary>A transaction of the block that is being told.</summary>
    public Ledger Send(string from, Address to, params Log[] logs)
    {
        transactions.Add(new Transaction(
            Keccak256.Hash($"transaction {++sent}"), transactions.Count, Account(from), to, 0, UInt256.Zero,
            default, true, null, logs));
        return this;
    }

    /// <summary>Ends the block, so much later than the one before.</summary>
    public Ledger Close(TimeSpan later)
    {
        Now += later;
        var number = (last?.Ref.Number ?? 0) + 1;
        last = new Block(
            new BlockRef(number, Keccak256.Hash($"block {number}")), last?.Ref.Hash ?? Hash32.Zero, Now,
            transactions.ToArray());
        transactions.Clear();
        inputs.Add(new ChainStep.Forward(last));
        return this;
    }

    public Ledger Close() => Close(TimeSpan.FromSeconds(12));

    /// <summary>What reads gave after that block.</summary>
    public Ledger Answer(params (StateRead Read, UInt256 Value)[] values) =>
        Answers([.. values.Select(one => (one.Read, one.Value.ToArray()))]);

    public Ledger Answers(params (StateRead Read, byte[] Result)[] values)
    {
        inputs.Add(new ChainStep.Answered(last!.Ref, values
            .Select(one => new ReadAnswer(one.Read, one.Result.ToValueList())).ToValueList()));
        return this;
    }

    /// <summary>The findings of the detectors under test.</summary>
    public List<Finding> Findings(params DetectorSettings[] detectors)
    {
        var engine = new Engine(With(detectors));
        return [.. inputs.SelectMany(engine.Step).Where(finding => IsOf(finding, detectors)
            && finding.Status == FindingStatus.Seen)];
    }

    /// <summary>The same findings from an engine that is written to text and read again after every input, and from one
    /// that takes every block twice, with a reorg between.</summary>
    public void HoldsAcrossSnapshotsAndReorgs(params DetectorSettings[] detectors)
    {
        var straight = new Engine(With(detectors));
        var restored = new Engine(With(detectors));
        var reorged = new Engine(With(detectors));
        foreach (var input in inputs)
        {
            var expected = Told(straight.Step(input), detectors);
            Assert.Equal(expected, Told(restored.Step(input), detectors));
            restored = Engine.Restore(With(detectors), RoundTrip(restored.Snapshot()));
            if (input is ChainStep.Forward { Block: { Ref.Number: > 1 } block })
            {
                var other = block with { Ref = block.Ref with { Hash = Keccak256.Hash($"other {block.Ref}") } };
                reorged.Step(new ChainStep.Forward(other));
                reorged.Step(new ChainStep.Rollback(new BlockRef(block.Ref.Number - 1, block.ParentHash)));
            }
            Assert.Equal(
                expected.Select(WithoutRevision), Told(reorged.Step(input), detectors).Select(WithoutRevision));
        }
        Assert.NotEmpty(Findings(detectors));
    }

    private static EngineSnapshot RoundTrip(EngineSnapshot snapshot) => JsonSerializer.Deserialize<EngineSnapshot>(
        JsonSerializer.Serialize(snapshot, EventJson.Options), EventJson.Options)!;

    private static List<Finding> Told(IEnumerable<Finding> findings, DetectorSettings[] detectors) =>
        [.. findings.Where(finding => IsOf(finding, detectors) && finding.Status == FindingStatus.Seen)];

    private static object WithoutRevision(Finding finding) =>
        (finding.Id, finding.Severity, finding.Confidence, finding.Subject, finding.Reason, finding.ImpactUsd);

    private static bool IsOf(Finding finding, DetectorSettings[] detectors) =>
        detectors.Any(settings => settings.Card.Name == finding.Detector);

    private static Hash32 Topic(Address address) => new([.. new byte[12], .. address.ToArray()]);
}
