using System.Text.Json;
using System.Text.RegularExpressions;
using Tocsin.Commands;
using Tocsin.Evaluation;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Replay;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Evaluation;

/// <summary>Data of one's own, laid out and labelled as the page says.</summary>
public sealed partial class LabelledDataPageTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-labelled-");
    private readonly List<string> rejected = [];
    private readonly List<double> shares = [];

    public LabelledDataPageTests()
    {
        foreach (Match example in Examples().Matches(Repository.Text("docs/autonomy.md")))
            Write(example.Groups["name"].Value, example.Groups["text"].Value);
        Write("prices/usdx-bybit.csv", File.ReadAllText(Path.Combine(folder.FullName, "prices", "usdx-kraken.csv")));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Transactions_of_the_page_are_read()
    {
        var result = new TransactionEvaluation(Part("transactions"), null, rejected.Add, Ahead).Run(Cancel);

        Assert.Empty(rejected);
        Assert.Equal((1, 1), (result.Protected!.Attacks, result.Protected.Benign));
        Assert.Empty(result.Protected.NotTouched);
        AssertForward();
    }

    [Fact]
    public async Task Prices_of_the_page_are_read()
    {
        var result = await new PriceEvaluation(
            Part("prices"), new Rejections(strict: false, rejected.Add), _ => { }, Ahead).RunAsync(Cancel);

        Assert.Empty(rejected);
        Assert.Equal(2, result.Episodes.Count(episode => episode.Venues == PriceEvaluation.All));
        Assert.All(result.Episodes, episode => Assert.Equal(("usdx", EpisodeKind.Calm), (episode.Asset, episode.Kind)));
        AssertForward();
    }

    [Fact]
    public void Governance_of_the_page_is_read()
    {
        var result = new GovernanceEvaluation(Part("governance"), rejected.Add, _ => { }, Ahead).Run(Cancel);

        Assert.Equal((1, 0), (result.Events, result.Rejected));
        AssertForward();
    }

    [Fact]
    public async Task What_is_measured_on_it_is_what_a_plan_reads()
    {
        var precision = Path.Combine(folder.FullName, "precision.json");

        var ended = await EvaluateCommand.RunAsync(
            new EvaluateOptions(folder.FullName, null, null, null, Json: false, Markdown: false, precision), Cancel);

        Assert.Equal(ExitCode.Done, ended);
        var read = JsonSerializer.Deserialize<PrecisionDocument>(
            await File.ReadAllTextAsync(precision, Cancel), EventJson.Options)!;
        Assert.Equal(["conduct", "governance-attack", "peg watch"], read.Measured.Select(row => row.Detector).Order());
    }

    private string Part(string name) => Path.Combine(folder.FullName, name);

    private void Write(string name, string text)
    {
        var path = Part(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private void Ahead(string what, double done)
    {
        Assert.NotEmpty(what);
        shares.Add(done);
    }

    // Somebody looks at a bar: it begins empty, goes forward and is not full before the end.
    private void AssertForward()
    {
        Assert.NotEmpty(shares);
        Assert.Equal(0, shares[0]);
        Assert.Equal(shares.Order(), shares);
        Assert.All(shares, share => Assert.InRange(share, 0, 0.99));
    }

    [GeneratedRegex(
        @"`(?<name>(?:transactions|prices|governance)/[a-z-]+\.(?:jsonl|csv))`[^\n]*:\n\n"
            + @"```(?:json|csv)\n(?<text>.*?)```",
        RegexOptions.Singleline)]
    private static partial Regex Examples();
}
