using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Conduct;

/// <summary>
/// Judges the transactions of a block by what they do to protected contracts: for attacks that no pattern of events
/// describes, and whose contracts give none.
/// </summary>
internal sealed class ConductHits(Watch watch)
{
    private readonly FrozenDictionary<Address, string> ours =
        watch.Contracts.ToFrozenDictionary(contract => contract.Address, contract => contract.Name);

    private readonly FrozenSet<Address> addresses =
        watch.Contracts.Select(contract => contract.Address).ToFrozenSet();

    /// <summary>Null where the transaction is nothing to alert people of.</summary>
    public Hit? Judge(TransactionTrace trace, BlockRef block, DateTimeOffset time, ValueList<Flow> flows)
    {
        if (trace.Frames.Count == 0 || Touched(trace.Frames) is not { } subject)
            return null;
        var reading = ConductReading.Protected(trace.Frames, addresses);
        if (reading.Confidence < watch.Thresholds.AlertConfidence)
            return null;
        var indicators = reading.Traits.Select(shown => new Indicator(
            shown.Trait.ToName(), block, time, trace.Transaction, trace.Frames[0].From, subject, shown.Level, 1,
            Math.Min(1, shown.Level / 2m), shown.Trait.Sentence(subject)));
        return new Hit(
            block, time, SeverityOf(reading), reading.Confidence, subject,
            [new AttackTransaction(block, trace.Transaction, flows)],
            reading.Side.Where(address => !addresses.Contains(address)).ToValueList(), indicators.ToValueList());
    }

    private static Severity SeverityOf(ConductReading reading) =>
        reading.Traits.Any(shown => shown.Trait is Trait.LostShare or Trait.LostCoins)
            ? Severity.Critical
            : Severity.High;

    private string? Touched(ValueList<CallFrame> frames)
    {
        foreach (var frame in frames.AsSpan())
            if (frame.To is { } to && ours.TryGetValue(to, out var name))
                return name;
        foreach (var frame in frames.AsSpan())
            if (ours.TryGetValue(frame.From, out var name))
                return name;
        return null;
    }
}
