using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Tocsin.Hosting;

/// <summary>
/// Our instruments as text in the exposition format of Prometheus (version 0.0.4): counters with their totals, and of
/// each measured distribution the sum and the count.
/// </summary>
internal sealed class Metrics : IDisposable
{
    private const string OurMeters = "Tocsin.";
    private const string LostName = "tocsin_metrics_series_lost_total";

    /// <summary>Of all instruments together: a label that grows without end must not fill the memory.</summary>
    public const int SeriesMax = 10_000;

    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), double> values = [];
    private readonly ConcurrentDictionary<string, Instrument> instruments = [];
    private int count;
    private long lost;

    public Metrics()
    {
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (!instrument.Meter.Name.StartsWith(OurMeters, StringComparison.Ordinal))
                return;
            instruments[NameOf(instrument)] = instrument;
            own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
    }

    public string Text()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var (name, instrument) in instruments.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description ?? instrument.Name}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {TypeOf(instrument)}\n");
            foreach (var (key, value) in values
                .Where(pair => pair.Key.Name == name || IsPartOf(pair.Key.Name, name))
                .OrderBy(pair => pair.Key))
            {
                text.Append(CultureInfo.InvariantCulture, $"{key.Name}{key.Labels} {value}\n");
            }
        }
        text.Append(CultureInfo.InvariantCulture, $"# HELP {LostName} Measurements of series beyond the limit\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {LostName} counter\n");
        text.Append(CultureInfo.InvariantCulture, $"{LostName} {Interlocked.Read(ref lost)}\n");
        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = NameOf(instrument);
        var labels = Labels(tags);
        if (IsDistribution(instrument))
        {
            Note(name + "_sum", labels, value, isSum: true);
            Note(name + "_count", labels, 1, isSum: true);
        }
        else
            Note(name, labels, value,
                instrument is Counter<long> or Counter<int> or Counter<double> or UpDownCounter<long>);
    }

    // A series that is known goes on, however many there are; a new one beyond the limit is counted and left out.
    private void Note(string name, string labels, double value, bool isSum)
    {
        while (true)
        {
            if (values.TryGetValue((name, labels), out var before))
            {
                if (values.TryUpdate((name, labels), isSum ? before + value : value, before))
                    return;
                continue;
            }
            if (Interlocked.Increment(ref count) > SeriesMax)
            {
                Interlocked.Decrement(ref count);
                Interlocked.Increment(ref lost);
                return;
            }
            if (values.TryAdd((name, labels), value))
                return;
            Interlocked.Decrement(ref count);
        }
    }

    private static bool IsPartOf(string series, string name) =>
        series == name + "_sum" || series == name + "_count";

    private static bool IsDistribution(Instrument instrument) =>
        instrument is Histogram<double> or Histogram<long> or Histogram<int>;

    private static string TypeOf(Instrument instrument) => IsDistribution(instrument) ? "summary"
        : instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal)
            && !instrument.GetType().Name.Contains("UpDown", StringComparison.Ordinal) ? "counter"
        : "gauge";

    // A unit in braces says what is counted, and is no part of a name.
    private static string NameOf(Instrument instrument)
    {
        var unit = instrument.Unit == "s" ? "_seconds" : "";
        var total = TypeOf(instrument) == "counter" ? "_total" : "";
        return instrument.Name.Replace('.', '_') + unit + total;
    }

    // Names of nodes come from the configuration, which allows no quote or line break; still nothing is assumed.
    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var parts = new List<string>();
        foreach (var (key, value) in tags)
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            parts.Add($"{key}=\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"");
        }
        parts.Sort(StringComparer.Ordinal);
        return $"{{{string.Join(',', parts)}}}";
    }
}
