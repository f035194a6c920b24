using System.Text.Json;
using Tocsin.Commands;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.People;
using Tocsin.Recording;
using Tocsin.Silences;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Silences;

public sealed class SilencingTests
{
    private static readonly SilenceProposed Usual =
        new(0, null, Severity.Elevated, null, At(3600), "ada", "the pool is moved");

    [Theory]
    [InlineData("", "ada", 60, "a reason is needed")]
    [InlineData("why", "zoe", 60, "names no person")]
    [InlineData("why", "ada", 0, "at most 24 h")]
    [InlineData("why", "ada", 1441, "at most 24 h")]
    public void What_has_no_reason_no_person_or_no_end_is_refused(string reason, string by, int minutes, string says)
    {
        var asked = Usual with { Reason = reason, By = by, Until = At(minutes * 60) };

        Assert.Contains(
            says, Silencing.Propose(IncidentBook.Empty, Plan, asked, Noon).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_plan_does_not_know_is_refused()
    {
        Assert.Contains("no issue 'flash-lone'", Silencing.Propose(
            IncidentBook.Empty, Plan, Usual with { Issue = "flash-lone" }, Noon).Refusal, StringComparison.Ordinal);
        Assert.Contains("channel 'war-rom'", Silencing.Propose(
            IncidentBook.Empty, Plan, Usual with { Channel = "war-rom" }, Noon).Refusal, StringComparison.Ordinal);
        Assert.Contains("a severity is", Silencing.Propose(
            IncidentBook.Empty, Plan, Usual with { Severity = (Severity)6 }, Noon).Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Severity.Elevated, null, null, Severity.Elevated, true)]
    [InlineData(Severity.Elevated, null, null, Severity.Routine, true)]
    [InlineData(Severity.Elevated, null, null, Severity.High, false)]
    [InlineData(Severity.High, "flash-loan", null, Severity.High, true)]
    [InlineData(Severity.High, "another", null, Severity.High, false)]
    [InlineData(Severity.High, null, "war-room", Severity.High, true)]
    [InlineData(Severity.High, null, "spare-room", Severity.High, false)]
    public void Only_what_it_names_is_silent(
        Severity from, string? issue, string? channel, Severity severity, bool isSilent)
    {
        var silences = KnownSilences.None.Apply(
            Usual with { Severity = from, Issue = issue, Channel = channel }, Noon);
        var incident = Incident.Open(Opened(severity), Finding(), At(0));

        Assert.Equal(
            isSilent, silences.Of(incident, new("war-room", null, AlertReason.Opened), At(60)) is not null);
        Assert.Null(silences.Of(incident, new("war-room", null, AlertReason.Opened), At(3600)));
        Assert.Null(silences.Of(incident, new("war-room", null, AlertReason.Update), At(60)));
        Assert.Null(silences.Of(incident, new("war-room", null, AlertReason.Revoked), At(60)));
    }

    [Theory]
    [InlineData(Severity.Critical, null, null, "every severity")]
    [InlineData(Severity.High, "flash-loan", "war-room", "severities 2 to 5 of 'flash-loan' on war-room")]
    [InlineData(Severity.Elevated, null, null, "severities 3 to 5")]
    [InlineData(Severity.Routine, null, "war-room", "severity 5 on war-room")]
    public void What_it_covers_is_said_by_both_ends(Severity from, string? issue, string? channel, string says) =>
        Assert.Equal(
            says, new Silence(Usual with { Severity = from, Issue = issue, Channel = channel }, Noon).Scope);

    [Theory]
    [InlineData(Severity.Elevated, false, 3599, "")]
    [InlineData(Severity.Elevated, false, 3600, "  OVER")]
    [InlineData(Severity.Critical, false, 3599, "  WAITS: it holds nothing back until a second person confirms it")]
    [InlineData(Severity.Critical, true, 3599, "")]
    [InlineData(Severity.Critical, false, 3600, "  OVER")]
    [InlineData(Severity.Critical, true, 3600, "  OVER")]
    public void A_terminal_shows_which_holds(Severity from, bool isConfirmed, int seconds, string says)
    {
        var silence = new Silence(Usual with { Severity = from }, Noon) { ConfirmedBy = isConfirmed ? "ben" : null };
        var row = JsonSerializer.SerializeToNode(silence, EventJson.Options)!;

        Assert.Equal(silence.InWords + says, SilenceCommand.Row(row, At(seconds)));
        row["endedBecause"] = "ada: it was moved";
        Assert.EndsWith("  ended (ada: it was moved)", SilenceCommand.Row(row, At(seconds)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_covers_severity_1_holds_once_a_second_person_says_so()
    {
        var book = Proposed(Usual with { Severity = Severity.Critical });
        Assert.Empty(book.Silences.Holding(Noon));

        Assert.Contains("somebody else", Silencing.Confirm(book, Plan, 1, "ada", Noon).Refusal,
            StringComparison.Ordinal);
        Assert.Contains("no silence 2", Silencing.Confirm(book, Plan, 2, "ben", Noon).Refusal,
            StringComparison.Ordinal);
        book = book.Apply(Assert.Single(Silencing.Confirm(book, Plan, 1, "ben", Noon).Events), Noon);
        Assert.Single(book.Silences.Holding(Noon));
        Assert.Contains("no silence 1", Silencing.Confirm(book, Plan, 1, "cem", Noon).Refusal,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ada")]
    [InlineData("ben")]
    public void The_silence_of_a_person_who_is_revoked_is_over(string revoked)
    {
        var book = Proposed(Usual with { Severity = Severity.Critical }).Apply(new SilenceConfirmed(1, "ben"), Noon);

        book = book.Apply(new PersonRevoked(revoked, revoked, [], "Cem Deputy", "phone stolen"), At(10));

        Assert.Empty(book.Silences.Holding(At(11)));
        Assert.Contains("revoked", book.Silences[1]!.EndedBecause, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_was_not_told_hears_when_it_is_ended_early()
    {
        var book = Fold(Whole.Take(3), Proposed(Usual))
            .Apply(Withheld("war-room"), At(20)).Apply(Withheld("ada-pager"), At(21));

        var ruling = Silencing.End(book, Plan, 1, "ben", "it was moved", At(30));

        Assert.Equal([new SilenceEnded(1, "ben", "it was moved"), new SilenceEvent.Lifted(First, 1)], ruling.Events);
        var before = book[First]!;
        var after = before.Apply(ruling.Events[1], At(30));
        Assert.Equal(
            [new("war-room", null, AlertReason.SilenceOver), new("ada-pager", "ada", AlertReason.SilenceOver)],
            Announcements.Of(ruling.Events[1], before, after, Plan));
        Assert.Empty(after.Silenced.Withheld);
    }

    [Fact]
    public void Nobody_rates_an_incident_into_a_silence()
    {
        var silence = new Silence(
            new SilenceProposed(1, null, Severity.High, null, At(3600), "ada", "the pool is moved"), At(0));
        var rated = Incident.Open(Opened(), Finding(), At(0))
            .Apply(new IncidentEvent.SeverityChanged(First, Severity.High, "less"), At(1));

        Assert.False(silence.Covers(rated, "war-room"));
        Assert.True(silence.Covers(Incident.Open(Opened(Severity.High), Finding(), At(0)), "war-room"));
    }

    [Fact]
    public void What_ran_out_is_owed_to_an_open_incident_and_not_to_one_that_is_over()
    {
        var open = Fold((14, Withheld("war-room")));

        Assert.Empty(Lifted(open, At(3599)));
        Assert.True(Dues.NextDue(open, Plan, At(3599)) <= At(3600));
        Assert.Equal(1, Assert.Single(Lifted(open, At(3600))).Silence);
        Assert.Empty(Lifted(open.Apply(new IncidentEvent.Resolved(First, "ada", "over"), At(100)), At(3600)));
    }

    private static IEnumerable<SilenceEvent.Lifted> Lifted(Incident incident, DateTimeOffset now) =>
        Dues.Owed(incident, Plan, now).OfType<SilenceEvent.Lifted>();

    private static SilenceEvent.Withheld Withheld(string channel) =>
        new(First, channel, null, AlertReason.Opened, 1, "ada", "the pool is moved", At(3600));

    private static IncidentBook Proposed(SilenceProposed asked) => IncidentBook.Empty.Apply(
        Assert.Single(Silencing.Propose(IncidentBook.Empty, Plan, asked, Noon).Events), Noon);
}
