using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Pegs;
using Tocsin.Findings;
using Tocsin.Replay;

namespace Tocsin.Evaluation;

/// <summary>What became of one episode under the detection of pegs.</summary>
/// <param name="Venues">The file's name, or <c>all</c> where all venues of the coin were heard together.</param>
/// <param name="FirstBeyond2">When the first bar that goes beyond 2 % was known; null where none does. So for 5 %.
/// </param>
/// <param name="SecondClose5">When the second bar that closes beyond 5 % was known.</param>
/// <param name="FirstSeverity1">The first finding of severity 1 within it; null where there is none.</param>
internal sealed record EpisodeResult(
    string Asset,
    EpisodeKind Kind,
    string Venues,
    DateTimeOffset From,
    DateTimeOffset? FirstBeyond2,
    DateTimeOffset? FirstBeyond5,
    DateTimeOffset? SecondClose5,
    DateTimeOffset? FirstSeverity1,
    DateTimeOffset? FirstSeverity2)
{
    /// <summary>Why it is not as it should be; null where it is.</summary>
    public string? Wrong => (Kind, Venues) switch
    {
        (EpisodeKind.Depeg or EpisodeKind.Flash, not PriceEvaluation.All)
            when SecondClose5 is { } due && !(FirstSeverity1 <= due) => "severity 1 is late or missing",
        (EpisodeKind.Wick, _) when FirstSeverity1 is not null => "severity 1 on a wick",
        (EpisodeKind.Calm, _) when FirstSeverity1 is not null => "severity 1 in the calm",
        _ => null,
    };
}

/// <summary>How often a calm coin was called troubled.</summary>
/// <param name="Years">For how long it was looked at; each file counts.</param>
internal sealed record CalmResult(string Asset, double Years, int Severity1, int Severity2);

internal sealed record PriceResult(IReadOnlyList<EpisodeResult> Episodes, IReadOnlyList<CalmResult> Calm);

/// <summary>The detection of pegs over recorded prices with known episodes.</summary>
/// <param name="ahead">Told before each file, and before all files of a coin together.</param>
internal sealed class PriceEvaluation(
    string folder, Rejections rejections, Action<Finding> found, WorkAhead? ahead = null)
{
    public const string All = "all";

    private const double DaysOfYear = 365.25;
    private const string EpisodesFile = "episodes.csv";

    // Prices belong to no chain, but a watch does.
    private static readonly ChainId NoChain = new(1);

    public async Task<PriceResult> RunAsync(CancellationToken cancellationToken)
    {
        var episodes = Episodes.Read(Path.Combine(folder, EpisodesFile));
        var files = Directory.GetFiles(folder, "*.csv*").Select(Path.GetFileName).OfType<string>()
            .Where(name => name != EpisodesFile).Order(StringComparer.Ordinal).ToList();
        var coins = files.GroupBy(CoinOf).Where(group => group.Count() > 1).ToList();
        var results = new List<EpisodeResult>();
        var (done, pieces) = (0, (double)(files.Count + coins.Count));
        foreach (var file in files)
        {
            ahead?.Invoke(file, done++ / pieces);
            var alarms = await AlarmsAsync([file], cancellationToken);
            results.AddRange(episodes.Where(episode => episode.File == file)
                .Select(episode => Judge(episode, file, file, alarms)));
        }
        foreach (var coin in coins)
        {
            ahead?.Invoke($"{coin.Key}, all venues", done++ / pieces);
            var alarms = await AlarmsAsync([.. coin], cancellationToken);
            results.AddRange(episodes.Where(episode => CoinOf(episode.File) == coin.Key)
                .Select(episode => Judge(episode, episode.File, All, alarms)));
        }
        return new PriceResult(results, CalmOf(episodes, results));
    }

    /// <summary>The coin that a file prices: what its name begins with.</summary>
    public static string CoinOf(string file) => file.Split('-')[0];

    private static List<CalmResult> CalmOf(IReadOnlyList<Episode> episodes, List<EpisodeResult> results) =>
        [.. results.Where(result => result.Kind == EpisodeKind.Calm && result.Venues != All)
            .GroupBy(result => result.Asset)
            .Select(coin => new CalmResult(
                coin.Key,
                episodes.Where(one => one.Kind == EpisodeKind.Calm && one.Asset == coin.Key)
                    .Sum(one => (one.To - one.From).TotalDays / DaysOfYear),
                coin.Count(one => one.FirstSeverity1 is not null),
                coin.Count(one => one.FirstSeverity2 is not null)))];

    private EpisodeResult Judge(Episode episode, string file, string venues, List<Alarm> alarms)
    {
        var bars = PriceFiles.Known(Path.Combine(folder, file))
            .SkipWhile(bar => bar.Bar.Opens < episode.From).TakeWhile(bar => bar.Bar.Opens < episode.To);
        DateTimeOffset? beyond2 = null, beyond5 = null, secondClose = null;
        var closes = 0;
        foreach (var (bar, knownAt) in bars)
        {
            var farthest = Math.Max(Math.Abs(bar.Low - 1), Math.Abs(bar.High - 1));
            beyond2 ??= farthest >= 0.02m ? knownAt : null;
            beyond5 ??= farthest >= 0.05m ? knownAt : null;
            if (Math.Abs(bar.Close - 1) >= 0.05m && ++closes == 2)
                secondClose = knownAt;
        }
        return new EpisodeResult(
            episode.Asset, episode.Kind, venues, episode.From, beyond2, beyond5, secondClose,
            First(Severity.Critical), First(Severity.High));

        // What began before a calm window and ends in it is no alarm of the calm.
        DateTimeOffset? First(Severity severity) => alarms
            .Where(alarm => alarm.Severity.IsAtLeast(severity) && alarm.At <= episode.To
                && (episode.Kind == EpisodeKind.Calm ? alarm.At > episode.From : !(alarm.OverAt <= episode.From)))
            .Select(alarm => (DateTimeOffset?)alarm.At).Min();
    }

    /// <param name="At">When that severity was reached.</param>
    /// <param name="OverAt">When it was over; null where it never was.</param>
    private sealed record Alarm(Severity Severity, DateTimeOffset At, DateTimeOffset? OverAt);

    private async Task<List<Alarm>> AlarmsAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var coin = CoinOf(files[0]);
        var source = new PriceFiles(
            [.. files.Select(file => new PriceFile(coin, file, Path.Combine(folder, file)))], rejections);
        var watch = source.Listening(
            new Watch(NoChain, [], [], [], new Thresholds()) { Pegs = [new Peg(coin, 1)] });
        var engine = new Engine(watch);
        var alarms = new List<(FindingId Id, Alarm Alarm)>();
        await foreach (var unit in source.ReadAsync(0, [], cancellationToken))
            foreach (var finding in unit.Inputs.SelectMany(engine.Step))
            {
                found(finding);
                if (finding.Threat != Threat.PegDeviation)
                    continue;
                if (finding.Status == FindingStatus.Over)
                    alarms = [.. alarms.Select(known => known.Id == finding.Id
                        ? (known.Id, known.Alarm with { OverAt = finding.Time })
                        : known)];
                else
                    alarms.Add((finding.Id, new Alarm(finding.Severity, finding.Time, null)));
            }
        return [.. alarms.Select(known => known.Alarm)];
    }
}
