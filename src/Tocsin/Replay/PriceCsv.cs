using System.Globalization;
using System.Text;
using Tocsin.Inputs;
using Tocsin.Texts;

namespace Tocsin.Replay;

/// <summary>One row of a price file.</summary>
/// <param name="Opens">When the bar begins.</param>
/// <param name="Volume">Null where the source gives none.</param>
internal readonly record struct PriceBar(
    DateTimeOffset Opens, decimal Open, decimal High, decimal Low, decimal Close, decimal? Volume);

/// <summary>
/// Price files: CSV with the head <c>time,open,high,low,close,volume</c>, times in ISO 8601 (UTC where none is said),
/// one bar a row, ascending. A row that is none is rejected with its reason; nothing is mended or guessed.
/// </summary>
internal static class PriceCsv
{
    public const int LineBytesMax = 1024;

    /// <summary>Beyond this, a number is no price in dollars but a mistake of units.</summary>
    public const decimal PriceMax = 1_000_000_000_000m;

    private const string Head = "time,open,high,low,close,volume";
    private const int FieldCount = 6;
    private const NumberStyles Number =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mmK",
        "yyyy-MM-dd",
    ];

    /// <param name="reject">Hears place, kind and reason of each row that is passed over.</param>
    /// <exception cref="InputException">The file cannot be read, or has another head.</exception>
    public static IEnumerable<PriceBar> Read(string path, Action<string, string, string> reject)
    {
        using var lines = LineReader.Open(path, LineBytesMax);
        foreach (var bar in Read(lines, reject))
            yield return bar;
    }

    /// <inheritdoc cref="Read(string, Action{string, string, string})"/>
    public static IEnumerable<PriceBar> Read(LineReader lines, Action<string, string, string> reject)
    {
        if (!lines.Read() || !IsHead(lines.Line.Span))
            throw new InputException($"{lines.Place} is not the head of a price file: '{Head}'");
        DateTimeOffset? last = null;
        while (lines.Read())
        {
            if (lines.Line.Span.IsEmpty && !lines.IsTooLong)
                continue;
            if (Refuse(lines, last, out var bar) is { } refusal)
            {
                reject(lines.Place, refusal.Kind, refusal.Why);
                continue;
            }
            last = bar.Opens;
            yield return bar;
        }
    }

    private static bool IsHead(ReadOnlySpan<byte> line) =>
        Encoding.UTF8.GetString(line).Replace(" ", "").Equals(Head, StringComparison.OrdinalIgnoreCase);

    private static (string Kind, string Why)? Refuse(LineReader lines, DateTimeOffset? last, out PriceBar bar)
    {
        bar = default;
        if (lines.IsTooLong)
            return ("price row too long", $"more than {LineBytesMax} bytes");
        var line = lines.Line.Span;
        Span<Range> fields = stackalloc Range[FieldCount + 1];
        if (Split(line, fields) is var count && count != FieldCount)
            return ("malformed price row", $"{count} fields instead of {FieldCount}");
        if (!TryTime(line[fields[0]], out var opens))
            return ("malformed price row", $"'{Shown(line[fields[0]])}' is not a time in ISO 8601");
        Span<decimal> prices = stackalloc decimal[4];
        for (var i = 0; i < prices.Length; i++)
        {
            var text = line[fields[i + 1]];
            if (text.Trim((byte)' ').IsEmpty)
                return ("price row with a hole", "a price is empty");
            if (!TryNumber(text, out prices[i]))
                return ("malformed price row", $"'{Shown(text)}' is not a number");
            if (prices[i] is <= 0 or > PriceMax)
                return ("impossible price", $"{Shown(text)} is not above 0 and at most {PriceMax}");
        }
        var volumeText = line[fields[5]].Trim((byte)' ');
        decimal? volume = null;
        if (!volumeText.IsEmpty)
        {
            if (!TryNumber(volumeText, out var given) || given < 0)
                return ("malformed price row", $"'{Shown(volumeText)}' is not a volume");
            volume = given;
        }
        bar = new PriceBar(opens, prices[0], prices[1], prices[2], prices[3], volume);
        if (bar.Low > Math.Min(bar.Open, bar.Close) || bar.High < Math.Max(bar.Open, bar.Close))
            return ("impossible price", "open and close do not lie between low and high");
        if (opens == last)
            return ("price row given twice", $"{opens:yyyy-MM-ddTHH:mm:ssZ} has a row already");
        return opens < last ? ("price row out of order", $"it is earlier than the row before it, {last:u}") : null;
    }

    private static int Split(ReadOnlySpan<byte> line, Span<Range> fields)
    {
        var count = 0;
        foreach (var field in line.Split((byte)','))
        {
            if (count == fields.Length)
                break;
            fields[count++] = field;
        }
        return count;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out decimal number) =>
        decimal.TryParse(text.Trim((byte)' '), Number, CultureInfo.InvariantCulture, out number);

    private static bool TryTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        Span<char> chars = stackalloc char[40];
        text = text.Trim((byte)' ');
        return text.Length <= chars.Length
            && Encoding.UTF8.TryGetChars(text, chars, out var length)
            && DateTimeOffset.TryParseExact(
                chars[..length], TimeFormats, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    private static string Shown(ReadOnlySpan<byte> text) =>
        new([.. Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)]).Select(c => char.IsControl(c) ? ' ' : c)]);
}
