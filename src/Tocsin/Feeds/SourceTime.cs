using System.Globalization;
using System.Text.Json;

namespace Tocsin.Feeds;

/// <summary>When a feed says that its price was made.</summary>
internal static class SourceTime
{
    // From 2001 to 5138 a count of seconds has 10 or 11 digits, one of milliseconds 13 or 14, and so on.
    private const decimal SecondsMost = 1e11m;
    private const int MaximumCharacters = 40;
    private const int MaximumDecimals = 7;

    private static readonly string[] Forms =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK"];

    /// <summary>
    /// Reads ISO 8601 with seconds (without an offset it is UTC), or Unix time in seconds, milliseconds, microseconds
    /// or nanoseconds, as number or text. Null for anything else.
    /// </summary>
    public static DateTimeOffset? Read(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!,
            _ => "",
        };
        if (text.Length is 0 or > MaximumCharacters)
            return null;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            ? Unix(count)
            : Iso(text);
    }

    private static DateTimeOffset? Unix(decimal count)
    {
        var ticks = count switch
        {
            <= 0 => 0,
            < SecondsMost => count * TimeSpan.TicksPerSecond,
            < SecondsMost * 1_000 => count * TimeSpan.TicksPerMillisecond,
            < SecondsMost * 1_000_000 => count * TimeSpan.TicksPerMicrosecond,
            < SecondsMost * 1_000_000_000 => count / TimeSpan.NanosecondsPerTick,
            _ => 0,
        };
        return ticks == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks((long)ticks);
    }

    private static DateTimeOffset? Iso(string text) =>
        DateTimeOffset.TryParseExact(
            CutNanoseconds(text),
            Forms,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var instant)
            ? instant
            : null;

    // Ticks are a hundred nanoseconds; what is finer is left out.
    private static string CutNanoseconds(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
            return text;
        var decimals = text.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9');
        decimals = decimals < 0 ? text.Length - dot - 1 : decimals;
        return decimals <= MaximumDecimals ? text : text.Remove(dot + 1 + MaximumDecimals, decimals - MaximumDecimals);
    }
}
