using System.Text.Json.Nodes;
using Tocsin.Chain;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain;

public sealed class NodesAgreementTests
{
    private static readonly Dictionary<string, (Action<FakeBlock, JsonArray> Tell, string Words)> Lies = new()
    {
        ["data"] = ((_, receipts) => Log(receipts, 1, 0)["data"] = "0x0103", "transaction 1 of block 29 ("),
        ["address"] = ((_, receipts) => Log(receipts, 0, 1)["address"] = FakeBlock.Sender, "wrote other logs"),
        ["topic"] = (
            (_, receipts) => Log(receipts, 0, 1)["topics"]![1] = FakeBlock.Digest("x").ToString(), "wrote other logs"),
        ["last log"] = ((_, receipts) => Logs(receipts, 1).RemoveAt(1), "wrote 1 logs, not 2"),
        ["one more log"] = (
            (block, receipts) => Logs(receipts, 1).Add(block.LogJson(1, 4)), "wrote 3 logs, not 2"),
        ["status"] = (
            (_, receipts) =>
            {
                receipts[1]!["status"] = "0x0";
                receipts[1]!["logs"] = new JsonArray();
            },
            "reverted, not succeeded"),
    };

    public static TheoryData<string> LieNames => [.. Lies.Keys];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_nodes_that_say_the_same_agree()
    {
        await using var run = await NodesRun.StartAsync(3);

        var agreed = Assert.IsType<Agreement.Agreed>(await AskAsync(run, 29));

        Assert.Equal(["a", "b"], agreed.By);
        Assert.False(agreed.OneNodeOnly);
        Assert.Empty(run.C.Requests);
    }

    [Fact]
    public async Task One_node_agrees_with_itself_and_says_so()
    {
        await using var run = await NodesRun.StartAsync(1);

        var agreed = Assert.IsType<Agreement.Agreed>(await AskAsync(run, 29));

        Assert.True(agreed.OneNodeOnly);
        Assert.Contains("one node only", agreed.Words);
    }

    [Theory]
    [MemberData(nameof(LieNames))]
    public async Task A_lie_that_one_node_alone_does_not_reveal_is_named(string what)
    {
        var (lie, words) = Lies[what];
        await using var run = await NodesRun.StartAsync(3);
        run.B.Script = asked => Lie(run, asked, lie);

        var disagreed = Assert.IsType<Agreement.Disagreed>(await AskAsync(run, 29));

        Assert.True(disagreed.Statements.Select(one => one.Node).Order().SequenceEqual(["a", "b", "c"]), what);
        var said = disagreed.Statements.Single(one => one.Node == "b").Words;
        Assert.Contains(words, said);
        Assert.StartsWith("says block 29", disagreed.Statements.Single(one => one.Node == "c").Words);

        Assert.Equal(["a", "c"], Assert.IsType<Agreement.Agreed>(await AskAsync(run, 29)).By);
        await run.ProbeAsync(3);
        Assert.Equal("+b Disagreeing", run.Told());
        Assert.Contains("as by a and c", run.Words("b", NodeSymptom.Disagreeing));
    }

    [Fact]
    public async Task What_was_taken_before_must_be_what_the_nodes_agree_on()
    {
        await using var run = await NodesRun.StartAsync();
        var block = await run.A.Client(run.Time).BlockAsync(29, Cancel);
        run.A.Script = asked => Lie(run, asked, (_, receipts) => Logs(receipts, 1).RemoveAt(1));
        var lied = Testimony.Of((await run.A.Client(run.Time).BlockAsync(29, Cancel))!);
        run.A.Script = null;

        Assert.IsType<Agreement.Agreed>(await run.Nodes.AgreedAsync(block!.Ref, Testimony.Of(block), Cancel));
        var disagreed = Assert.IsType<Agreement.Disagreed>(
            await run.Nodes.AgreedAsync(block.Ref, lied, Cancel));

        Assert.Equal(Agreement.TakenBefore, disagreed.Statements[0].Node);
        Assert.Contains("wrote 1 logs, not 2", disagreed.Words);
        Assert.Empty(run.Nodes.SymptomsOf("a"));
    }

    [Fact]
    public async Task Too_few_are_not_enough_and_it_is_said_who_could_not_say()
    {
        await using var run = await NodesRun.StartAsync();
        run.B.Chain.Reorg(5, 0, "main");
        var behind = Assert.IsType<Agreement.NotEnough>(await AskAsync(run, 29));
        run.B.Script = _ => new Reply("", 502);
        var failing = Assert.IsType<Agreement.NotEnough>(await AskAsync(run, 29));
        run.A.Script = _ => new Reply("", 429);
        var none = Assert.IsType<Agreement.NotEnough>(await AskAsync(run, 29));

        Assert.Contains("b does not have it yet", behind.Why);
        Assert.Contains("b cannot say", failing.Why);
        Assert.Contains("no node could say anything", none.Why);
    }

    [Fact]
    public async Task More_nodes_than_there_are_never_agree()
    {
        await using var run = await NodesRun.StartAsync(options: new() { AgreeingNodes = 3 });

        var agreement = Assert.IsType<Agreement.NotEnough>(await AskAsync(run, 29));

        Assert.Contains("3 nodes must say the same, but only 2 are configured", agreement.Why);
    }

    [Fact]
    public async Task A_block_that_was_taken_back_is_not_confirmed_and_nobody_lied()
    {
        await using var run = await NodesRun.StartAsync();
        var before = run.A.Chain[29].Ref;
        foreach (var server in run.Servers)
            server.Chain.Reorg(3, 3, "b");

        var agreement = await run.Nodes.AgreedAsync(before, taken: null, Cancel);

        Assert.Contains("at its height", Assert.IsType<Agreement.NotEnough>(agreement).Why);
        Assert.Empty(run.Nodes.SymptomsOf("a"));
    }

    [Fact]
    public async Task Of_two_that_differ_both_are_suspect_until_they_agree_again()
    {
        await using var run = await NodesRun.StartAsync();
        run.B.Chain.Reorg(10, 10, "b");
        for (var look = 0; look < 3; look++)
        {
            Assert.IsType<Agreement.Disagreed>(await AskAsync(run, 29));
            run.Time.Advance(TimeSpan.FromSeconds(5));
        }
        Assert.Equal(
            "+* Unconfirmed, +a Disagreeing, +b Disagreeing", string.Join(", ", run.Told().Split(", ").Order()));

        run.B.Chain = run.A.Chain;
        await run.ProbeAsync(8);

        Assert.Empty(run.Nodes.SymptomsOf("a"));
        Assert.Empty(run.Nodes.SymptomsOf("b"));
    }

    private static Task<Agreement> AskAsync(NodesRun run, int number) =>
        run.Nodes.AgreedAsync(run.A.Chain[number].Ref, taken: null, Cancel);

    private static Reply? Lie(NodesRun run, Asked asked, Action<FakeBlock, JsonArray> lie)
    {
        if (asked.Method != "eth_getBlockReceipts")
            return null;
        var block = run.B.Chain.At(Convert.ToUInt64(asked.FirstText, 16))!;
        var receipts = block.ReceiptsJson();
        lie(block, receipts);
        return Reply.Result(asked.Id, receipts);
    }

    private static JsonArray Logs(JsonArray receipts, int transaction) => receipts[transaction]!["logs"]!.AsArray();

    private static JsonNode Log(JsonArray receipts, int transaction, int log) => receipts[transaction]!["logs"]![log]!;
}
