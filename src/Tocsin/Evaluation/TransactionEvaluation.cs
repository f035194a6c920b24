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
internal sealed record LabelledTransaction(
    string Name, string Label, string? Type, ValueList<Address> Victims, ValueList<CallFrame> Frames)
{
    public const string Attack = "attack";
    public const string Benign = "benign";

    public bool Touches(Predicate<Address> isMeant) => Frames.Any(frame =>
        isMeant(frame.From) || frame.To is { } to && isMeant(to));
}

/// <summary>One that was judged wrongly.</summary>
/// <param name="Traits">What it showed, and how much.</param>
internal sealed record Misjudged(string Name, string? Type, decimal Confidence, ValueList<string> Traits);

/// <summary>What was recognised in one mode.</summary>
/// <param name="Attacks">How many it could have been.</param>
/// <param name="NotTouched">Attacks that touch nothing of their victim, and so were not asked of this mode.</param>
internal sealed record ModeResult(
    int Attacks, int Detected, int Benign, int FalseAlarms, int Reenacted, int ReenactedDetected,
    ValueList<string> NotTouched, ValueList<Misjudged> Misses, ValueList<Misjudged> False);

/// <summary>What somebody recognises who only counts.</summary>
internal sealed record Baseline(string Name, int Detected, int FalseAlarms);

internal sealed record TransactionResult(ModeResult Blind, ModeResult Protected, ValueList<Baseline> Baselines);

/// <summary>The judgement of conduct over recorded transactions with known labels.</summary>
internal sealed class TransactionEvaluation(string folder, Action<string> tell)
{
    private const int MostCalled = 50;
    private const int ManyCalls = 100;

    private static readonly decimal Alert = new Detection.Thresholds().AlertConfidence;

    public TransactionResult Run(CancellationToken cancellationToken)
    {
        var rows = new List<LabelledTransaction>();
        foreach (var file in Directory.GetFiles(folder, "*.jsonl*").Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.AddRange(Read(file));
        }
        var ours = Protected(rows);
        var blind = rows.ToDictionary(row => row, row => ConductReading.Blind(row.Frames));
        var known = rows.ToDictionary(row => row, row => ConductReading.Protected(row.Frames, ours));
        return new TransactionResult(
            Judge(rows, blind, _ => true),
            Judge(rows, known, row => row.Touches(row.Victims.Contains)),
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

    private static ModeResult Judge(
        List<LabelledTransaction> rows, Dictionary<LabelledTransaction, ConductReading> readings,
        Predicate<LabelledTransaction> isAsked)
    {
        var attacks = rows.Where(row => row.Label == LabelledTransaction.Attack).ToList();
        var benign = rows.Where(row => row.Label == LabelledTransaction.Benign).ToList();
        var asked = attacks.FindAll(isAsked);
        var again = rows.FindAll(row => row.Label is not (LabelledTransaction.Attack or LabelledTransaction.Benign));
        var misses = asked.FindAll(row => !IsAlarm(row));
        var alarms = benign.FindAll(IsAlarm);
        return new ModeResult(
            asked.Count, asked.Count - misses.Count, benign.Count, alarms.Count, again.Count, again.Count(IsAlarm),
            attacks.Where(row => !isAsked(row)).Select(row => row.Name).ToValueList(),
            misses.Select(Tell).ToValueList(), alarms.Select(Tell).ToValueList());

        bool IsAlarm(LabelledTransaction row) => readings[row].Confidence >= Alert;

        Misjudged Tell(LabelledTransaction row) => new(
            row.Name, row.Type, readings[row].Confidence,
            readings[row].Traits.Select(one => $"{one.Trait} {one.Level}").ToValueList());
    }

    private static Baseline Count(
        string name, List<LabelledTransaction> rows, Predicate<LabelledTransaction> isAlarm) => new(
        name,
        rows.Count(row => row.Label == LabelledTransaction.Attack && isAlarm(row)),
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
        return new LabelledTransaction(
            name, RpcJson.Text(root, "label"), Text(root, "type"), victims,
            CallTree.Read(RpcJson.Field(root, "trace")));
    }

    private static string? Text(JsonElement root, string name) =>
        RpcJson.Optional(root, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
