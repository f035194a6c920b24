using System.Text.RegularExpressions;
using Tocsin.Commands;
using Tocsin.Plans;

namespace Tocsin.Tests.Plans;

/// <summary>The plan for a drawer.</summary>
public sealed partial class PlanPrintTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-print-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void It_has_everything_that_people_need_without_the_server()
    {
        var plan = PlanPageTests.Read().Plan;

        var text = PlanPrint.Of(plan, Now).ToMarkdown();

        Assert.All(
            [
                "Alex Example", "+1 555 0101", "alex-chat (2 min), then alex-phone (3 min)", "Halt and assess",
                "Approve the prepared pause.", "hacker-attack, severity 2 or worse", "after 3 min core (each)",
                "Example Audits", "Since {opened} we look into a problem", "deputy: Jo Example",
                "dora: to our supervisor within 4 h",
                "Flash-loan attack", "1 of security: Kim Example", "If in doubt, treat it as an attack",
            ],
            piece => Assert.Contains(piece, Unmarked().Replace(text, "$1"), StringComparison.Ordinal));
        Assert.All(plan.Procedures.SelectMany(one => one.Steps), step =>
            Assert.Contains(step.What, Unmarked().Replace(text, "$1"), StringComparison.Ordinal));
    }

    [Fact]
    public void It_says_who_keeps_it_how_issues_are_noticed_and_invents_no_time()
    {
        var plan = PlanPageTests.Read().Plan;
        var manual = plan.Action("call-the-exchange")!;
        var deciding = plan with
        {
            Procedures = [plan.Procedures[0] with { Decision = "call-the-exchange" }],
        };

        var text = Unmarked().Replace(PlanPrint.Of(deciding, Now).ToMarkdown(), "$1");

        Assert.Contains("Kept by Alex Example (ceo);", text, StringComparison.Ordinal);
        Assert.Contains(
            "noticed by detectors: flash-loan-attack, oracle-manipulation", text, StringComparison.Ordinal);
        Assert.Contains($"☐ {manual.Manual!.Text} (security)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Four_weeks_of_who_is_on_call_are_printed_from_today_on()
    {
        var text = PlanPrint.Of(PlanPageTests.Read().Plan, Now).ToHtml();

        // Weeks change on Mondays at nine in Zurich, which changes its clock on the 29th.
        Assert.All(
            [
                "<li>Mon 2026-03-02 13:00 to Mon 2026-03-09 09:00: Alex Example",
                "<li>Mon 2026-03-09 09:00 to Mon 2026-03-16 09:00: Jo Example", " to Mon 2026-03-30 14:00: ",
            ],
            line => Assert.Contains(line, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Version_and_day_are_on_each_page_and_it_asks_nobody_for_anything()
    {
        var plan = PlanPageTests.Read().Plan;
        var page = PlanPrint.Of(plan, Now);

        var (html, markdown) = (page.ToHtml(), page.ToMarkdown());

        Assert.Contains(
            $"<footer>CONFIDENTIAL. Example Markets, version <code>{plan.ContentHash}</code>, 2026-03-02</footer>",
            html, StringComparison.Ordinal);
        var box = html[html.IndexOf("@bottom-left", StringComparison.Ordinal)..html.IndexOf("</style>",
            StringComparison.Ordinal)];
        Assert.Contains($"{plan.ContentHash}", box, StringComparison.Ordinal);
        Assert.Contains("2026\\00002d 03\\00002d 02\"", box, StringComparison.Ordinal);
        Assert.True(markdown.Split($"`{plan.ContentHash}`").Length > markdown.Split("\n## ").Length);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.Equal(html, PlanPrint.Of(plan, Now).ToHtml());
    }

    /// <summary>Every text of a plan, with what would be a mark in HTML or Markdown.</summary>
    [Fact]
    public void What_a_plan_says_is_text_and_never_a_mark()
    {
        const string evil = "<script>alert(1)</script>`[x](http://evil)`";
        var (main, procedure) = (Evil(MinimalPlan.Main), Evil(MinimalPlan.Procedure));
        var plan = MinimalPlan.Read(main, procedure).Plan;
        Assert.Contains("<script>", plan.Name, StringComparison.Ordinal);

        var page = PlanPrint.Of(plan, Now);

        Assert.DoesNotContain("<script>", page.ToHtml(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page.ToMarkdown(), StringComparison.Ordinal);
        Assert.DoesNotContain("[x](http", page.ToMarkdown(), StringComparison.Ordinal);

        static string Evil(string text) => Said().Replace(text, match => $"{match.Groups[1].Value}: '{evil}'");
    }

    [Fact]
    public void It_is_written_for_its_owner_alone_and_anew_each_time()
    {
        InitCommand.Run(folder.FullName);
        var target = Path.Combine(folder.FullName, "print");

        Assert.Equal(ExitCode.Done, PlanCommand.Render(folder.FullName, target));
        Assert.Equal(ExitCode.Done, PlanCommand.Render(folder.FullName, target));

        Assert.Equal(["plan.html", "plan.md"], Directory.GetFiles(target).Select(Path.GetFileName).Order());
        if (!OperatingSystem.IsWindows())
            Assert.All(Directory.GetFiles(target), path =>
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
    }

    [GeneratedRegex(@"\\([\\*_\[\]<>#|])")]
    private static partial Regex Unmarked();

    [GeneratedRegex("(?m)(name|what|title|phone|audience): .*$")]
    private static partial Regex Said();
}
