using System.Globalization;

namespace Tocsin.Reports;

/// <summary>What people found out about where funds went, as lines that people read.</summary>
internal static class RecordTimeline
{
    public static string Line(RecordEvent happened) => happened switch
    {
        RecordEvent.AddressMarked marked =>
            $"{marked.By} marked {marked.Address} on chain {marked.Chain} as {Word(marked.Status)}"
                + After(marked.Words),
        RecordEvent.FundsMoved moved => $"{moved.By}: {InWords(moved)}{After(moved.Words)}",
        RecordEvent.TransactionNoted noted =>
            $"{noted.By} on transaction {noted.Transaction}, chain {noted.Chain}: {noted.Words}",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };

    private static string InWords(RecordEvent.FundsMoved moved) =>
        $"{moved.Units.ToString(CultureInfo.InvariantCulture)} {moved.Asset} {Word(moved.Kind)} from {moved.From}"
        + (moved.To is { } to ? $" to {to}" : "") + $" on chain {moved.Chain}"
        + (moved.Transaction is { } transaction ? $" in {transaction}" : "") + $", recovery {Word(moved.Recovery)}";

    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string After(string words) => words.Length == 0 ? "." : $": {words}";
}
