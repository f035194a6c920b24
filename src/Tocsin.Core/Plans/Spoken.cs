namespace Tocsin.Plans;

/// <summary>Spans of time as people say them.</summary>
public static class Spoken
{
    public static string Of(TimeSpan span)
    {
        var words = new List<string>();
        if (span.Days > 0)
            words.Add($"{span.Days} d");
        if (span.Hours > 0)
            words.Add($"{span.Hours} h");
        if (span.Minutes > 0)
            words.Add($"{span.Minutes} min");
        if (span.Seconds > 0 || words.Count == 0)
            words.Add($"{span.Seconds} s");
        return string.Join(' ', words);
    }
}
