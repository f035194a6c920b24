using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Patterns;
using Tocsin.Detection.Reading;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Mempool;

/// <summary>What a pending transaction would be found guilty of if it were in a block now.</summary>
/// <param name="LossUsd">What protected contracts would lose together.</param>
internal sealed record PendingVerdict(
    Threat Threat,
    Severity Severity,
    decimal Confidence,
    string Subject,
    decimal LossUsd,
    ValueList<Address> Addresses,
    ValueList<Indicator> Indicators);

/// <summary>Judges simulated calls as the engine judges those of a block, on copies of what it knows.</summary>
internal sealed class PendingJudgement(Watch watch)
{
    private readonly ConductHits conduct = new(watch);
    private readonly PatternMatch patterns = new(watch.Thresholds);

    /// <summary>Null where it is nothing to alert people of.</summary>
    public PendingVerdict? Judge(PendingTransaction pending, ArrivalScene at)
    {
        if (pending.Outcome is not { Frames: { Count: > 0 } frames } || frames[0].Error is not null)
            return null;
        var calls = TracedCall.Read(frames);
        var transaction = new Transaction(
            pending.Hash, 0, pending.From, pending.To, pending.Nonce, pending.ValueWei, pending.Input, true,
            pending.To is null ? frames[0].To : null, LogsOf(calls));
        var reading = new TransactionReading(at.Index);
        var (book, opening) = (Copy(at), Copy(at));
        reading.Read(transaction, book, opening);
        var called = transaction.To ?? transaction.ContractCreated;
        var contract = called is { } address && !at.Index.IsWatched(address) ? called : null;
        var scene = new Scene(
            at.Index, at.Head ?? default, at.Now, transaction, contract, reading, opening, false, []);
        var flows = scene.ProtectedFlows();
        var pattern = OfPattern(scene, flows);
        var hit = pattern ?? OfConduct(pending, scene, flows);
        if (hit is null || hit.Confidence < watch.Thresholds.AlertConfidence)
            return null;
        var loss = Loss.Of(flows, at.Index, opening);
        var isLoan = reading.Loans.Count > 0 || calls.Any(call => call.IsLive && Conduct.Loans.IsCallback(call.Frame));
        var isLoss = loss.Usd >= watch.Thresholds.MinimumLossUsd;
        return new PendingVerdict(
            pattern is not null || (isLoan && isLoss) ? Threat.FlashLoanAttack : Threat.ContractAnomaly,
            isLoss ? Severity.Critical : hit.Severity,
            hit.Confidence,
            loss.Contract ?? hit.Subject,
            loss.Usd,
            hit.Addresses.Where(one => !at.Index.IsWatched(one)).ToValueList(),
            hit.Indicators);
    }

    private Hit? OfPattern(Scene scene, List<Flow> flows)
    {
        if (!scene.Reading.ConcernsUs())
            return null;
        var indicators = Observation.Indicators(scene, flows);
        return patterns.FlashLoanAttack(scene, new TransactionFacts(
            scene.Transaction.Hash, scene.Transaction.From, scene.Contract, [.. scene.Reading.Trades], [.. flows],
            [.. indicators]));
    }

    private Hit? OfConduct(PendingTransaction pending, Scene scene, List<Flow> flows) =>
        conduct.Judge(pending.Outcome!, scene.Block, scene.Time, [.. flows]);

    private ReserveBook Copy(ArrivalScene at)
    {
        var copy = new ReserveBook(watch.Pools.Count);
        copy.CopyFrom(at.Prices);
        return copy;
    }

    // Inner calls write between the logs of the outer one: their numbers tell the order.
    private static Log[] LogsOf(TracedCall[] calls)
    {
        var logs = new List<Log>();
        foreach (var call in calls)
            if (!call.IsUndone)
                logs.AddRange(call.Frame.Logs.ToArray());
        return [.. logs.OrderBy(log => log.Index)];
    }
}
