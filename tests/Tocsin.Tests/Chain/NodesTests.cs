using System.Diagnostics.Metrics;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain;

public sealed class NodesTests
{
    private static readonly Address Contract = Address.Parse(FakeBlock.Contract);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly Dictionary<string, Func<Asked, Reply>> Faults = new()
    {
        ["unavailable"] = _ => new Reply("", 502),
        ["garbage"] = _ => new Reply("hello"),
        ["cut"] = _ => new Reply("{\"jsonrpc\"", BreakOff: true),
        ["turned away"] = _ => new Reply("", 401),
        ["refused"] = asked => Reply.Error(asked.Id, -32601, "no such method"),
        ["throttled"] = _ => new Reply("", 429),
    };

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task A_fault_of_one_node_is_answered_by_the_next(string what)
    {
        await using var run = await NodesRun.StartAsync();
        run.A.Script = Faults[what];

        var told = await run.Nodes.HeadAsync(Cancel);

        Assert.True(told.Node == "b", what);
        Assert.Equal(run.B.Chain.Head.Ref, told.Block);
        Assert.NotEmpty(run.A.Requests);
    }

    [Fact]
    public async Task A_revert_is_an_answer_and_no_other_node_is_asked()
    {
        await using var run = await NodesRun.StartAsync();
        run.A.Script = asked => Reply.Error(asked.Id, 3, "execution reverted");

        var thrown = await Assert.ThrowsAsync<NodeException>(
            () => run.Nodes.CallAsync(null, Contract, [1], default, null, Cancel));

        Assert.True(thrown.IsRevert);
        Assert.Empty(run.B.Requests);
        Assert.Equal("", run.Told());
    }

    [Fact]
    public async Task A_slow_node_is_overtaken_by_a_second_one()
    {
        await using var run = await NodesRun.StartAsync(options: new() { HedgeAfter = TimeSpan.FromMilliseconds(300) });
        run.A.Script = _ => new Reply("", Hang: true);
        var hedges = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, heard) =>
        {
            if (instrument is { Meter.Name: "Tocsin.Chain", Name: "tocsin.node.hedges" })
                heard.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => hedges.Add($"{tags[0].Value}"));
        listener.Start();

        var head = run.Nodes.HeadAsync(Cancel);
        await run.Time.UntilWaitingAsync(TimeSpan.FromMilliseconds(300));
        Assert.Empty(run.B.Requests);
        run.Time.Advance(TimeSpan.FromMilliseconds(300));

