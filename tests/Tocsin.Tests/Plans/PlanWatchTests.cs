using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Tests.Storage;
using Tocsin.Texts;
using Tocsin.Watching;

namespace Tocsin.Tests.Plans;

public sealed class PlanWatchTests : IDisposable
{
    private const string AutomationAndActions =
        "automation:\n  ladder:\n    - { action: pause-all, severity: 1, stage: shadow }\nactions:\n";

    private readonly StoreFolder folder = new();
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("tocsin-plan-");
    private readonly ManualTime time = new();
    private readonly Logbook logbook;
    private readonly PlanWatch watch;
    private int adopted;

    public PlanWatchTests()
    {
        Directory.CreateDirectory(Path.Combine(home.FullName, "procedures"));
        Write(MinimalPlan.Main);
        File.WriteAllText(Path.Combine(home.FullName, "procedures", "pause-markets.md"), MinimalPlan.Procedure);
        var page = new Uri("https://tocsin.example/");
        logbook = new Logbook(folder.Open(), new Links(_ => page, (_, _, _) => page, page), time);
        watch = Start();
    }

    public void Dispose()
    {
        watch.Dispose();
        logbook.Dispose();
        folder.Dispose();
        home.Delete(recursive: true);
    }

    [Fact]
    public void What_does_not_change_is_neither_adopted_nor_told()
    {
        var head = logbook.Head;

        Look(times: 5);

        Assert.Equal(head, logbook.Head);
        Assert.Equal(0, adopted);
    }

    [Fact]
    public void A_changed_plan_comes_into_force_once_two_looks_saw_the_same()
    {
        Write(Renamed("Ben Other"));
        watch.Look();
        Assert.Equal("Ben Engineer", logbook.InForce!.Person("ben")!.Name);

        Look(times: 4);

        Assert.Equal("Ben Other", logbook.InForce!.Person("ben")!.Name);
        Assert.Equal(1, adopted);
        Assert.Empty(logbook.Book.Findings);
    }

