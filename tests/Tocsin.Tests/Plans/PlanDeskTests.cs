using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Tests.Storage;
using Tocsin.Texts;
using Tocsin.Watching;

namespace Tocsin.Tests.Plans;

/// <summary>A change of the plan that one person asks for and another has written.</summary>
public sealed class PlanDeskTests : IDisposable
{
    private const string Name = "procedures/pause-markets.md";
    private const string Marked = "\nBreathe.\n";

    private static readonly string NewMain =
        MinimalPlan.Main.Replace("Ben Engineer", "Ben Other", StringComparison.Ordinal);

    private readonly StoreFolder store = new();
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("tocsin-plan-");
    private readonly ManualTime time = new();
    private Logbook logbook;
    private PlanDesk desk;
    private PlanWatch watch;

    public PlanDeskTests()
    {
        Directory.CreateDirectory(Path.Combine(home.FullName, "procedures"));
        Write(PlanReader.MainFile, MinimalPlan.Main);
        Write(Name, MinimalPlan.Procedure);
        (logbook, desk, watch) = Start();
    }

    public void Dispose()
    {
        watch.Dispose();
        logbook.Dispose();
        store.Dispose();
        home.Delete(recursive: true);
    }

    [Fact]
    public void A_proposal_is_shown_line_by_line_and_changes_nothing()
    {
        var number = Propose("ben", new PlanFile(PlanReader.MainFile, NewMain));

        var reading = desk.Read(number)!;
        Assert.Null(reading.Hindrance);
        Assert.False(reading.NeedsRestart);
        var lines = Assert.Single(reading.Files).Difference.Split('\n');
        Assert.Contains(lines, line => line.StartsWith('-') && line.Contains("Ben Engineer", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith('+') && line.Contains("Ben Other", StringComparison.Ordinal));
        Assert.True(lines.Length < 20, "more than the lines around it is shown");
        Look();
        Assert.Equal(MinimalPlan.Plan.ContentHash, logbook.Book.Plan);
        Assert.Equal(MinimalPlan.Main, Text(PlanReader.MainFile));
    }

    [Fact]
    public void An_accepted_one_is_written_and_comes_into_force_as_every_change_of_the_folder_does()
    {
        var number = Propose(
            "ben", new PlanFile(PlanReader.MainFile, NewMain), new PlanFile(Name, MinimalPlan.Procedure + Marked));

        Assert.Null(desk.Settle(number, true, "ada", "read it").Error);
        Look();

        Assert.Equal("Ben Other", logbook.InForce!.Person("ben")!.Name);
        Assert.Contains("Breathe.", logbook.InForce.Procedures[0].Markdown, StringComparison.Ordinal);
        Assert.Equal(
            ["pause-markets.md", "plan.yaml"],
            home.GetFiles("*", SearchOption.AllDirectories).Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal((true, "ada"), (desk.Read(number)!.Proposal.Settlement!.Accepted, desk.List()[0].Settlement!.By));
        Assert.Contains(
            "proposal 1 was accepted by ada", desk.Settle(number, true, "cem", "again").Error!,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_procedure_that_was_not_there_is_added()
    {
        var number = Propose("ben", new PlanFile("procedures/more.md", MinimalPlan.Procedure));

        Assert.Contains(desk.Read(number)!.Warnings, warning => warning.Contains("'more'", StringComparison.Ordinal));
        Assert.Null(desk.Settle(number, true, "ada", "read it").Error);
        Assert.Equal(MinimalPlan.Procedure, Text("procedures/more.md"));
    }

    [Fact]
    public void Who_may_read_the_plan_may_read_it_afterwards_and_nobody_else()
    {
        const UnixFileMode mode =
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        File.SetUnixFileMode(Path.Combine(home.FullName, PlanReader.MainFile), mode);

        var number = Propose(
            "ben", new PlanFile(PlanReader.MainFile, NewMain),
            new PlanFile("procedures/a.md", MinimalPlan.Procedure));
        Assert.Null(desk.Settle(number, true, "ada", "read it").Error);

        foreach (var name in new[] { PlanReader.MainFile, "procedures/a.md" })
            Assert.Equal(mode, File.GetUnixFileMode(Path.Combine(home.FullName, name)));
    }

    [Fact]
    public void A_rejected_one_leaves_the_plan_as_it_is()
    {
        var number = Propose("ben", new PlanFile(PlanReader.MainFile, NewMain));

        Assert.Null(desk.Settle(number, false, "ada", "not now").Error);

        Assert.Equal(MinimalPlan.Main, Text(PlanReader.MainFile));
        Assert.Contains(
            "rejected by ada: not now", desk.Settle(number, true, "ada", "now").Error!, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_settles_what_they_proposed_themselves()
    {
        var number = Propose("ben", new PlanFile(PlanReader.MainFile, NewMain));

        foreach (var accept in new[] { true, false })
            Assert.Contains(
                "somebody else settles it", desk.Settle(number, accept, "ben", "mine").Error!,
                StringComparison.Ordinal);
        Assert.Contains("no person", desk.Settle(number, true, "zoe", "hers").Error!, StringComparison.Ordinal);
        Assert.Contains("a reason", desk.Settle(number, true, "ada", " ").Error!, StringComparison.Ordinal);
        Assert.Equal(MinimalPlan.Main, Text(PlanReader.MainFile));
    }

    [Fact]
    public void One_with_errors_is_kept_and_cannot_be_accepted()
    {
        var number = Propose(
            "ben", new PlanFile(
                PlanReader.MainFile, MinimalPlan.Main.Replace("severity: 1", "severity: 9", StringComparison.Ordinal)));

        var reading = desk.Read(number)!;
        Assert.Contains("from 1 to 5", Assert.Single(reading.Errors), StringComparison.Ordinal);
        Assert.Contains("plan.yaml:", reading.Hindrance!, StringComparison.Ordinal);
        Assert.Equal(reading.Hindrance, desk.Settle(number, true, "ada", "looks fine").Error);
        Assert.Equal(MinimalPlan.Main, Text(PlanReader.MainFile));
        Assert.Null(desk.Read(number)!.Proposal.Settlement);
    }

    [Fact]
    public void One_that_changes_what_is_watched_says_that_it_waits_for_the_next_start()
    {
        var number = Propose(
            "ben", new PlanFile(
                PlanReader.MainFile,
                MinimalPlan.Main.Replace("decimals: 18", "decimals: 6", StringComparison.Ordinal)));

        Assert.True(desk.Read(number)!.NeedsRestart);
    }

    [Fact]
    public void A_plan_that_changed_meanwhile_is_not_overwritten()
    {
        var number = Propose("ben", new PlanFile(PlanReader.MainFile, NewMain));
        Write(PlanReader.MainFile, $"# by hand\n{MinimalPlan.Main}");

        Assert.Contains(
            "propose it anew", desk.Settle(number, true, "ada", "read it").Error!, StringComparison.Ordinal);
        Assert.Contains("propose it anew", desk.Read(number)!.Hindrance!, StringComparison.Ordinal);
        Assert.StartsWith("# by hand", Text(PlanReader.MainFile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_proposal_is_of_the_plan_that_is_in_the_folder()
    {
        var outcome = desk.Propose(new SubmittedProposal(
            "ben", "because", Hash32.Zero, [new PlanFile(PlanReader.MainFile, NewMain)]));

        Assert.Contains("change that one", outcome.Error!, StringComparison.Ordinal);
        Assert.Empty(desk.List());
    }

    [Theory]
    [InlineData("../plan.yaml")]
    [InlineData("/etc/passwd")]
    [InlineData("procedures/../../x.md")]
    [InlineData("procedures/x/y.md")]
    [InlineData("procedures/.md")]
    [InlineData("procedures/.x.md")]
    [InlineData("procedures/x.md.md")]
    [InlineData("procedures\\x.md")]
    [InlineData("procedures/x.MD")]
    [InlineData("procedures/x.sh")]
    [InlineData("procedures/x\n.md")]
    [InlineData("procedures/ x.md")]
    [InlineData("procedures//x.md")]
    [InlineData("procedures/é.md")]
    [InlineData("PLAN.yaml")]
    [InlineData("plan.yml")]
    [InlineData("precision.json")]
    [InlineData("plan.schema.json")]
    [InlineData("tocsin.yaml")]
    [InlineData("")]
    public void No_other_file_than_those_of_a_plan_is_named(string name) =>
        Assert.Contains("is no file of a plan", Refused(new PlanFile(name, "x")), StringComparison.Ordinal);

    [Fact]
    public void What_is_no_text_or_too_much_of_it_is_refused()
    {
        foreach (var text in new[] { "a\0b", "\ud800", "\u001b[2J", "\uFEFFname: x" })
            Assert.Contains("is no text", Refused(new PlanFile(Name, text)), StringComparison.Ordinal);
        Assert.Contains(
            "bytes together", Refused(new PlanFile(Name, new string('é', Proposing.MaximumBytes))),
            StringComparison.Ordinal);
        Assert.Contains("twice", Refused(new PlanFile(Name, "a"), new PlanFile(Name, "b")), StringComparison.Ordinal);
        Assert.Contains("nothing would change", Refused(), StringComparison.Ordinal);
        Assert.Contains(
            "nothing would change", Refused(new PlanFile(Name, MinimalPlan.Procedure)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_seen_is_written_out_in_the_difference()
    {
        var number = Propose("ben", new PlanFile(Name, MinimalPlan.Procedure + "\n\u202Ereview\u2028+ forged\n"));

        Assert.Contains(
            "<U+202E>review<U+2028>+ forged", desk.Read(number)!.Files[0].Difference, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_could_read_is_not_proposed() =>
        Assert.Contains("nobody could read what differs", Refused(new PlanFile(Name, new string('\n', 100_000))),
            StringComparison.Ordinal);

    [Fact]
    public void A_link_is_not_written_through()
    {
        var outside = Path.Combine(home.FullName, "outside.txt");
        File.WriteAllText(outside, MinimalPlan.Procedure);
        File.Delete(Path.Combine(home.FullName, Name));
        File.CreateSymbolicLink(Path.Combine(home.FullName, Name), outside);
        var number = Propose(
            "ben", new PlanFile(PlanReader.MainFile, NewMain), new PlanFile(Name, MinimalPlan.Procedure + Marked));

        Assert.Contains("is a link", desk.Settle(number, true, "ada", "read it").Error!, StringComparison.Ordinal);

        Assert.Equal(MinimalPlan.Procedure, File.ReadAllText(outside));
        Assert.Equal(MinimalPlan.Main, Text(PlanReader.MainFile));
        Assert.Empty(StagedChange.In(home.FullName));
        Assert.Null(desk.Read(number)!.Proposal.Settlement);
    }

    [Fact]
    public void Only_so_many_wait()
    {
        for (var count = 0; count < Proposing.MaximumOpenOfOne; count++)
            Propose("ben", new PlanFile(Name, $"{MinimalPlan.Procedure}\n{count}\n"));

        Assert.Contains("of 'ben' wait already", Refused(new PlanFile(Name, "more")), StringComparison.Ordinal);
        Assert.Null(desk.Settle(2, false, "ada", "no").Error);
        Propose("ben", new PlanFile(Name, "more"));
    }

    [Fact]
    public void The_log_has_every_settled_one_and_the_list_the_last_ones()
    {
        for (var count = 0; count < PlanProposals.SettledKept + 2; count++)
            desk.Settle(Propose("ben", new PlanFile(Name, $"{MinimalPlan.Procedure}\n{count}\n")), false, "ada", "no");

        Assert.Equal(PlanProposals.SettledKept, desk.List().Count);
        Assert.False(desk.Knows(2));
        Assert.Equal(PlanProposals.SettledKept + 3, Propose("ben", new PlanFile(Name, "x")));
    }

    [Fact]
    public void Who_is_revoked_proposes_and_settles_nothing_and_what_they_proposed_is_off()
    {
        var number = Propose("ben", new PlanFile(PlanReader.MainFile, NewMain));
        Revoke("ben");

        Assert.Contains(
            "'ben' is revoked", desk.Settle(number, true, "ada", "read it").Error!, StringComparison.Ordinal);
        Assert.Contains("no person 'ben'", Refused(new PlanFile(Name, "x")), StringComparison.Ordinal);
        var other = Propose("cem", new PlanFile(PlanReader.MainFile, NewMain));
        Assert.Contains("no person 'ben'", desk.Settle(other, true, "ben", "x").Error!, StringComparison.Ordinal);
        Assert.Equal(MinimalPlan.Main, Text(PlanReader.MainFile));
    }

    [Fact]
    public async Task Of_accepts_at_the_same_time_one_counts()
    {
        var numbers = new[] { "ben", "cem", "dee", "cem" }
            .Select((by, place) => Propose(by, new PlanFile(Name, $"{MinimalPlan.Procedure}\n{place}\n"))).ToList();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(place => Task.Run(
            () => desk.Settle(numbers[place % numbers.Count], true, "ada", "read it"),
            TestContext.Current.CancellationToken)));

        var done = Assert.Single(outcomes, outcome => outcome.Error is null).Proposal!.Value;
        Assert.EndsWith($"\n{numbers.IndexOf(done)}\n", Text(Name), StringComparison.Ordinal);
        Assert.Equal(done, Assert.Single(desk.List(), row => row.Settlement is { Accepted: true }).Number);
        Assert.Empty(StagedChange.In(home.FullName));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void An_end_of_the_server_while_it_writes_leaves_no_half_a_plan_in_force(int written)
    {
        var number = Propose(
            "ben", new PlanFile(PlanReader.MainFile, NewMain), new PlanFile(Name, MinimalPlan.Procedure + Marked));
        StagedChange.Stage(home.FullName, logbook.Book.Proposals[number]!);
        logbook.Record((_, _) => [new PlanSettled(number, true, "ada", "read it")]);
        foreach (var staged in StagedChange.In(home.FullName).Take(written))
            File.Move(staged, staged[..staged.LastIndexOf(".proposal-", StringComparison.Ordinal)], overwrite: true);

        if (written < 2)
            Assert.Contains(
                "not whole yet", Assert.Throws<InputException>(() => PlanReader.Load(home.FullName)).Message,
                StringComparison.Ordinal);
        Restart();
        Assert.Equal(MinimalPlan.Plan.ContentHash, logbook.Book.Plan);
        Look();

        Assert.Equal("Ben Other", logbook.InForce!.Person("ben")!.Name);
        Assert.Equal(MinimalPlan.Procedure + Marked, Text(Name));
        Assert.Empty(StagedChange.In(home.FullName));
    }

    [Fact]
    public void An_end_of_the_server_before_it_was_accepted_leaves_the_plan_as_it_was()
    {
        var number = Propose(
            "ben", new PlanFile(PlanReader.MainFile, NewMain), new PlanFile(Name, MinimalPlan.Procedure + Marked));
        StagedChange.Stage(home.FullName, logbook.Book.Proposals[number]!);

        Restart();
        Look();

        Assert.Equal(MinimalPlan.Plan.ContentHash, logbook.Book.Plan);
        Assert.Equal((MinimalPlan.Main, MinimalPlan.Procedure), (Text(PlanReader.MainFile), Text(Name)));
        Assert.Empty(StagedChange.In(home.FullName));
        Assert.Null(desk.Settle(number, true, "ada", "read it").Error);
    }

    [Fact]
    public void What_somebody_changed_by_hand_between_two_files_stays_as_they_left_it()
    {
        var number = Propose(
            "ben", new PlanFile(PlanReader.MainFile, NewMain), new PlanFile(Name, MinimalPlan.Procedure + Marked));
        StagedChange.Stage(home.FullName, logbook.Book.Proposals[number]!);
        logbook.Record((_, _) => [new PlanSettled(number, true, "ada", "read it")]);
        Write(Name, MinimalPlan.Procedure + "by hand");

        Restart();
        Look();

        Assert.Equal((NewMain, MinimalPlan.Procedure + "by hand"), (Text(PlanReader.MainFile), Text(Name)));
        Assert.Empty(StagedChange.In(home.FullName));
    }

    [Fact]
    public void Files_of_a_proposal_that_the_log_does_not_know_are_not_touched_and_told()
    {
        Write($"{Name}.proposal-77", "whose?");

        Look();

        Assert.Contains(
            "proposal-77", Assert.Single(logbook.Book.Findings.Values).Finding.Reason, StringComparison.Ordinal);
        Assert.Equal("whose?", Text($"{Name}.proposal-77"));
        Assert.Equal(MinimalPlan.Plan.ContentHash, logbook.Book.Plan);
    }

    private int Propose(string by, params PlanFile[] files)
    {
        var outcome = Submit(by, files);
        Assert.Null(outcome.Error);
        return outcome.Proposal!.Value;
    }

    private string Refused(params PlanFile[] files)
    {
        var head = logbook.Head;
        var outcome = Submit("ben", files);
        Assert.Equal(head, logbook.Head);
        return Assert.IsType<string>(outcome.Error);
    }

    private PlanOutcome Submit(string by, PlanFile[] files) =>
        desk.Propose(new SubmittedProposal(by, "because", desk.Present().Hash!.Value, [.. files]));

    private void Revoke(string person) => logbook.Record((_, _) =>
        [new PersonRevoked(person, "Ben Engineer", [MinimalPlan.Engineer.Address], "Ada Commander", "phone stolen")]);

    // The last good plan of the log stands in where the folder is no plan, as at the real start.
    private void Restart()
    {
        watch.Dispose();
        logbook.Dispose();
        (logbook, desk, watch) = Start();
    }

    private (Logbook, PlanDesk, PlanWatch) Start()
    {
        var page = new Uri("https://tocsin.example/");
        var log = new Logbook(store.Open(), new Links(_ => page, (_, _, _) => page, page), time);
        var read = Check([new(PlanReader.MainFile, MinimalPlan.Main), new(Name, MinimalPlan.Procedure)]);
        log.Adopt(read);
        var made = new PlanDesk(
            read.Plan, home.FullName, Check, (files, _) => PlanCheckOf(files), true, log, time,
            NullLogger<PlanDesk>.Instance);
        return (log, made, new PlanWatch(
            read, home.FullName, Check, log, new FindingDesk(log, exercise: false), made.Mend, () => { }, time,
            NullLogger<PlanWatch>.Instance));
    }

    private static IReadOnlyList<Complaint> PlanCheckOf(ValueList<PlanFile> files)
    {
        var read = PlanReader.Read(files);
        return read.HasErrors ? read.Complaints : PlanCheck.Check(read.Plan, MinimalPlan.Channels);
    }

    private static ReadPlan Check(ValueList<PlanFile> files)
    {
        var errors = PlanCheckOf(files).Where(complaint => complaint.Level == ComplaintLevel.Error).ToList();
        return errors.Count == 0
            ? PlanReader.Read(files)
            : throw new InputException(string.Join(Environment.NewLine, errors));
    }

    private void Look()
    {
        for (var look = 0; look < 4; look++)
            watch.Look();
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(home.FullName, name), text);

    private string Text(string name) => File.ReadAllText(Path.Combine(home.FullName, name));
}
