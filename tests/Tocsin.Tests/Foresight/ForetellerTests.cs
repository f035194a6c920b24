using System.Text.Json.Nodes;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Foresight;
using Tocsin.Plans;
using Tocsin.Tests.Chain;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Foresight;

/// <summary>What is asked of nodes, and what is left where they do not know how.</summary>
public sealed class ForetellerTests
{
    private static readonly Address Sender = Address.Parse("0x00000000000000000000000000000000000005e4");
    private static readonly Address Vault = Address.Parse("0x00000000000000000000000000000000000000a2");
    private static readonly PlannedAction Action = MinimalPlan.Plan.Actions[0] with
    {
        Harm = [new PlannedHarm(new ChainId(31337), Vault, [1, 2, 3, 4], 5, "lost()", "users locked", default)],
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_requests_tell_changes_and_harm_on_both_states()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => asked.Method switch
        {
            "debug_traceCall" => Reply.Result(asked.Id, Difference()),
            "eth_simulateV1" => Reply.Result(asked.Id, Blocks(3, 0, 0, 9, 1, 1_800_000_000)),
            _ => null,
        };

        var outlook = await LookAsync(node);

        Assert.Equal(Vault, Assert.Single(outlook.Changes.Value!).Account);
        Assert.Equal(outlook.Changes.Value, outlook.PendingChanges.Value);
        var run = outlook.Run.Value!;
        Assert.Equal((3, 9), ((int)run.HarmBefore[0]!.Value.ToUInt64(), (int)run.HarmAfter[0]!.Value.ToUInt64()));
        Assert.Equal((UInt256.One, (UInt256)1_800_000_000UL), (run.Holds, run.Until));
        Assert.Equal(2, run.Calls.Count);
        Assert.Equal(
            ["debug_traceCall latest", "debug_traceCall pending", "eth_simulateV1 latest", "eth_simulateV1 pending"],
            node.Requests.Where(asked => asked.Method is "debug_traceCall" or "eth_simulateV1")
                .Select(asked => $"{asked.Method} {asked.Parameters[1].GetString()}").Order());
        var calls = node.Requests.First(asked => asked.Method == "eth_simulateV1")
            .Parameters[0].GetProperty("blockStateCalls")[0].GetProperty("calls");
        // The harm, the two calls, the harm again, and what proves the pause.
        Assert.Equal(6, calls.GetArrayLength());
        Assert.Equal(Sender.ToString(), calls[1].GetProperty("from").GetString());
        Assert.False(calls[0].TryGetProperty("from", out _));
    }

    [Fact]
    public async Task A_node_that_knows_no_way_leaves_everything_unknown()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => asked.Method is "debug_traceCall" or "eth_simulateV1"
            ? Reply.Error(asked.Id, -32601, "the method does not exist")
            : null;

        var outlook = await LookAsync(node);

        Assert.All(
            [outlook.Changes.Missing, outlook.PendingChanges.Missing, outlook.Run.Missing, outlook.PendingRun.Missing],
            why => Assert.Contains("the method does not exist", why, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_hangs_does_not_hold_up_a_pause()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => asked.Method == "debug_traceCall" ? new Reply("", Hang: true)
            : asked.Method == "eth_simulateV1" ? Reply.Result(asked.Id, Blocks(0, 0, 0, 0, 1, 1)) : null;
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var looking = LookAsync(node, time);
        while (node.Requests.Count(asked => asked.Method == "debug_traceCall") < 2)
            await Task.Yield();

        time.Advance(Foreteller.Patience);
        var outlook = await looking;

        Assert.Equal("no node answered within 3 s", outlook.Changes.Missing);
    }

    [Theory]
    [InlineData("""{"pre":{}}""")]
    [InlineData("""{"type":"CALL"}""")]
    [InlineData("\"0x\"")]
    public async Task What_is_no_difference_is_unknown(string lie)
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => asked.Method is "debug_traceCall" or "eth_simulateV1"
            ? Reply.Result(asked.Id, JsonNode.Parse(lie))
            : null;

        var outlook = await LookAsync(node);

        Assert.Null(outlook.Changes.Value);
        Assert.Null(outlook.Run.Value);
    }

    private static Task<Outlook> LookAsync(ScriptedNode node, TimeProvider? time = null) =>
        new Foreteller(time ?? TimeProvider.System).LookAsync(
            new Tocsin.Foresight.Asked(
                new Nodes([new NamedNode("one", node.Client(TimeProvider.System), 1)], TimeProvider.System)),
            Sender, Prospect.Of(Action, 0, _ => true, _ => true), Cancel);

    private static JsonObject Difference() => new()
    {
        ["pre"] = new JsonObject { [Vault.ToString()] = new JsonObject { ["balance"] = "0x1" } },
        ["post"] = new JsonObject { [Vault.ToString()] = new JsonObject { ["balance"] = "0x2" } },
    };

    private static JsonArray Blocks(params ulong[] answers) =>
    [
        new JsonObject
        {
            ["calls"] = new JsonArray([.. answers.Select(answer => new JsonObject
            {
                ["status"] = "0x1",
                ["returnData"] = Hex.Format(((UInt256)answer).ToArray()),
                ["logs"] = new JsonArray(),
            })]),
        },
    ];
}
