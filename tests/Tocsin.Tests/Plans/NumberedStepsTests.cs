using Tocsin.Plans;

namespace Tocsin.Tests.Plans;

/// <summary>Steps as people write them: a numbered list, who does each in brackets at its end.</summary>
public sealed class NumberedStepsTests
{
    private const string List = """
        # Pause the markets

        In doubt, pause.

        1. **Look** at the transactions,
           at two sources. (engineer, 5min, identify, tested 2026-01-10)
           In an explorer that is not ours.
        2. Limit, pause or close (the big ones first). (commander, decides emergency-pause, when: they leave, or may)

        3) Tell users (engineer).

        ## After

        1. Sleep.
        2. Eat.
        3. Write it down.
        4. Read it again.
        ---
        """;

    [Fact]
    public void The_first_numbered_list_of_a_text_without_a_head_is_its_steps()
    {
        var read = MinimalPlan.Read(procedure: List);

        Assert.Empty(read.Complaints);
        var procedure = read.Plan.Procedures[0];
        Assert.Equal(("Pause the markets", "emergency-pause"), (procedure.Title, procedure.Decision));
        Assert.Equal(
            [
                ("look-at-the-transactions-at-two-sources", "engineer", 5, 5),
                ("limit-pause-or-close-the-big-ones-first", "commander", 15, 8),
                ("tell-users", "engineer", 15, 10),
            ],
            procedure.Steps.Select(step =>
                (step.Id, step.Role, (int)step.Expected.TotalMinutes, step.At.Line)));
        Assert.Equal(
            [
                "Look at the transactions, at two sources.", "Limit, pause or close (the big ones first).",
                "Tell users",
            ],
            procedure.Steps.Select(step => step.What));
        Assert.Equal([false, true, false], procedure.Steps.Select(step => step.Decides));
        var first = procedure.Steps[0];
        Assert.Equal(
            ("identify", new DateOnly(2026, 1, 10), "In an explorer that is not ours."),
            (first.Part, first.Tested!.Value, first.How));
        Assert.Equal("they leave, or may", procedure.Steps[1].When);
    }

    [Fact]
    public void People_read_the_whole_text_and_in_print_each_step_once()
    {
        var read = MinimalPlan.Read(procedure: List);
        var procedure = read.Plan.Procedures[0];

        Assert.Equal(List.ReplaceLineEndings("\n"), procedure.Markdown);
        Assert.Contains("In doubt, pause.", procedure.Prose, StringComparison.Ordinal);
        Assert.Contains("1. Sleep.", procedure.Prose, StringComparison.Ordinal);
        Assert.DoesNotContain("Tell users", procedure.Prose, StringComparison.Ordinal);
        Assert.Equal("Keep calm.", MinimalPlan.Plan.Procedures[0].Prose);
    }

    [Fact]
    public void A_head_may_say_the_rest()
    {
        var read = MinimalPlan.Read(procedure:
            "---\ntitle: Pause\ndecision: emergency-pause\nreviewed: 2026-02-01\n---\n\n1. Look. (engineer)\n"
            + "2. Ask. (commander, decides)\n");

        Assert.Empty(read.Complaints);
        var procedure = read.Plan.Procedures[0];
        Assert.Equal(("Pause", "emergency-pause"), (procedure.Title, procedure.Decision));
        Assert.Equal(7, procedure.Steps[0].At.Line);
        Assert.Equal(new DateOnly(2026, 2, 1), procedure.Reviewed);
        Assert.True(procedure.Steps[1].Decides);
    }

