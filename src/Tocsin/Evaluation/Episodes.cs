using System.Globalization;
using Tocsin.Inputs;
using Tocsin.Texts;

namespace Tocsin.Evaluation;

/// <summary>What truly happened in a window of a price file.</summary>
internal enum EpisodeKind
{
    /// <summary>The coin lost par.</summary>
    Depeg,

    /// <summary>Deep and short, or on one venue.</summary>
    Flash,

    /// <summary>Under about two per cent, or above par.</summary>
    Shallow,

    /// <summary>A single print that no other venue shows.</summary>
    Wick,

    /// <summary>Rows are missing.</summary>
    Outage,

    /// <summary>Nothing to report.</summary>
    Calm,
}

/// <param name="Asset">What the episode is about.</param>
/// <param name="To">The first instant after it.</param>
internal sealed record Episode(string Asset, string File, EpisodeKind Kind, DateTimeOffset From, DateTimeOffset To);

/// <summary>Reads <c>prices/episodes.csv</c>; columns are found by their names, unknown ones are not needed.</summary>
internal static class Episodes
{
    private const int LineBytesMax = 16 * 1024;

    private static readonly string[] Needed = ["asset", "venue_file", "kind", "from", "to"];

    /// <exception cref="InputException">The file cannot be read, or a row is none.</exception>
    public static IReadOnlyList<Episode> Read(string path)
    {
        using var lines = LineReader.Open(path, LineBytesMax);
        if (!lines.Read())
            throw new InputException($"{path} is empty");
        var head = Text(lines).Split(',');
        var places = Needed.Select(name => Array.IndexOf(head, name)).ToArray();
        if (places.Contains(-1))
            throw new InputException($"{lines.Place} must have the columns {string.Join(", ", Needed)}");
        var episodes = new List<Episode>();
        while (lines.Read())
        {
            // The columns that may hold commas come last.
            var fields = Text(lines).Split(',');
            if (fields.Length <= places.Max())
                throw new InputException($"{lines.Place} has {fields.Length} columns");
            episodes.Add(Row(lines.Place, [.. places.Select(place => fields[place])]));
        }
        return episodes;
    }

    private static Episode Row(string place, string[] fields)
    {
        if (!Enum.TryParse<EpisodeKind>(fields[2], ignoreCase: true, out var kind) || int.TryParse(fields[2], out _))
            throw new InputException($"{place}: '{fields[2]}' is no kind of episode");
        return new Episode(fields[0], fields[1], kind, Instant(place, fields[3]), Instant(place, fields[4]));
    }

    private static DateTimeOffset Instant(string place, string text) =>
        DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new InputException($"{place}: '{text}' is no instant");

    private static string Text(LineReader lines) =>
        lines.IsTooLong
            ? throw new InputException($"{lines.Place} is longer than {LineBytesMax} bytes")
            : System.Text.Encoding.UTF8.GetString(lines.Line.Span).TrimEnd('\r');
}
