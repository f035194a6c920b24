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
    private const int SeriesMax = 10_000;

    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), double> values = [];
    private readonly ConcurrentDictionary<string, Instrument> instruments = [];

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
        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = NameOf(instrument);
        var labels = Labels(tags);
        if (values.Count >= SeriesMax && !values.ContainsKey((name, labels)))
            return;
        if (IsDistribution(instrument))
        {
            Add(name + "_sum", labels, value);
            Add(name + "_count", labels, 1);
        }
        else if (instrument is Counter<long> or Counter<int> or Counter<double> or UpDownCounter<long>)
            Add(name, labels, value);
        else
            values[(name, labels)] = value;
    }

    private void Add(string name, string labels, double value) =>
        values.AddOrUpdate((name, labels), value, (_, sum) => sum + value);

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
