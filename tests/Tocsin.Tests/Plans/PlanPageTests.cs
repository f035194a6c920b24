using Tocsin.Plans;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Plans;

/// <summary>The examples of docs/plan.md are one plan, a section each.</summary>
public sealed class PlanPageTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly HashSet<string> Channels =
        ["alex-chat", "alex-phone", "kim-phone", "jo-phone", "war-room", "spare", "status", "spare-status"];

    [Fact]
    public void The_examples_of_the_page_compile_without_an_error()
    {
        var read = Read();

        Assert.Empty(read.Complaints);
        Assert.DoesNotContain(
            PlanCheck.Check(read.Plan, Channels, Now), complaint => complaint.Level == ComplaintLevel.Error);
    }

    [Fact]
    public void The_page_names_every_field_of_a_template_and_every_kind()
    {
        var page = Repository.Text("docs/plan.md");
        var words = UpdateFields.All.Concat(Organisation.Kinds).Concat(PlannedExercise.Kinds)
            .Concat(LegalDuty.Moments).Concat(ProcedureStep.Parts).Concat(Issue.Categories);

        Assert.All(words, word => Assert.Contains($"`{word}`", page, StringComparison.Ordinal));
    }

    internal static ReadPlan Read() => PlanReader.Read(
    [
        new(PlanReader.MainFile, string.Concat(Blocks("yaml"))),
        new("procedures/halt.md", Assert.Single(Blocks("markdown"))),
    ]);

    private static List<string> Blocks(string language) =>
    [
        .. Repository.Text("docs/plan.md").Split($"```{language}\n").Skip(1)
            .Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]),
    ];
}
