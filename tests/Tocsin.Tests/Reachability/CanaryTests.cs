using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Schedules;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Reachability;

/// <summary>Alerts that prove that alerts arrive, on a virtual clock. The plan is adopted at noon.</summary>
public sealed class CanaryTests
{
    private static readonly string[] Channels = ["ada-pager", "ben-pager", "spare-room", "status", "war-room"];
    private static readonly Line WarRoom = new("war-room", null);
    private static readonly Line AdasPager = new("ada-pager", "ada");

    private static readonly Plan Plan = MinimalPlan.Plan with
    {
        Communications =
        [
            .. MinimalPlan.Plan.Communications,
            new Communication("users", "hourly", "status", null, default) { IsPublic = true },
        ],
    };

    [Fact]
    public void Each_way_is_tried_and_nothing_that_the_world_reads() =>
        Assert.Equal(
            [AdasPager, new Line("ben-pager", "ben"), new Line("spare-room", null), WarRoom],
            CanaryRounds.Lines(Plan, Channels));

    [Theory]
    [InlineData(9, 0)]
    [InlineData(10, 4)]
    public void A_new_plan_is_left_in_peace_for_ten_minutes(int minutes, int expected) =>
        Assert.Equal(expected, Due(Adopted, minutes * 60).Count);

    [Fact]
    public void What_is_sent_by_schedule_wakes_nobody() =>
        Assert.All(
            Due(Adopted, 600).Cast<CanaryEvent.Sent>(),
            sent => Assert.Equal((Severity.Routine, null), (sent.Severity, sent.By)));

    [Fact]
    public void A_channel_of_many_is_tried_every_day_and_a_persons_own_way_every_week()
    {
        var book = With(Adopted, 600, [.. Due(Adopted, 600)]);
        book = With(book, 601, [.. book.Canaries.Open.Select(open => new CanaryEvent.Arrived(open.Id, 1, 20))]);

        Assert.Empty(Due(book, 600 + 86_399));
        Assert.Equal(["spare-room", "war-room"], Sent(Due(book, 600 + 86_400)));
        Assert.Equal(4, Due(book, 600 + (7 * 86_400)).Count);
    }

    [Theory]
    [InlineData(11, true)] // 23:00 in the plan's own words: noon and eleven hours
    [InlineData(4, false)]
    public void A_person_is_tested_only_while_they_are_awake(int hours, bool isNightOwl)
    {
        var awake = isNightOwl
            ? new AwakeHours(new TimeOnly(22, 0), new TimeOnly(2, 0))
            : new AwakeHours(new TimeOnly(8, 0), new TimeOnly(15, 0));
        var plan = Plan with
        {
            People = [.. Plan.People.Select(person => person with { Zone = Zone.Utc, Awake = awake })],
        };

        var sent = Sent(CanaryRounds.Due(Adopted, plan, Channels, CanaryPace.Default, At(hours * 3600)));

        Assert.Equal(isNightOwl, sent.Contains("ada-pager"));
        Assert.Contains("war-room", sent);
    }

    [Fact]
    public void Who_wants_none_is_sent_none() =>
        Assert.Empty(CanaryRounds.Due(Adopted, Plan, Channels, new CanaryPace(null, null), At(86_400)));

