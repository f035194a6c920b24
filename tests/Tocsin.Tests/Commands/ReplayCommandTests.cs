using System.IO.Compression;
using System.Text;
using Tocsin.Commands;
using Tocsin.Configuration;
using Tocsin.Inputs;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Replay;
using Tocsin.Texts;
using Story = Tocsin.Tests.Detection.Story;

namespace Tocsin.Tests.Commands;

/// <summary>What the end of a replay says of its input.</summary>
public sealed class ReplayCommandTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public ReplayCommandTests()
    {
        folder.Write("plan/plan.yaml", MinimalPlan.Main);
        folder.Write("plan/procedures/pause-markets.md", MinimalPlan.Procedure);
        var channels = MinimalPlan.Channels.Select(name => $"  {name}: {{ kind: json-webhook, url: env:URL }}\n");
        folder.Write(
            TocsinConfiguration.FileName,
            ConfigurationFolder.Least.Replace("channels: {}", "", StringComparison.Ordinal)
            + ConfigurationFolder.Chain + "channels:\n" + string.Concat(channels));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("no block\nnor this\n")]
    [InlineData("{\"block\":{},\"receipts\":[]}\n")]
    public async Task Input_without_one_usable_line_is_not_usable(string garbage)
    {
        folder.Write("garbage.jsonl", garbage);
        folder.Write("garbage.csv", $"time,open,high,low,close,volume\n{garbage}");

        Assert.Equal(ExitCode.NotUsable, await BlocksAsync("garbage.jsonl"));
        Assert.Equal(ExitCode.NotUsable, await ReplayAsync(Nothing with { Transactions = PathOf("garbage.jsonl") }));
        Assert.Equal(
            ExitCode.NotUsable, await ReplayAsync(Nothing with { Prices = [$"dUSD:x={PathOf("garbage.csv")}"] }));
    }

    [Fact]
    public async Task Input_that_is_partly_bad_is_replayed_unless_strict()
    {
        folder.Write("partly.jsonl", $"no block\n{Lines(1)}");

        Assert.Equal(ExitCode.Done, await BlocksAsync("partly.jsonl"));
        Assert.Equal(
            ExitCode.FoundWrong,
            await ReplayAsync(Nothing with { Blocks = [PathOf("partly.jsonl")], Strict = true, Restart = true }));
    }

    [Fact]
    public async Task A_compressed_file_that_was_cut_is_an_error_that_names_it_and_the_last_line_read()
    {
        var packed = new MemoryStream();
        foreach (var line in Lines(9).Split('\n'))
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(Encoding.UTF8.GetBytes(line + "\n"));
        File.WriteAllBytes(PathOf("cut.jsonl.gz"), packed.ToArray()[..^60]);

        var told = await Assert.ThrowsAsync<InputException>(() => BlocksAsync("cut.jsonl.gz"));

        Assert.StartsWith(
            $"{PathOf("cut.jsonl.gz")} cannot be read beyond line 8", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_of_inputs_with_a_gap_is_replayed_and_found_wrong()
    {
        Tocsin.Tests.Replay.Play.Record(PathOf("log"), InputStory.Tell(Enumerable.Range(142, 40)), segmentBytes: 1_000);
        folder.Write("blocks.jsonl", Lines(3));
        var options = Nothing with { Inputs = PathOf("log"), Blocks = [PathOf("blocks.jsonl")] };
        Assert.Equal(ExitCode.Done, await ReplayAsync(options));

        File.Move(InputSegments.List(PathOf("log"))[1].Path, PathOf("aside"));

        Assert.Equal(ExitCode.FoundWrong, await ReplayAsync(options));
    }

    private ReplayOptions Nothing => new(
        folder.Path, PathOf("findings.jsonl"), null, null, null, [], null, [], null, false, false, false);

    private string PathOf(string name) => Path.Combine(folder.Path, name);

    private static string Lines(int count)
    {
        var story = new Story();
        return string.Concat(Enumerable.Range(0, count).Select(_ => BlockText.Line(story.NextBlock()) + "\n"));
    }

    private Task<int> BlocksAsync(string name) => ReplayAsync(Nothing with { Blocks = [PathOf(name)] });

    private static Task<int> ReplayAsync(ReplayOptions options) =>
        ReplayCommand.RunAsync(options, TestContext.Current.CancellationToken);
}
