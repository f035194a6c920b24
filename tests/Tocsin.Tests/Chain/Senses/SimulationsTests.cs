using System.Text.Json.Nodes;
using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain.Senses;

/// <summary>Simulations as nodes give them, and as nodes that lie or lack a method do.</summary>
public sealed class SimulationsTests
{
    private static readonly Address From = Address.Parse("0x0000000000000000000000000000000000000f01");
    private static readonly Address To = Address.Parse("0x0000000000000000000000000000000000000c0d");
    private static readonly string Transfer = Keccak256.Hash("Transfer(address,address,uint256)").ToString();
    private static readonly StateSimulation Two = new(
        From, [new SimulatedCall(To, 5, []), new SimulatedCall(To, UInt256.Zero, [1, 2, 3, 4, 5])]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_are_simulated_in_sequence_and_each_is_traced_for_what_it_calls()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => Reply.Result(asked.Id, asked.Method == "eth_simulateV1"
            ? Blocks(Call([Paid(5), Log("0x01")]), Failed("execution reverted: no"))
            : Trace("DELEGATECALL"));

        var answer = await RunAsync(node, Two);

        Assert.Null(answer.Missing);
        Assert.True(answer.IsInSequence);
        Assert.Equal([null, "execution reverted: no"], answer.Outcomes.Select(one => one.Error));
        Assert.Equal(new SimulatedPayment(From, To, 5), Assert.Single(answer.Outcomes[0].Payments));
        Assert.Equal(To, Assert.Single(answer.Outcomes[0].Logs).Address);
        Assert.Equal(
            new InnerCall(CallKind.DelegateCall, To, From, [0xaa, 0xbb, 0xcc, 0xdd]),
            Assert.Single(answer.Outcomes[0].Inner));
        var simulated = node.Requests.First(asked => asked.Method == "eth_simulateV1").Parameters;
        Assert.Equal($$"""{"blockHash":"{{node.Chain.Head.Hash}}"}""", simulated[1].GetRawText());
        Assert.False(simulated[0].GetProperty("validation").GetBoolean());
        Assert.True(simulated[0].GetProperty("traceTransfers").GetBoolean());
        // What failed in sequence is not traced by itself.
        Assert.Single(node.Requests, asked => asked.Method == "debug_traceCall");
    }

    [Fact]
    public async Task A_node_that_only_traces_gives_each_call_by_itself()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => asked.Method == "eth_simulateV1" ? Unknown(asked)
            : asked.Parameters[0].GetProperty("value").GetString() == "0x5"
                ? Reply.Error(asked.Id, -32003, "Insufficient funds for gas * price + value")
                : Reply.Result(asked.Id, Trace("CALL"));

        var answer = await RunAsync(node, Two);