    [Theory]
    [InlineData(null, "it could not be sent")]
    [InlineData("SM1", "its receiver took it over")]
    public void What_nothing_proves_within_five_minutes_is_lost(string? receipt, string why)
    {
        var book = With(Adopted, 600, new CanaryEvent.Sent(new(1), "war-room", null, Severity.Critical, "ben"));
        if (receipt is not null)
            book = With(book, 601, new CanaryEvent.Accepted(new(1), receipt, false));

        Assert.DoesNotContain(Due(book, 899), due => due is CanaryEvent.Lost);
        var lost = Assert.Single(Due(book, 900).OfType<CanaryEvent.Lost>());

        Assert.Equal(new CanaryId(1), lost.Canary);
        Assert.Contains(why, lost.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(Due(With(book, 900, lost), 1000), due => due is CanaryEvent.Lost);
    }

    [Fact]
    public void What_a_receiver_took_over_that_never_says_more_counts_as_arrived()
    {
        var book = With(
            Adopted, 600, new CanaryEvent.Sent(new(1), "war-room", null, Severity.Routine, null),
            new CanaryEvent.Accepted(new(1), "<1@example.org>", IsLastWord: true));

        var reach = Reach.Of(book.Canaries, WarRoom);
        Assert.Equal(100, reach.Score);
        Assert.StartsWith(
            "1 of 1 were taken over by its receiver", CanaryWords.InWords(reach), StringComparison.Ordinal);
        Assert.DoesNotContain(Due(book, 1000), due => due is CanaryEvent.Lost);
    }

    [Fact]
    public void What_arrives_after_all_is_not_lost()
    {
        var book = With(
            Adopted, 600, new CanaryEvent.Sent(new(1), "war-room", null, Severity.Routine, null),
            new CanaryEvent.Lost(new(1), "nothing proved it"));
        Assert.False(Reach.Of(book.Canaries, WarRoom).IsReached);

        book = With(book, 1000, new CanaryEvent.Arrived(new(1), 3, 400_000));

        Assert.Equal((100, true), (Reach.Of(book.Canaries, WarRoom).Score, Reach.Of(book.Canaries, WarRoom).IsReached));
    }

    [Fact]
    public void The_score_is_that_of_the_last_ten()
    {
        var book = Adopted;
        for (var number = 1; number <= 13; number++)
        {
            var id = new CanaryId(number);
            book = With(book, 600 * number, new CanaryEvent.Sent(id, "war-room", null, Severity.Routine, null),
                number <= 5 ? new CanaryEvent.Lost(id, "410") : new CanaryEvent.Arrived(id, 1, 20));
        }

        var reach = Reach.Of(book.Canaries, WarRoom);

        Assert.Equal((10, 8, 80, true), (reach.Tried, reach.Proven, reach.Score, reach.IsReached));
        Assert.Null(book.Canaries[new CanaryId(3)]);
        Assert.Equal(new CanaryId(14), book.Canaries.NextId);
        Assert.Null(Reach.Of(book.Canaries, AdasPager).Score);
    }

    [Fact]
    public void The_person_whose_way_it_is_answers_once()
    {
        var book = With(Adopted, 600, new CanaryEvent.Sent(new(1), "ada-pager", "ada", Severity.Routine, null));

        Assert.NotNull(Answer(book, "ben").Refusal);
        Assert.NotNull(Answer(book, "nobody").Refusal);
        var answered = Assert.Single(Answer(book, "ada").Events);

        Assert.Equal(new CanaryEvent.Confirmed(new(1), "ada", "personal link"), answered);
        Assert.Equal(Ruling.Nothing, Answer(With(book, 610, (CanaryEvent)answered), "ada"));
        Assert.NotNull(Answer(Adopted, "ada").Refusal);
    }

    [Theory]
    [InlineData("war-room", "ben", null)]
    [InlineData("war-rom", "ben", "'war-room'")]
    [InlineData("war-room", "zoe", "no such person")]
    public void A_test_needs_a_channel_and_a_person(string channel, string by, string? refusal)
    {
        var ruling = Test(Adopted, channel, by);

        if (refusal is null)
            Assert.Equal(
                new CanaryEvent.Sent(new(1), channel, null, Severity.Critical, by), Assert.Single(ruling.Events));
        else
            Assert.Contains(refusal, ruling.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_test_waits_for_the_first()
    {
        var book = With(Adopted, 600, (CanaryEvent)Test(Adopted, "war-room", "ben").Events[0]);

        Assert.Contains("CANARY-1", Test(book, "war-room", "ada").Refusal, StringComparison.Ordinal);
        Assert.Null(Test(book, "spare-room", "ada").Refusal);
        var arrived = With(book, 601, new CanaryEvent.Arrived(new(1), 1, 20));
        var refusal = Test(arrived, "war-room", "ada", 617.5).Refusal;
        Assert.Contains("last minute", refusal, StringComparison.Ordinal);
        Assert.Contains("43 seconds are left; '--direct'", refusal, StringComparison.Ordinal);
        Assert.Null(Test(arrived, "war-room", "ada", 660).Refusal);
    }

    [Fact]
    public void A_test_after_one_that_is_lost_need_not_wait()
    {
        var book = With(Adopted, 600, (CanaryEvent)Test(Adopted, "war-room", "ben").Events[0]);

        Assert.Null(Test(With(book, 601, new CanaryEvent.Lost(new(1), "410")), "war-room", "ben", 602).Refusal);
    }

    [Fact]
    public void What_the_world_reads_and_what_is_not_trusted_nobody_tests()
    {
        var spoken = Plan with
        {
            Communications = Plan.Communications.Select(one => one with { Audience = "public", Backup = "spare-room" })
                .ToValueList(),
        };
        var distrusted = Plan with { Distrusted = ["war-room"] };

        Assert.NotNull(CanaryAnswers.Test(
            Adopted.Canaries, spoken, Channels, "spare-room", "ada", Severity.Critical, At(0)).Refusal);
        Assert.DoesNotContain(CanaryRounds.Lines(spoken, Channels), line => line.Channel == "spare-room");
        Assert.NotNull(CanaryAnswers.Test(
            Adopted.Canaries, distrusted, Channels, "war-room", "ada", Severity.Critical, At(0)).Refusal);
    }

    [Theory]
    [InlineData("CANARY-7", true)]
    [InlineData("CANARY-07", false)]
    [InlineData("CANARY-0", false)]
    [InlineData("CANARY- 7", false)]
    [InlineData("canary-7", false)]
    [InlineData("CANARY-99999999999", false)]
    [InlineData("INC-7", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_name_is_read_only_as_it_is_written(string? text, bool isOne) =>
        Assert.Equal(isOne, CanaryId.TryParse(text, out _));

    private static IncidentBook Adopted => IncidentBook.Empty.Apply(new PlanAdopted(Plan.ContentHash, []), At(0));

    private static Ruling Answer(IncidentBook book, string person) =>
        CanaryAnswers.Answer(book.Canaries, Plan, new CanaryId(1), person, "personal link");

    private static Ruling Test(IncidentBook book, string channel, string by, double at = 0) =>
        CanaryAnswers.Test(book.Canaries, Plan, Channels, channel, by, Severity.Critical, At(at));

    private static IReadOnlyList<CanaryEvent> Due(IncidentBook book, double at) =>
        CanaryRounds.Due(book, Plan, Channels, CanaryPace.Default, At(at));

    private static List<string> Sent(IEnumerable<CanaryEvent> due) =>
        [.. due.OfType<CanaryEvent.Sent>().Select(sent => sent.Channel).Order()];

    private static IncidentBook With(IncidentBook book, double at, params CanaryEvent[] events) =>
        events.Aggregate(book, (state, happened) => state.Apply(happened, At(at)));
}
