using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using Tocsin.Watching;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Watching;

/// <summary>A watch that cannot go on says so, once, and says when it can again.</summary>
public sealed class BlindnessTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly FixedTime time = new(Noon);
    private readonly Logbook logbook;
    private readonly Blindness blindness;

    private readonly FindingDesk desk;

    public BlindnessTests()
    {
        var page = new Uri("https://tocsin.example/");
        logbook = new Logbook(folder.Open(), new Links(_ => page, (_, _, _) => page, page), time);
        logbook.Adopt(MinimalPlan.Read());
        desk = new FindingDesk(logbook, exercise: false);
        blindness = new Blindness(new ChainId(1), desk, time, NullLogger.Instance);
    }

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_failure_that_passes_within_half_a_minute_is_no_finding()
    {
        FailFor(seconds: 29);
        blindness.Sees();
        FailFor(seconds: 29);

        Assert.Empty(logbook.Book.Findings);
    }

    [Fact]
    public void One_that_lasts_is_told_once_and_is_over_when_blocks_are_taken_again()
    {
        FailFor(seconds: 120);

        var told = Assert.Single(logbook.Book.Findings.Values).Finding;
        Assert.Equal((Threat.MonitoringImpaired, Severity.High, FindingStatus.Seen, 1), What(told));
        Assert.Contains("the disk is full", told.Reason, StringComparison.Ordinal);

        blindness.Sees();
        blindness.Sees();

        var over = Assert.Single(logbook.Book.Findings.Values).Finding;
        Assert.Equal((Threat.MonitoringImpaired, Severity.High, FindingStatus.Over, 2), What(over));
        Assert.Equal(told.Id, over.Id);
    }

    [Fact]
    public void What_a_run_could_not_end_the_next_one_ends()
    {
        FailFor(seconds: 120);
        blindness.Lost("segment 3 was put aside");

        new Blindness(new ChainId(1), desk, time, NullLogger.Instance).Sees();

        Assert.Equal(2, logbook.Book.Findings.Count);
        Assert.All(logbook.Book.Findings.Values, recorded =>
            Assert.Equal((FindingStatus.Over, 2), (recorded.Finding.Status, recorded.Finding.Revision)));
    }

    [Fact]
    public void Lost_inputs_are_told_at_once_and_are_over_when_blocks_are_taken_again()
    {
        blindness.Lost("segment 3 was put aside");
        time.Now += TimeSpan.FromSeconds(1);
        blindness.Lost("segment 4 was put aside");

        Assert.Equal(2, logbook.Book.Findings.Count);
        Assert.All(logbook.Book.Findings.Values, held => Assert.Equal(
            (Threat.MonitoringImpaired, Severity.Elevated, FindingStatus.Seen, 1), What(held.Finding)));

        blindness.Sees();
        blindness.Sees();

        Assert.All(logbook.Book.Findings.Values, held => Assert.Equal(
            (Threat.MonitoringImpaired, Severity.Elevated, FindingStatus.Over, 2), What(held.Finding)));
    }

    private static (Threat, Severity, FindingStatus, int) What(Finding finding) =>
        (finding.Threat, finding.Severity, finding.Status, finding.Revision);

    private void FailFor(int seconds)
    {
        for (var second = 0; second <= seconds; second++)
        {
            blindness.Failed("the disk is full", null);
            time.Now += TimeSpan.FromSeconds(1);
        }
    }
}
