using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Reports;

/// <summary>What people may record of where funds went, as a pure function of the state of the moment.</summary>
public static class Tracing
{
    /// <summary>So many records an incident takes.</summary>
    public const int MaximumRecords = 2_000;

    private const int MaximumAssetCharacters = 60;
    private const decimal MaximumUnits = 1_000_000_000_000_000m;

    /// <param name="record">As it is to stand in the log; the person by their id in the plan.</param>
    public static Ruling Record(Incident incident, Plan plan, RecordEvent record)
    {
        var words = record switch
        {
            RecordEvent.AddressMarked marked => marked.Words,
            RecordEvent.FundsMoved moved => moved.Words,
            RecordEvent.TransactionNoted noted => noted.Words,
            _ => "",
        };
        if (Rulings.WhyNotWords(plan, record.By, words, needsReason: false) is { } refusal)
            return Ruling.Refuse(refusal);
        if (incident.Command.Merged is { } merged)
            return Ruling.Refuse($"{incident.Id} goes on in {merged.Into}");
        if (incident.Records.Made >= MaximumRecords)
            return Ruling.Refuse($"{incident.Id} has {MaximumRecords} records, and takes no more");
        return WhyNot(record) is { } wrong
            ? Ruling.Refuse(wrong)
            : record with { By = plan.Person(record.By)!.Name };
    }

    private static string? WhyNot(RecordEvent record) => record switch
    {
        RecordEvent.AddressMarked marked when !Enum.IsDefined(marked.Status) => "there is no such status",
        RecordEvent.TransactionNoted noted when string.IsNullOrWhiteSpace(noted.Words) =>
            "say in a sentence what the transaction does",
        RecordEvent.FundsMoved moved => WhyNot(moved),
        _ => null,
    };

    private static string? WhyNot(RecordEvent.FundsMoved moved)
    {
        if (string.IsNullOrWhiteSpace(moved.Asset) || moved.Asset.Length > MaximumAssetCharacters)
            return $"name the asset in at most {MaximumAssetCharacters} characters";
        if (moved.Units is <= 0 or > MaximumUnits)
            return "say how much, as a number above zero in the usual unit of the asset";
        return Enum.IsDefined(moved.Kind) && Enum.IsDefined(moved.Recovery)
            ? null
            : "there is no such kind or recovery";
    }
}