        Assert.Equal("b", (await head).Node);
        Assert.Contains("b", hedges);
    }

    [Fact]
    public async Task The_heavier_node_is_asked_until_it_is_not_well_and_again_when_it_is()
    {
        await using var run = await NodesRun.StartAsync(weights: [1, 1.2]);
        Assert.Equal("b", (await run.Nodes.HeadAsync(Cancel)).Node);

        run.B.Script = _ => new Reply("", 502);
        Assert.Equal("a", (await run.Nodes.HeadAsync(Cancel)).Node);
        var asked = run.B.Requests.Count;
        Assert.Equal("a", (await run.Nodes.HeadAsync(Cancel)).Node);
        Assert.Equal(asked, run.B.Requests.Count);

        run.B.Script = null;
        run.Time.Advance(TimeSpan.FromMinutes(10));
        run.A.Script = _ => new Reply("", 502);
        Assert.Equal("b", (await run.Nodes.HeadAsync(Cancel)).Node);
    }

    [Theory]
    [InlineData("20", 20)]
    [InlineData("86400", 300)]
    [InlineData(null, 1)]
    [InlineData("0", 1)]
    public async Task A_throttled_node_rests_as_long_as_it_says_within_reason(string? retryAfter, int seconds)
    {
        await using var run = await NodesRun.StartAsync();
        run.A.Script = _ => new Reply("", 429, RetryAfter: retryAfter);
        await run.Nodes.HeadAsync(Cancel);
        run.A.Script = null;
        run.B.Script = _ => new Reply("", 502);
        var asked = run.A.Requests.Count;

        run.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<NodeException>(() => run.Nodes.HeadAsync(Cancel));
        Assert.Equal(asked, run.A.Requests.Count);

        run.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("a", (await run.Nodes.HeadAsync(Cancel)).Node);
    }

    [Fact]
    public async Task Where_all_rest_nobody_is_asked_and_the_wait_is_told()
    {
        await using var run = await NodesRun.StartAsync();
        run.A.Script = _ => new Reply("", 429, RetryAfter: "20");
        run.B.Script = _ => new Reply("", 429, RetryAfter: "30");
        await Assert.ThrowsAsync<NodeException>(() => run.Nodes.HeadAsync(Cancel));

        var thrown = await Assert.ThrowsAsync<NodeException>(() => run.Nodes.HeadAsync(Cancel));

        Assert.Equal((NodeFault.Throttled, TimeSpan.FromSeconds(20)), (thrown.Fault, thrown.RetryAfter));
        Assert.Equal((1, 1), (run.A.Requests.Count, run.B.Requests.Count));
    }

    [Fact]
    public async Task A_block_that_one_node_does_not_have_yet_is_asked_of_another()
    {
        await using var run = await NodesRun.StartAsync();
        run.B.Chain.Extend(1);

        var told = await run.Nodes.BlockWhoAsync(31, Cancel);

        Assert.Equal(("b", run.B.Chain.Head.Ref), (told.Node, told.Value!.Ref));
        Assert.Null(await run.Nodes.BlockAsync(32, Cancel));
        Assert.Null(await run.Nodes.BlockRefAsync(32, Cancel));
    }

    [Fact]
    public async Task A_node_on_another_chain_answers_nothing()
    {
        await using var run = await NodesRun.StartAsync(options: new() { ExpectedChain = new ChainId(31337) });
        run.A.ChainId = 1;

        Assert.Equal("b", (await run.Nodes.HeadAsync(Cancel)).Node);
        Assert.All(run.A.Requests, asked => Assert.Equal("eth_chainId", asked.Method));
        run.B.Script = _ => new Reply("", 502);
        for (var ask = 0; ask < 2; ask++)
            await Assert.ThrowsAsync<NodeException>(() => run.Nodes.HeadAsync(Cancel));
        Assert.Contains("is on chain 1, not on chain 31337", run.Words("a", NodeSymptom.Disagreeing));
    }

    [Theory]
    [InlineData("already known", true)]
    [InlineData("AlreadyKnown", true)]
    [InlineData("known transaction: 0xf8", true)]
    [InlineData("nonce too low", false)]
    [InlineData("unknown transaction type", false)]
    public async Task A_transaction_goes_to_all_and_one_that_has_it_is_enough(string refusal, bool accepted)
    {
        await using var run = await NodesRun.StartAsync(3);
        byte[] raw = [2, 0xf8];
        run.A.Script = _ => new Reply("", 502);
        run.B.Script = asked => Reply.Error(asked.Id, -32000, refusal);
        run.C.Script = _ => new Reply("", 429, RetryAfter: "60");
        await Assert.ThrowsAsync<NodeException>(() => run.Nodes.NonceAsync(Contract, "latest", Cancel));

        var sent = run.Nodes.BroadcastAsync(raw, Cancel);

        if (accepted)
            Assert.Equal(Keccak256.Hash(raw), await sent);
        else
            Assert.Contains(refusal, (await Assert.ThrowsAsync<NodeException>(() => sent)).Message);
        await Task.WhenAll(run.Servers.Select(UntilSentAsync));
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_no_fault_of_a_node()
    {
        await using var run = await NodesRun.StartAsync();
        run.A.Script = _ => new Reply("", Hang: true);
        using var cancel = new CancellationTokenSource();
        var head = run.Nodes.HeadAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => head);
        Assert.Equal("", run.Told());
    }

    [Fact]
    public async Task Names_tell_nodes_apart()
    {
        await using var run = await NodesRun.StartAsync(1);
        var node = new NamedNode("a", run.A.Client(run.Time));
        Assert.Throws<ArgumentException>(() => new Nodes([], run.Time));
        Assert.Throws<ArgumentException>(() => new Nodes([node, node], run.Time));
        Assert.Throws<ArgumentException>(() => new Nodes([node with { Weight = 0 }], run.Time));
    }

    private static async Task UntilSentAsync(ScriptedNode server)
    {
        while (!server.Requests.Any(asked => asked.Method == "eth_sendRawTransaction"))
            await Task.Yield();
    }
}
