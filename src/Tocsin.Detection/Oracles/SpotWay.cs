namespace Tocsin.Detection.Oracles;

/// <summary>Where one transaction led the price of a pool.</summary>
/// <param name="Start">The price that it found.</param>
/// <param name="Peak">How far it was led away at most, as a fraction.</param>
/// <param name="PaidMeanwhile">A protected contract paid out while the price was away.</param>
internal readonly record struct SpotWay(decimal Start, decimal Last, decimal Peak, bool PaidMeanwhile)
{
    public decimal Away => Amounts.Deviation(Last, Start);

    /// <summary>How far the price is from the start now: above 0 upwards, below downwards.</summary>
    public decimal Push => Last >= Start ? Away : -Away;

    /// <summary>Which part of the way out was taken back.</summary>
    public decimal Back => Peak > 0 ? 1 - (Away / Peak) : 0;

    public SpotWay Then(decimal price)
    {
        var away = Amounts.Deviation(price, Start);
        return this with { Last = price, Peak = Math.Max(Peak, away) };
    }
}
