using Tocsin.Autonomy;
using Tocsin.Findings;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class SplittingTests
{
    private const int Runs = 200;

    private static readonly IncidentId Second = new(2);

    [Fact]
    public void What_is_split_off_is_an_incident_of_its_own_and_is_answered_anew()
    {
        var book = Split(Three(), "vault");

        Assert.Equal(["attack", "third"], Ids(book, First));
        Assert.Equal(["vault"], Ids(book, Second));
        var split = book[Second]!;
        Assert.Equal((Severity.High, IncidentPhase.Detected, "flash-loan"), (split.Severity, split.Phase, split.Issue));
        Assert.Equal(book[First]!.Plan, split.Plan);
        Assert.Equal(First, split.Command.SplitFrom);
        Assert.Equal(Second, Assert.Single(book[First]!.Command.SplitOffs).Into);
    }

    [Fact]
    public void Later_findings_land_where_those_like_them_went()
    {
        var book = Split(Three(), "vault");

        var revised = Vault with { Revision = 2, Transactions = [Hash(8), Hash(9)] };
        Assert.Equal(Second, Landing(book, revised));
        // Of the same hands as both: what it is done to tells which.
        Assert.Equal(Second, Landing(book, Vault with { Id = new FindingId("new"), Transactions = [Hash(20)] }));
        Assert.Equal(First, Landing(book, Finding("newer", at: 40) with { Transactions = [Hash(21)] }));
    }

    [Theory]
    [InlineData("", "ada", "why", "say which findings")]
    [InlineData("vault", "ada", " ", "a reason is needed")]
    [InlineData("vault", "eve", "why", "no person 'eve'")]
    [InlineData("vault other", "ada", "why", "INC-1 has no finding 'other'")]
    [InlineData("attack vault third", "ada", "why", "one finding that stands must stay in INC-1")]
    public void What_cannot_be_split_is_refused_in_words(string findings, string by, string reason, string refusal) =>
        Assert.Contains(refusal, Rule(Three(), First, findings, by, reason).Refusal, StringComparison.Ordinal);

    [Fact]
    public void What_the_chain_took_back_holds_no_incident()
    {
        var gone = Fold(
            [(50, Recorded(Vault with { Revision = 2, Status = FindingStatus.Retracted }, First))], Three());

        Assert.Contains("needs a finding that stands", Rule(gone, First, "vault").Refusal, StringComparison.Ordinal);
        Assert.Contains("must stay", Rule(gone, First, "attack third").Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_merged_or_closed_is_not_split()
    {
        var two = Split(Three(), "vault");
        var merged = Fold(
            Rulings.Merge(two, two[First]!, two[Second]!, Plan, "ada", "one").Events.Select(one => (60.0, one)), two);
        var resolved = Fold([(60, new IncidentEvent.Resolved(First, "ada", "over"))], Three());

        Assert.Equal("INC-1 goes on in INC-2", Rule(merged, First, "attack").Refusal);
        Assert.Equal("INC-1 is not open", Rule(resolved, First, "vault").Refusal);
        Assert.Null(Rule(merged, Second, "attack").Refusal);
    }

    /// <summary>Else whoever takes it apart has an action taken by itself once more, on what it was taken on.</summary>
    [Fact]
    public void What_was_done_by_itself_before_counts_in_what_is_split_off_or_merged_into()
    {
        var acted = Fold(
            [(45, Proposed() with { ByItself = new TakenByItself("pause-all", Stage.Narrow, "") })], Three());
        var split = Split(acted, "vault");
        Assert.Equal(At(45), split[Second]!.ActedByItselfAt);

        var opened = OpeningByPeople.Open(
            acted, Plan, new OpeningRequest(null, null, "the pool is empty", "ada", false), At(46));
        var merged = Fold(
            [
                .. opened.Events.Select(one => (46.0, one)),
                (47, new CommandEvent.MergedInto(First, Second, "Ada Commander", "one")),
            ],
            acted);
        Assert.Equal(At(45), merged[Second]!.ActedByItselfAt);
    }

    [Fact]
    public void An_event_that_leaves_no_finding_is_an_error() => Assert.Throws<InvalidOperationException>(
        () => Fold((60, new CommandEvent.SplitOff(First, [new FindingId("attack")], Second, "Ada Commander", "why"))));

    /// <summary>However people split and merge, and whatever is found meanwhile.</summary>
    [Fact]
    public void No_incident_is_ever_without_a_finding_and_no_finding_in_two_open_ones()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var book = Three();
            for (var step = 0; step < 12; step++)
            {
                book = Fold(Any(book, random).Select(one => (60.0 + step, one)), book);
                Assert.All(book.Incidents.Values, incident => Assert.NotEmpty(incident.Findings));
                var open = book.Open.SelectMany(incident => incident.Findings).Select(finding => finding.Id).ToList();
                Assert.True(open.Count == open.Distinct().Count(), $"seed {seed}, step {step}");
            }
        }
    }

    private static IEnumerable<LogEvent> Any(IncidentBook book, Random random)
    {
        var incidents = book.Incidents.Values.ToList();
        Incident One() => incidents[random.Next(incidents.Count)];
        var from = One();
        var some = from.Findings.Where(_ => random.Next(2) == 0).Select(finding => finding.Id.Value);
        return random.Next(3) switch
        {
            0 => Splitting.Split(book, from, Plan, [.. some], "ada", "why").Events,
            1 => Rulings.Merge(book, from, One(), Plan, "ada", "one").Events,
            _ => book.Take(
                Finding($"f{random.Next(6)}", random.Next(1, 9), by: random.Next(2) == 0 ? null : OtherAttacker) with
                {
                    Status = random.Next(4) == 0 ? FindingStatus.Retracted : FindingStatus.Seen,
                },
                At(60), Plan, DetectionLimits.Default),
        };
    }

    private static Finding Vault { get; } =
        Finding("vault", severity: Severity.High, at: 20) with { Subject = "vault", Transactions = [Hash(8)] };

    private static IncidentBook Three() => Fold(
        [
            .. Whole.Take(3),
            (30, Recorded(Vault, First)),
            (40, Recorded(Finding("third", severity: Severity.Elevated) with { Transactions = [Hash(7)] }, First)),
        ],
        IncidentBook.Empty);

    private static IncidentBook Split(IncidentBook book, string findings)
    {
        var ruling = Rule(book, First, findings);
        Assert.Null(ruling.Refusal);
        return Fold(ruling.Events.Select(one => (50.0, one)), book);
    }

    private static Ruling Rule(
        IncidentBook book, IncidentId from, string findings, string by = "ada", string reason = "another attacker") =>
        Splitting.Split(
            book, book[from]!, Plan, findings.Split(' ', StringSplitOptions.RemoveEmptyEntries), by, reason);

    private static IncidentId? Landing(IncidentBook book, Finding finding) =>
        book.Take(finding, At(60), Plan, DetectionLimits.Default).OfType<FindingRecorded>().First().Incident;

    private static IEnumerable<string> Ids(IncidentBook book, IncidentId id) =>
        book[id]!.Findings.Select(finding => finding.Id.Value);
}
