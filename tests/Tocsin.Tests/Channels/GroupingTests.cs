using FsCheck;
using FsCheck.Fluent;
using Tocsin.Channels;
using Tocsin.Channels.Slack;
using Tocsin.Channels.Twilio;
using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.Tests.Channels;

public sealed class GroupingTests
{
    private static readonly Alert Small = Alerts.Night with { Severity = Severity.Minor, Acknowledge = null };

    [Fact]
    public void One_alert_stays_what_it_is() => Assert.Same(Small, Grouping.Of([Small]));

    [Fact]
    public void The_worst_is_told_in_full_and_the_others_in_a_line_each()
    {
        var worse = Small with { Key = "b", Incident = "INC-8", Severity = Severity.Elevated, Title = "A worse thing" };
        var told = Grouping.Of(
            [
                Small with { Key = "a" }, worse,
                Small with { Key = "c", Incident = "INC-9", Threat = $"The peg\nof {new string('x', 200)}" },
            ]);
        Assert.Equal(("b+2", "INC-8"), (told.Key, told.Incident));
        Assert.Equal(
            [
                "INC-7 SEVERITY 4 · Flash-loan attack on the lending pool: "
                    + "A loan of 40,000,000 USD moved the price that the pool reads",
                $"INC-9 SEVERITY 4 · Flash-loan attack on the lending pool: The peg of {new string('x', 88)}…",
            ],
            told.Also!);
        Assert.Equal("SEVERITY 3 · +2 MORE · A worse thing", AlertText.Headline(told));
    }

    [Fact]
    public void Of_equally_bad_ones_the_one_that_asks_for_an_answer_is_told_in_full()
    {
        var asking = Alerts.Night with { Key = "b", Incident = "INC-8", Severity = Severity.Minor };
        Assert.Equal(asking.Acknowledge, Grouping.Of([Small with { Key = "a" }, asking]).Acknowledge);
    }

    [Fact]
    public void However_many_are_told_a_reader_learns_how_many_and_each_form_keeps_its_limits()
    {
        var told = Grouping.Of([.. Enumerable.Range(0, 500)
            .Select(number => Small with { Key = $"{number}", Incident = $"INC-{number}" })]);
        var sms = SmsText.Write(told);
        Assert.Contains("+499 MORE", sms, StringComparison.Ordinal);
        Assert.InRange(SmsText.Segments(sms), 1, SmsText.SegmentsMost);
        var slack = System.Text.Encoding.UTF8.GetString(SlackMessage.Write(told));
        Assert.Contains("499 more, see the list of incidents", slack, StringComparison.Ordinal);
        Assert.InRange(slack.Length, 1, 10_000);
    }

    [Fact]
    public void Words_of_people_tests_and_drills_stand_alone()
    {
        var statement = Small with { Statement = new("All is well", true, new("status", 1)) };
        Assert.False(Grouping.MayJoin(Small, statement));
        Assert.False(Grouping.MayJoin(Small, Small with { Reason = AlertReason.Canary }));
        Assert.False(Grouping.MayJoin(Small, Small with { Exercise = true }));
        Assert.True(Grouping.MayJoin(Small with { Exercise = true }, Small with { Exercise = true }));
    }

    [Fact]
    public void Whatever_is_told_together_nothing_is_left_out_and_nothing_is_said_twice() =>
        Prop.ForAll(
            Gen.Choose(3, 5).Select(severity => (Severity)severity).NonEmptyListOf().ToArbitrary(),
            severities =>
            {
                var alerts = severities.Select((severity, number) => Small with
                {
                    Key = $"{number}",
                    Incident = $"INC-{number}",
                    Severity = severity,
                }).ToList();
                var told = Grouping.Of(alerts);
                var named = (told.Also ?? []).Select(line => line.Split(' ')[0]).Append(told.Incident);
                return told.Severity == severities.Min()
                    && named.Order().SequenceEqual(alerts.Select(alert => alert.Incident).Order());
            })
            .QuickCheckThrowOnFailure();
}
