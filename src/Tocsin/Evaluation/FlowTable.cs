using System.Globalization;
using Tocsin.Inputs;
using Tocsin.Texts;

namespace Tocsin.Evaluation;

/// <summary>The rows of one file of flows: comma-separated, with the names of the columns in the first line.</summary>
internal sealed class FlowTable
{
    private const int LineBytesMax = 64 * 1024;
    private readonly Dictionary<string, int> places;

    private FlowTable(string name, string[] head, List<string[]> rows)
    {
        Name = name;
        places = head.Select((column, place) => (column, place)).DistinctBy(one => one.column)
            .ToDictionary(one => one.column, one => one.place);
        Rows = rows.Select(fields => new FlowRow(this, fields)).ToList();
    }

    /// <summary>The file's name without what tells its format.</summary>
    public string Name { get; }

    public IReadOnlyList<FlowRow> Rows { get; }

    /// <param name="rejected">Told of each row that has another number of fields than the first line.</param>
    /// <exception cref="InputException">The file cannot be read, or is empty.</exception>
    public static FlowTable Read(string path, Action<string> rejected)
    {
        using var lines = LineReader.Open(path, LineBytesMax);
        if (!lines.Read())
            throw new InputException($"{path} is empty");
        var head = Text(lines).Split(',');
        var rows = new List<string[]>();
        while (lines.Read())
        {
            var fields = lines.IsTooLong ? [] : Text(lines).Split(',');
            if (fields.Length == head.Length)
                rows.Add(fields);
            else
                rejected($"rejected: {lines.Place}: {fields.Length} fields, not {head.Length}");
        }
        return new FlowTable(Path.GetFileName(path).Split('.')[0], head, rows);
    }

    public bool Has(params string[] columns) => columns.All(places.ContainsKey);

    public int PlaceOf(string column) => places[column];

    private static string Text(LineReader lines) =>
        System.Text.Encoding.UTF8.GetString(lines.Line.Span).TrimEnd('\r');
}

/// <summary>One row; what is not there, or is no such value, is null.</summary>
internal sealed class FlowRow(FlowTable table, string[] fields)
{
    public string Text(string column) => fields[table.PlaceOf(column)];

    public decimal? Number(string column) =>
        decimal.TryParse(Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    public DateTimeOffset? Time(string column) =>
        DateTimeOffset.TryParse(
            Text(column), CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
}
