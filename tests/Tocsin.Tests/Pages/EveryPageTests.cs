using System.Text.RegularExpressions;
using Tocsin.Findings;
using Tocsin.Pages;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Readiness;
using Tocsin.UserReports;

namespace Tocsin.Tests.Pages;

/// <summary>
/// What must hold on every page: it runs under a policy that allows no inline code and no outside host.
/// </summary>
public sealed partial class EveryPageTests
{
    private static readonly string[] Hostile =
    [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "javascript:alert(1)",
        "</textarea></pre></title><style>*{display:none}</style>",
        "&lt;b&gt; <!-- -->",
    ];

    [Fact]
    public async Task No_text_from_outside_becomes_markup()
    {
        foreach (var text in Hostile)
        {
            foreach (var (calm, angry) in (await PagesAsync("lending")).Zip(await PagesAsync(text)))
                Assert.Equal(Shape(calm), Shape(angry));
        }
    }

    [Fact]
    public async Task Text_from_outside_is_shown_as_it_is()
    {
        foreach (var text in Hostile)
        {
            var page = (await PagesAsync(text))[5];
            Assert.Contains(text, System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_page_has_inline_code_or_needs_an_outside_host()
    {
        foreach (var html in await AllPagesAsync())
        {
            Assert.DoesNotMatch(@"<[^>]*\s(style|on[a-z]+)\s*=", Tags(html));
            Assert.DoesNotContain("<style", html, StringComparison.Ordinal);
            var scripts = Script().Matches(html).Select(match => match.Value);
            Assert.All(scripts, script => Assert.Matches("^<script src=\"/assets/(live|siren).js\" defer>$", script));
            Assert.Single(scripts, script => script.Contains("live", StringComparison.Ordinal));
            foreach (Match link in Link().Matches(Tags(html)))
                Assert.Matches("^(/[^/]|/$|#main$|data:image/svg)", link.Groups[1].Value);
        }
        Assert.DoesNotMatch("https?:|@import|url\\(", Assets.Css);
        Assert.DoesNotMatch("https?:|innerHTML|eval", Assets.Script + Assets.Siren);
    }

    [Fact]
    public async Task Every_form_posts_with_the_antiforgery_field()
    {
        foreach (var html in await AllPagesAsync())
        {
            foreach (Match form in Form().Matches(html))
            {
                Assert.StartsWith("<form method=\"post\" action=\"/", form.Value, StringComparison.Ordinal);
                Assert.Contains(
                    "<input type=\"hidden\" name=\"__RequestVerificationToken\" value=\"token-of-the-session\"",
                    form.Value,
                    StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Every_page_can_be_read_by_a_screen_reader()
    {
        foreach (var html in await AllPagesAsync())
        {
            Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
            Assert.Single(Regex.Matches(html, "<h1[ >]"));
            Assert.Single(Regex.Matches(html, "<main "));
            var level = 1;
            foreach (Match heading in Heading().Matches(html))
            {
                var next = heading.Groups[1].Value[0] - '0';
                Assert.True(next <= level + 1, $"h{next} follows h{level}");
                level = next;
            }
            var ids = Id().Matches(html).Select(match => match.Groups[1].Value).ToList();
            Assert.Equal(ids.Distinct(), ids);
            foreach (Match label in Label().Matches(html))
                Assert.Contains(label.Groups[1].Value, ids);
        }
    }

    [Fact]
    public async Task Opening_an_acknowledge_link_only_asks()
    {
        var ask = await PageText.Of(new AcknowledgeView(
            "INC-7", "Ada", "Attack", null, "abc.def", "__RequestVerificationToken", "t"));
        Assert.Contains("<form method=\"post\" action=\"/acknowledge/abc.def\"", ask, StringComparison.Ordinal);
        var done = await PageText.Of(
            new AcknowledgeView("INC-7", "Ada", "Attack", PageAnswer.Informed, "abc.def", "f", "t"));
        Assert.Contains("INC-7 is acknowledged by Ada.", PageText.Read(done), StringComparison.Ordinal);
        var broken = await PageText.Of(new AcknowledgeView(null, null, null, null, "abc", "f", "t"));
        Assert.Contains("This link is not valid", broken, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", done + broken, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_an_approver_is_asked_whether_they_can_sign(bool maySign)
    {
        var ask = PageText.Read(await PageText.Of(
            new AcknowledgeView("INC-7", "Ada", "Attack", null, "abc.def", "f", "t", maySign)));

        Assert.Equal(maySign, ask.Contains("I can sign now", StringComparison.Ordinal));
        Assert.Contains("I cannot help now", ask, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_cannot_help_is_not_told_that_they_acknowledged()
    {
        var said = PageText.Read(await PageText.Of(
            new AcknowledgeView("INC-7", "Ada", "Attack", PageAnswer.Unable, "abc.def", "f", "t")));

        Assert.Contains("Whoever stands in for Ada is called", said, StringComparison.Ordinal);
        Assert.DoesNotContain("acknowledged by Ada", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_shows_open_incidents_first_and_the_worst_of_them_at_the_top()
    {
        var minor = new Night().Detected(Threat.LargeTransfer, Severity.High).Incident with { Id = new(8) };
        var closed = new Night().Detected().Retracted().Incident with { Id = new(9) };
        var worst = new Night().Detected().Incident;
        var view = new IncidentListView([minor, closed, worst], new Night().Watch, Night.Start);
        var text = PageText.Read(await PageText.Of(view));
        Assert.Matches("Open \\(2\\).*INC-7.*INC-8.*Closed \\(1\\).*INC-9", text);
        var calm = PageText.Read(await PageText.Of(view with { Incidents = [] }));
        Assert.Contains("No incident is open. The watch is up to date", calm, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_that_catches_up_is_not_called_up_to_date()
    {
        var watch = new Night().Watch with { Preview = "block 19000041 with 1 transaction: 5 USDX left Lending pool" };
        var text = PageText.Read(await PageText.Of(new IncidentListView([], watch, Night.Start)));
        Assert.Contains("CATCHING UP", text, StringComparison.Ordinal);
        Assert.Contains("PREVIEW, not judged: block 19000041", text, StringComparison.Ordinal);
        Assert.Contains("the blocks after 19000030 are not judged yet", text, StringComparison.Ordinal);
        Assert.DoesNotContain("up to date", text, StringComparison.Ordinal);
    }

    private static async Task<List<string>> AllPagesAsync() =>
        [.. await PagesAsync("lending"), .. await PagesAsync(Hostile[0]), .. await PagesAsync(Hostile[3])];

    private static async Task<List<string>> PagesAsync(string text)
    {
        var night = new Night(text).Detected();
        var pages = new List<string> { await PageText.Of(night.View()) };
        night.Proposed().Acknowledged().StepDone().Refused().Approved(byAll: false);
        pages.Add(await PageText.Of(night.View()));
        pages.Add(await PageText.Of(night.Approved().Sent().Paused().Leaked().View()));
        pages.Add(await PageText.Of(night.Contained().View()));
        pages.Add(await PageText.Of(night.Resolved().View()));
        var exercise = new Night(text, exercise: true).Detected();
        var list = new IncidentListView([night.Incident, exercise.Incident], night.Watch, night.Now);
        pages.Add(await PageText.Of(list));
        pages.Add(await PageText.Of(new AcknowledgeView(
            text, text, text, null, text, "__RequestVerificationToken", "token-of-the-session")));
        pages.Add(await PageText.Of(new ReportView("INC-7", "<h1>Post-mortem</h1>", night.Watch)));
        pages.Add(await PageText.Of(new MessageView(404, text, text)));
        pages.Add(await PageText.Of(new UserReportView(
            [("other", text)], [text], new SubmittedReport("other", text, text, text, text), false, 7,
            "__RequestVerificationToken", "token-of-the-session", text)));
        var told = Incidents.Story.Finding() with { Subject = text, Reason = text };
        pages.Add(await PageText.Of(new FindingListView(
            [new FindingRow(told, Night.Id, true), new FindingRow(told, null, false)], 1, night.Watch, night.Now)));
        pages.Add(await PageText.Of(Actions(text, night)));
        pages.Add(await PageText.Of(new ChannelListView(
            [new ChannelRow(text, "slack", text, text, true, 80, true, text, text),
                new ChannelRow("b", "slack", text, null, false, null, null, text, null)], night.Watch, night.Now)));
        pages.Add(await PageText.Of(new SirenView([night.Incident], night.Watch, night.Now)));
        return pages;
    }

    private static ActionListView Actions(string text, Night night)
    {
        var action = new PlannedAction(text, text, [], default)
        {
            SideEffects = [text],
            Reversal = text,
            Alternative = text,
        };
        var result = new ProbeResult(text, ReadyState.NotReady, [text, "another reason"], night.Now.AddHours(-3));
        ActionRow[] rows =
        [
            new(action, [text], [text], [text], [text], result),
            new(action with { Id = "never-probed", Alternative = null }, [], [], [], [], null),
        ];
        return new ActionListView(
            rows, night.Watch, "__RequestVerificationToken", "token-of-the-session", null, night.Now);
    }

    // The elements and the names of their attributes, without what people and the chain wrote.
    private static string Shape(string html) => string.Join('\n', Tag().Matches(html)
        .Select(tag => Regex.Replace(tag.Value, "=\"[^\"]*\"", "=")));

    private static string Tags(string html) => string.Concat(Tag().Matches(html).Select(match => match.Value));

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("<script[^>]*>")]
    private static partial Regex Script();

    [GeneratedRegex("\\s(?:href|src|action|content=\"5;url)=\"([^\"]*)\"")]
    private static partial Regex Link();

    [GeneratedRegex("<form .*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<h([1-6])[ >]")]
    private static partial Regex Heading();

    [GeneratedRegex("\\sid=\"([^\"]*)\"")]
    private static partial Regex Id();

    [GeneratedRegex("<label for=\"([^\"]*)\"")]
    private static partial Regex Label();
}
