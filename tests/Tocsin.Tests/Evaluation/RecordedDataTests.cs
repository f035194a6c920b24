using Tocsin.Evaluation;
using Tocsin.Replay;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Evaluation;

/// <summary>What detection is worth on recorded attacks, ordinary transactions, depegs and calm.</summary>
public sealed class RecordedDataTests(RecordedData data) : IClassFixture<RecordedData>
{
    [Fact]
    public void Attacks_are_recognised_and_ordinary_transactions_left_alone()
    {
        var result = data.Transactions;

        Assert.True(Share(result.Blind!) >= 0.75, $"{result.Blind!.Detected} of {result.Blind!.Attacks} blind");
        Assert.InRange(PerThousand(result.Blind!), 0, 3);
        Assert.True(
            Share(result.Protected!) >= 0.9, $"{result.Protected!.Detected} of {result.Protected!.Attacks} protected");
        Assert.InRange(PerThousand(result.Protected!), 0, 1);
        Assert.Equal(
            [(40, 16), (30, 13)], result.Baselines.Select(baseline => (baseline.Detected, baseline.FalseAlarms)));
    }

    [Fact]
    public void Depegs_are_told_in_time_and_wicks_and_calm_are_not()
    {
        var result = data.Prices;

        Assert.DoesNotContain(result.Episodes, episode => episode.Wrong is not null);
        Assert.All(result.Calm, calm => Assert.Equal((0, 0), (calm.Severity1, calm.Severity2)));
        var dislocated = result.Episodes.Where(episode =>
            episode is { Asset: "usde", Kind: EpisodeKind.Flash, Venues: PriceEvaluation.All });
        Assert.All(dislocated, episode =>
            Assert.True(episode is { FirstSeverity1: null, FirstSeverity2: not null }, $"{episode}"));
        Assert.NotEmpty(dislocated);
    }

    [Fact]
    public void Ordinary_proposals_are_not_called_attacks()
    {
        var result = data.Governance;

        Assert.InRange(result.Proposals, 100, int.MaxValue);
        Assert.Equal(0, result.Rejected);
        Assert.True(result.Flagged <= result.Proposals / 100, string.Join(", ", result.FlaggedProposals));
    }

    [Fact]
    public void The_run_on_usdc_and_the_drain_of_the_bridge_are_found_and_other_alarms_are_few()
    {
        var results = data.Flows;

        var run = Assert.Single(results, result => result.Event?.Name == "run on USDC");
        Assert.Equal(new DateTimeOffset(2023, 3, 10, 1, 0, 0, TimeSpan.Zero), run.Event!.FoundAt);
        var drain = Assert.Single(results, result => result.Event?.Name == "drain");
        Assert.InRange(drain.Event!.ShareBefore ?? 1, 0, 0.25m);
        Assert.All(results.GroupBy(result => result.Kind), kind => Assert.InRange(
            kind.Sum(result => result.Alarms.Count) / Math.Max(0.1, kind.Sum(result => result.Years)), 0,
            kind.Key == "reserve" ? 13 : 5));
    }

    [Fact]
    public void The_page_on_detection_quality_is_what_the_evaluation_gives() => Assert.Equal(
        QualityPage.Markdown(data.Prices, data.Transactions, data.Governance, data.Flows),
        Repository.Text("docs/detection-quality.md"));

    private static double Share(ModeResult result) => (double)result.Detected / result.Attacks;

    private static double PerThousand(ModeResult result) => 1000.0 * result.FalseAlarms / result.Benign;
}

/// <summary>All of the recorded data, evaluated once.</summary>
public sealed class RecordedData : IAsyncLifetime
{
    private PriceResult? prices;
    private TransactionResult? transactions;
    private GovernanceResult? governance;
    private IReadOnlyList<FlowResult>? flows;

    internal PriceResult Prices => prices ?? Skip<PriceResult>();

    internal TransactionResult Transactions => transactions ?? Skip<TransactionResult>();

    internal GovernanceResult Governance => governance ?? Skip<GovernanceResult>();

    internal IReadOnlyList<FlowResult> Flows => flows ?? Skip<IReadOnlyList<FlowResult>>();

    public async ValueTask InitializeAsync()
    {
        if (Folder() is not { } data)
            return;
        var cancel = TestContext.Current.CancellationToken;
        prices = await new PriceEvaluation(
            Path.Combine(data, "prices"), new Rejections(strict: true, _ => { }), _ => { }).RunAsync(cancel);
        transactions = new TransactionEvaluation(Path.Combine(data, "transactions"), null, _ => { }).Run(cancel);
        governance = new GovernanceEvaluation(Path.Combine(data, "governance"), _ => { }, _ => { }).Run(cancel);
        flows = new FlowEvaluation(Path.Combine(data, "flows"), _ => { }, _ => { }).Run(cancel);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static T Skip<T>()
        where T : class
    {
        Assert.Skip("the recorded data (shared/data beside the repository) is not here");
        return null;
    }

    private static string? Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(Path.Combine(path, "prices")))
                return path;
        }
        return null;
    }
}
