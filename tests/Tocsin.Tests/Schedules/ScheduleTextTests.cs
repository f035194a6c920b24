using Tocsin.Plans;
using Tocsin.Schedules;
using Tocsin.Texts;
using static Tocsin.Tests.Schedules.Rota;

namespace Tocsin.Tests.Schedules;

public sealed class ScheduleTextTests
{
    private const string Whole = """
        id: primary
        time_zone: Europe/Zurich
        promise: [{ days: [mon, tue], from: "08:00", to: "20:00" }]
        rotations:
          - people: [alex, kim]
            from: 2026-01-05
            hand_over: "09:00"
            every: 7d
            hours: { from: "20:00", to: "08:00" }
          - people: kim
            from: 2026-01-06
            hand_over: 17:30
            every: 24h
        overrides:
          - { from: 2026-03-01T09:00Z, to: 2026-03-02T10:00+01:00, person: kim }
        """;

    [Fact]
    public void What_the_text_says_is_what_the_schedule_holds()
    {
        var (schedule, complaints) = Read(Whole);

        Assert.Empty(complaints);
        Assert.Equal(
            new Schedule(
                "primary",
                In("Europe/Zurich"),
                [Hours("08:00", "20:00", DayOfWeek.Monday, DayOfWeek.Tuesday)],
                [
                    Rotation("alex kim", "2026-01-05", hours: Hours("20:00", "08:00")),
                    Rotation("kim", "2026-01-06", "17:30", 1),
                ],
                [Override("2026-03-01T09:00Z", "2026-03-02T09:00Z", "kim")],
                new SourceLine("plan.yaml", 1)),
            schedule);
    }

    [Theory]
    [InlineData("promise: always\n")]
    [InlineData("")]
    public void A_promise_holds_always_unless_the_text_says_when(string promise)
    {
        var (schedule, complaints) = Read(Whole.Replace(PromiseLine, promise, StringComparison.Ordinal));

        Assert.Empty(complaints);
        Assert.Empty(schedule.Promise);
    }

