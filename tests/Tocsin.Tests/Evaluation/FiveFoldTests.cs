using Tocsin.Detection.Conduct;
using Tocsin.Evaluation;

namespace Tocsin.Tests.Evaluation;

/// <summary>What the split into five tells of weights that learnt something, and of weights that learnt by
/// heart.</summary>
public sealed class FiveFoldTests
{
    private static readonly TraitFit Fit = new(Restraint: 1, Attention: 2);

    [Fact]
    public void A_trait_that_attacks_share_is_learnt_from_the_other_attacks()
    {
        var samples = Ordinary(1_000).Concat(Enumerable.Range(0, 20)
            .Select(i => new TraitSample($"attack {i}", true, [new TraitLevel(Trait.Reaction, 1)])));

        var result = FiveFold.Run([.. samples], Fit);

        Assert.Equal((20, 20, 20), (result.Attacks, result.DetectedLeast, result.DetectedMost));
        Assert.Equal((1_000, 0), (result.Benign, result.FalseAlarms));
    }

    [Fact]
    public void A_trait_that_one_attack_alone_has_is_not_counted_as_learnt_from_it()
    {
        var samples = Ordinary(1_000).Concat(Enumerable.Range(0, 4)
            .Select(_ => new TraitSample("one attack", true, [new TraitLevel(Trait.Absurd, 1)])));

        var result = FiveFold.Run([.. samples], Fit);

        Assert.Equal((4, 0), (result.Attacks, result.DetectedMost));
    }

    [Fact]
    public void A_trait_of_ordinary_transactions_gets_no_weight()
    {
        var samples = Ordinary(500)
            .Concat(Enumerable.Range(0, 20).Select(i => new TraitSample($"attack {i}", true,
                [new TraitLevel(Trait.Reaction, 1)])));

        var weights = Fit.Of([.. samples]);

        Assert.Equal(0, weights.Weights[Trait.Terse], 0.01);
        Assert.True(weights.Weights[Trait.Reaction] > 1);
    }

    private static IEnumerable<TraitSample> Ordinary(int count) => Enumerable.Range(0, count)
        .Select(i => new TraitSample($"ordinary {i}", false, i % 4 == 0 ? [new TraitLevel(Trait.Terse, 1)] : []));
}
