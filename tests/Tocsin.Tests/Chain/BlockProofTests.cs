using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;

namespace Tocsin.Tests.Chain;

/// <summary>A block is held against its hash: the header hashes to it, and the receipts to the header's root.</summary>
public sealed class BlockProofTests
{
    private const int Number = 29;

    private static readonly Dictionary<string, Action<TrueBlock>> Lies = new()
    {
        ["data of a log, which no bloom shows"] = lie => lie.Receipts[0]!["logs"]![1]!["data"] = "0x0103",
        ["gas of a receipt"] = lie => lie.Receipts[1]!["cumulativeGasUsed"] = "0x1",
        ["time of the block"] = lie => lie.Block["timestamp"] = "0x1",
        ["root of the state"] = lie => lie.Block["stateRoot"] = FakeBlock.Digest("another").ToString(),
        ["root of the receipts"] = lie => lie.Block["receiptsRoot"] = FakeBlock.Digest("another").ToString(),
    };

    private static readonly Dictionary<string, (Action<TrueBlock> Change, string Why)> Unknown = new()
    {
        ["a field of another chain"] = (block => block.Block["l1BlockNumber"] = "0x1", "'l1BlockNumber' is not known"),
        ["a header in part"] = (block => block.Block.Remove("mixHash"), "'mixHash' is missing"),
        ["a deposit of a rollup"] = (block => block.Receipts[0]!["type"] = "0x7e", "some of its own kind"),
        ["a receipt without a type"] = (block => block.Receipts[0]!.AsObject().Remove("type"), "some of its own kind"),
        ["a type that is no number"] = (block => block.Receipts[0]!["type"] = "legacy", "some of its own kind"),
        ["what the chain itself sends"] = (
            block => block.Block["transactions"]![1]!["from"] = Address.Zero.ToString(), "some of its own kind"),
        ["a header without end"] = (
            block => block.Block["more"] = new string('x', 1 << 20), "longer than any header is"),
    };

    public static TheoryData<string> LieNames => [.. Lies.Keys];

    public static TheoryData<string> UnknownNames => [.. Unknown.Keys];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_block_that_is_what_its_hash_says_is_proven()
    {
        await using var server = await StartAsync();

        Assert.Null(await UnprovenAsync(server, server.Client(TimeProvider.System), True()));
    }

    [Theory]
    [MemberData(nameof(LieNames))]
    public async Task A_node_whose_blocks_were_what_their_hashes_say_is_held_to_it(string what)
    {
        await using var server = await StartAsync();
        var node = server.Client(TimeProvider.System);
        await UnprovenAsync(server, node, True());
        var lie = True();
        Lies[what](lie);

        var thrown = await Assert.ThrowsAsync<NodeException>(() => UnprovenAsync(server, node, lie));

        Assert.Equal(NodeFault.Inconsistent, thrown.Fault);
        Assert.Contains("is not what its hash says", thrown.Message);
    }

    [Fact]
    public async Task A_chain_that_hashes_otherwise_is_followed_and_its_blocks_are_called_unproven()
    {
        await using var server = await StartAsync();
        var node = server.Client(TimeProvider.System);
        var other = True();
        other.Block["stateRoot"] = FakeBlock.Digest("another").ToString();

        for (var times = 0; times < 2; times++)
            Assert.Contains("the header hashes to", await UnprovenAsync(server, node, other));
        var truth = server.Script!;
        Func<Asked, Reply> refuse = asked => Reply.Error(asked.Id, -32601, "no such method");
        server.Script = asked => asked.Method.StartsWith("eth_getBlock", StringComparison.Ordinal)
            && asked.FirstText is not ("safe" or "finalized") ? truth(asked) : refuse(asked);
        server.BatchScript = batch => refuse(batch[0]);
        var senses = await NodeSenses.ProbeAsync(node, null, TimeProvider.System, Cancel);

        Assert.Equal(Presence.Absent, senses[Sense.BlockProof].Presence);
        Assert.Contains("not held against their hash", senses[Sense.BlockProof].Words);
    }

    [Theory]
    [MemberData(nameof(UnknownNames))]
    public async Task What_cannot_be_recomputed_is_no_fault(string what)
    {
        await using var server = await StartAsync();
        var node = server.Client(TimeProvider.System);
        await UnprovenAsync(server, node, True());
        var (change, why) = Unknown[what];
        var block = True();
        change(block);

        Assert.Contains(why, await UnprovenAsync(server, node, block));
    }

    [Fact]
    public async Task An_empty_block_shows_nothing_of_how_receipts_are_hashed()
    {
        await using var server = await StartAsync();
        var node = server.Client(TimeProvider.System);
        var empty = TrueBlock.Of(server.Chain[27]);
        Assert.Null(await UnprovenAsync(server, node, empty, 27));
        var other = True();
        Lies["gas of a receipt"](other);

        Assert.Contains("the receipts do not hash", await UnprovenAsync(server, node, other));
    }

    [Fact]
    public async Task A_block_that_one_node_changed_is_taken_from_the_other()
    {
        await using var run = await NodesRun.StartAsync();
        var (truth, lie) = (TrueBlock.Of(run.A.Chain[Number]), TrueBlock.Of(run.A.Chain[Number]));
        run.A.Script = run.B.Script = truth.Answer;
        await run.Nodes.BlockAsync(Number, Cancel);
        Lies["data of a log, which no bloom shows"](lie);
        run.A.Script = lie.Answer;

        var told = await run.Nodes.BlockWhoAsync(Number, Cancel);

        Assert.Equal("b", told.Node);
        Assert.IsType<Agreement.NotEnough>(await run.Nodes.AgreedAsync(told.Value!.Ref, null, Cancel));
    }

    [Fact]
    public async Task An_agreement_says_where_the_hash_proves_nothing()
    {
        await using var run = await NodesRun.StartAsync();
        var truth = TrueBlock.Of(run.A.Chain[Number]);
        run.A.Script = run.B.Script = truth.Answer;
        var block = (await run.Nodes.BlockAsync(Number, Cancel))!.Ref;

        var shown = Assert.IsType<Agreement.Agreed>(await run.Nodes.AgreedAsync(block, null, Cancel));
        var partly = TrueBlock.Of(run.A.Chain[Number]);
        partly.Block.Remove("mixHash");
        run.B.Script = partly.Answer;
        var doubtful = Assert.IsType<Agreement.Agreed>(await run.Nodes.AgreedAsync(block, null, Cancel));

        Assert.Equal($"a and b say the same of block {block}", shown.Words);
        Assert.Contains("not shown (b: the hash cannot be recomputed: 'mixHash' is missing)", doubtful.Words);
    }

    private static TrueBlock True() => TrueBlock.Of(new FakeChain().Extend(30)[Number]);

    private static async Task<ScriptedNode> StartAsync()
    {
        var server = await ScriptedNode.StartAsync();
        server.Chain.Extend(30);
        return server;
    }

    private static async Task<string?> UnprovenAsync(
        ScriptedNode server, Node node, TrueBlock block, ulong number = Number)
    {
        server.Script = asked => asked.Method == "eth_getBlockByNumber" && asked.FirstText == "latest"
            ? Reply.Result(asked.Id, block.Block.DeepClone())
            : block.Answer(asked);
        var reader = new BlockReader();
        Assert.NotNull(await node.BlockAsync(number, reader, Cancel));
        return reader.Unproven;
    }
}