    [Theory]
    [InlineData("Europe/Zurich", "Europe/Zurch", "no such time zone", "did you mean 'Europe/Zurich'?")]
    [InlineData("Europe/Zurich", "europe/zurich", "no such time zone", "did you mean 'Europe/Zurich'?")]
    [InlineData("Europe/Zurich", "UTC+01:00", "no such time zone", "")]
    [InlineData("from: 2026-01-05", "from: 2026-02-30", "'from' must be a date such as 2026-01-05")]
    [InlineData("from: 2026-01-05", "from: 1999-01-05", "from 2020 to 2099")]
    [InlineData("from: 2026-01-05", "from: 5.1.2026", "'from' must be a date such as 2026-01-05")]
    [InlineData("hand_over: \"09:00\"", "hand_over: \"9:00\"", "'hand_over' must be a time such as \"08:00\"")]
    [InlineData("hand_over: \"09:00\"", "hand_over: \"24:00\"", "'hand_over' must be a time")]
    [InlineData("hand_over: \"09:00\"", "hand_over: 9am", "'hand_over' must be a time")]
    [InlineData("every: 7d", "every: 0d", "'every' must be a number of days from 1d to 366d")]
    [InlineData("every: 7d", "every: 367d", "'every' must be a number of days from 1d to 366d")]
    [InlineData("every: 7d", "every: 36h", "'every' must be a number of days")]
    [InlineData("every: 7d", "every: -1d", "'every' must be a number of days")]
    [InlineData("every: 7d", "evry: 7d", "did you mean 'every'?")]
    [InlineData("days: [mon, tue]", "days: [monday]", "must be one of mon, tue")]
    [InlineData("from: 2026-03-01T09:00Z", "from: 2026-03-01T09:00", "'from' must be an instant such as")]
    [InlineData("from: 2026-03-01T09:00Z", "from: 2026-03-01", "'from' must be an instant such as")]
    [InlineData("from: 2026-03-01T09:00Z", "from: 0001-01-01T00:00Z", "'from' must be an instant such as")]
    [InlineData("id: primary", "idd: primary", "did you mean 'id'?", "'id' is missing")]
    [InlineData(PromiseLine, "promise: sometimes\n", "'promise' must be always, or hours")]
    [InlineData(PromiseLine, "promise: []\n", "'promise' must be always, or hours")]
    [InlineData(PromiseLine, "promise: [always, never]\n", "'promise' must be always, or hours")]
    public void A_typo_gives_an_error_that_says_what_is_needed(string piece, string typo, params string[] says)
    {
        Assert.Contains(piece, Whole, StringComparison.Ordinal);
        var (schedule, complaints) = Read(Whole.Replace(piece, typo, StringComparison.Ordinal));

        Assert.All(says, said => Assert.Contains(
            complaints, complaint => complaint.Message.Contains(said, StringComparison.Ordinal)));
        Assert.All(complaints, complaint => Assert.Equal(ComplaintLevel.Error, complaint.Level));
        Assert.InRange(complaints.Count, 1, 2);
        // What stands for it can be judged like any other schedule.
        Assert.NotEmpty(OnCall.Shifts(schedule, At("2026-01-01T00:00Z"), At("2027-01-01T00:00Z")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("just text")]
    [InlineData("rotations: { people: {} }")]
    [InlineData("rotations: [[[]]]\noverrides: [5]\npromise: { from: { to: 3 } }")]
    [InlineData("rotations:\n  - 5\noverrides: x\npromise: {}\ntime_zone: []")]
    public void A_text_of_another_shape_is_complained_about(string text)
    {
        var (schedule, complaints) = Read(text);

        Assert.NotEmpty(complaints);
        Assert.NotEmpty(OnCall.Shifts(schedule, At("2026-01-01T00:00Z"), At("2027-01-01T00:00Z")));
    }

    [Theory]
    [InlineData("people", 10_000, 100)]
    [InlineData("rotations", 1_000, 20)]
    [InlineData("overrides", 2_000, 1_000)]
    [InlineData("promise", 1_000, 50)]
    public void More_than_a_team_ever_needs_is_refused_and_left_out(string what, int count, int most)
    {
        var rotation = "{ people: [kim], from: 2026-01-05, hand_over: \"09:00\", every: 7d }";
        var (many, piece) = what switch
        {
            "people" => ("kim", "[alex, kim]"),
            "rotations" => (rotation, ""),
            "overrides" => ("{ from: 2026-03-01T09:00Z, to: 2026-03-02T09:00Z, person: kim }", ""),
            _ => ("{ from: \"08:00\", to: \"20:00\" }", ""),
        };
        var list = $"[{string.Join(", ", Enumerable.Repeat(many, count))}]";
        var (schedule, complaints) = Read(what == "people"
            ? Whole.Replace(piece, list, StringComparison.Ordinal)
            : $"id: x\ntime_zone: Etc/UTC\n{(what == "rotations" ? "" : $"rotations: [{rotation}]\n")}{what}: {list}");

        Assert.Contains($"there are {count} here, and {most} at most are allowed", Assert.Single(complaints).Message);
        Assert.Equal(most, what switch
        {
            "people" => schedule.Rotations[0].People.Count,
            "rotations" => schedule.Rotations.Count,
            "overrides" => schedule.Overrides.Count,
            _ => schedule.Promise.Count,
        });
    }

    private const string PromiseLine = "promise: [{ days: [mon, tue], from: \"08:00\", to: \"20:00\" }]\n";

    private static (Schedule Schedule, List<Complaint> Complaints) Read(string text)
    {
        var yaml = new YamlText();
        var schedule = ScheduleText.Read(yaml.Parse("plan.yaml", text));
        return (schedule, yaml.Complaints);
    }
}
