using System.Text;
using System.Text.Json.Nodes;
using Tocsin.Evm.Blocks;
using Tocsin.Replay;
using Tocsin.Tests.Chain;
using Tocsin.Tests.Detection;
using Tocsin.Texts;
using Tocsin.Watching;

namespace Tocsin.Tests.Replay;

/// <summary>Blocks from a node: replayed as they come, or recorded into a file first.</summary>
public sealed class NodeBlocksTests : IDisposable
{
    private readonly ReplayFolder folder = new();
    private readonly ManualTime time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_range_comes_in_order_and_whole()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(40);

        var steps = await ReadAsync(Blocks(node), 3, 33);

        Assert.Equal(
            node.Chain.Blocks.Skip(3).Take(31).Select(block => block.Ref),
            steps.Cast<ChainStep.Forward>().Select(step => step.Block.Ref));
    }

    [Fact]
    public async Task A_reorg_under_the_replay_is_rolled_back()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(12);
        var before = node.Chain.Copy();
        var steps = new List<ChainStep>();
        await foreach (var unit in new NodeBlocks(Blocks(node), 1, 20).ReadAsync(0, [], Cancel))
        {
            steps.AddRange(unit.Inputs.Cast<ChainStep>());
            // What is fetched ahead up to block 12 is of the old branch.
            if (steps.Count == 4)
                node.Chain.Reorg(9, 20, "other");
        }
        var expected = before.Blocks.Zip(node.Chain.Blocks).Count(pair => pair.First == pair.Second) - 1;

        var rollback = Assert.Single(steps.OfType<ChainStep.Rollback>());
        Assert.Equal((ulong)expected, rollback.Ancestor.Number);
        Assert.Equal(node.Chain[20].Ref, ((ChainStep.Forward)steps[^1]).Block.Ref);
    }

    [Fact]
    public async Task A_block_that_the_node_does_not_have_and_another_chain_are_told()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(5);

        var absent = await Assert.ThrowsAsync<InputException>(() => ReadAsync(Blocks(node), 3, 9));
        var other = await Assert.ThrowsAsync<InputException>(() => Blocks(node).VerifyChainAsync(new(1), Cancel));

        Assert.Contains("no block 6", absent.Message, StringComparison.Ordinal);
        Assert.Contains("chain 31337", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_that_passes_is_waited_out()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(3);
        var faults = 1;
        node.Script = asked => asked.Method == "eth_getBlockReceipts" && Interlocked.Decrement(ref faults) >= 0
            ? new Reply("busy", 503)
            : null;

        var reading = ReadAsync(Blocks(node, time), 1, 3);
        await time.UntilWaitingAsync(TimeSpan.FromMilliseconds(250));
        time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(3, (await reading).Count);
    }

    [Fact]
    public async Task A_block_is_found_by_its_hash_or_not_at_all()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(3);
        var wanted = node.Chain[2];
        node.Script = asked => asked.Method switch
        {
            "eth_getBlockByHash" when asked.FirstText == wanted.Hash.ToString() =>
                Reply.Result(asked.Id, wanted.ToJson(full: true)),
            "eth_getBlockByHash" => Reply.Result(asked.Id, null),
            "eth_getBlockReceipts" => Reply.Result(asked.Id, wanted.ReceiptsJson()),
            _ => null,
        };

        Assert.Equal(wanted.Ref, (await Blocks(node).FindAsync(wanted.Ref, Cancel))?.Ref);
        Assert.Null(await Blocks(node).FindAsync(node.Chain[1].Ref, Cancel));
    }

    [Theory]
    [InlineData("blocks.jsonl")]
    [InlineData("blocks.jsonl.gz")]
    public async Task What_is_recorded_is_replayed_as_from_the_node(string name)
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(30);
        using var stop = new CancellationTokenSource();
        var units = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Recording(node, name).RunAsync(
            2, 28, false, () => _ = ++units == 11 ? stop.CancelAsync() : null, stop.Token));
        Assert.True(File.Exists(folder.PathOf(name + ".state")));
        using (var torn = File.OpenWrite(folder.PathOf(name)))
        {
            torn.Seek(0, SeekOrigin.End);
            torn.Write("what a crash left"u8);
        }
        await Recording(node, name).RunAsync(2, 28, false, () => { }, Cancel);

        var rejections = new Rejections(true, _ => { });
        var files = new BlockFiles([folder.PathOf(name)], new(31337), rejections);
        var steps = new List<ChainStep>();
        await foreach (var unit in files.ReadAsync(0, [], Cancel))
            steps.AddRange(unit.Inputs.Cast<ChainStep>());
        Assert.Equal(
            node.Chain.Blocks.Skip(2).Take(27).Select(block => block.Ref),
            steps.Cast<ChainStep.Forward>().Select(step => step.Block.Ref));
        Assert.False(File.Exists(folder.PathOf(name + ".state")));
        Assert.True(units >= 11);
    }

    [Fact]
    public async Task Of_a_node_without_receipts_by_block_blocks_are_recorded_found_and_kept_all_the_same()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(3);
        var wanted = node.Chain[2];
        node.Script = asked => asked.Method switch
        {
            "eth_getBlockReceipts" => Reply.Error(asked.Id, -32601, "the method does not exist/is not available"),
            "eth_getBlockByHash" => Reply.Result(
                asked.Id, asked.FirstText == wanted.Hash.ToString() ? wanted.ToJson(full: true) : null),
            _ => null,
        };

        await Recording(node, "each.jsonl").RunAsync(1, 3, false, () => { }, Cancel);
        var recorded = File.ReadAllLines(folder.PathOf("each.jsonl"))
            .Select(line => RecordedBlock.Read(Encoding.UTF8.GetBytes(line), new(31337)).Block.Ref);
        var found = await Blocks(node).FindAsync(wanted.Ref, Cancel);
        var kept = await EvidenceKeeper.LineAsync(node.Client(time), new(31337), wanted.Ref, Cancel);

        Assert.Equal(node.Chain.Blocks.Skip(1).Select(block => block.Ref), recorded);
        Assert.Equal(2, found!.Transactions.Length);
        Assert.Equal(wanted.Ref, RecordedBlock.Read(kept, new(31337)).Block.Ref);
        Assert.Null(await EvidenceKeeper.LineAsync(node.Client(time), new(31337), node.Chain[1].Ref, Cancel));
    }

    [Fact]
    public async Task An_orphan_whose_transactions_are_in_another_block_by_now_is_not_found_one_by_one()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(2);
        var orphan = node.Chain[2];
        node.Script = asked => asked.Method switch
        {
            "eth_getBlockReceipts" => Reply.Error(asked.Id, -32601, "the method does not exist/is not available"),
            "eth_getBlockByHash" => Reply.Result(asked.Id, orphan.ToJson(full: true)),
            "eth_getTransactionReceipt" => Reply.Result(asked.Id, ElsewhereNow(orphan, asked.FirstText)),
            _ => null,
        };

        Assert.Null(await Blocks(node).FindAsync(orphan.Ref, Cancel));
    }

    private static JsonNode ElsewhereNow(FakeBlock orphan, string transaction)
    {
        var receipt = orphan.ReceiptsJson().Single(one => one!["transactionHash"]!.GetValue<string>() == transaction)!;
        receipt["blockHash"] = Story.Hash(9, 9).ToString();
        return receipt.DeepClone();
    }

    [Fact]
    public async Task Nothing_is_written_over_and_no_torn_chain_recorded()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(20);
        folder.Write("mine.jsonl", "do not touch");

        await Assert.ThrowsAsync<InputException>(
            () => Recording(node, "mine.jsonl").RunAsync(1, 3, false, () => { }, Cancel));
        // An answer that is on its way meanwhile may be of both chains: that one is asked for again, in real time.
        var units = 0;
        var torn = new BlockRecording(
            node.Client(TimeProvider.System), folder.PathOf("torn.jsonl"), new(31337), false,
            new Rejections(false, _ => { }), TimeProvider.System);
        await Assert.ThrowsAsync<InputException>(() => torn.RunAsync(
            1, 20, false, () => _ = ++units == 2 ? node.Chain.Reorg(18, 30, "other") : null, Cancel));

        Assert.Equal("do not touch\n", File.ReadAllText(folder.PathOf("mine.jsonl")));
    }

    [Fact]
    public async Task Traces_are_recorded_on_request_and_read_again()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(1);
        var frame = new JsonObject { ["type"] = "CALL", ["from"] = FakeBlock.Sender, ["to"] = FakeBlock.Contract };
        node.Script = asked => asked.Method != "debug_traceBlockByNumber" ? null : Reply.Result(
            asked.Id,
            new JsonArray(new JsonObject
            {
                ["txHash"] = node.Chain[1].TransactionHash(0).ToString(),
                ["result"] = frame.DeepClone(),
            }));

        await Recording(node, "traced.jsonl", traces: true).RunAsync(1, 1, false, () => { }, Cancel);

        var line = Encoding.UTF8.GetBytes(File.ReadAllText(folder.PathOf("traced.jsonl")));
        Assert.IsType<ChainStep.Traced>(Assert.Single(RecordedBlock.Read(line, Story.Watch.Chain).After));
        Assert.Contains(node.Requests, asked => asked.Method == "debug_traceBlockByNumber"
            && asked.Parameters[1].GetProperty("tracer").GetString() == "callTracer");
    }

    // In real time: an answer across a reorg is asked for again by itself.
    private static FetchedBlocks Blocks(ScriptedNode node, TimeProvider? clock = null) =>
        new(node.Client(clock ?? TimeProvider.System), clock ?? TimeProvider.System, _ => { });

    private BlockRecording Recording(ScriptedNode node, string name, bool traces = false) => new(
        node.Client(time), folder.PathOf(name), new(31337), traces, new Rejections(false, Assert.Fail), time);

    private static async Task<List<ChainStep>> ReadAsync(FetchedBlocks blocks, ulong from, ulong to)
    {
        var steps = new List<ChainStep>();
        await foreach (var unit in new NodeBlocks(blocks, from, to).ReadAsync(0, [], Cancel))
            steps.AddRange(unit.Inputs.Cast<ChainStep>());
        return steps;
    }
}
