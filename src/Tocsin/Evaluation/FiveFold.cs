using System.Security.Cryptography;
using System.Text;

namespace Tocsin.Evaluation;

/// <summary>What weights recognise that were fitted without the transactions that they are asked about.</summary>
/// <param name="Attacks">Asked in all.</param>
/// <param name="Detected">Of them, on average over the deals; the lowest and the highest beside it.</param>
internal sealed record FoldResult(
    int Attacks, double Detected, int DetectedLeast, int DetectedMost, int Benign, double FalseAlarms);

/// <summary>
/// Splits the transactions into five parts, fits the weights to four and asks about the fifth, each in turn; all that
/// with five different deals, so that none is lucky. It holds the weights to account and not the choice of traits,
/// which was made on these transactions.
/// </summary>
internal static class FiveFold
{
    private const int Parts = 5;
    private const int Deals = 5;

    public static FoldResult Run(IReadOnlyList<TraitSample> samples, TraitFit fit)
    {
        var detected = new List<int>();
        var alarms = new List<int>();
        for (var deal = 0; deal < Deals; deal++)
        {
            var part = Deal(samples, deal);
            var (found, invented) = (0, 0);
            for (var asked = 0; asked < Parts; asked++)
            {
                var weights = fit.Of([.. samples.Where(sample => part[sample.Group] != asked)]);
                foreach (var sample in samples.Where(sample => part[sample.Group] == asked))
                {
                    if (weights.Score(sample.Traits) < weights.Threshold)
                        continue;
                    found += sample.IsAttack ? 1 : 0;
                    invented += sample.IsAttack ? 0 : 1;
                }
            }
            detected.Add(found);
            alarms.Add(invented);
        }
        return new FoldResult(
            samples.Count(sample => sample.IsAttack), detected.Average(), detected.Min(), detected.Max(),
            samples.Count(sample => !sample.IsAttack), alarms.Average());
    }

    // By a hash of the name, attacks and ordinary ones apart: every part has as many of each, and every run the same.
    private static Dictionary<string, int> Deal(IReadOnlyList<TraitSample> samples, int deal) => samples
        .GroupBy(sample => sample.IsAttack)
        .SelectMany(kind => kind.Select(sample => sample.Group).Distinct()
            .OrderBy(name => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{deal} {name}"))),
                StringComparer.Ordinal)
            .Select((name, place) => (name, part: place % Parts)))
        .DistinctBy(one => one.name)
        .ToDictionary(one => one.name, one => one.part);
}
