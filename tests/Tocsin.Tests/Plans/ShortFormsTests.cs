using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.Tests.Plans;

/// <summary>What a plan may leave out, and what then stands in its place.</summary>
public sealed class ShortFormsTests
{
    [Theory]
    [InlineData("Flash-loan attack", "flash-loan-attack")]
    [InlineData("  Pause: the Market! ", "pause-the-market")]
    [InlineData("Don't panic", "dont-panic")]
    [InlineData("Börse 24/7", "brse-24-7")]
    [InlineData("资金", "")]
    [InlineData("One two three four five six seven eight nine ten", "one-two-three-four-five-six-seven-eight")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void An_id_is_made_from_words(string words, string id) => Assert.Equal(id, RowIds.Made(words));

    [Fact]
    public void An_id_may_be_left_out_wherever_a_name_stands()
    {
        var read = MinimalPlan.Read(MinimalPlan.Main
            .Replace("  - id: flash-loan\n    name: Flash-loan attack", "  - name: Flash-loan attack",
                StringComparison.Ordinal)
            .Replace("    - id: ada\n      name:", "    - name:", StringComparison.Ordinal)
            .Replace("  - id: emergency-pause\n    name: Emer", "  - name: Emer", StringComparison.Ordinal)
            .Replace("  - id: open-again\n    what: End the pause early", "  - what: Open again!",
                StringComparison.Ordinal)
            + """

            roles: [{ id: commander, what: Leads, actions: [{ what: Open a call }] }]
            organisations: [{ name: Audit & Co, kind: auditor, reach: Call }]
            exercises: [{ kind: drill, every: 90d, what: Pause the fork }]
            """);

        Assert.Empty(read.Complaints);
        Assert.DoesNotContain(MinimalPlan.Complaints(read), one => one.Level == ComplaintLevel.Error);
        var plan = read.Plan;
        Assert.Equal(("flash-loan-attack", "ada-commander"), (plan.Issues[0].Id, plan.People[0].Id));
        Assert.Equal(("emergency-pause", "open-again"), (plan.Decisions[0].Id, plan.Actions[1].Id));
        Assert.Equal(
            ("open-a-call", "audit-co", "pause-the-fork"),
            (plan.Roles[0].Actions[0].Id, plan.Organisations[0].Id, plan.Exercises[0].Id));
        Assert.Equal(MinimalPlan.Plan.DecisionsHash, plan.DecisionsHash);
    }

    /// <summary>Second rows of the issues, and what is said of them.</summary>
    [Theory]
    [InlineData("name: Flash loan!", "the id made from 'name' is 'flash-loan', as it is on line ")]
    [InlineData("name: 资金", "no id can be made from 'name'")]
    [InlineData("category: market", "'name' is missing in issues[2]")]
    public void Rows_from_which_no_id_of_their_own_can_be_made_are_an_error(string row, string says)
    {
        var read = MinimalPlan.With("escalation:\n", $"""
              - {row}
                severity: 1
                procedure: pause-markets
                manual: We hear it
            escalation:

            """);

        var all = MinimalPlan.Complaints(read);
        var complaint = Assert.Single(all, one => one.Message.Contains(says, StringComparison.Ordinal));
        Assert.Equal(MinimalPlan.LineOf("escalation:"), complaint.At.Line);
        Assert.DoesNotContain(all, one => one.Message.Contains("defined twice", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_left_out_is_as_documented()
    {
        var plan = MinimalPlan.Read(
            MinimalPlan.Main
                .Replace("    upon: detection\n", "", StringComparison.Ordinal)
                .Replace("    valid_for: 30min\n", "", StringComparison.Ordinal)
            + """

            schedules: [{ id: first, time_zone: Europe/Zurich, rotations: [{ people: [ada], from: 2026-01-05 }] }]
            """,
            MinimalPlan.Procedure.Replace("    expected: 5min\n", "", StringComparison.Ordinal)).Plan;

        Assert.Equal(("detection", EscalationMoment.Detection), (plan.Escalations[0].Upon, plan.Escalations[0].Moment));
        Assert.Equal(TimeSpan.FromHours(1), plan.Decisions[0].ValidFor);
        Assert.All(plan.Procedures[0].Steps, step => Assert.Equal(TimeSpan.FromMinutes(15), step.Expected));
        var rotation = plan.Schedules[0].Rotations[0];
        Assert.Equal((new TimeOnly(9, 0), 7), (rotation.HandOver, rotation.EveryDays));
    }

    [Fact]
    public void Who_approves_is_written_short_and_means_the_same()
    {
        var read = MinimalPlan.Read(MinimalPlan.Main
            .Replace("      - role: commander\n        substitutes: [deputy]\n", "      - commander or deputy\n",
                StringComparison.Ordinal)
            .Replace("      - group: engineer\n        at_least: 1\n", "      - 1 of engineer\n",
                StringComparison.Ordinal));

        Assert.Empty(read.Complaints);
        Assert.Equal(MinimalPlan.Plan.DecisionsHash, read.Plan.DecisionsHash);
        Assert.Equal(MinimalPlan.Plan.Decisions[0].Required, read.Plan.Decisions[0].Required);
        Assert.Equal(MinimalPlan.Plan.Decisions[0].Additional, read.Plan.Decisions[0].Additional);
    }

    [Theory]
    [InlineData("group: engineer\n        at_least: 1", "0 of engineer", "from 1 to 50 of a group approve")]
    [InlineData("group: engineer\n        at_least: 1", "99999999999999 of engineer", "from 1 to 50 of a group")]
    [InlineData("group: engineer\n        at_least: 1", "head of security", "needs role 'head of security'")]
    [InlineData("role: commander\n        substitutes: [deputy]", "commander or  or deputy", "'or' stands between")]
    [InlineData("role: commander\n        substitutes: [deputy]", "commander or depty", "did you mean 'deputy'?")]
    public void A_short_form_that_is_wrong_is_an_error(string piece, string replacement, string says) =>
        Assert.Contains(
            MinimalPlan.Complaints(MinimalPlan.With(piece, replacement)),
            complaint => complaint.Level == ComplaintLevel.Error
                && complaint.Message.Contains(says, StringComparison.Ordinal));

    [Fact]
    public void What_is_said_again_and_again_or_afterwards_needs_neither_moment_nor_id()
    {
        var read = MinimalPlan.With("decisions:\n", """
              - { audience: our users, every: 4h, channel: war-room }
              - { audience: readers, after: 5d, channel: war-room }
              - { audience: partners, when: open, channel: war-room }
            decisions:

            """);

        Assert.Empty(read.Complaints);
        Assert.Equal(
            [
                (null, "at-once", UpdateMoment.AtOnce), ("our-users", "every", UpdateMoment.Every),
                ("readers", "after-resolution", UpdateMoment.AfterResolution), (null, "open", UpdateMoment.Open),
            ],
            read.Plan.Communications.Select(one => (one.Id, one.When, one.Moment!.Value)));
    }

    [Fact]
    public void Without_a_moment_or_with_two_a_communication_is_an_error() => Assert.All(
        ["{ audience: users, channel: war-room }", "{ audience: users, every: 1h, after: 2h, channel: war-room }"],
        row => Assert.Contains(
            "'when' is missing in communications[2]",
            MinimalPlan.With("decisions:\n", $"  - {row}\ndecisions:\n").Complaints.Select(one => one.Message)));

    private const string Decision = "  - { name: Call the exchange, required: deputy, ";

    [Fact]
    public void What_people_do_stands_beside_its_decision_and_is_as_if_under_actions()
    {
        var read = With("do: \"Have deposits stopped, and say so. (engineer, 10min)\" }");
        var plan = read.Plan;

        Assert.Empty(read.Complaints);
        Assert.DoesNotContain(MinimalPlan.Complaints(read), one => one.Level == ComplaintLevel.Error);
        var action = plan.Action(plan.Decisions[1].Action)!;
        Assert.Equal(("call-the-exchange", ActionKind.Manual), (action.Id, action.Kind));
        Assert.Equal(
            ("Have deposits stopped, and say so.", "engineer", TimeSpan.FromMinutes(10)),
            (action.Manual!.Text, action.Manual.Who, action.Manual.Expected));
        var longForm = MinimalPlan.Read(WithDecision("action: call-the-exchange, valid_for: 1h }") + """

              - { id: call-the-exchange, what: Have deposits stopped, manual: { text: Stop, who: engineer } }
            """).Plan;
        Assert.Equal(longForm.DecisionsHash, plan.DecisionsHash);
        Assert.NotEqual(MinimalPlan.Plan.DecisionsHash, plan.DecisionsHash);
        var compiled = PlanReader.Read([new(CompiledPlan.FileName, CompiledPlan.Of(plan).Write())]).Plan;
        Assert.Equal(action.Manual, compiled.Action("call-the-exchange")!.Manual);
    }

    [Fact]
    public void Nobody_named_means_whoever_leads() =>
        Assert.Equal("commander", With("do: Have deposits stopped }").Plan.Actions[^1].Manual!.Who);

    [Theory]
    [InlineData("do: Call, action: pause-all }", "either 'action', which is prepared below, or 'do'")]
    [InlineData("valid_for: 1h }", "'action' is missing in decisions[2]")]
    [InlineData("do: Call. (enginer) }", "did you mean 'engineer'?")]
    [InlineData("do: \"Call. (engineer, decides it)\" }", "the brackets after 'do' hold who does it")]
    [InlineData("do: Call, id: pause-all }", "action 'pause-all' is defined twice")]
    public void What_people_do_is_checked(string row, string says) => Assert.Contains(
        MinimalPlan.Complaints(With(row)),
        complaint => complaint.Level == ComplaintLevel.Error
            && complaint.Message.Contains(says, StringComparison.Ordinal));

    [Fact]
    public void Brackets_without_measure_are_refused_once() => Assert.Single(
        With($"do: \"Call. (engineer, {new string(',', 50_000)})\" }}").Complaints,
        complaint => complaint.Message.Contains("at most 300 are allowed", StringComparison.Ordinal));

    /// <summary>Rows of a flow mapping in which a comma of somebody's words ends the value.</summary>
    [Theory]
    [InlineData("{ what: Limit, pause or close, role: commander }",
        "'pause or close' is no key: put words with a comma between quotes")]
    [InlineData("{ what: Limit, rloe, role: commander }",
        "'rloe' is not known in steps[1]; did you mean 'role'? Or put words with a comma between quotes")]
    [InlineData("{ what: Limit, sk_live_0123456789abcdef0123456789, role: commander }",
        "a text of 34 characters is no key: put words with a comma between quotes")]
    [InlineData("{ what: Limit, rloe: commander, role: commander }",
        "'rloe' is not known in steps[1]; did you mean 'role'?")]
    public void Words_with_a_comma_and_without_quotes_are_explained(string step, string says)
    {
        var yaml = new YamlText();
        ProcedureText.Read(new("procedures/x.md", $"---\ntitle: X\nsteps:\n  - {step}\n---\n"), yaml);

        Assert.Equal([(4, says)], yaml.Complaints.Select(complaint => (complaint.At.Line, complaint.Message)));
    }

    private static ReadPlan With(string row) => MinimalPlan.Read(WithDecision(row));

    private static string WithDecision(string row) =>
        MinimalPlan.Main.Replace("actions:\n", $"{Decision}{row}\nactions:\n", StringComparison.Ordinal);
}
