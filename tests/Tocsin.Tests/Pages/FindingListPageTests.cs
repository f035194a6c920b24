using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Pages;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Pages;

public sealed class FindingListPageTests
{
    private static readonly WatchLine Line = new("Local", 100, TimeSpan.FromSeconds(3));

    [Fact]
    public async Task Each_finding_says_what_it_was_and_whether_it_opened_or_joined_an_incident()
    {
        var noted = Finding("noted", at: 30, severity: Severity.Elevated, reason: "only noted") with
        {
            Transactions = [Hash(9)],
            Addresses = [OtherAttacker],
        };
        var view = FindingListView.Of(Book(Finding(), Finding("second", at: 20), noted), Line, At(60));

        Assert.Equal(["noted", "second", "attack"], view.Rows.Select(row => row.Finding.Id.Value));
        Assert.Equal([null, First, First], view.Rows.Select(row => row.Incident));
        Assert.Equal([false, false, true], view.Rows.Select(row => row.Opened));
        var text = PageText.Read(await PageText.Of(view));
        Assert.Contains("Flash-loan attack, market seen only noted", text, StringComparison.Ordinal);
        Assert.Contains("confidence 0.95, no incident", text, StringComparison.Ordinal);
        Assert.Contains("joined INC-1", text, StringComparison.Ordinal);
        Assert.Contains("opened INC-1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finding_too_unsure_to_wake_anybody_has_no_colour_of_an_alert()
    {
        var unsure = Finding("unsure", severity: Severity.Critical) with { Confidence = 0.4m };

        var quiet = await PageText.Of(FindingListView.Of(Book(unsure), Line, At(60)));
        Assert.DoesNotContain("severity s1", quiet, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/\">", quiet, StringComparison.Ordinal);
        Assert.Contains("1 Critical, unsure", PageText.Read(quiet), StringComparison.OrdinalIgnoreCase);
        var alert = await PageText.Of(FindingListView.Of(Book(Finding()), Line, At(60)));
        Assert.Contains("severity s1", alert, StringComparison.Ordinal);
        Assert.DoesNotContain("unsure", PageText.Read(alert), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_older_than_a_week_is_left_out() => Assert.Empty(
        FindingListView.Of(Book(Finding()), Line, At(0).AddDays(FindingListView.Days).AddSeconds(1)).Rows);

    private static IncidentBook Book(params Finding[] findings) => findings.Aggregate(
        IncidentBook.Empty, (book, finding) => Fold(
            book.Take(finding, finding.Time, Plan, DetectionLimits.Default).Select(happened => (14d, happened)), book));
}
