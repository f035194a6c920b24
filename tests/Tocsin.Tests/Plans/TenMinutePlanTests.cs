using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Tidy;
using Tocsin.Texts;

namespace Tocsin.Tests.Plans;

/// <summary>The example of docs/plan.md that a start-up types: that it is a whole plan, and how much there is to type.
/// </summary>
public sealed class TenMinutePlanTests
{
    /// <summary>Characters, without those of wallets, which are pasted: at 250 a minute, ten minutes.</summary>
    private const int MostTyped = 2_500;

    private const int WalletCharacters = 42;

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly HashSet<string> Channels =
        ["war-room", "alex-phone", "kim-phone", "jo-phone", "spare-room", "status", "status-spare"];

    private static readonly string Startup = Templates.Text("startup/plan/plan.yaml");

    [Fact]
    public void With_what_init_writes_it_is_a_plan_without_an_error()
    {
        var read = Read();

        Assert.Empty(read.Complaints);
        Assert.DoesNotContain(
            PlanCheck.Check(read.Plan, Channels, Now), complaint => complaint.Level == ComplaintLevel.Error);
    }

    [Fact]
    public void It_has_every_table_of_an_emergency_plan()
    {
        var plan = Read().Plan;

        Assert.Equal(5, plan.Issues.Count);
        Assert.All(plan.Issues, issue => Assert.NotEmpty(issue.Detection));
        Assert.Equal([4, 4, 4], plan.Procedures.Select(procedure => procedure.Steps.Count));
        Assert.All(plan.Procedures, procedure => Assert.NotNull(plan.Decision(procedure.Decision!)));
        Assert.Equal(3, plan.Escalations.Count);
        Assert.Equal(4, plan.People.Count);
        Assert.All(plan.People, person => Assert.NotEmpty(person.Ways));
        Assert.Single(plan.Schedules);
        Assert.Equal(4, plan.Communications.Count);
        Assert.Equal(3, plan.Decisions.Count);
        Assert.All(plan.Decisions, decision => Assert.NotEmpty(Assert.Single(decision.Required).Substitutes));
        Assert.Equal([0, 1, 1], plan.Decisions.Select(rule => plan.Action(rule.Action)!.Manual is null ? 0 : 1));
    }

    [Fact]
    public void It_is_typed_in_ten_minutes()
    {
        var written = Startup.Split('\n').Select(line => line.Trim()).ToHashSet();
        var lines = Blocks().SelectMany(block => block.Text.TrimEnd('\n').Split('\n')).Select(line => line.Trim());
        var typed = lines.Where(line => !written.Contains(line)).ToList();
        // A new line is a key too.
        var characters = typed.Sum(line => line.Length + 1);
        var wallets = typed.Sum(line => line.Split("\"0x").Length - 1);

        Assert.Equal(4, wallets);
        Assert.InRange(characters - wallets * WalletCharacters, 2_000, MostTyped);
    }

    internal static ReadPlan Read()
    {
        var blocks = Blocks();
        return PlanReader.Read(
        [
            new(PlanReader.MainFile, Text()),
            .. blocks.Skip(1).Select(block => new PlanFile($"{PlanReader.ProcedureFolder}/{block.Name}", block.Text)),
        ]);
    }

    /// <summary>The plan of <c>init</c> with the tables of the example in place of its own.</summary>
    internal static string Text()
    {
        var tables = Blocks()[0].Text;
        var replaced = tables.Split('\n').Where(IsSection).ToHashSet();
        var kept = new List<string>();
        var isReplaced = false;
        foreach (var line in Startup.Split('\n'))
        {
            if (line.Length > 0 && line[0] is not (' ' or '#'))
                isReplaced = replaced.Contains(line);
            if (!isReplaced)
                kept.Add(line);
        }
        return string.Join('\n', kept) + "\n" + tables;
    }

    private static bool IsSection(string line) => line.Length > 0 && line[0] != ' ';

    private static List<(string Name, string Text)> Blocks()
    {
        var page = Repository.Text("docs/plan.md");
        return
        [
            .. new[] { "yaml plan", "markdown halt.md", "markdown keys.md", "markdown calm.md" }.Select(name =>
            {
                var start = page.IndexOf($"```{name}\n", StringComparison.Ordinal) + $"```{name}\n".Length;
                var end = page.IndexOf("```", start, StringComparison.Ordinal);
                return (name.Split(' ')[1], page[start..end]);
            }),
        ];
    }
}
