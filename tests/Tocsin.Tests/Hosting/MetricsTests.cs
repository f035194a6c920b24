using System.Diagnostics.Metrics;
using Tocsin.Hosting;

namespace Tocsin.Tests.Hosting;

public sealed class MetricsTests
{
    [Fact]
    public void A_label_that_grows_without_end_is_cut_off_and_what_is_known_goes_on()
    {
        using var metrics = new Metrics();
        using var meter = new Meter("Tocsin.Test.Cardinality");
        var known = meter.CreateHistogram<double>("tocsin.test.known");
        var wild = meter.CreateCounter<long>("tocsin.test.wild");
        known.Record(1);

        for (var label = 0; label < 2 * Metrics.SeriesMax; label++)
            wild.Add(1, new KeyValuePair<string, object?>("label", label));
        known.Record(2);
        wild.Add(6, new KeyValuePair<string, object?>("label", 0));

        var lines = metrics.Text().Split('\n');
        var series = lines.Count(line => line.StartsWith("tocsin_test_wild_total{", StringComparison.Ordinal));
        Assert.InRange(series, 1, Metrics.SeriesMax);
        Assert.Contains("tocsin_test_wild_total{label=\"0\"} 7", lines);
        Assert.Contains("tocsin_test_known_sum 3", lines);
        Assert.Contains("tocsin_test_known_count 2", lines);
        Assert.DoesNotContain("tocsin_metrics_series_lost_total 0", lines);
    }
}
