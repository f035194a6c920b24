using System.Text.Json.Nodes;
using Tocsin.Detection.Risk;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Replay;
using Tocsin.Tests.Detection;
using Tocsin.Texts;

namespace Tocsin.Tests.Replay;

public sealed class BlockFilesTests : IDisposable
{
    private readonly ReplayFolder folder = new();
    private readonly List<string> told = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_malformed_line_is_told_with_its_place_and_what_is_missing_then_too()
    {
        var blocks = Blocks(6);
        var lines = blocks.ConvertAll(block => BlockText.Line(block));
        lines[2] = lines[2].Replace("\"logs\"", "\"gols\"", StringComparison.Ordinal);
        lines[3] = "{\"block\":";
        var path = folder.Write("blocks.jsonl", lines);

        var (units, rejections) = await ReadAsync(path);

        Assert.Equal([0UL, 1UL, 4UL, 5UL], Forwards(units).Select(block => block.Ref.Number));
        Assert.Equal([new MissingBlocks(2, 3)], rejections.Missing);
        var rejected = Assert.Single(rejections.Rejected);
        Assert.Equal(2, rejected.Count);
        Assert.StartsWith($"{path}:3: ", rejected.First, StringComparison.Ordinal);
        Assert.Contains(told, text => text.Contains("blocks 2..3 missing", StringComparison.Ordinal));
        Assert.Single(units, unit => unit.Anew);
    }

