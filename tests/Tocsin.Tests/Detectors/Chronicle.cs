using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Detectors;

/// <summary>A story as detectors are told it, with all that may come after a block, remembered so that it can be told
/// again in other ways.</summary>
internal sealed class Chronicle
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    // The story's own addresses are so small that a chain would have contracts built in there.
    public static readonly Address Coin = Far(1);
    public static readonly Address Desk = Far(2);

    /// <summary>That of the story, and an asset of 1 USD and a contract at addresses that calls may go to.</summary>
    public static readonly Watch Watch = Story.Watch with
    {
        Assets = [.. Story.Watch.Assets, new Asset("COIN", Coin, 18, 1m)],
        Contracts = [.. Story.Watch.Contracts, new ProtectedContract("desk", Desk, "desk")],
    };

    private readonly Watch watch;
    private readonly List<Input> inputs = [];

    public Chronicle(params DetectorSettings[] detectors)
        : this(Watch, detectors)
    {
    }

    public Chronicle(Watch watch, params DetectorSettings[] detectors)
    {
        this.watch = watch with { Detectors = [.. detectors] };
        Engine = new Engine(this.watch);
        Take(Story.Begin());
    }

    public Engine Engine { get; }

    public Story Story { get; } = new();

    public List<Finding> Findings { get; } = [];

    public BlockRef Head => Engine.Head!.Value;

    public static Address Far(int number)
    {
        var bytes = Story.Account(number).ToArray();
        bytes[0] = 0xaa;
        return new Address(bytes);
    }

    public static Hash32 Topic(Address address) => new([.. new byte[12], .. address.ToArray()]);

    public IReadOnlyList<Finding> Take(Input input)
    {
        inputs.Add(input);
        var given = Engine.Step(input);
        Findings.AddRange(given);
        return given;
    }

    public IReadOnlyList<Finding> Block(params Action<TransactionStory>[] transactions) =>
        Take(Story.Next(transactions));

    /// <summary>A block with one transaction, of which the story does not tell all.</summary>
    public IReadOnlyList<Finding> Block(
        Action<TransactionStory> tell, Func<Transaction, Transaction> with)
    {
        var block = Story.NextBlock(tell);
        return Take(Story.Step(block with { Transactions = new[] { with(block.Transactions.Span[0]) } }));
    }

    public IReadOnlyList<Finding> Traced(Hash32 transaction, ValueList<CallFrame> frames) =>
        Take(new ChainStep.Traced(Head, [new TransactionTrace(transaction, frames)]));

    public IReadOnlyList<Finding> Changed(params StateChange[] changes) =>
        Take(new ChainStep.Changed(Head, [.. changes]));

    /// <summary>What was last said by a detector, by finding.</summary>
    public List<Finding> LastOf(string detector) => Last(Findings).Where(one => one.Detector == detector).ToList();

    /// <summary>The same when restored from text before each input, and when each block is taken back and comes
    /// again.</summary>
    public void HoldsTogether()
    {
        Assert.Equal(Findings, Retold((engine, _) => Engine.Restore(watch, SnapshotJson.RoundTrip(engine.Snapshot()))));
        var blocks = inputs.OfType<ChainStep.Forward>().ToList();
        for (var again = 1; again < blocks.Count; again++)
        {
            var repeated = blocks[again];
            var told = new List<Finding>();
            var engine = new Engine(watch);
            foreach (var input in inputs)
            {
                if (ReferenceEquals(input, repeated))
                {
                    told.AddRange(engine.Step(input));
                    foreach (var after in After(repeated))
                        told.AddRange(engine.Step(after));
                    told.AddRange(engine.Step(new ChainStep.Rollback(blocks[again - 1].Block.Ref)));
                }
                told.AddRange(engine.Step(input));
            }
            Assert.Equal(Unnumbered(Findings), Unnumbered(told));
        }
    }

    private IEnumerable<Input> After(ChainStep.Forward block) => inputs
        .SkipWhile(input => !ReferenceEquals(input, block)).Skip(1)
        .TakeWhile(input => input is ChainStep and not ChainStep.Forward);

    private List<Finding> Retold(Func<Engine, Input, Engine> before)
    {
        var told = new List<Finding>();
        var engine = new Engine(watch);
        foreach (var input in inputs)
        {
            engine = before(engine, input);
            told.AddRange(engine.Step(input));
        }
        return told;
    }

    private static IEnumerable<Finding> Last(IEnumerable<Finding> findings) =>
        findings.GroupBy(finding => finding.Id).Select(revisions => revisions.Last());

    private static List<Finding> Unnumbered(IEnumerable<Finding> findings) => Last(findings)
        .Where(finding => finding.Status != FindingStatus.Retracted)
        .Select(finding => finding with { Revision = 0 })
        .OrderBy(finding => finding.Id.Value, StringComparer.Ordinal).ToList();
}

/// <summary>Calls one after the other, without a word too much.</summary>
internal static class Frames
{
    public static CallFrame Call(int depth, Address from, Address to, byte[]? input = null, UInt256 wei = default) =>
        new(depth, CallKind.Call, from, to, wei, input ?? [], default, null, default);

    public static CallFrame Of(int depth, CallKind kind, Address from, Address to, byte[]? input = null) =>
        new(depth, kind, from, to, default, input ?? [], default, null, default);

    /// <summary>transferFrom(address,address,uint256)</summary>
    public static CallFrame Pull(
        int depth, Address spender, Address token, Address victim, Address to, decimal units) =>
        Call(depth, spender, token, PullInput(victim, to, units));

    public static byte[] PullInput(Address victim, Address to, decimal units) =>
    [
        0x23, 0xb8, 0x72, 0xdd, .. Chronicle.Topic(victim).ToArray(), .. Chronicle.Topic(to).ToArray(),
        .. Story.Wei(units).ToArray(),
    ];
}
