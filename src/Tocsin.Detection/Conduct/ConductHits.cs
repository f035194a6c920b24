using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Conduct;

/// <summary>
/// Judges the transactions of a block by what they do to protected contracts: for attacks that no pattern of events
/// describes, and whose contracts give none.
/// </summary>
internal sealed class ConductHits(Watch watch)
{
    public static DetectorCard Card { get; } = new(
        "conduct", Threat.ContractAnomaly,
        "Judges each transaction that touches a protected contract by what it does: whether it repeats itself, is "
            + "called back and acts meanwhile, pulls tokens by allowances, acts as soon as it is created, trades one "
            + "pool both ways, takes from somebody who gets nothing, and so on. The traits and their weights are in "
            + "one place, `src/Tocsin.Detection/Conduct/Trait.cs`; the confidence is the logistic of their sum, 0.7 "
            + "where people are alerted. Severity 2, or 1 where the protected contract lost a fifth of a balance or "
            + "more than 1,000 coins. What a pattern of events has told already is not told again. Traits and weights "
            + "were chosen on recorded transactions: expect less on attacks that nobody had seen.",
        "Traces (`debug_traceBlockByHash`). The plan's `exits` of a contract say by which functions customers are "
            + "paid.",
        [],
        [
            "What one call does with honest-looking arguments.",
            "Who is allowed to call what: an administrator who calls from a plain account looks like a stranger.",
            "A helper contract that was deployed before counts as somebody else.",
            "An attack that is split over many transactions.",
            "Blocks that are caught up with, and those whose traces come after the next block was taken.",
            "Padding the input and paying everybody something lowers three of the sixteen traits.",
        ]);

    private readonly FrozenDictionary<Address, string> ours =
        watch.Contracts.ToFrozenDictionary(contract => contract.Address, contract => contract.Name);

    private readonly FrozenSet<(Address, Selector)> exits = watch.Contracts
        .SelectMany(contract => contract.Exits.Select(exit => (contract.Address, exit))).ToFrozenSet();

    private readonly FrozenSet<Address> addresses =
        watch.Contracts.Select(contract => contract.Address).ToFrozenSet();

    /// <summary>Null where the transaction is nothing to alert people of.</summary>
    public Hit? Judge(TransactionTrace trace, BlockRef block, DateTimeOffset time, ValueList<Flow> flows)
    {
        if (trace.Frames.Count == 0 || Touched(trace.Frames) is not { } subject)
            return null;
        var reading = ConductReading.Protected(
            trace.Frames, addresses, (to, function) => exits.Contains((to, function)));
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
