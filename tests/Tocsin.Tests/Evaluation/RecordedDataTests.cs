using Tocsin.Evaluation;
using Tocsin.Replay;

namespace Tocsin.Tests.Evaluation;

/// <summary>What detection is worth on recorded attacks, ordinary transactions, depegs and calm.</summary>
public sealed class RecordedDataTests
{
    [Fact]
    public void Attacks_are_recognised_and_ordinary_transactions_left_alone()
    {
        var result = new TransactionEvaluation(Folder("transactions"), _ => { })
            .Run(TestContext.Current.CancellationToken);

        Assert.True(Share(result.Blind) >= 0.75, $"{result.Blind.Detected} of {result.Blind.Attacks} blind");
        Assert.InRange(PerThousand(result.Blind), 0, 3);
        Assert.True(
            Share(result.Protected) >= 0.9, $"{result.Protected.Detected} of {result.Protected.Attacks} protected");
        Assert.InRange(PerThousand(result.Protected), 0, 1);
        Assert.Equal(
            [(40, 16), (30, 13)], result.Baselines.Select(baseline => (baseline.Detected, baseline.FalseAlarms)));
    }

    [Fact]
    public async Task Depegs_are_told_in_time_and_wicks_and_calm_are_not()
    {
        var rejections = new Rejections(strict: true, _ => { });

        var result = await new PriceEvaluation(Folder("prices"), rejections, _ => { })
            .RunAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain(result.Episodes, episode => episode.Wrong is not null);
        Assert.All(result.Calm, calm => Assert.Equal((0, 0), (calm.Severity1, calm.Severity2)));
        var dislocated = result.Episodes.Where(episode =>
            episode is { Asset: "usde", Kind: EpisodeKind.Flash, Venues: PriceEvaluation.All });
        Assert.All(dislocated, episode =>
            Assert.True(episode is { FirstSeverity1: null, FirstSeverity2: not null }, $"{episode}"));
        Assert.NotEmpty(dislocated);
    }

    private static double Share(ModeResult result) => (double)result.Detected / result.Attacks;

    private static double PerThousand(ModeResult result) => 1000.0 * result.FalseAlarms / result.Benign;

    private static string Folder(string part)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", part);
            if (Directory.Exists(path))
                return path;
        }
        Assert.Skip($"the recorded data (shared/data/{part} beside the repository) is not here");
        return "";
    }
}
