using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Conduct;

/// <summary>How much the conduct of one transaction is that of an attack.</summary>
/// <param name="Confidence">From 0 to 1; 0.7 is what people are alerted from.</param>
/// <param name="Traits">What it shows, the heaviest first.</param>
/// <param name="Touches">It touches what is protected.</param>
/// <param name="Side">The accounts that act.</param>
public sealed record ConductReading(
    decimal Confidence, double Score, ValueList<TraitLevel> Traits, bool Touches, ValueList<Address> Side)
{
    /// <summary>Judges one transaction by the calls that it makes, without any knowledge of what it touches.</summary>
    /// <param name="frames">In preorder, the transaction itself first.</param>
    /// <exception cref="ArgumentException">There is no frame.</exception>
    public static ConductReading Blind(ValueList<CallFrame> frames) => Read(frames, null, null);

    /// <summary>Judges one transaction by what it does to protected contracts, and how; the confidence is 0 where it
    /// touches none.</summary>
    /// <param name="isExit">True for functions of protected contracts by which customers are paid; null where none is
    /// known.</param>
    /// <inheritdoc cref="Blind"/>
    public static ConductReading Protected(
        ValueList<CallFrame> frames, IReadOnlySet<Address> ours, Func<Address, Selector, bool>? isExit = null) =>
        Read(frames, ours, isExit);

    private static ConductReading Read(
        ValueList<CallFrame> frames, IReadOnlySet<Address>? ours, Func<Address, Selector, bool>? isExit)
    {
        if (frames.Count == 0)
            throw new ArgumentException("a transaction has at least its own frame", nameof(frames));
        var calls = TracedCall.Read(frames);
        var touches = ours is not null && ProtectedTraits.Touches(calls, ours);
        var weights = ours is null ? TraitWeights.Blind : TraitWeights.Protected;
        var side = new Side(calls);
        var movements = Movements.Read(calls, side);
        var levels = CallerTraits.Of(calls, side, movements);
        if (ours is not null)
            levels = levels.Concat(ProtectedTraits.Of(
                calls, side, movements, ours, isExit ?? ((_, _) => false)));
        var shown = levels.Where(one => one.Level > 0)
            .OrderByDescending(one => one.Level * weights.Weights[one.Trait]).ThenBy(one => one.Trait)
            .ToValueList();
        var score = weights.Score(shown);
        var confidence = ours is not null && !touches ? 0 : weights.Confidence(score);
        return new ConductReading(confidence, score, shown, touches, side.ToList());
    }
}
