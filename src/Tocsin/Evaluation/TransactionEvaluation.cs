using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;
using Tocsin.Replay;
using Tocsin.Texts;

namespace Tocsin.Evaluation;

/// <summary>A recorded transaction and what it truly was.</summary>
/// <param name="Label"><c>attack</c>, <c>benign</c>, or <c>attack-reenacted</c>.</param>
/// <param name="Type">Of attack, in the source's words; null where it does not say.</param>
/// <param name="Group">The attack that it is part of; of an ordinary one its own name.</param>
internal sealed record LabelledTransaction(
    string Name, string Group, string Label, string? Type, ValueList<Address> Victims, ValueList<CallFrame> Frames)
{
    public const string Attack = "attack";
    public const string Benign = "benign";

    public bool Touches(Predicate<Address> isMeant) => Frames.Any(frame =>
        isMeant(frame.From) || frame.To is { } to && isMeant(to));
}

/// <summary>One that was judged wrongly.</summary>
/// <param name="Traits">What it showed, and how much.</param>
/// <param name="Calls">How many calls it made.</param>
internal sealed record Misjudged(
    string Name, string? Type, decimal Confidence, int Calls, ValueList<string> Traits);

/// <summary>What was recognised in one mode.</summary>
/// <param name="Attacks">How many it could have been.</param>
/// <param name="NotTouched">Attacks that touch nothing of their victim, and so were not asked of this mode.</param>
internal sealed record ModeResult(
    int Attacks, int Detected, int Benign, int FalseAlarms, int Reenacted, int ReenactedDetected,
    ValueList<string> NotTouched, ValueList<Misjudged> Misses, ValueList<Misjudged> False,
    ValueList<TypeResult> Types, FoldResult Folds);

/// <summary>What was recognised of one type of attack, in the source's words.</summary>
internal sealed record TypeResult(string Type, int Attacks, int Detected);

/// <summary>What somebody recognises who only counts.</summary>
internal sealed record Baseline(string Name, int Attacks, int Detected, int Benign, int FalseAlarms);

/// <param name="Blind">Null where only the other mode was asked for.</param>
internal sealed record TransactionResult(ModeResult? Blind, ModeResult? Protected, ValueList<Baseline> Baselines);

/// <summary>What is known when a transaction is judged.</summary>
internal enum EvaluationMode
{
    /// <summary>Nothing of any protocol.</summary>
    Blind,

    /// <summary>The victims of all attacks, and the contracts that ordinary transactions call most.</summary>
    Protected,
}

