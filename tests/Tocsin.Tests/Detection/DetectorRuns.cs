using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Tests.Detection;

/// <summary>Tells detectors a story: blocks, answers to their reads, and what arrives from beside the chain.</summary>
internal static class DetectorRuns
{
    public static Watch With(params DetectorSettings[] settings) =>
        Story.Watch with { Detectors = settings.ToValueList() };

    /// <summary>What a detector alone said, the newest revision last.</summary>
    public static List<Finding> Of(this IEnumerable<Finding> findings, string detector) =>
        [.. findings.Where(finding => finding.Detector == detector)];

    public static bool Pages(this Finding finding) =>
        finding.Severity.IsAtLeast(Severity.High) && finding.Confidence >= Story.Watch.Thresholds.AlertConfidence
        && finding.Status is FindingStatus.Seen or FindingStatus.Confirmed;

    /// <summary>The answer to a call that returns whole numbers or addresses.</summary>
    public static ReadAnswer Answer(Address to, string signature, params object[] words) =>
        AnswerTo(to, AbiFunction.Parse(signature).Encode(), words);

    public static ReadAnswer AnswerTo(Address to, byte[] data, params object[] words) =>
        new(new StateRead.Call(to, Hex.Format(data)), words.SelectMany(Word).ToValueList());

    public static ChainStep.Answered Answered(Story story, params IEnumerable<ReadAnswer> answers) =>
        new(story.Blocks[^1].Ref, answers.ToValueList());

    public static ChainStep.Traced Traced(Story story, ValueList<CallFrame> frames) =>
        new(story.Blocks[^1].Ref, [new TransactionTrace(story.Blocks[^1].Transactions.Span[0].Hash, frames)]);

    public static List<Finding> Run(Engine engine, IEnumerable<Input> inputs) => [.. inputs.SelectMany(engine.Step)];

    /// <summary>The same findings whole, and restored from JSON before every input.</summary>
    public static void MustNotDependOnRestarts(Watch watch, IReadOnlyList<Input> inputs)
    {
        var whole = Run(new Engine(watch), inputs);
        var engine = new Engine(watch);
        var pieces = new List<Finding>();
        foreach (var input in inputs)
        {
            engine = Engine.Restore(watch, SnapshotJson.RoundTrip(engine.Snapshot()));
            pieces.AddRange(engine.Step(input));
        }
        Assert.NotEmpty(whole);
        Assert.Equal(whole, pieces);
    }

    private static byte[] Word(object value) => value switch
    {
        Address address => [.. new byte[12], .. address.ToArray()],
        UInt256 number => number.ToArray(),
        BigInteger number => ((UInt256)(number.Sign < 0 ? (BigInteger.One << 256) + number : number)).ToArray(),
        int number => Word((BigInteger)number),
        long number => Word((BigInteger)number),
        _ => throw new ArgumentException($"{value} is no word"),
    };
}
