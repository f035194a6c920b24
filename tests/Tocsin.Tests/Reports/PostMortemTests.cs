using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Tocsin.Chains;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Reports;
using Tocsin.Tests.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Reports;

public sealed class PostMortemTests
{
    // What common readers add to Markdown: tables, links without brackets, strikethrough, lists of tasks.
    private static readonly MarkdownPipeline Reader = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoLinks().UseTaskLists().UseEmphasisExtras(EmphasisExtraOptions.Strikethrough).Build();

    public static TheoryData<string> Hostile =>
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt;", "\\<b>", "a\r\n\r\n<b>",
        "[click](https://evil.example)", "![x](//evil.example/p.png)", "\\\\[a](b)", "[ref]: https://evil.example",
        "<https://evil.example>", "https://evil.example", "HTTPS://evil.example", "ftp://evil.example/a",
            "www.evil.example",
        "mail@evil.example", "mailto:a@evil.example", "tel:110", "`code`", "```", "~~~", "    code", "\tcode",
        "**bold**", "_em_", "~~gone~~", "# Heading", "a\n\n# Heading", "a\u2028# b", "---", "===", "> quote",
        "- item", "+ item", "* item", "1. item", "12) item", "[x] done", "| a | b |", "\u202Egnp.exe", "a\0b",
    ];

    [Fact]
    public void The_report_of_a_whole_incident_is_as_it_was_verified() =>
        GoldenFile.Matches("PostMortem", "md", Write(Until<CommandEvent.MergedInto>()));

    [Fact]
    public void An_incident_that_has_just_opened_says_what_does_not_apply_yet()
    {
        var text = Write(Whole.Take(3));

        Assert.Contains("Decision 'emergency-pause' of the procedure was not proposed.", text.Replace("\\", "",
            StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Not assessed yet", text, StringComparison.Ordinal);
        Assert.Contains("has not happened", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_root_cause_names_the_calls_of_the_attack()
    {
        var attacker = Address.Parse("0x00000000000000000000000000000000000000aa");
        var call = new AttackCall(Hash(1), attacker, attacker, "0x12345678");
        var assessed = new IncidentEvent.ImpactAssessed(First, Story.Impact with { Calls = [call] });
        var story = Whole.Select(step => step.Event is IncidentEvent.ImpactAssessed ? (step.At, assessed) : step);

        Assert.Contains(
            $"- `{Hash(1)}`: `{attacker}` called `0x12345678` on `{attacker}`", Write(story), StringComparison.Ordinal);
    }

    [Fact]
    public void A_procedure_without_a_decision_says_that_it_has_none()
    {
        var plan = Plan with { Procedures = [Plan.Procedures[0] with { Decision = null }] };

        Assert.Contains("Does not apply: the procedure has no emergency decision.",
            PostMortem.Write(Fold(), plan, Story.Timeline(Whole.Take(3))), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_state_of_an_incident_can_be_reported() =>
        Assert.All(Enumerable.Range(3, Whole.Count - 2), count => Assert.NotEmpty(Write(Whole.Take(count))));

    [Fact]
    public void An_exercise_says_so_first()
    {
        var events = Whole.Select(step => step.Event is IncidentEvent.Opened ? (step.At,
            Opened(exercise: true)) : step);

        Assert.StartsWith("**EXERCISE.", Write(events), StringComparison.Ordinal);
    }

    [Fact]
    public void A_paused_incident_is_not_called_contained() =>
        Assert.Contains("| State | PAUSED, NOT YET CONTAINED |", Write(Until<IncidentEvent.Contained>()),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(PauseEnd.Lifted, true)]
    [InlineData(PauseEnd.Expired, false)]
    [InlineData(PauseEnd.NeverHeld, false)]
    public void A_pause_that_was_lifted_did_contain(PauseEnd why, bool contained)
    {
        (double, LogEvent) ended = (700, new IncidentEvent.PauseEnded(First, Decision.Id, 0, why, Block(120)));

        Assert.Equal(contained, Write(Whole.Take(32).Append(ended))
            .Contains("Contained at 2026-03-01 12:03:10", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_text_from_the_chain_stays_text(string hostile) => Assert.Equal("<p></p>", Tags(Html(hostile)));

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_text_from_the_chain_changes_nothing_else_in_the_report(string hostile)
    {
        Assert.Equal(Tags(Report("harmless")), Tags(Report(hostile)));

        static string Report(string text) => Markdown.ToHtml(Write(Tell(text)), Reader);
    }

    [Fact]
    public void No_text_at_all_becomes_markup() => Prop.ForAll(
        Gen.Elements("<", ">", "&", "*", "_", "`", "[", "]", "(", ")", "!", "#", "-", "+", "=", "|", "~", "\\", "\n",
            " ", "1", ".", ":", "/", "a", "http", "www", "@", "\"")
            .ArrayOf().Select(parts => "x" + string.Concat(parts)).ToArbitrary(),
        text => Tags(Html(text)) == "<p></p>").QuickCheckThrowOnFailure();

    private static string Html(string text) => Markdown.ToHtml(PostMortem.Escape(text), Reader).Trim();

    // The tags alone, without what stands between them.
    private static string Tags(string html) => html.Length == 0 ? "<p></p>"
        : string.Concat(Regex.Matches(html, "<[^>]*>").Select(match => match.Value));

    private static IEnumerable<(double At, LogEvent Event)> Tell(string text) =>
        Whole.Select(step => (step.At, step.Event switch
        {
            FindingRecorded recorded => recorded with { Finding = Poisoned(recorded.Finding, text) },
            IncidentEvent.CallSimulated simulated => simulated with { Detail = text },
            IncidentEvent.OutflowSeen seen => seen with { Asset = text, Contract = text },
            IncidentEvent.NoteAdded note => note with { Text = text },
            IncidentEvent.AlertFailed failed => failed with { Why = text },
            IncidentEvent.ImpactAssessed assessed => assessed with { Impact = assessed.Impact with { Basis = text } },
            var other => other,
        }));

    private static Finding Poisoned(Finding finding, string text) => finding with
    {
        Reason = text,
        Subject = text,
        Indicators = finding.Indicators.Select(indicator => indicator with { Reason = text, Subject = text })
            .ToValueList(),
    };

    private static string Write(IEnumerable<(double At, LogEvent Event)> events)
    {
        var told = events.ToList();
        return PostMortem.Write(Fold(told)[First]!, Plan, Story.Timeline(told));
    }
}
