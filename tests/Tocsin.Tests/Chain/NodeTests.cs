using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Tocsin.Chain;
using Tocsin.Chains;

namespace Tocsin.Tests.Chain;

public sealed class NodeTests
{
    private static readonly Address Account = Address.Parse(FakeBlock.Sender);
    private static readonly Address Contract = Address.Parse(FakeBlock.Contract);
    private static readonly FakeBlock Two = new FakeChain().Extend(2).Head;

    private readonly ManualTime time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, int, NodeFault> Lies => new()
    {
        { "wrong id", """{"jsonrpc":"2.0","id":99,"result":"0x1"}""", 200, NodeFault.Garbage },
        { "id as text", """{"jsonrpc":"2.0","id":"1","result":"0x1"}""", 200, NodeFault.Garbage },
        { "null id without error", """{"jsonrpc":"2.0","id":null,"result":"0x1"}""", 200, NodeFault.Garbage },
        { "no id", """{"jsonrpc":"2.0","result":"0x1"}""", 200, NodeFault.Garbage },
        { "no version", """{"id":1,"result":"0x1"}""", 200, NodeFault.Garbage },
        { "no result", """{"jsonrpc":"2.0","id":1}""", 200, NodeFault.Garbage },
        { "two results", """{"jsonrpc":"2.0","id":1,"result":"0x1","result":"0x2"}""", 200, NodeFault.Garbage },
        { "truncated", """{"jsonrpc":"2.0","id":1,"result":"0x""", 200, NodeFault.Garbage },
        { "trailing", """{"jsonrpc":"2.0","id":1,"result":"0x1"} x""", 200, NodeFault.Garbage },
        { "empty", "", 200, NodeFault.Garbage },
        { "a list", "[]", 200, NodeFault.Garbage },
        { "HTML", "<html><body>welcome</body></html>", 200, NodeFault.Garbage },
        { "too deep", new string('[', 100) + new string(']', 100), 200, NodeFault.Garbage },
        { "null result", """{"jsonrpc":"2.0","id":1,"result":null}""", 200, NodeFault.Garbage },
        { "number", """{"jsonrpc":"2.0","id":1,"result":1}""", 200, NodeFault.Garbage },
        { "negative", """{"jsonrpc":"2.0","id":1,"result":"-0x1"}""", 200, NodeFault.Garbage },
        { "negative inside", """{"jsonrpc":"2.0","id":1,"result":"0x-1"}""", 200, NodeFault.Garbage },
        { "no digits", """{"jsonrpc":"2.0","id":1,"result":"0x"}""", 200, NodeFault.Garbage },
        { "foreign digit", """{"jsonrpc":"2.0","id":1,"result":"0x1g"}""", 200, NodeFault.Garbage },
        { "blank", """{"jsonrpc":"2.0","id":1,"result":"0x 1"}""", 200, NodeFault.Garbage },
        { "escape", """{"jsonrpc":"2.0","id":1,"result":"0x\u0031"}""", 200, NodeFault.Garbage },
        { "decimal", """{"jsonrpc":"2.0","id":1,"result":"12"}""", 200, NodeFault.Garbage },
        { "65 bits", """{"jsonrpc":"2.0","id":1,"result":"0x10000000000000000"}""", 200, NodeFault.Garbage },
        { "error without code", """{"jsonrpc":"2.0","id":1,"error":{"message":"no"}}""", 200, NodeFault.Garbage },
        { "error as text", """{"jsonrpc":"2.0","id":1,"error":"no"}""", 200, NodeFault.Garbage },
        { "error of another", """{"jsonrpc":"2.0","id":9,"error":{"code":1,"message":"n"}}""", 200, NodeFault.Garbage },
        { "error", """{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}""", 200, NodeFault.Refused },
        { "error, no id", """{"jsonrpc":"2.0","id":null,"error":{"code":-7,"message":""}}""", 400, NodeFault.Refused },
        { "too many", """{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"no"}}""", 429, NodeFault.Throttled },
        { "forbidden", "<html>no</html>", 403, NodeFault.Refused },
        { "bad gateway", "<html>sorry</html>", 502, NodeFault.Unreachable },
        { "unavailable with a result", """{"jsonrpc":"2.0","id":1,"result":"0x1"}""", 503, NodeFault.Unreachable },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_lie_has_its_name(string what, string body, int status, NodeFault fault)
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = _ => new Reply(body, status);
        var node = server.Client(time);

        var thrown = await Assert.ThrowsAsync<NodeException>(() => node.ChainIdAsync(Cancel));

        Assert.True(fault == thrown.Fault, $"{what}: {thrown.Message}");
        Assert.StartsWith($"the node at 127.0.0.1:{server.Address.Port}, asked for eth_chainId, ", thrown.Message);
        Assert.DoesNotContain('\n', thrown.Message);
    }

