using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chain;

namespace Tocsin.Tests.Chain;

public sealed class NodeBatchTests
{
    private readonly ManualTime time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_come_in_the_order_of_the_calls_however_they_arrive()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = Double;

        var answers = await server.Client(time).BatchAsync(Calls(250), Number, Cancel);

        Assert.Equal(Enumerable.Range(0, 250).Select(number => 2UL * (ulong)number), answers.Select(one => one.Result));
        Assert.Equal([100, 100, 50], server.Batches);
        Assert.Empty(server.Requests);
    }

    private static readonly Dictionary<string, Func<IReadOnlyList<Asked>, string>> Lies = new()
    {
        ["missing"] = batch => List(batch.Skip(1)),
        ["doubled"] = batch => List(batch.Append(batch[0])),
        ["foreign"] = batch => List([batch[0], batch[1] with { Id = 4711 }]),
        ["as text"] = batch => List(batch).Replace("\"id\":", "\"id\":\"\",\"x\":"),
        ["none"] = _ => "[]",
        ["one object that is no error"] = batch => Double(batch[0]).Body,
        ["not a list"] = _ => "7",
        ["truncated"] = batch => List(batch)[..^3],
        ["without a version"] = batch => List(batch).Replace("2.0", "1.0"),
    };

    public static TheoryData<string> LieNames => [.. Lies.Keys];

    [Theory]
    [MemberData(nameof(LieNames))]
    public async Task Ids_that_do_not_match_are_garbage(string what)
    {
        await using var server = await ScriptedNode.StartAsync();
        server.BatchScript = batch => new Reply(Lies[what](batch));

        var thrown = await Assert.ThrowsAsync<NodeException>(
            () => server.Client(time).BatchAsync(Calls(2), Number, Cancel));

        Assert.True(thrown.Fault == NodeFault.Garbage, $"{what}: {thrown.Message}");
    }

    [Fact]
    public async Task A_refused_call_leaves_the_others_their_answers()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = asked => asked.FirstText == "0x1"
            ? Reply.Error(asked.Id, 3, "execution reverted")
            : Double(asked);

        var answers = await server.Client(time).BatchAsync(Calls(3), Number, Cancel);

        Assert.Equal((0UL, 4UL), (answers[0].Result, answers[2].Result));
        Assert.True(Assert.Throws<NodeException>(() => answers[1].Result).IsRevert);
    }

    [Fact]
    public async Task A_node_that_takes_no_batches_is_used_without_and_that_is_remembered()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = Double;
        server.BatchScript = _ => Reply.Error(null, -32600, "batches are not served here");
        var node = server.Client(time, new() { BatchCalls = 8 });

        var answers = await node.BatchAsync(Calls(20), Number, Cancel);
        Assert.Equal(20, answers.Count(one => one.Refusal is null));
        Assert.Equal([8, 4, 2], server.Batches);

        await node.BatchAsync(Calls(20), Number, Cancel);
        Assert.Equal(3, server.Batches.Count);
        time.Advance(TimeSpan.FromHours(1));
        server.BatchScript = null;
        await node.BatchAsync(Calls(2), Number, Cancel);
        Assert.Equal([8, 4, 2, 2], server.Batches);
    }

    [Fact]
    public void Whatever_size_the_node_takes_every_call_is_answered_once() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(25),
        Prop.ForAll(
            Gen.Choose(0, 40).Two().ToArbitrary(),
            pair => AnswersAllAsync(pair.Item1, pair.Item2).GetAwaiter().GetResult()));

    [Fact]
    public async Task A_batch_grows_again_slowly_and_only_after_a_while()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = Double;
        var node = server.Client(time, new() { BatchCalls = 16 });
        server.BatchScript = batch => batch.Count > 8 ? new Reply(new string(' ', 100), 413) : null;

        await node.BatchAsync(Calls(24), Number, Cancel);
        server.BatchScript = null;
        time.Advance(TimeSpan.FromMinutes(1));
        await node.BatchAsync(Calls(45), Number, Cancel);

        Assert.Equal([16, 8, 8, 8, 8, 9, 10, 11, 7], server.Batches);
    }

    [Fact]
    public async Task Silence_halves_once_and_then_is_a_fault()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.BatchScript = _ => new Reply("", Hang: true);
        var answers = server.Client(time).BatchAsync(Calls(8), Number, Cancel);

        for (var batches = 1; batches <= 2; batches++)
        {
            while (server.Batches.Count < batches)
                await Task.Yield();
            time.Advance(TimeSpan.FromSeconds(10));
        }

        var thrown = await Assert.ThrowsAsync<NodeException>(() => answers);
        Assert.Equal(NodeFault.TimedOut, thrown.Fault);
        Assert.Equal([8, 4], server.Batches);
    }

    [Fact]
    public async Task Throttling_inside_a_batch_is_throttling()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = asked => asked.FirstText == "0x2" ? Reply.Error(asked.Id, 429, "slow") : Double(asked);

        var thrown = await Assert.ThrowsAsync<NodeException>(
            () => server.Client(time).BatchAsync(Calls(4), Number, Cancel));

        Assert.Equal(NodeFault.Throttled, thrown.Fault);
    }

    [Fact]
    public async Task Receipts_are_asked_one_by_one_where_the_node_does_not_give_them_by_block()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Chain.Extend(5);
        server.Script = asked => asked.Method == "eth_getBlockReceipts"
            ? Reply.Error(asked.Id, -32601, "the method eth_getBlockReceipts does not exist/is not available")
            : null;
        var node = server.Client(time);

        var block = await node.BlockAsync(5, Cancel);
        Assert.Equal(server.Chain.Head.Ref, block!.Ref);
        Assert.Equal(4, block.Transactions.ToArray().Sum(transaction => transaction.Logs.Length));
        Assert.Equal([2], server.Batches);
        await node.BlockAsync(4, Cancel);
        await node.BlockAsync(3, Cancel);
        Assert.Equal(1, server.Requests.Count(asked => asked.Method == "eth_getBlockReceipts"));

        time.Advance(TimeSpan.FromHours(1));
        server.Script = null;
        await node.BlockAsync(5, Cancel);
        await node.BlockAsync(5, Cancel);
        Assert.Equal(3, server.Requests.Count(asked => asked.Method == "eth_getBlockReceipts"));
    }

    [Fact]
    public async Task A_receipt_that_is_missing_among_the_single_ones_is_inconsistent()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Chain.Extend(2);
        var missing = server.Chain.Head.TransactionHash(1).ToString();
        server.Script = asked => asked.Method switch
        {
            "eth_getBlockReceipts" => Reply.Error(asked.Id, -32004, "method not supported"),
            "eth_getTransactionReceipt" when asked.FirstText == missing => Reply.Result(asked.Id, null),
            _ => null,
        };

        var thrown = await Assert.ThrowsAsync<NodeException>(() => server.Client(time).BlockAsync(2, Cancel));

        Assert.Equal(NodeFault.Inconsistent, thrown.Fault);
    }

    private static async Task<bool> AnswersAllAsync(int calls, int taken)
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = Double;
        server.BatchScript = batch => batch.Count > taken ? Reply.Error(null, -32600, "batch too large") : null;
        var node = server.Client(new ManualTime(), new() { BatchCalls = 32 });
        var answers = await node.BatchAsync(Calls(calls), Number, default);
        return answers.Select(one => one.Result).SequenceEqual(
            Enumerable.Range(0, calls).Select(number => 2UL * (ulong)number));
    }

    private static BatchCall[] Calls(int count) => [.. Enumerable.Range(0, count).Select(number =>
        new BatchCall("double", writer => writer.WriteStringValue(FakeBlock.Quantity((ulong)number))))];

    private static ulong Number(JsonElement result) => RpcJson.ToNumber(result, "result");

    private static Reply Double(Asked asked) =>
        Reply.Result(asked.Id, FakeBlock.Quantity(2 * Convert.ToUInt64(asked.FirstText, 16)));

    private static string List(IEnumerable<Asked> batch) =>
        $"[{string.Join(',', batch.Select(asked => Double(asked).Body))}]";
}
