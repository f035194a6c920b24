namespace Tocsin.Detection.Conduct;

/// <summary>Something in the conduct of a transaction that attacks show and honest use seldom does.</summary>
public enum Trait
{
    /// <summary>The same function of the same contract is called again and again.</summary>
    Repeat,

    /// <summary>Tokens go in and out between the caller and the same parties.</summary>
    GiveBack,

    /// <summary>Somebody paid and got nothing at all.</summary>
    Taken,

    /// <summary>Unlimited allowances are given just before they are used.</summary>
    Allowance,

    /// <summary>A contract that was created in this very transaction acts on others.</summary>
    Created,

    /// <summary>Others call back into the caller's contract, several times.</summary>
    CallBack,

    /// <summary>While it is being called back, the caller's contract acts on others: re-entry.</summary>
    Reaction,

    /// <summary>Tokens are pulled out of other people's accounts.</summary>
    Pulled,

    /// <summary>The contract is told almost nothing and yet acts: the plan is inside it.</summary>
    Terse,

    /// <summary>A very large amount of coins is paid to the caller.</summary>
    Coins,

    /// <summary>The same pool is traded both ways.</summary>
    RoundTrip,

    /// <summary>A protected contract lost at least a fifth of a balance.</summary>
    LostShare,

    /// <summary>A protected contract paid a very large amount of coins to the caller.</summary>
    LostCoins,

    /// <summary>A protected contract was given a number that no honest caller would give.</summary>
    Absurd,

    /// <summary>A stranger called a function of administration on a protected contract.</summary>
    Administered,

    /// <summary>A protected contract works with a contract of the caller.</summary>
    Trusting,
}

/// <summary>
/// What each trait weighs. A transaction's score is the bias and the sum of weight times level; all weights are above
/// zero, so nothing that is added to a transaction makes it look better, but for <see cref="Trait.Terse"/>,
/// <see cref="Trait.Taken"/> and <see cref="Trait.LostShare"/>, which can be lowered by paying or padding.
/// </summary>
/// <remarks>
/// Fitted by logistic regression, with non-negative weights, on recorded attacks and ordinary transactions; the
/// threshold lies in the middle of the gap below the weakest attack that is recognised. <c>tocsin evaluate</c> says
/// what they are worth on any such data, and how much less on data that they were not fitted to.
/// </remarks>
public sealed record TraitWeights(double Bias, double Threshold, IReadOnlyDictionary<Trait, double> Weights)
{
    /// <summary>Where nothing is known of what a transaction touches.</summary>
    public static TraitWeights Blind { get; } = new(-4.3, -0.955, new Dictionary<Trait, double>
    {
        [Trait.Repeat] = 1.65,
        [Trait.GiveBack] = 1.7,
        [Trait.Taken] = 2.6,
        [Trait.Allowance] = 2.76,
        [Trait.Created] = 1.85,
        [Trait.CallBack] = 1.28,
        [Trait.Reaction] = 0.99,
        [Trait.Pulled] = 1.52,
        [Trait.Terse] = 2.09,
        [Trait.Coins] = 1.69,
        [Trait.RoundTrip] = 1.7,
    });

    /// <summary>Where the transaction touches what is protected.</summary>
    public static TraitWeights Protected { get; } = new(-3.97, 0.21, new Dictionary<Trait, double>
    {
        [Trait.Repeat] = 1.75,
        [Trait.GiveBack] = 2.29,
        [Trait.Taken] = 2.87,
        [Trait.Allowance] = 3.43,
        [Trait.Created] = 1.96,
        [Trait.CallBack] = 1.59,
        [Trait.Reaction] = 0.39,
        [Trait.Pulled] = 1.73,
        [Trait.Terse] = 2.67,
        [Trait.Coins] = 2.03,
        [Trait.RoundTrip] = 3.17,
        [Trait.LostShare] = 4.62,
        [Trait.LostCoins] = 4.61,
        [Trait.Absurd] = 5.35,
        [Trait.Administered] = 5.35,
        [Trait.Trusting] = 0.87,
    });

    public double Score(IEnumerable<TraitLevel> traits) =>
        Bias + traits.Sum(one => one.Level * Weights.GetValueOrDefault(one.Trait));

    /// <summary>The logistic of the score, moved so that the threshold is what people are alerted from, 0.7.</summary>
    public decimal Confidence(double score)
    {
        var odds = Math.Log(0.7 / 0.3) + (score - Threshold);
        return Math.Round((decimal)(1 / (1 + Math.Exp(-odds))), 4);
    }
}

/// <param name="Level">How many of its steps were reached: 1 or 2.</param>
public readonly record struct TraitLevel(Trait Trait, int Level);