    [Fact]
    public async Task Balances_have_at_most_256_bits()
    {
        await using var server = await ScriptedNode.StartAsync();
        var node = server.Client(time);

        server.Script = asked => Reply.Result(asked.Id, "0x" + new string('f', 64));
        Assert.Equal(UInt256.MaxValue, await node.BalanceAsync(Account, Cancel));

        server.Script = asked => Reply.Result(asked.Id, "0x1" + new string('0', 64));
        var thrown = await Assert.ThrowsAsync<NodeException>(() => node.BalanceAsync(Account, Cancel));
        Assert.Equal(NodeFault.Garbage, thrown.Fault);
    }

    [Fact]
    public async Task Silence_ends_at_the_request_timeout()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = _ => new Reply("", Hang: true);
        var request = server.Client(time, new() { RequestTimeout = TimeSpan.FromSeconds(7) }).HeadAsync(Cancel);

        await time.UntilWaitingAsync(TimeSpan.FromSeconds(7));
        time.Advance(TimeSpan.FromSeconds(7));

        var thrown = await Assert.ThrowsAsync<NodeException>(() => request);
        Assert.Equal(NodeFault.TimedOut, thrown.Fault);
    }

    [Fact]
    public async Task A_cancelled_caller_is_no_fault_of_the_node()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = _ => new Reply("", Hang: true);
        using var cancel = new CancellationTokenSource();
        var request = server.Client(time).HeadAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    [Theory]
    [InlineData(1000, NodeFault.TooLarge)]
    [InlineData(100_000, NodeFault.TooLarge)]
    [InlineData(900, NodeFault.Garbage)]
    public async Task Answers_are_read_up_to_the_limit(int bytes, NodeFault fault)
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = _ => new Reply(new string('x', bytes));
        var node = server.Client(time, new() { MaximumResponseBytes = 999 });

        var thrown = await Assert.ThrowsAsync<NodeException>(() => node.ChainIdAsync(Cancel));

        Assert.Equal(fault, thrown.Fault);
    }

    [Fact]
    public async Task A_broken_off_answer_is_no_answer()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = _ => new Reply("""{"jsonrpc":"2.0","id":1,"result":"0x1"}""", BreakOff: true);

        var thrown = await Assert.ThrowsAsync<NodeException>(() => server.Client(time).ChainIdAsync(Cancel));

        Assert.Equal(NodeFault.Unreachable, thrown.Fault);
    }

    [Fact]
    public async Task Nobody_listens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var http = new HttpClient();
        var node = new Node(http, new Uri($"http://127.0.0.1:{port}/"), time);

        var thrown = await Assert.ThrowsAsync<NodeException>(() => node.ChainIdAsync(Cancel));

        Assert.Equal(NodeFault.Unreachable, thrown.Fault);
    }

    [Theory]
    [InlineData("\"0x08c379a0\"", "0x08c379a0")]
    [InlineData("{\"data\":\"0x08c379a0\"}", "0x08c379a0")]
    [InlineData("\"Reverted\"", "0x")]
    [InlineData("null", "0x")]
    public async Task A_revert_carries_its_data(string data, string expected)
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = asked => new Reply(
            $$$"""{"jsonrpc":"2.0","id":{{{asked.Id}}},"error":{"code":3,"message":"reverted","data":{{{data}}}}}""");

        var thrown = await Assert.ThrowsAsync<NodeException>(
            () => server.Client(time).CallAsync(Account, Contract, [1], UInt256.One, 16, Cancel));

        Assert.Equal((3L, "reverted"), (thrown.Error!.Code, thrown.Error.Message));
        Assert.Equal(expected, Hex.Format(thrown.Error.Data));
    }

    [Fact]
    public async Task Credentials_are_sent_and_never_shown()
    {
        await using var server = await ScriptedNode.StartAsync();
        var address = new UriBuilder(server.Address)
        {
            UserName = "watcher",
            Password = "sw0rd%20fish",
            Path = "/v2/KEY4711KEY",
            Query = "token=TOKEN0815",
        }.Uri;
        var node = server.Client(time, address: address);
        var echo = $"{address.AbsoluteUri} watcher sw0rd fish key4711key TOKEN0815\nsecond line";

        foreach (var lie in (string[])[echo, new JsonObject
            {
                ["jsonrpc"] = "2.0",
                ["id"] = null,
                ["error"] = new JsonObject { ["code"] = 1, ["message"] = echo },
            }.ToJsonString()])
        {
            server.Script = _ => new Reply(lie);
            var thrown = await Assert.ThrowsAsync<NodeException>(() => node.ChainIdAsync(Cancel));
            var shown = $"{thrown.Message} {thrown.Error?.Message} {node} {node.Label}";
            foreach (var secret in (string[])["watcher", "sw0rd", "fish", "4711", "0815", "\n"])
                Assert.DoesNotContain(secret, shown, StringComparison.OrdinalIgnoreCase);
        }
        Assert.All(server.Requests, asked => Assert.Equal("Basic d2F0Y2hlcjpzdzByZCBmaXNo", asked.Authorization));
    }

    [Fact]
    public void An_address_of_another_kind_is_refused_without_being_shown()
    {
        using var http = new HttpClient();
        var thrown = Assert.Throws<ArgumentException>(() => new Node(http, new Uri("ftp://me:secret@host/"), time));
        Assert.DoesNotContain("secret", thrown.Message);
    }

    [Fact]
    public async Task A_block_is_one_whole()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Chain.Extend(2);

        var block = await server.Client(time).BlockAsync(2, Cancel);

        Assert.Equal(server.Chain.Head.Ref, block!.Ref);
        Assert.Equal(server.Chain[1].Hash, block.ParentHash);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_024), block.Time);
        var logs = block.Transactions.ToArray().SelectMany(transaction => transaction.Logs.ToArray());
        Assert.Equal([0, 1, 2, 3], logs.Select(log => log.Index));
        Assert.Null(await server.Client(time).BlockAsync(3, Cancel));
        Assert.Null(await server.Client(time).BlockRefAsync(3, Cancel));
    }

    [Fact]
    public async Task A_block_without_its_receipts_or_with_another_number_is_inconsistent()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Chain.Extend(3);
        var node = server.Client(time);

        server.Script = asked => asked.Method == "eth_getBlockReceipts" ? Reply.Result(asked.Id, null) : null;
        var without = await Assert.ThrowsAsync<NodeException>(() => node.BlockAsync(2, Cancel));
        server.Script = asked => asked.Method == "eth_getBlockByNumber"
            ? Reply.Result(asked.Id, server.Chain[1].ToJson(full: true))
            : null;
        var other = await Assert.ThrowsAsync<NodeException>(() => node.BlockAsync(2, Cancel));
        var otherRef = await Assert.ThrowsAsync<NodeException>(() => node.BlockRefAsync(2, Cancel));

        Assert.Equal(
            [NodeFault.Inconsistent, NodeFault.Inconsistent, NodeFault.Inconsistent],
            [without.Fault, other.Fault, otherRef.Fault]);
    }

    [Fact]
    public async Task Typed_calls_ask_and_read_as_the_specification_says()
    {
        await using var server = await ScriptedNode.StartAsync();
        var answers = new Dictionary<string, JsonNode?>();
        server.Script = asked => Reply.Result(asked.Id, answers[$"{asked.Method}{asked.Parameters}"]?.DeepClone());
        var node = server.Client(time);
        var call = $"\"to\":\"{Contract}\",\"data\":\"0x01ff\",\"value\":\"0x0\"}}";
        var hash = Two.TransactionHash(1);
        answers["""eth_getBlockByNumber["latest",false]"""] = Two.ToJson(full: false);
        answers["eth_maxPriorityFeePerGas[]"] = "0x3b9aca00";
        answers[$"eth_call[{{\"from\":\"{Account}\",{call},\"0x10\"]"] = "0xabcd";
        answers[$"eth_call[{{{call},\"latest\"]"] = "0x";
        answers[$"eth_estimateGas[{{{call}]"] = "0x5208";
        answers["""eth_sendRawTransaction["0x02f8"]"""] = hash.ToString();
        answers[$"eth_getTransactionReceipt[\"{hash}\"]"] = Two.ReceiptJson(1);
        answers[$"eth_getTransactionReceipt[\"{Hash32.Zero}\"]"] = null;
        answers[$"eth_getTransactionCount[\"{Account}\",\"pending\"]"] = "0x4f";
        answers[$"eth_getCode[\"{Contract}\",\"latest\"]"] = "0x60";
        answers["""anvil_reorg[2,[[{"a":"0x10"},0]],true,null,"0x0102"]"""] = new JsonObject { ["odd"] = 1.5 };

        Assert.Equal(Two.Ref, await node.HeadAsync(Cancel));
        Assert.Equal(new Fees(7, 1_000_000_000), await node.FeesAsync(Cancel));
        Assert.Equal("0xabcd", Hex.Format(await node.CallAsync(Account, Contract, [1, 255], default, 16, Cancel)));
        Assert.Equal("0x", Hex.Format(await node.CallAsync(null, Contract, [1, 255], default, null, Cancel)));
        Assert.Equal(21000UL, await node.EstimateGasAsync(null, Contract, [1, 255], default, Cancel));
        Assert.Equal(hash, await node.BroadcastAsync([2, 0xf8], Cancel));
        var receipt = await node.ReceiptAsync(hash, Cancel);
        Assert.Equal((Two.Ref, true), (receipt!.Block, receipt.Succeeded));
        Assert.Equal((21000UL, 2), (receipt.GasUsed, receipt.Logs.Length));
        Assert.Null(await node.ReceiptAsync(Hash32.Zero, Cancel));
        Assert.Equal(79UL, await node.NonceAsync(Account, "pending", Cancel));
        Assert.Equal("0x60", Hex.Format(await node.CodeAsync(Contract, Cancel)));
        object?[] nested = [new object?[] { new Dictionary<string, object?> { ["a"] = (UInt256)16 }, 0UL }];
        var raw = await node.RequestAsync("anvil_reorg", Cancel, 2, nested, true, null, (byte[])[1, 2]);
        Assert.Equal(1.5, raw.GetProperty("odd").GetDouble());
    }

    [Fact]
    public async Task Logs_are_those_asked_for_and_in_order()
    {
        await using var server = await ScriptedNode.StartAsync();
        var node = server.Client(time);
        var topic = FakeBlock.Digest("topic");
        JsonObject[] logs = [Two.LogJson(0, 0), Two.LogJson(1, 2)];
        Task<IReadOnlyList<LocatedLog>> AskAsync(ulong from, Address address, Hash32 topic0, params JsonNode[] answer)
        {
            server.Script = asked => Reply.Result(asked.Id, new JsonArray([.. answer.Select(log => log.DeepClone())]));
            return node.LogsAsync(from, 2, address, topic0, Cancel);
        }

        var found = await AskAsync(1, Contract, topic, logs);

        Assert.Equal([0, 2], found.Select(log => log.Log.Index));
        Assert.Equal(
            $$"""[{"fromBlock":"0x1","toBlock":"0x2","address":"{{Contract}}","topics":["{{topic}}"]}]""",
            server.Requests.Last().Parameters.ToString());
        foreach (var askWrong in (Func<Task>[])[
            () => AskAsync(3, Contract, topic, logs),
            () => AskAsync(1, Account, topic, logs),
            () => AskAsync(1, Contract, Hash32.Zero, logs),
            () => AskAsync(1, Contract, topic, logs[1], logs[0]),
            () => AskAsync(1, Contract, topic, logs[0], logs[0])])
        {
            Assert.Equal(NodeFault.Inconsistent, (await Assert.ThrowsAsync<NodeException>(askWrong)).Fault);
        }
    }

    [Fact]
    public async Task A_receipt_of_another_transaction_is_inconsistent()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = asked => Reply.Result(asked.Id, Two.ReceiptJson(0));

        var thrown = await Assert.ThrowsAsync<NodeException>(
            () => server.Client(time).ReceiptAsync(Two.TransactionHash(1), Cancel));

        Assert.Equal(NodeFault.Inconsistent, thrown.Fault);
    }
}
