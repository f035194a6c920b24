using FsCheck;
using FsCheck.Fluent;
using Tocsin.FrontEnds;

namespace Tocsin.Tests.FrontEnds;

public sealed class RunningPartsTests
{
    private const string Page = """
        <!DOCTYPE html><html><head><meta charset="utf-8"><title>App</title>
        <link rel="stylesheet" href="/app.css"><script src="/app.js" nonce="r4nd0m" integrity="sha256-x"></script>
        <script>window.config = { vault: "0xabc" };</script></head>
        <body class="a"><h1 id="title">Welcome</h1><form action="/go"><input name="csrf" value="1"></form>
        <a href="https://docs.example">Docs</a><!-- note --></body></html>
        """;

    [Theory]
    [InlineData("Welcome", "Welcome back, 1,234 users!")]
    [InlineData("<title>App</title>", "<title>App 2</title>")]
    [InlineData("class=\"a\"", "class=\"b\" data-x='1'")]
    [InlineData("r4nd0m", "0th3r")]
    [InlineData("value=\"1\"", "value=\"2\"")]
    [InlineData("<!-- note -->", "")]
    [InlineData("https://docs.example", "https://docs.example/?v=2:1")]
    public void What_only_people_read_may_change(string piece, string change) =>
        Assert.Equal(Parts(Page), Parts(Change(piece, change)));

    [Theory]
    [InlineData("/app.js", "/app2.js")]
    [InlineData("sha256-x", "sha256-y")]
    [InlineData("0xabc", "0xabd")]
    [InlineData("/app.css", "https://evil.example/app.css")]
    [InlineData("action=\"/go\"", "action=\"https://evil.example\"")]
    [InlineData("charset=\"utf-8\"", "charset=\"utf-7\"")]
    [InlineData("<title>", "<script>evil()</script><title>")]
    [InlineData("<title>", "<SCRIPT SRC=//evil.example></SCRIPT><title>")]
    [InlineData("<title>", "<base href=//evil.example><title>")]
    [InlineData("<title>", "<meta http-equiv=refresh content='0;url=//evil.example'><title>")]
    [InlineData("Welcome", "<img src=x onerror=evil()>")]
    [InlineData("Welcome", "<img/src=\"x\"/onerror=evil()>")]
    [InlineData("Welcome", "<svg\nonload\n=\nevil()>")]
    [InlineData("Welcome", "<iframe src=//evil.example></iframe>")]
    [InlineData("Welcome", "<button formaction=//evil.example>")]
    [InlineData("Welcome", "<div srcdoc='<script>'>")]
    [InlineData("https://docs.example", "javascript:evil()")]
    [InlineData("https://docs.example", " jAvA\tscript:evil()")]
    [InlineData("https://docs.example", "&#106;avascript&colon;evil()")]
    [InlineData("https://docs.example", "java&Tab;script:evil()")]
    [InlineData("Welcome", "<!--><script>evil()</script>-->")]
    [InlineData("Welcome", "<!-- <a title=\" --><script>evil()</script><!-- \"> -->")]
    [InlineData("Welcome", "<a title='<script>evil()</script>'>")]
    [InlineData("Welcome", "<style><a title=\"</style><script>evil()</script>\">")]
    [InlineData("Welcome", "<script>evil()")]
    public void What_runs_or_leads_elsewhere_may_not(string piece, string change) =>
        Assert.NotEqual(Parts(Page), Parts(Change(piece, change)));

    [Fact]
    public void Their_order_does_not_count()
    {
        const string one = "<script src=a></script>";
        const string two = "<script>b()</script>";

        Assert.Equal(Parts(one + two), Parts(two + "<p>" + one + one));
        Assert.Equal(2, RunningParts.Read(one + two + one)!.Scripts);
    }

    [Theory]
    [InlineData("<a \"")]
    [InlineData("<script>")]
    [InlineData("<a a")]
    [InlineData("<a x='")]
    public void A_page_that_is_made_to_be_slow_is_given_up(string piece) =>
        Assert.Null(RunningParts.Read(string.Concat(Enumerable.Repeat(piece, 100_000))));

    [Theory]
    [InlineData("")]
    [InlineData("<")]
    [InlineData("<a")]
    [InlineData("<a ")]
    [InlineData("<a =")]
    [InlineData("<a b=")]
    [InlineData("<a b='")]
    [InlineData("<a/")]
    [InlineData("<3 text > more")]
    public void A_page_may_end_anywhere(string page) => Assert.Empty(Parts(page));

    [Fact]
    public void Any_page_is_read() => Prop.ForAll<string?>(
        page => RunningParts.Read("<a " + page + "<script " + page) is not null).QuickCheckThrowOnFailure();

    private static string Change(string piece, string change)
    {
        Assert.Contains(piece, Page, StringComparison.Ordinal);
        return Page.Replace(piece, change, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Parts(string page) => RunningParts.Read(page)!.Parts;
}
