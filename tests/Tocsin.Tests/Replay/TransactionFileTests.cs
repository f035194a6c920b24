using System.Text.Json;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Replay;
using Tocsin.Tests.Detection;
using Topics = Tocsin.Tests.Detection.Topics;

namespace Tocsin.Tests.Replay;

public sealed class TransactionFileTests : IDisposable
{
    private readonly ReplayFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Logs_come_from_the_line_or_from_the_frames_that_did_not_fail()
    {
        var log = $"{{\"address\":\"{Story.Dusd}\",\"topics\":[\"{Topics.Transfer}\"],\"data\":\"0x01\"}}";
        var open = $"{{\"type\":\"CALL\",\"from\":\"{Story.Attacker}\",\"to\":\"{Story.Vault}\",\"logs\":[{log}]";
        var failed = open + ",\"error\":\"no\",\"calls\":[" + open + "}]}";
        var path = folder.Write(
            "t.jsonl",
            $"{{\"hash\":\"{Story.Hash(1, 1)}\",\"trace\":" + open + ",\"calls\":[" + failed + "," + open + "}]}}",
            $"{{\"hash\":\"{Story.Hash(1, 2)}\",\"block\":\"0x7\",\"trace\":" + open + $"}},\"logs\":[{log},{log}]}}",
            "{\"block\":8,\"date\":\"2021-02-27\",\"trace\":" + open + ",\"error\":\"execution reverted\"}}");

        var (units, rejections) = await ReadAsync(path);

        Assert.Empty(rejections.Rejected);
        var transactions = units.Select(unit => ((ChainStep.Forward)unit.Inputs[0]).Block).ToList();
        Assert.Equal([2, 2, 0], transactions.Select(block => block.Transactions.Span[0].Logs.Length));
        Assert.Equal([0UL, 7UL, 8UL], transactions.Select(block => block.Ref.Number));
        Assert.Equal([true, true, false], transactions.Select(block => block.Transactions.Span[0].Succeeded));
        Assert.Equal(2021, transactions[2].Time.Year);
        Assert.All(units, unit => Assert.True(unit.Anew));
        Assert.Equal(4, ((ChainStep.Traced)units[0].Inputs[1]).Traces[0].Frames.Count);
    }

    [Fact]
    public async Task Each_is_judged_on_its_own()
    {
        var story = new Story();
        story.Begin();
        var attack = story.NextBlock(tx => tx.By(Story.Attacker, Story.Market)
            .Transfer(Story.Dusd, Story.Market, Story.Attacker, 2_000_000m)).Transactions.Span[0];
        var logs = JsonSerializer.Serialize(attack.Logs.ToArray().Select(log => new
        {
            address = log.Address.ToString(),
            topics = log.Topics.AsSpan().ToArray().Select(topic => topic.ToString()),
            data = Tocsin.Chains.Hex.Format(log.Data.Span),
        }));
        var line = $"{{\"hash\":\"{attack.Hash}\",\"block\":5,\"trace\":{{\"type\":\"CALL\",\"from\":\"{attack.From}\","
            + $"\"to\":\"{attack.To}\",\"value\":\"0x0\",\"input\":\"0x\"}},\"logs\":{logs}}}";
        var path = folder.Write("t.jsonl", line, "{}", line);

        var play = new Play(folder.PathOf("out.jsonl"));
        var lines = (await play.OnceAsync(
            rejections => new TransactionFile(path, Story.Watch.Chain, rejections), Story.Watch)).Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.Equal(lines[0], lines[1]);
        using var finding = JsonDocument.Parse(lines[0]);
        Assert.Equal(attack.Hash.ToString(), finding.RootElement.GetProperty("transaction").GetString());
        Assert.Equal("malformed transaction", Assert.Single(play.Rejections.Rejected).Kind);
    }

    [Fact]
    public async Task Calls_nested_as_deep_as_the_machine_allows_are_read()
    {
        var frame = $"{{\"type\":\"CALL\",\"from\":\"{Story.Attacker}\",\"to\":\"{Story.Vault}\",\"calls\":[";
        var deep = string.Concat(Enumerable.Repeat(frame, 1024)) + string.Concat(Enumerable.Repeat("]}", 1024));
        var path = folder.Write(
            "t.jsonl", "{\"trace\":" + deep + "}", "{\"trace\":" + new string('[', 100_000) + "}");

        var (units, rejections) = await ReadAsync(path);

        Assert.Equal(1024, ((ChainStep.Traced)units[0].Inputs[1]).Traces[0].Frames.Count);
        Assert.Equal(1, Assert.Single(rejections.Rejected).Count);
    }

    [Fact]
    public void A_finding_is_written_field_by_field_as_agreed()
    {
        var story = new Story();
        story.Begin();
        var block = story.Next(tx => tx.By(Story.Attacker, Story.Market)
            .Transfer(Story.Dusd, Story.Market, Story.Attacker, 2_000_000m));
        var finding = new Engine(Story.Watch).Step(block)[0] with { Reason = "it says \"no\" – ü" };

        using var json = JsonDocument.Parse(FindingJson.Write(finding));

        Assert.Equal(
            [
                "id", "revision", "status", "time", "chain", "block", "transaction", "threat", "severity", "confidence",
                "subject", "addresses", "impactUsd", "indicators", "detector", "reason",
            ],
            json.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal("2026-03-01T03:00:12Z", json.RootElement.GetProperty("time").GetString());
        Assert.Equal("2000000", json.RootElement.GetProperty("impactUsd").GetRawText());
        Assert.Equal("large-transfer", json.RootElement.GetProperty("threat").GetString());
        Assert.Equal("it says \"no\" – ü", json.RootElement.GetProperty("reason").GetString());
        Assert.Equal(
            FindingJson.Write(finding).ToArray(),
            FindingJson.Write(finding with
            {
                Confidence = finding.Confidence + 0.0000m,
                ImpactUsd = 2_000_000.00m,
            }).ToArray());
    }

    private static async Task<(List<ReplayUnit> Units, Rejections Rejections)> ReadAsync(string path)
    {
        var rejections = new Rejections(false, _ => { });
        var units = new List<ReplayUnit>();
        await foreach (var unit in new TransactionFile(path, Story.Watch.Chain, rejections).ReadAsync(0, [], default))
            if (unit.Inputs.Count > 0)
                units.Add(unit);
        return (units, rejections);
    }
}
