using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>What a fault of a node means for the watch.</summary>
internal static class NodeTroubles
{
    /// <summary>A broken finality has no end that could be told: it is over when none came for so long.</summary>
    public static readonly TimeSpan BrokenFinalityLasts = TimeSpan.FromHours(1);

    private const int NameMax = 100;

    public static ConditionKey KeyOf(NodeSymptom symptom, string node) =>
        new(KindOf(symptom), node.Length <= NameMax ? node : node[..NameMax]);

    public static bool IsNode(ConditionKey key) => key.Kind.StartsWith("node-", StringComparison.Ordinal);

    /// <param name="hasOther">True where another node does not have this fault.</param>
    public static Trouble Of(Arrival.NodeTold told, string chain, bool hasOther)
    {
        var isAll = told.Node == Arrival.AllNodes;
        var key = KeyOf(told.Symptom, told.Node);
        var meaning = MeaningOf(told.Symptom, isAll || !hasOther);
        var who = isAll ? "All nodes of the chain together" : $"Node '{key.Name}'";
        return new Trouble(
            key, Threat.MonitoringImpaired, SeverityOf(told.Symptom, isAll || !hasOther), 1,
            isAll ? chain : Subjects.Node(key.Name),
            $"{who}: {SaidOf(told.Symptom)} ({Words.Quote(told.Words)}). {meaning}");
    }

    private static string KindOf(NodeSymptom symptom) => symptom switch
    {
        NodeSymptom.Failing => "node-failing",
        NodeSymptom.Lagging => "node-lagging",
        NodeSymptom.Throttling => "node-throttling",
        NodeSymptom.Disagreeing => "node-disagreeing",
        NodeSymptom.BrokeFinality => "node-broke-finality",
        NodeSymptom.Unconfirmed => "node-unconfirmed",
    };

    private static Severity SeverityOf(NodeSymptom symptom, bool isAll) => symptom switch
    {
        NodeSymptom.Disagreeing or NodeSymptom.BrokeFinality or NodeSymptom.Unconfirmed => Severity.High,
        NodeSymptom.Failing => isAll ? Severity.High : Severity.Elevated,
        NodeSymptom.Lagging => isAll ? Severity.High : Severity.Minor,
        NodeSymptom.Throttling => isAll ? Severity.Elevated : Severity.Minor,
    };

    private static string SaidOf(NodeSymptom symptom) => symptom switch
    {
        NodeSymptom.Failing => "no usable answers",
        NodeSymptom.Lagging => "behind the others",
        NodeSymptom.Throttling => "asks us to slow down, more than now and then",
        NodeSymptom.Disagreeing => "says something else about the same block than another node, or than before",
        NodeSymptom.BrokeFinality => "took back a block that was final",
        NodeSymptom.Unconfirmed => "too few nodes agree on a block",
    };

    private static string MeaningOf(NodeSymptom symptom, bool isAll) => symptom switch
    {
        NodeSymptom.Failing when isAll => "While this lasts, attacks on this chain are not seen.",
        NodeSymptom.Failing => "The others are read meanwhile; fewer are left to contradict a wrong one.",
        NodeSymptom.Lagging when isAll => "While this lasts, attacks on this chain are seen late.",
        NodeSymptom.Lagging => "The others are read meanwhile; fewer are left to contradict a wrong one.",
        NodeSymptom.Throttling => "Blocks may be read late while this lasts.",
        NodeSymptom.Disagreeing => "One of them is wrong, and may be lying: what we see may not be what happened.",
        NodeSymptom.BrokeFinality => "What we called confirmed may not have happened: look by other means.",
        NodeSymptom.Unconfirmed => "While this lasts, nothing automatic follows from what is seen.",
    };
}
