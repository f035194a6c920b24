using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Operations;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Operations;

public sealed class UserReportsTests
{
    private static readonly DateTimeOffset Night = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    private readonly List<Finding> findings = [];
    private Engine engine = Create();

    [Fact]
    public void One_is_written_down_several_are_elevated_and_many_wake_people()
    {
        for (var number = 1; number <= 10; number++)
            Report(number, text: $"I lost {number} dUSD");

        Assert.Equal([Severity.Minor, Severity.Elevated, Severity.High], findings.Select(found => found.Severity));
        Assert.Equal([0.3m, 0.5m, 0.7m], findings.Select(found => found.Confidence));
        Assert.Equal([1, 2, 3], findings.Select(found => found.Revision));
        Assert.Single(findings.Select(found => found.Id).Distinct());
        Assert.All(findings, found => Assert.Equal(
            (Threat.UserReports, "user-reports", "user reports on vault"),
            (found.Threat, found.Detector, found.Subject)));
        Assert.StartsWith(
            "10 reports say within an hour: funds are missing (vault). The first: 'I lost 1 dUSD'",
            findings[^1].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("same text")]
    [InlineData("same contact")]
    [InlineData("same transaction")]
    public void Who_clicks_again_counts_once(string what)
    {
        for (var number = 1; number <= 200; number++)
            Report(
                number,
                text: what == "same text"
                    ? $"  My Funds {(number % 2 == 0 ? "are" : "ARE")} gone{new string('!', number % 7)}"
                    : $"text {number}",
                contact: what == "same contact"
                    ? (number % 2 == 0 ? "me@example.org" : "ME@example.org ")
                    : $"c{number}",
                transaction: what == "same transaction" ? Story.Hash(1, 1) : Story.Hash(1, number));

        Assert.Equal(Severity.Minor, Assert.Single(findings).Severity);
    }

    [Fact]
    public void Other_kinds_other_things_and_other_hours_do_not_add_up()
    {
        Report(1, ReportKind.FundsMissing, "vault", "a");
        Report(2, ReportKind.WrongPrice, "vault", "b");
        Report(3, ReportKind.FundsMissing, "market", "c");
        Report(4, ReportKind.FundsMissing, "", "d");
        Report(3_700, ReportKind.FundsMissing, "vault", "e");

        Assert.All(findings, found => Assert.Equal(Severity.Minor, found.Severity));
        Assert.Equal(5, findings.Count(found => found.Status == FindingStatus.Seen));
    }

    [Fact]
    public void A_name_that_nobody_watches_is_no_subject()
    {
        for (var number = 1; number <= 50; number++)
            Report(number, ReportKind.Other, $"0x00000000000000000000000000000000000000{number:x2}", $"text {number}");

        Assert.Single(findings.Select(found => found.Id).Distinct());
        Assert.Equal("user reports", findings[0].Subject);
    }

    [Fact]
    public void It_is_over_when_nobody_reported_it_for_an_hour()
    {
        Report(0, text: "a");
        Report(600, text: "b");
        while (engine.DueAt is { } due && findings[^1].Status != FindingStatus.Over)
            findings.AddRange(engine.Step(new Arrival.Passed(due)).Where(found => found.Threat == Threat.UserReports));

        Assert.Equal(Night.AddSeconds(600).AddHours(1), findings[^1].Time);
        Assert.Contains("Over after 10 min", findings[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_stranger_wrote_is_cut_to_one_line_and_no_contact_is_told()
    {
        Report(
            1, text: "<b>look</b>\nat\tthis " + new string('x', 158) + "\U0001F514\U0001F514 end",
            contact: "me@example.org");

        var reason = findings[0].Reason;
        Assert.Contains("'<b>look</b> at this xxx", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(reason, char.IsControl);
        Assert.DoesNotContain("end", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("example.org", reason, StringComparison.Ordinal);
        Assert.True(reason.Length < 500);
        var state = JsonSerializer.Serialize(engine.Snapshot(), EventJson.Options);
        Assert.DoesNotContain("example.org", state, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flood_is_bounded_says_that_it_dropped_reports_and_mutes_nobody()
    {
        var contracts = Enumerable.Range(0, 300)
            .Select(i => new ProtectedContract($"c{i}", Story.Account(0x8000 + i), "all")).ToValueList();
        engine = new Engine(Story.Watch with { Contracts = contracts, Assets = [], Pools = [], Detectors = Settings });
        for (var number = 0; number < 3_000; number++)
            Report(number, (ReportKind)(number % 5), $"c{number % 300}", $"text {number}");
        var snapshot = engine.Snapshot().Detectors!;
        var state = (UserReportsState)snapshot.States[0].State;

        Assert.InRange(snapshot.Conditions.Count, 1, 40);
        Assert.InRange(state.Reports.Count, 100, 1_000);
        Assert.True(state.Uncounted > 0);
        // After the flood, a cluster with room says how much was dropped.
        Report(3_001, ReportKind.FundsMissing, "c0", "one more");
        Report(3_002, ReportKind.FundsMissing, "c0", "and another");
        Report(3_003, ReportKind.FundsMissing, "c0", "and a third");
        Assert.Contains(findings, found => found.Reason.Contains("were dropped.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_clock_that_was_set_back_forgets_what_is_later()
    {
        for (var number = 0; number < 9; number++)
            Report(400_000 + number, text: $"text {number}");
        findings.Clear();

        Report(1, text: "now");

        Assert.DoesNotContain(findings, found => found.Severity == Severity.High);
    }

    [Fact]
    public void In_pieces_it_finds_the_same()
    {
        var random = new Random(3);
        var reports = Enumerable.Range(0, 600).Select(number => new Arrival.Reported(
            Night.AddSeconds(number * 40), (ReportKind)random.Next(2), random.Next(3) == 0 ? "" : "vault",
            $"text {random.Next(400)}", random.Next(2) == 0 ? null : $"contact {random.Next(300)}",
            random.Next(3) == 0 ? Story.Hash(1, random.Next(200)) : null)).ToList();
        var (whole, pieces) = (Create(), Create());
        var (live, again) = (new List<Finding>(), new List<Finding>());
        foreach (var (report, number) in reports.Select((report, number) => (report, number)))
        {
            live.AddRange(whole.Step(report));
            if (number % 7 == 0)
                pieces = Engine.Restore(WatchOf(), JsonSerializer.Deserialize<EngineSnapshot>(
                    JsonSerializer.Serialize(pieces.Snapshot(), EventJson.Options), EventJson.Options)!);
            again.AddRange(pieces.Step(report));
        }

        Assert.Contains(live, found => found.Severity == Severity.High);
        Assert.Equal(live, again);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 3)]
    [InlineData(3, 101)]
    public void Settings_that_cannot_be_are_refused(int several, int many) =>
        Assert.NotEmpty(new UserReportsSettings { Several = several, Many = many }.Problems(Story.Watch));

    private static ValueList<Tocsin.Detection.Detectors.DetectorSettings> Settings => [new UserReportsSettings()];

    private static Watch WatchOf() => Story.Watch with { Detectors = Settings };

    private static Engine Create() => new(WatchOf());

    private void Report(
        double second, ReportKind kind = ReportKind.FundsMissing, string subject = "vault", string text = "text",
        string? contact = null, Hash32? transaction = null)
    {
        var at = Night.AddSeconds(second);
        while (engine.DueAt is { } due && due <= at)
            Take(new Arrival.Passed(due));
        Take(new Arrival.Reported(at, kind, subject, text, contact, transaction));
    }

    private void Take(Arrival arrival) =>
        findings.AddRange(engine.Step(arrival).Where(found => found.Threat == Threat.UserReports));
}