/// <summary>The judgement of conduct over recorded transactions with known labels.</summary>
/// <param name="mode">Null for both.</param>
/// <param name="ahead">Told before each file and each mode.</param>
internal sealed class TransactionEvaluation(
    string folder, EvaluationMode? mode, Action<string> tell, WorkAhead? ahead = null)
{
    // What the weights in TraitWeights were fitted with.
    private static readonly TraitFit BlindFit = new(Restraint: 1, Attention: 2);
    private static readonly TraitFit ProtectedFit = new(Restraint: 0.3, Attention: 4);

    private const int MostCalled = 50;
    private const int ManyCalls = 100;

    private static readonly decimal Alert = new Detection.Thresholds().AlertConfidence;

    public TransactionResult Run(CancellationToken cancellationToken)
    {
        var rows = new List<LabelledTransaction>();
        var files = Directory.GetFiles(folder, "*.jsonl*").Order(StringComparer.Ordinal).ToList();
        var pieces = files.Count + 2.0;
        foreach (var (file, index) in files.Select((file, index) => (file, index)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ahead?.Invoke(Path.GetFileName(file), index / pieces);
            rows.AddRange(Read(file));
        }
        var ours = Protected(rows);
        ahead?.Invoke("judging blind", files.Count / pieces);
        var blind = mode is EvaluationMode.Protected
            ? null
            : Judge(rows, row => ConductReading.Blind(row.Frames), _ => true, BlindFit);
        ahead?.Invoke("judging protected", (files.Count + 1) / pieces);
        return new TransactionResult(
            blind,
            mode is EvaluationMode.Blind
                ? null
                : Judge(
                    rows, row => ConductReading.Protected(row.Frames, ours),
                    row => row.Touches(row.Victims.Contains), ProtectedFit),
            [
                Count($"{ManyCalls} calls or more", rows, row => row.Frames.Count >= ManyCalls),
                Count("a flash-loan callback", rows, row => row.Frames.Any(frame => Loans.IsCallback(frame))),
            ]);
    }

    /// <summary>The victims of all attacks, and the contracts that ordinary transactions call most.</summary>
    private static HashSet<Address> Protected(List<LabelledTransaction> rows)
    {
        var called = rows.Where(row => row.Label == LabelledTransaction.Benign)
            .SelectMany(row => row.Frames)
            .Where(frame => frame.Kind == CallKind.Call && frame.Input.Length >= Selector.ByteCount)
            .GroupBy(frame => frame.To!.Value)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key)
            .Take(MostCalled).Select(group => group.Key);
        return [.. rows.Where(row => row.Label == LabelledTransaction.Attack)
            .SelectMany(row => row.Victims), .. called];
    }

    private ModeResult Judge(
        List<LabelledTransaction> rows, Func<LabelledTransaction, ConductReading> read,
        Predicate<LabelledTransaction> isAsked, TraitFit fit)
    {
        var readings = rows.ToDictionary(row => row, read);
        var attacks = rows.Where(row => row.Label == LabelledTransaction.Attack).ToList();
        var benign = rows.Where(row => row.Label == LabelledTransaction.Benign).ToList();
        var asked = attacks.FindAll(isAsked);
        var again = rows.FindAll(row => row.Label is not (LabelledTransaction.Attack or LabelledTransaction.Benign));
        var misses = asked.FindAll(row => !IsAlarm(row));
        var alarms = benign.FindAll(IsAlarm);
        return new ModeResult(
            asked.Count, asked.Count - misses.Count, benign.Count, alarms.Count, again.Count, again.Count(IsAlarm),
            attacks.Where(row => !isAsked(row)).Select(row => row.Name).ToValueList(),
            misses.Select(Tell).ToValueList(), alarms.Select(Tell).ToValueList(),
            asked.GroupBy(row => row.Type ?? "not said")
                .Select(type => new TypeResult(type.Key, type.Count(), type.Count(IsAlarm)))
                .OrderByDescending(type => type.Attacks).ThenBy(type => type.Type, StringComparer.Ordinal)
                .ToValueList(),
            FiveFold.Run([.. asked.Concat(benign).Select(Sample)], fit));

        bool IsAlarm(LabelledTransaction row) => readings[row].Confidence >= Alert;

        TraitSample Sample(LabelledTransaction row) =>
            new(row.Group, row.Label == LabelledTransaction.Attack, readings[row].Confidence > 0
                ? readings[row].Traits
                : []);

        Misjudged Tell(LabelledTransaction row) => new(
            row.Name, row.Type, readings[row].Confidence, row.Frames.Count,
            readings[row].Traits.Select(one => $"{one.Trait} {one.Level}").ToValueList());
    }

    private static Baseline Count(
        string name, List<LabelledTransaction> rows, Predicate<LabelledTransaction> isAlarm) => new(
        name,
        rows.Count(row => row.Label == LabelledTransaction.Attack),
        rows.Count(row => row.Label == LabelledTransaction.Attack && isAlarm(row)),
        rows.Count(row => row.Label == LabelledTransaction.Benign),
        rows.Count(row => row.Label == LabelledTransaction.Benign && isAlarm(row)));

    private IEnumerable<LabelledTransaction> Read(string file)
    {
        using var lines = LineReader.Open(file, RecordedBlock.LineBytesMax);
        while (lines.Read())
        {
            if (lines.IsTooLong)
                throw new InputException($"{lines.Place} is longer than {RecordedBlock.LineBytesMax} bytes");
            LabelledTransaction row;
            try
            {
                row = Read(lines.Line);
            }
            catch (FormatException e)
            {
                tell($"rejected: {lines.Place}: {e.Message}");
                continue;
            }
            yield return row;
        }
    }

    private static LabelledTransaction Read(ReadOnlyMemory<byte> line)
    {
        using var document = RecordedBlock.Parse(line);
        var root = document.RootElement;
        var name = string.Join(' ', new[] { Text(root, "name"), Text(root, "hash") }.OfType<string>());
        var victims = RpcJson.Optional(root, "victim") is { ValueKind: JsonValueKind.Array } given
            ? given.EnumerateArray().Select(one => RpcJson.ToAddress(one, "victim")).ToValueList()
            : [];
        var label = RpcJson.Text(root, "label");
        var group = label == LabelledTransaction.Attack ? Text(root, "name") ?? name : name;
        return new LabelledTransaction(
            name, group, label, Text(root, "type"), victims,
            CallTree.Read(RpcJson.Field(root, "trace")));
    }

    private static string? Text(JsonElement root, string name) =>
        RpcJson.Optional(root, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
