using Tocsin.Detection.Conduct;

namespace Tocsin.Evaluation;

/// <summary>One transaction to fit weights to.</summary>
/// <param name="Group">What must not be on both sides of a split: the transactions of one attack.</param>
internal sealed record TraitSample(string Group, bool IsAttack, ValueList<TraitLevel> Traits);

/// <summary>
/// Fits the weights of traits to labelled transactions as those of <see cref="TraitWeights"/> were: logistic regression
/// by gradient ascent, weights not below zero, held back by the sum of their squares.
/// </summary>
/// <param name="Restraint">How strongly: the higher, the smaller the weights.</param>
/// <param name="Attention">How many ordinary transactions one attack counts for.</param>
internal sealed record TraitFit(double Restraint, double Attention)
{
    private const int Rounds = 600;
    private const double Step = 1.0;

    // So that the threshold leaves an honest margin and not the last ordinary transaction below it.
    private const double FalseAlarmsPerThousand = 1;

    public TraitWeights Of(IReadOnlyList<TraitSample> samples)
    {
        var traits = Enum.GetValues<Trait>();
        // Few different vectors stand for many transactions.
        var points = samples
            .GroupBy(sample => (string.Join(' ', sample.Traits.OrderBy(one => one.Trait)), sample.IsAttack))
            .Select(group => new Point(
                Levels(group.First(), traits), group.Key.IsAttack,
                    group.Count() * (group.Key.IsAttack ? Attention : 1)))
            .ToList();
        // The last place is the bias, as a trait that everything has.
        var weights = new double[traits.Length + 1];
        var total = points.Sum(point => point.Weight);
        var (speed, best) = (Step, Likelihood(points, weights));
        for (var round = 0; round < Rounds; round++)
        {
            var tried = Ascend(points, weights, speed / total * 50);
            var likelihood = Likelihood(points, tried);
            if (likelihood >= best)
                (weights, best, speed) = (tried, likelihood, speed * 1.1);
            else
                speed /= 2;
        }
        var fitted = traits.Zip(weights).ToDictionary(one => one.First, one => one.Second);
        return WithThreshold(new TraitWeights(weights[^1], 0, fitted), samples);
    }

    private double[] Ascend(List<Point> points, double[] weights, double speed)
    {
        var gradient = new double[weights.Length];
        foreach (var (levels, isAttack, weight) in points)
        {
            var error = weight * ((isAttack ? 1 : 0) - Chance(levels, weights));
            for (var i = 0; i < levels.Length; i++)
                gradient[i] += error * levels[i];
        }
        var tried = new double[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            var isBias = i == weights.Length - 1;
            tried[i] = weights[i] + (speed * (gradient[i] - (isBias ? 0 : Restraint * weights[i])));
            if (!isBias)
                tried[i] = Math.Max(0, tried[i]);
        }
        return tried;
    }

    private double Likelihood(List<Point> points, double[] weights)
    {
        var sum = -Restraint / 2 * weights[..^1].Sum(weight => weight * weight);
        foreach (var (levels, isAttack, weight) in points)
        {
            var chance = Math.Clamp(Chance(levels, weights), 1e-12, 1 - 1e-12);
            sum += weight * Math.Log(isAttack ? chance : 1 - chance);
        }
        return sum;
    }

    private static double Chance(double[] levels, double[] weights)
    {
        var score = 0.0;
        for (var i = 0; i < levels.Length; i++)
            score += levels[i] * weights[i];
        return 1 / (1 + Math.Exp(-score));
    }

    private static double[] Levels(TraitSample sample, Trait[] traits)
    {
        var levels = new double[traits.Length + 1];
        foreach (var one in sample.Traits)
            levels[Array.IndexOf(traits, one.Trait)] = one.Level;
        levels[^1] = 1;
        return levels;
    }

    // The lowest threshold that the ordinary transactions allow, in the middle of the gap above them.
    private static TraitWeights WithThreshold(TraitWeights weights, IReadOnlyList<TraitSample> samples)
    {
        var calm = samples.Where(sample => !sample.IsAttack)
            .Select(sample => weights.Score(sample.Traits)).OrderDescending().ToList();
        var allowed = (int)(calm.Count * FalseAlarmsPerThousand / 1000);
        var highest = calm.Count > allowed ? calm[allowed] : double.MinValue;
        var above = samples.Where(sample => sample.IsAttack)
            .Select(sample => weights.Score(sample.Traits)).Where(score => score > highest + 1e-9)
            .DefaultIfEmpty(highest + 1).Min();
        return weights with { Threshold = (highest + above) / 2 };
    }

    private readonly record struct Point(double[] Levels, bool IsAttack, double Weight);
}
