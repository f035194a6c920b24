using Tocsin.Detection.Indicators;
using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>Puts every indicator to one transaction, in a fixed order.</summary>
internal static class Observation
{
    public static List<Indicator> Indicators(Scene scene, List<Flow> flows)
    {
        var seen = new List<Indicator>();
        Add(LargeLoan.In(scene));
        Add(RapidTrades.In(scene));
        Add(ArbitragePattern.In(scene, flows));
        Add(PriceDeviation.In(scene));
        Add(LowLiquidity.In(scene));
        Add(CoordinatedTrades.In(scene));
        Add(LargeTransfer.In(scene));
        return seen;

        void Add(Indicator? indicator)
        {
            if (indicator is not null)
                seen.Add(indicator);
        }
    }
}
