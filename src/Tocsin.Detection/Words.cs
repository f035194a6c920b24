namespace Tocsin.Detection;

/// <summary>Numbers as people read them at night.</summary>
internal static class Words
{
    private const int QuoteMax = 300;

    public static string Usd(decimal value) => $"{Math.Round(value):#,0} USD";

    /// <summary>A price with as many places as tell it apart from its neighbours.</summary>
    public static string Price(decimal value) => value >= 1 ? $"{value:#,0.00} USD" : $"{value:0.00######} USD";

    public static string Share(decimal fraction) => $"{fraction * 100:#,0.#} %";

    public static string Change(decimal fraction) =>
        fraction < 0 ? $"down {Share(-fraction)}" : $"up {Share(fraction)}";

    /// <summary>A length of time by its two largest units, cut, not rounded: <c>45 s</c>, <c>2 min 04 s</c>.</summary>
    public static string Length(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{time.Seconds} s",
        { TotalHours: < 1, Seconds: 0 } => $"{time.Minutes} min",
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds:00} s",
        { TotalDays: < 1, Minutes: 0 } => $"{time.Hours} h",
        { TotalDays: < 1 } => $"{time.Hours} h {time.Minutes:00} min",
        _ => $"{time.Days} d {time.Hours:00} h",
    };

    /// <summary>Text from outside, no longer than fits into a sentence, without what would break it into
    /// lines.</summary>
    public static string Quote(string text)
    {
        var cut = text.Length <= QuoteMax ? text : text[..QuoteMax] + "…";
        return string.Create(cut.Length, cut, static (line, from) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = char.IsControl(from[i]) ? ' ' : from[i];
        }).Trim();
    }

    public static string Count(int count, string one, string many) => count == 1 ? $"1 {one}" : $"{count:#,0} {many}";
}