    [Fact]
    public void A_changed_procedure_comes_into_force_too()
    {
        File.WriteAllText(
            Path.Combine(home.FullName, "procedures", "pause-markets.md"), $"{MinimalPlan.Procedure}\nBreathe.");

        Look(times: 2);

        Assert.Contains("Breathe.", logbook.InForce!.Procedures[0].Markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_half_written_for_one_look_is_nothing_to_tell()
    {
        Write("name: [");
        watch.Look();
        Write(Renamed("Ben Other"));
        Look(times: 2);

        Assert.Empty(logbook.Book.Findings);
        Assert.Equal(1, adopted);
    }

    [Fact]
    public void A_broken_plan_is_told_once_and_leaves_the_last_good_one_in_force_until_it_is_mended()
    {
        Write(MinimalPlan.Main.Replace("severity: 1", "severity: 9", StringComparison.Ordinal));
        Look(times: 4);

        var told = Assert.Single(logbook.Book.Findings.Values).Finding;
        Assert.Equal(
            (Threat.MonitoringImpaired, Severity.Elevated, FindingStatus.Seen, 1),
            (told.Threat, told.Severity, told.Status, told.Revision));
        Assert.Contains("plan.yaml:", told.Reason, StringComparison.Ordinal);
        Assert.Contains("must be a whole number from 1 to 5", told.Reason, StringComparison.Ordinal);
        Assert.Equal(MinimalPlan.Plan.ContentHash, logbook.InForce!.ContentHash);

        Write(Renamed("Ben Other"));
        Look(times: 4);

        var over = Assert.Single(logbook.Book.Findings.Values).Finding;
        Assert.Equal((FindingStatus.Over, 2), (over.Status, over.Revision));
        Assert.Equal("Ben Other", logbook.InForce!.Person("ben")!.Name);
    }

    [Fact]
    public void A_text_that_is_no_YAML_is_told_with_its_line_and_one_full_stop()
    {
        var piece = "procedure: pause-markets";
        Write(MinimalPlan.Main.Replace(piece, $"{piece}\n    more: {{ x: y", StringComparison.Ordinal));
        Look(times: 3);

        var reason = Assert.Single(logbook.Book.Findings.Values).Finding.Reason;
        Assert.Contains(
            $"plan.yaml:{MinimalPlan.LineOf(piece) + 1}: error: this is not valid YAML: a '}}' is missing. The last",
            reason, StringComparison.Ordinal);
        Assert.DoesNotContain("..", reason.Replace("...", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_is_gone_is_told_and_over_when_it_is_back()
    {
        File.Delete(Path.Combine(home.FullName, PlanReader.MainFile));
        Look(times: 3);

        var told = Assert.Single(logbook.Book.Findings.Values).Finding;
        Assert.Equal(FindingStatus.Seen, told.Status);
        Assert.Contains("has no plan.yaml", told.Reason, StringComparison.Ordinal);
        Assert.NotNull(logbook.InForce);

        Write(MinimalPlan.Main);
        Look(times: 2);

        Assert.Equal(FindingStatus.Over, Assert.Single(logbook.Book.Findings.Values).Finding.Status);
    }

    [Fact]
    public void A_plan_that_breaks_again_is_told_again()
    {
        foreach (var text in new[] { "name: [", MinimalPlan.Main, "name: [" })
        {
            Write(text);
            Look(times: 2);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(
            [FindingStatus.Over, FindingStatus.Seen],
            logbook.Book.Findings.Values.Select(recorded => recorded.Finding)
                .OrderBy(finding => finding.Id.Value, StringComparer.Ordinal)
                .Select(finding => finding.Status));
    }

    [Fact]
    public void A_restart_with_a_plan_that_was_mended_ends_what_was_told()
    {
        Write("name: [");
        Look(times: 2);
        Write(MinimalPlan.Main);

        Start().Look();

        Assert.Equal(FindingStatus.Over, Assert.Single(logbook.Book.Findings.Values).Finding.Status);
    }

    [Theory]
    [InlineData("decimals: 18", "decimals: 6")]
    [InlineData("exits: [", "queue: true\n      exits: [")]
    [InlineData("actions:\n", AutomationAndActions)]
    public void What_is_watched_or_done_by_itself_changes_at_the_next_start(string piece, string changed)
    {
        Assert.Contains(piece, MinimalPlan.Main, StringComparison.Ordinal);
        Write(MinimalPlan.Main.Replace(piece, changed, StringComparison.Ordinal));

        Look(times: 3);

        Assert.Empty(logbook.Book.Findings);
        Assert.Equal(MinimalPlan.Plan.ContentHash, logbook.InForce!.ContentHash);
        Assert.Equal(0, adopted);
    }

    [Fact]
    public void A_line_above_what_is_watched_does_not_make_it_another_watch()
    {
        Write($"# Read by everybody.\n{MinimalPlan.Main}");

        Look(times: 2);

        Assert.Equal(1, adopted);
    }

    [Fact]
    public async Task An_incident_that_opened_before_is_judged_by_its_own_plan_and_the_next_by_the_new_one()
    {
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await time.UntilWaitingAsync(PlanWatch.LookEvery);
        Open("first");
        Write(Renamed("Ben Other"));
        for (var look = 0; look < 2; look++)
        {
            time.Advance(PlanWatch.LookEvery);
            await time.UntilWaitingAsync(PlanWatch.LookEvery);
        }
        time.Advance(TimeSpan.FromHours(2));
        Open("second");
        await watch.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            ["Ben Engineer", "Ben Other"],
            logbook.Book.Incidents.Values.Select(incident => logbook.PlanOf(incident).Person("ben")!.Name));
    }

    private PlanWatch Start()
    {
        var read = Check(PlanReader.Load(home.FullName));
        logbook.Adopt(read);
        return new PlanWatch(
            read, home.FullName, Check, logbook, new FindingDesk(logbook, exercise: false), () => { }, () => adopted++,
            time,
            NullLogger<PlanWatch>.Instance);
    }

    private static ReadPlan Check(ValueList<PlanFile> files)
    {
        var read = PlanReader.Read(files);
        var errors = read.Complaints.Where(complaint => complaint.Level == ComplaintLevel.Error).ToList();
        return errors.Count == 0 ? read : throw new InputException(string.Join(Environment.NewLine, errors));
    }

    private static string Renamed(string name) =>
        MinimalPlan.Main.Replace("Ben Engineer", name, StringComparison.Ordinal);

    private void Write(string text) => File.WriteAllText(Path.Combine(home.FullName, PlanReader.MainFile), text);

    private void Look(int times)
    {
        for (var look = 0; look < times; look++)
            watch.Look();
    }

    private void Open(string name)
    {
        var now = time.GetUtcNow();
        new FindingDesk(logbook, exercise: false).Record(
            [
                new Finding(
                    new FindingId(name), 1, FindingStatus.Seen, now, MinimalPlan.Plan.Protected.Chain, default, [],
                    Threat.FlashLoanAttack, Severity.Critical, 1, name, [MinimalPlan.Wallet((byte)name.Length)], 0, [],
                    "test", $"{name} attack"),
            ],
            now, null, null);
    }
}
