using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection.Indicators;

/// <summary>
/// <c>large_transfer</c>: one transfer of a watched asset from or to a protected contract, or a mint or burn of an
/// asset
/// that a protected contract issues. Measured in USD at the reference prices. Default 1,000,000.
/// Transfers between strangers are left out: what two holders do with their tokens is no threat to the protocol, and
/// every flash loan of a popular token would be one. Blind to: one large sum in many small transfers.
/// </summary>
internal static class LargeTransfer
{
    public static Indicator? In(Scene scene)
    {
        var measured = 0m;
        var largest = default(Move);
        var subject = "";
        foreach (var move in scene.Reading.Moves)
        {
            if (!scene.Index.TryContract(move.From, out var contract)
                && !scene.Index.TryContract(move.To, out contract))
                continue;
            var usd = scene.Usd(move.Asset, move.Amount);
            if (usd > measured)
                (measured, largest, subject) = (usd, move, scene.Index.Watch.Contracts[contract].Name);
        }
        var threshold = scene.Thresholds.LargeTransferUsd;
        if (measured < threshold)
            return null;
        var way = largest.IsMint ? $"minted by {subject} to {largest.To.ToShortString()}"
            : scene.Index.TryContract(largest.From, out _) ? $"left {subject} to {largest.To.ToShortString()}"
            : $"came to {subject} from {largest.From.ToShortString()}";
        var asset = scene.Index.Watch.Assets[largest.Asset].Name;
        return scene.Indicate(IndicatorNames.LargeTransfer, subject, measured, threshold,
            $"{Words.Usd(measured)} of {asset} {way} in one transfer.");
    }
}