        Assert.False(answer.IsInSequence);
        Assert.StartsWith("Insufficient funds", answer.Outcomes[0].Error);
        Assert.Equal(new SimulatedPayment(To, From, 7), Assert.Single(answer.Outcomes[1].Payments));
    }

    [Fact]
    public async Task A_node_that_only_simulates_shows_no_inner_calls()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => asked.Method == "eth_simulateV1"
            ? Reply.Result(asked.Id, Blocks(Call([]), Call([])))
            : Unknown(asked);

        var answer = await RunAsync(node, Two);

        Assert.Equal(2, answer.Outcomes.Count);
        Assert.All(answer.Outcomes, one => Assert.Empty(one.Inner));
        Assert.Single(node.Requests, asked => asked.Method == "debug_traceCall");
    }

    [Fact]
    public async Task A_node_that_can_neither_says_so()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = Unknown;

        var fault = await Assert.ThrowsAsync<NodeException>(() => RunAsync(node, Two));

        Assert.Equal(NodeFault.Refused, fault.Fault);
        Assert.Contains("knows no way to simulate", fault.Message);
    }

    public static TheoryData<string> Lies => ["one call", "no block", "no status", "topics", "data", "text", "cut"];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_is_no_answer_is_a_fault(string lie)
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => asked.Method != "eth_simulateV1" ? Unknown(asked) : lie switch
        {
            "one call" => Reply.Result(asked.Id, Blocks(Call([]))),
            "no block" => Reply.Result(asked.Id, new JsonArray()),
            "no status" => Reply.Result(asked.Id, Blocks(Call([]), new JsonObject())),
            "topics" => Reply.Result(asked.Id, Blocks(Call([]), Call([Log("0x", 5)]))),
            "data" => Reply.Result(asked.Id, Blocks(Call([]), Call([Log("0x123")]))),
            "text" => Reply.Result(asked.Id, "0x"),
            _ => new Reply($$"""{"jsonrpc":"2.0","id":{{asked.Id}},"result":[{"calls":[""", BreakOff: true),
        };

        await Assert.ThrowsAsync<NodeException>(() => RunAsync(node, Two));
    }

    [Fact]
    public async Task More_than_is_kept_is_no_answer_and_says_so()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => asked.Method == "eth_simulateV1"
            ? Reply.Result(asked.Id, Blocks(
                Call([.. Enumerable.Range(0, 3_000).Select(_ => Log("0x01"))]), Call([])))
            : Unknown(asked);

        var answer = await RunAsync(node, Two);

        Assert.Contains("more than is read", answer.Missing);
        Assert.Empty(answer.Outcomes);
    }

    [Fact]
    public async Task What_is_too_large_is_not_asked()
    {
        await using var node = await ScriptedNode.StartAsync();
        var many = new StateSimulation(
            From, Enumerable.Repeat(new SimulatedCall(To, 5, []), StateSimulation.CallsMax + 1).ToValueList());
        var long1 = new StateSimulation(
            From, [new SimulatedCall(To, 5, new byte[StateSimulation.BytesMax + 1].ToValueList())]);

        Assert.NotNull((await RunAsync(node, many)).Missing);
        Assert.NotNull((await RunAsync(node, long1)).Missing);
        Assert.Empty(node.Requests);
    }

    private static Task<SimulationAnswer> RunAsync(ScriptedNode node, StateSimulation asked) =>
        Simulations.RunAsync(node.Client(TimeProvider.System), node.Chain.Head.Ref, asked, Cancel);

    private static Reply Unknown(Asked asked) => Reply.Error(asked.Id, -32601, "Method not found");

    private static JsonArray Blocks(params JsonNode[] calls) => [new JsonObject { ["calls"] = new JsonArray(calls) }];

    private static JsonObject Call(JsonNode[] logs) => new()
    {
        ["status"] = "0x1",
        ["returnData"] = "0x",
        ["logs"] = new JsonArray(logs),
    };

    private static JsonObject Failed(string message) => new()
    {
        ["status"] = "0x0",
        ["returnData"] = "0x",
        ["logs"] = new JsonArray(),
        ["error"] = new JsonObject { ["code"] = 3, ["message"] = message },
    };

    private static JsonObject Log(string data, int topics = 1) => new()
    {
        ["address"] = To.ToString(),
        ["topics"] = new JsonArray([.. Enumerable.Repeat(Transfer, topics).Select(one => (JsonNode)one)]),
        ["data"] = data,
    };

    private static JsonObject Paid(ulong wei) => new()
    {
        ["address"] = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        ["topics"] = new JsonArray(Transfer, Topic(From), Topic(To)),
        ["data"] = $"0x{wei:x64}",
    };

    private static string Topic(Address address) => "0x" + new string('0', 24) + address.ToString()[2..];

    private static JsonObject Trace(string inner) => new()
    {
        ["type"] = "CALL",
        ["from"] = From.ToString(),
        ["to"] = To.ToString(),
        ["calls"] = new JsonArray(
            new JsonObject
            {
                ["type"] = inner,
                ["from"] = To.ToString(),
                ["to"] = From.ToString(),
                ["value"] = "0x7",
                ["input"] = "0xaabbccddee",
            },
            new JsonObject
            {
                ["type"] = "CALL",
                ["from"] = To.ToString(),
                ["to"] = From.ToString(),
                ["value"] = "0x9",
                ["error"] = "out of gas",
            }),
    };
}
