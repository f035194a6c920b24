using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain.Senses;

/// <summary>Nothing is done by itself upon a pending transaction that one node alone tells of.</summary>
public sealed class PendingAgreementTests
{
    private const string Alice = "0x00000000000000000000000000000000000a11ce";
    private const string Bob = "0x0000000000000000000000000000000000000b0b";
    private const string Vault = "0x0000000000000000000000000000000000007a07";
    private const ulong Amount = 1_000_000;

    private static readonly Hash32 Attack = new([.. new byte[31], 1]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Amount, "")]
    [InlineData(Amount - (Amount / 20), "")]
    [InlineData(Amount / 2, "says that it would do something else")]
    public async Task Another_node_that_holds_it_must_say_that_it_does_the_same(ulong amount, string contradiction)
    {
        var said = await AskAsync(Holding(Amount), Holding(amount));

        Assert.Equal(contradiction.Length == 0, said.IsAgreed);
        Assert.Contains(
            contradiction.Length == 0 ? "borne out by a and b" : $"b {contradiction}", said.Words,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_other_pool_holds_is_made_up()
    {
        var said = await AskAsync(Holding(Amount), (_, _) => Task.FromResult<JsonNode?>(PoolNode.Null));

        Assert.False(said.IsAgreed);
        Assert.Contains("b does not know it", said.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_pool_holds_a_moment_later_is_borne_out()
    {
        var looks = 0;
        var said = await AskAsync(Holding(Amount), (method, parameters) =>
            method == "eth_getTransactionByHash" && Interlocked.Increment(ref looks) == 1
                ? Task.FromResult<JsonNode?>(PoolNode.Null)
                : Holding(Amount)(method, parameters));

        Assert.True(said.IsAgreed, said.Words);
    }

    [Theory]
    [InlineData("from", Bob)]
    [InlineData("to", Vault)]
    [InlineData("nonce", "0x6")]
    [InlineData("value", "0x8")]
    [InlineData("input", "0x12345679")]
    public async Task Another_transaction_by_that_hash_is_none(string field, string value)
    {
        var body = Body();
        body[field] = value;

        var said = await AskAsync(Holding(Amount), Holding(Amount, body));

        Assert.False(said.IsAgreed);
        Assert.Contains("b tells another transaction by that hash", said.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_in_a_block_is_for_the_finding_of_that_block()
    {
        var body = Body();
        body["blockHash"] = Attack.ToString();

        Assert.False((await AskAsync(Holding(Amount), Holding(Amount, body))).IsAgreed);
    }

    [Fact]
    public async Task A_node_that_cannot_carry_it_out_bears_nothing_out()
    {
        var said = await AskAsync(Holding(Amount), (method, _) => Task.FromResult<JsonNode?>(
            method == "eth_getTransactionByHash" ? Body() : null));

        Assert.False(said.IsAgreed);
        Assert.Contains("b cannot say what it would do", said.Words, StringComparison.Ordinal);
    }

    private static async Task<PendingAgreement> AskAsync(
        Func<string, JsonElement, Task<JsonNode?>> first, Func<string, JsonElement, Task<JsonNode?>> second)
    {
        await using var a = await PoolNode.StartAsync();
        await using var b = await PoolNode.StartAsync();
        (a.Script, b.Script) = (first, second);
        var time = new ManualTime();
        var nodes = new Nodes(
            [new NamedNode("a", a.Client(), 1), new NamedNode("b", b.Client(), 1)], time, new NodesOptions());
        var asking = nodes.AgreedAsync(Taken(), Cancel);
        while (await Task.WhenAny(asking, time.UntilWaitingAsync(TimeSpan.FromMilliseconds(250))) != asking)
            time.Advance(TimeSpan.FromMilliseconds(250));
        return await asking;
    }

    // As the feed of node a told it.
    private static PendingTransaction Taken() => new(
        Attack, Address.Parse(Alice), Address.Parse(Bob), 5, 7, new byte[] { 0x12, 0x34, 0x56, 0x78 },
        TraceJson.ParseCall(JsonSerializer.SerializeToUtf8Bytes(Frame(Amount)), Attack), null);

    private static Func<string, JsonElement, Task<JsonNode?>> Holding(ulong amount, JsonObject? body = null) =>
        (method, _) => Task.FromResult<JsonNode?>(method switch
        {
            "eth_getTransactionByHash" => body?.DeepClone() ?? Body(),
            "debug_traceCall" => Frame(amount),
            _ => null,
        });

    private static JsonObject Body() => new()
    {
        ["hash"] = Attack.ToString(),
        ["from"] = Alice,
        ["to"] = Bob,
        ["nonce"] = "0x5",
        ["value"] = "0x7",
        ["input"] = "0x12345678",
        ["gas"] = "0x5208",
        ["blockHash"] = null,
    };

    private static JsonObject Frame(ulong amount) => new()
    {
        ["type"] = "CALL",
        ["from"] = Alice,
        ["to"] = Bob,
        ["input"] = "0x12345678",
        ["calls"] = new JsonArray(new JsonObject
        {
            ["type"] = "CALL",
            ["from"] = Bob,
            ["to"] = Vault,
            ["input"] = $"0xaabbccdd{amount:x64}",
        }),
    };
}