    [Fact]
    public async Task Strict_ends_at_the_first_of_them()
    {
        var lines = Blocks(3).ConvertAll(block => BlockText.Line(block));
        lines[1] = "not json";
        var path = folder.Write("blocks.jsonl", lines);

        var stopped = await Assert.ThrowsAsync<ReplayStoppedException>(() => ReadAsync(path, strict: true));

        Assert.Contains($"{path}:2", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_twice_or_out_of_order_a_block_is_rejected()
    {
        var lines = Blocks(5).ConvertAll(block => BlockText.Line(block));
        var path = folder.Write("blocks.jsonl", lines[2], lines[3], lines[3], lines[0], lines[4]);

        var (units, rejections) = await ReadAsync(path);

        Assert.Equal([2UL, 3UL, 4UL], Forwards(units).Select(block => block.Ref.Number));
        Assert.Equal(
            ["block given twice", "block out of order"], rejections.Rejected.Select(rejected => rejected.Kind));
        Assert.Empty(rejections.Missing);
    }

    [Fact]
    public async Task A_block_on_a_sibling_that_was_not_read_is_a_gap()
    {
        var story = new Story();
        var first = story.NextBlock();
        var orphan = story.NextBlock();
        story.BackTo(0);
        story.NextBlock();
        var third = story.NextBlock();
        var path = folder.Write("blocks.jsonl", new[] { first, orphan, third }.Select(block => BlockText.Line(block)));

        var (_, rejections) = await ReadAsync(path);

        Assert.Equal([new MissingBlocks(1, 1)], rejections.Missing);
    }

    [Fact]
    public async Task A_chain_that_goes_there_and_back_again_is_rolled_back_twice()
    {
        var story = new Story();
        var (a, b) = (story.NextBlock(), story.NextBlock());
        story.BackTo(0);
        var other = story.NextBlock();
        var path = folder.Write("blocks.jsonl", new[] { a, b, other, b }.Select(block => BlockText.Line(block)));

        var (units, rejections) = await ReadAsync(path);

        Assert.Equal(
            ["Forward", "Forward", "Rollback", "Forward", "Rollback", "Forward"],
            units.SelectMany(unit => unit.Inputs).Select(input => input.GetType().Name));
        Assert.Empty(rejections.Rejected);
    }

    [Fact]
    public async Task Without_anything_from_beside_the_chain_what_lasts_is_told_at_the_end()
    {
        var blocks = Blocks(3);
        var path = folder.Write("blocks.jsonl", blocks.Select(block => BlockText.Line(block, line =>
            line["reads"] = new JsonArray(new JsonObject
            {
                ["to"] = $"{Story.Dusd}",
                ["data"] = "0x" + Convert.ToHexString(
                    AbiFunction.Parse("balanceOf(address)").Encode(Story.Market)),
                ["result"] = "0x" + Convert.ToHexString(Story.Wei(6_000_000m).ToArray()),
            }))));
        var watch = DetectorRuns.With(new StandingRiskSettings("market", "GEM/dUSD", ["dUSD"]));

        var play = new Play(folder.Write("findings.jsonl"));
        var text = await play.OnceAsync(
            rejections => new BlockFiles([path], Story.Watch.Chain, rejections), watch);

        Assert.Contains("\"threat\":\"standing-risk\"", text);
        Assert.Equal(1, play.Run!.Counts.Findings);
    }

    [Fact]
    public async Task Traces_reads_and_simulations_become_inputs_around_their_block()
    {
        var block = new Story().NextBlock(tx => tx.By(Story.Attacker, Story.Vault));
        var hash = block.Transactions.Span[0].Hash;
        var frame = JsonNode.Parse($$"""
            {"type":"CALL","from":"{{Story.Attacker}}","to":"{{Story.Vault}}","value":"0x1","input":"0x01","calls":[
              {"type":"CREATE","from":"{{Story.Vault}}","error":"out of gas","calls":[
                {"type":"STATICCALL","from":"{{Story.Vault}}","to":"{{Story.Market}}"}]},
              {"type":"DELEGATECALL","from":"{{Story.Vault}}","to":"{{Story.Market}}","output":"0x02"}]}
            """)!;
        var line = BlockText.Line(block, json =>
        {
            json["traces"] = new JsonArray(new JsonObject { ["txHash"] = hash.ToString(), ["result"] = frame });
            json["reads"] = JsonNode.Parse($$"""
                [{"to":"{{Story.Vault}}","data":"0x18160DDD","result":"0x01"},
                 {"of":"{{Story.Vault}}","slot":"{{hash}}","result":null}]
                """);
            json["simulations"] = JsonNode.Parse($$"""
                [{"arrivedAt":"2026-03-01T03:00:00.5Z","hash":"{{hash}}","from":"{{Story.Attacker}}",
                  "to":"{{Story.Vault}}","nonce":"0x1","value":"0x0","input":"0x","missing":"not simulated"},
                 {"from":"{{Story.Vault}}","calls":[{"to":"{{Story.Market}}","value":"0x5","data":"0x01","trace":
                   {"type":"CALL","from":"{{Story.Vault}}","to":"{{Story.Market}}","value":"0x5","input":"0x01"} }]},
                 {"from":"{{Story.Vault}}","calls":[{"to":"{{Story.Market}}","value":"0x5","data":"0x"}],
                  "missing":"no node can"}]
                """);
        });

        var (units, _) = await ReadAsync(folder.Write("blocks.jsonl", line.ReplaceLineEndings("")));

        var inputs = Assert.Single(units).Inputs;
        Assert.Equal(
            [
                typeof(Arrival.Pending), typeof(ChainStep.Forward), typeof(ChainStep.Traced),
                typeof(ChainStep.Answered), typeof(ChainStep.Simulated),
            ],
            inputs.Select(input => input.GetType()));
        var frames = ((ChainStep.Traced)inputs[2]).Traces[0].Frames;
        Assert.Equal(
            [(0, CallKind.Call), (1, CallKind.Create), (2, CallKind.StaticCall), (1, CallKind.DelegateCall)],
            frames.Select(call => (call.Depth, call.Kind)));
        Assert.Equal((null, "out of gas"), (frames[1].To, frames[1].Error));
        var answers = ((ChainStep.Answered)inputs[3]).Answers;
        Assert.Equal(new StateRead.Call(Story.Vault, "0x18160ddd"), answers[0].Read);
        Assert.Null(answers[1].Result);
        var simulated = ((ChainStep.Simulated)inputs[4]).Answers;
        Assert.Equal(
            new SimulatedPayment(Story.Vault, Story.Market, 5), Assert.Single(simulated[0].Outcomes[0].Payments));
        Assert.Equal("no node can", simulated[1].Missing);
    }

    [Fact]
    public async Task Blocks_of_another_chain_are_rejected_by_name()
    {
        var line = BlockText.Line(Blocks(1)[0], json => json["chain"] = "polygon");

        var (units, rejections) = await ReadAsync(folder.Write("blocks.jsonl", line));

        Assert.Empty(Forwards(units));
        Assert.Equal("block of another chain", Assert.Single(rejections.Rejected).Kind);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told() => Assert.Throws<InputException>(() =>
        ReadAsync(folder.PathOf("absent.jsonl")).GetAwaiter().GetResult());

    private static List<Block> Blocks(int count)
    {
        var story = new Story();
        return [.. Enumerable.Range(0, count).Select(_ => story.NextBlock(
            tx => tx.By(Story.Account(1), Story.Router).BuyGem(Story.Account(1), 10m)))];
    }

    private static IEnumerable<Block> Forwards(IEnumerable<ReplayUnit> units) =>
        units.SelectMany(unit => unit.Inputs).OfType<ChainStep.Forward>().Select(step => step.Block);

    private async Task<(List<ReplayUnit> Units, Rejections Rejections)> ReadAsync(string path, bool strict = false)
    {
        var rejections = new Rejections(strict, told.Add);
        var units = new List<ReplayUnit>();
        await foreach (var unit in new BlockFiles([path], Story.Watch.Chain, rejections).ReadAsync(0, [], default))
            units.Add(unit);
        return (units, rejections);
    }
}