    [Fact]
    public void A_list_below_a_head_with_steps_is_text_as_it_always_was()
    {
        var read = MinimalPlan.Read(procedure: $"{MinimalPlan.Procedure}\n\n1.Look. (nobody, soon)\n- A (b, 5min)\n");

        Assert.Empty(read.Complaints);
        Assert.Equal(["look", "decide"], read.Plan.Procedures[0].Steps.Select(step => step.Id));
        Assert.Contains("1.Look. (nobody, soon)", read.Plan.Procedures[0].Markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_and_comments_hold_no_steps()
    {
        var read = MinimalPlan.Read(procedure: """
            # Pause
            ```
            1. Not me. (commander)
            ```
            <!--
            1. Nor me. (commander)
            -->
            1. Me. (commander)
               ~~~
               2. cast send
               ~~~
            2. And me. (engineer)
            """);

        Assert.Empty(read.Complaints);
        Assert.Equal(["me", "and-me"], read.Plan.Procedures[0].Steps.Select(step => step.Id));
        Assert.Equal("~~~ 2. cast send ~~~", read.Plan.Procedures[0].Steps[0].How);
    }

    [Theory]
    [InlineData("1. Look.", 3, "does not say who does it")]
    [InlineData("1. (engineer)", 3, "does not say who does it")]
    [InlineData("1.Look. (engineer)", 3, "a space after its number")]
    [InlineData("1. Look. (15min)", 3, "'15min' is no role")]
    [InlineData("1. Look. (decides x)", 3, "'decides x' is no role")]
    [InlineData("1. Look. (engineer, soon)", 3, "'soon' in the brackets is not understood")]
    [InlineData("1. Look. (engineer, 5min, 6min)", 3, "'6min' in the brackets is not understood, or said twice")]
    [InlineData("1. Look. (engineer, tested yesterday)", 3, "'tested yesterday' in the brackets")]
    [InlineData("1. Look. (engineer, when:)", 3, "nothing stands after 'when:'")]
    [InlineData("1. Look. (engineer, decides)", 3, "decides, but what?")]
    [InlineData("1. Look. (engineer, decides a)\n2. Ask. (engineer, decides b)", 4, "takes one decision")]
    [InlineData("1. Look. (engineer)\n2. Look! (engineer)", 4, "'look', as it is on line 3: write one of the two")]
    [InlineData("1. ¿? (engineer)", 3, "no id can be made from its words")]
    [InlineData("1. Look. (engineer)\n\nThen:\n\n2. Ask. (engineer)", 7, "this looks like a step")]
    [InlineData("1. Look. (engineer)\n\n## Then\n2. Ask.", 6, "this looks like a step")]
    [InlineData("1. Look. (engineer)\n- Ask. (engineer, 5min)", 4, "has no number")]
    [InlineData("- Ask. (engineer, 5min)\n\n1. Look. (engineer)", 3, "has no number")]
    [InlineData("1. Look. (engineer)\n```\n2. Ask. (engineer)", 4, "has no end: write '```'")]
    [InlineData("1. Look. (engineer)\n<!--\n2. Ask. (engineer)", 4, "has no end: write '-->'")]
    [InlineData("1. Look. (engineer)\n---\n2. Ask.", 5, "this looks like a step")]
    [InlineData("1. Look\u0007. (engineer)", 3, "without control characters")]
    public void What_looks_like_a_step_and_is_none_is_an_error_with_its_line(string text, int line, string says)
    {
        var complaint = Assert.Single(MinimalPlan.Read(procedure: $"# Pause\n\n{text}\n").Complaints);

        Assert.Contains(says, complaint.Message, StringComparison.Ordinal);
        Assert.Equal(
            (new SourceLine("procedures/pause-markets.md", line), ComplaintLevel.Error),
            (complaint.At, complaint.Level));
    }

    [Fact]
    public void A_text_without_a_title_is_an_error() => Assert.Contains(
        "a procedure has a title",
        Assert.Single(MinimalPlan.Read(procedure: "1. Look. (engineer)").Complaints).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_head_without_steps_or_a_list_is_an_error() => Assert.Contains(
        "'steps' is missing",
        Assert.Single(MinimalPlan.Read(procedure: "---\ntitle: Pause\n---\nKeep calm.").Complaints).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_step_for_a_role_that_nobody_holds_is_an_error_with_its_line() => Assert.Contains(
        MinimalPlan.Complaints(MinimalPlan.Read(procedure: "# Pause\n1. Look. (enginer)")),
        complaint => complaint.At.Line == 2
            && complaint.Message.Contains("did you mean 'engineer'?", StringComparison.Ordinal));

    [Theory]
    [InlineData("1. Look")]
    [InlineData("1. Look (a)\n   x")]
    [InlineData("1. ((((")]
    [InlineData("1. Look )\n   ")]
    public void A_step_without_measure_is_refused_once_and_kept_out(string start)
    {
        var read = MinimalPlan.Read(procedure: "# Pause\n" + start
            + string.Concat(Enumerable.Repeat(" and look )\n   ", 100_000)));

        Assert.Contains("too long", Assert.Single(read.Complaints).Message, StringComparison.Ordinal);
        Assert.Empty(read.Plan.Procedures[0].Steps);
    }

    [Fact]
    public void More_steps_than_a_plan_may_have_are_refused()
    {
        var list = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"1. Step {number}. (engineer)\n"));
        var read = MinimalPlan.Read(procedure: $"# Pause\n{list}");

        Assert.Contains("at most 5000 are allowed", Assert.Single(MinimalPlan.Complaints(read)).Message,
            StringComparison.Ordinal);
    }
}
