using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Incidents;

namespace Tocsin.OutsideAlerts;

/// <summary>One alert as a sender told it: bounded and cleaned, and not yet judged.</summary>
/// <param name="Group">What it belongs to there.</param>
/// <param name="Key">What the sender knows it by.</param>
/// <param name="Level">How bad it is in the sender's words; empty where it does not say.</param>
/// <param name="Since">When it began to fire; null where the sender does not say.</param>
/// <param name="Labels">By which an issue can be chosen.</param>
internal sealed record ToldAlert(
    string Group,
    string Key,
    OutsideNews News,
    string Level,
    string Words,
    DateTimeOffset? Since,
    ValueList<AlertLabel> Labels);

internal readonly record struct AlertLabel(string Name, string Value);

/// <summary>What a body holds, or why it is refused.</summary>
/// <param name="Secret">The key that it carries; null where the key is in a header.</param>
internal sealed record ToldAlerts(ValueList<ToldAlert> Alerts, string? Refusal, string? Secret = null)
{
    public static ToldAlerts Refuse(string why) => new([], why);
}

/// <summary>Reads what strangers write as JSON: bounded in depth, number and length, and without anything that a page
/// or a terminal would not show as it is.</summary>
internal static class ToldText
{
    public const int WordsMax = 600;
    public const int KeyMax = 512;
    public const int LabelMax = 120;

    private const int DepthMax = 24;
    private const int LabelsMax = 32;
    private const int LabelsShown = 8;

    /// <summary>Reads a body that is one object.</summary>
    public static ToldAlerts Read(ReadOnlyMemory<byte> body, Func<JsonElement, ToldAlerts> read)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = DepthMax });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : ToldAlerts.Refuse("the body is not a JSON object");
        }
        // The last is what half a surrogate pair in an escape gives.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ToldAlerts.Refuse("the body is not valid JSON");
        }
    }

    /// <summary>A key that the sender did not give: the same for the same body, so that sending it again is
    /// harmless.</summary>
    public static string KeyOf(ReadOnlyMemory<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body.Span))[..32];

    /// <summary>The text under a key on one line, or nothing.</summary>
    public static string Line(JsonElement of, string key, int most = WordsMax) =>
        Line(Raw(of, key) ?? "", most);

    /// <summary>The text under a key as it stands; null where there is none.</summary>
    public static string? Raw(JsonElement of, string key) =>
        Part(of, key) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static JsonElement? Part(JsonElement of, string key) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(key, out var part) ? part : null;

    /// <summary>An instant that can be one.</summary>
    public static DateTimeOffset? Instant(JsonElement of, string key) =>
        DateTimeOffset.TryParse(
            Raw(of, key), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        && at.Year is >= 2000 and < 2200
            ? at.ToUniversalTime()
            : null;

    /// <summary>The texts of an object, in the order of their names.</summary>
    public static ValueList<AlertLabel> Labels(JsonElement? of) => of is { ValueKind: JsonValueKind.Object } labels
        ? labels.EnumerateObject()
            .Where(label => label.Value.ValueKind == JsonValueKind.String)
            .Select(label => new AlertLabel(Line(label.Name, LabelMax), Line(label.Value.GetString()!, LabelMax)))
            .OrderBy(label => label.Name, StringComparer.Ordinal)
            .ThenBy(label => label.Value, StringComparer.Ordinal)
            .Take(LabelsMax)
            .ToValueList()
        : [];

    /// <summary>A few labels in brackets, so that people know which machine or contract is meant.</summary>
    public static string Shown(ValueList<AlertLabel> labels) => labels.Count == 0 ? "" : " (" + string.Join(
        ", ", labels.Take(LabelsShown).Select(label => $"{label.Name}={label.Value}"))
        + (labels.Count > LabelsShown ? ", …)" : ")");

    public static string ValueOf(ValueList<AlertLabel> labels, string name) =>
        labels.FirstOrDefault(label => label.Name == name).Value ?? "";

    /// <summary>On one line, of so many characters at most, and without anything that hides what it says.</summary>
    public static string Line(string text, int most)
    {
        var line = new StringBuilder(Math.Min(text.Length, most));
        var left = text.AsSpan();
        while (left.Length > 0 && line.Length < most)
        {
            var isWhole = Rune.DecodeFromUtf16(left, out var rune, out var length) == OperationStatus.Done;
            left = left[length..];
            if (isWhole && IsShown(rune))
                line.Append(rune.ToString());
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
        }
        // Not half of a pair: a rune of two may have been the last to fit.
        if (line.Length > most)
            line.Length = most - 1;
        return line.ToString().TrimEnd();
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
