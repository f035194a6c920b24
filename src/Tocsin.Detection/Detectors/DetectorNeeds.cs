using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Mempool;
using Tocsin.Detection.Monitoring;
using Tocsin.Detection.Operations;
using Tocsin.Detection.Pegs;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Detectors;

/// <summary>What a watch can be told beside blocks and their logs.</summary>
public enum InputKind
{
    /// <summary>Reads of the state after a block.</summary>
    Reads,

    /// <summary>Calls inside transactions.</summary>
    Traces,

    /// <summary>Changes of the state.</summary>
    StateChanges,

    /// <summary>Transactions that are in no block yet.</summary>
    PendingTransactions,

    /// <summary>What proposals would do.</summary>
    Simulations,

    /// <summary>Prices from beside the blocks.</summary>
    Feeds,

    /// <summary>What people report.</summary>
    UserReports,

    /// <summary>Heads, signs of life of keepers, and pages.</summary>
    SignsOfLife,
}

/// <summary>Who judges by what beside blocks: where it does not come, that is not judged.</summary>
public static class DetectorNeeds
{
    /// <summary>The names of those who judge by each kind, in part or by it alone.</summary>
    public static IReadOnlyDictionary<InputKind, ValueList<string>> Of(Watch watch)
    {
        var needs = watch.Detectors
            .SelectMany(settings => KindsOf(settings, settings.Create(watch))
                .Select(kind => (Kind: kind, settings.Card.Name)))
            .Append((Kind: InputKind.Traces, ConductHits.Card.Name))
            .Append((Kind: InputKind.SignsOfLife, MonitoringCards.Impaired.Name));
        if (watch.Pegs.Count > 0)
            needs = needs.Append((Kind: InputKind.Feeds, PegWatch.Card.Name));
        if (watch.Senses.Heartbeats.Count > 0)
            needs = needs.Append((Kind: InputKind.SignsOfLife, MonitoringCards.Heartbeat.Name));
        if (watch.Senses.FrontEnds.Count > 0)
            needs = needs.Append((Kind: InputKind.SignsOfLife, MonitoringCards.FrontEnd.Name));
        return needs
            .GroupBy(need => need.Kind, need => need.Name)
            .ToDictionary(group => group.Key, group => group.Distinct().Order().ToValueList());
    }

    /// <summary>The kind of an input; null for blocks and for what tells nothing but the time.</summary>
    public static InputKind? KindOf(Input input) => input switch
    {
        ChainStep.Answered { Answers.Count: > 0 } => InputKind.Reads,
        ChainStep.Traced => InputKind.Traces,
        ChainStep.Changed => InputKind.StateChanges,
        ChainStep.Simulated => InputKind.Simulations,
        Arrival.Pending => InputKind.PendingTransactions,
        Arrival.Tick => InputKind.Feeds,
        Arrival.Reported => InputKind.UserReports,
        Arrival.HeadSeen or Arrival.Beat or Arrival.Acted or Arrival.FrontEndSeen => InputKind.SignsOfLife,
        _ => null,
    };

    // Who does not override what shows it an input does not look at it.
    private static IEnumerable<InputKind> KindsOf(DetectorSettings settings, Detector detector)
    {
        if (detector.Reads.Count > 0)
            yield return InputKind.Reads;
        if (IsOwn((Action<TransactionTrace, BlockScene>)detector.Traced))
            yield return InputKind.Traces;
        if (IsOwn((Action<ValueList<StateChange>, BlockScene>)detector.Changed))
            yield return InputKind.StateChanges;
        if (IsOwn((Action<SimulationAnswer, BlockRef, BlockScene>)detector.Simulated))
            yield return InputKind.Simulations;
        if (IsOwn((Action<Arrival, ArrivalScene>)detector.Arrived))
            yield return settings switch
            {
                PendingAttackSettings => InputKind.PendingTransactions,
                UserReportsSettings => InputKind.UserReports,
                _ => InputKind.Feeds,
            };
    }

    private static bool IsOwn(Delegate shown) => shown.Method.DeclaringType != typeof(Detector);
}
