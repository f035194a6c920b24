using System.Text.Json;
using Tocsin.Autonomy;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>What <c>evaluate</c> writes and a plan names: how often alarms were true.</summary>
internal sealed record PrecisionDocument(ValueList<PrecisionRow> Measured);

/// <param name="LowerBound">For people: it is computed again from the counts.</param>
/// <param name="Data">What it was measured on, in words.</param>
internal sealed record PrecisionRow(
    string Detector, Threat Threat, int TrueAlarms, int FalseAlarms, decimal LowerBound, string Data);

/// <summary>What a plan writes of that which the system does by itself.</summary>
internal static class AutonomyText
{
    private const decimal UsualPrecision = 0.95m;
    private const decimal LeastPrecision = 0.5m;

    private static readonly Dictionary<string, Stage> Stages =
        Enum.GetValues<Stage>().ToDictionary(stage => stage.ToString().ToLowerInvariant());

    public static AutonomyPlan Read(
        YamlPart? part, ValueList<PlanFile> files, IReadOnlyDictionary<string, Threat> threats)
    {
        if (part is null)
            return AutonomyPlan.None;
        part.Knows("measured", "revoke", "ladder");
        return new AutonomyPlan(
            part.Required("ladder").Items().Select(item => Entry(item, threats)).ToValueList(),
            part.Optional("measured") is { } measured ? Measured(measured, files) : [],
            part.Optional("revoke")?.Text(),
            part.At);
    }

    private static Automation Entry(YamlPart part, IReadOnlyDictionary<string, Threat> threats) => new(
        part.Knows("action", "severity", "stage", "from", "per_day", "precision").Required("action").Text(),
        (Severity)part.Required("severity").Number(1, 5),
        part.Required("stage").OneOf(Stages),
        part.Optional("from")?.Items().Select(item => item.OneOf(threats)).ToValueList() ?? [],
        part.Optional("per_day")?.Number(1, 100) ?? 1,
        part.Optional("precision") is { } precision ? Precision(precision) : UsualPrecision,
        part.At);

    private static decimal Precision(YamlPart part)
    {
        var precision = part.Decimal();
        if (precision is >= LeastPrecision and <= 1)
            return precision;
        part.Complain("'precision' is a share from 0.5 to 1, such as 0.95");
        return UsualPrecision;
    }

    private static ValueList<MeasuredPrecision> Measured(YamlPart part, ValueList<PlanFile> files)
    {
        var name = part.Line();
        if (files.FirstOrDefault(file => file.Name == name && name == PlanReader.PrecisionFile) is not { } file)
        {
            part.Complain($"'measured' names {PlanReader.PrecisionFile} beside {PlanReader.MainFile}, and there is "
                + $"none of that name: 'tocsin evaluate --data DIR --precision {PlanReader.PrecisionFile}' writes it");
            return [];
        }
        try
        {
            if (JsonSerializer.Deserialize<PrecisionDocument>(file.Text, EventJson.Options) is { } read
                && read.Measured.All(row => row.TrueAlarms >= 0 && row.FalseAlarms >= 0))
                return read.Measured
                    .Select(row => new MeasuredPrecision(row.Detector, row.Threat, row.TrueAlarms, row.FalseAlarms))
                    .ToValueList();
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Told below.
        }
        part.Complain($"{name} is not what 'tocsin evaluate --precision' writes: write it anew");
        return [];
    }
}
