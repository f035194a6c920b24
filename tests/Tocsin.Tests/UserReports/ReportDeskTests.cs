using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Api;
using Tocsin.Evm.Inputs;
using Tocsin.People;
using Tocsin.Tests.Api;
using Tocsin.Tests.Detection;
using Tocsin.UserReports;

namespace Tocsin.Tests.UserReports;

public sealed partial class ReportDeskTests : IAsyncDisposable
{
    private const string Good = """{"kind":"cannot-withdraw","subject":"vault","text":"It says \"no\"\r\nand more"}""";

    private static readonly HashSet<string> Subjects = ["vault", "dUSD"];

    private readonly ManualTime time = new();
    private readonly Channel<Arrival> taken = Channel.CreateUnbounded<Arrival>();
    private readonly CookieContainer cookies = new();
    private readonly HttpClient http;
    private readonly ReportDesk desk;
    private WebApplication? app;

    public ReportDeskTests()
    {
        http = new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false });
        desk = new ReportDesk(Subjects, taken.Writer.WriteAsync, time, NullLogger<ReportDesk>.Instance);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (app is not null)
            await app.DisposeAsync();
    }

    [Fact]
    public async Task A_report_is_taken()
    {
        await StartAsync();

        using var answer = await PostAsync(Good);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(
            new Arrival.Reported(
                time.GetUtcNow(), ReportKind.CannotWithdraw, "vault", "It says \"no\"\nand more", null, null),
            await taken.Reader.ReadAsync(Stop));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"kind":"other"}""")]
    [InlineData("""{"kind":"other","text":""}""")]
    [InlineData("""{"kind":"other","text":" \r\n "}""")]
    [InlineData("""{"kind":"theft","text":"a"}""")]
    [InlineData("""{"kind":3,"text":"a"}""")]
    [InlineData("""{"kind":"other","text":"a","subject":"bank"}""")]
    [InlineData("""{"kind":"other","text":"a","transaction":"0x12"}""")]
    [InlineData("""{"kind":"other","text":"a","contact":"two\nlines"}""")]
    [InlineData("""{"kind":"other","text":"a","more":"b"}""")]
    [InlineData("""{"kind":"other","text":"a\u0000b"}""")]
    [InlineData("""{"kind":"other","text":"a\u001b[31m"}""")]
    [InlineData("""{"kind":"other","text":"a\u202egpj.exe"}""")]
    [InlineData("""{"kind":"other","text":"a\ud800"}""")]
    public async Task What_is_no_report_is_refused_with_a_reason(string json)
    {
        await StartAsync();

        using var answer = await PostAsync(json);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"error\":", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.False(taken.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData("""{"kind":"other","text":"a","severity":1}""", "'severity' is not known")]
    [InlineData("""{"kind":"other","text":"a","<b>":1}""", "a field that is no name is not known")]
    public async Task A_field_that_a_report_does_not_have_is_named(string json, string says)
    {
        await StartAsync();

        using var answer = await PostAsync(json);

        var body = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
        Assert.StartsWith(says, body.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lengths_are_bounded()
    {
        Assert.True((await TakeAsync(new string('a', 2_000))).IsTaken);
        Assert.NotNull((await TakeAsync(new string('a', 2_001))).Refusal);
        Assert.True((await TakeAsync("a", new string('c', 200))).IsTaken);
        Assert.NotNull((await TakeAsync("a", new string('c', 201))).Refusal);
    }

    [Fact]
    public async Task A_flood_is_dropped_and_counted_until_the_next_minute()
    {
        await StartAsync();
        for (var number = 0; number < ReportDesk.MinuteMax; number++)
            Assert.True((await TakeAsync($"text {number}")).IsTaken);

        using var answer = await PostAsync(Good);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal("60", answer.Headers.RetryAfter!.ToString());
        Assert.Equal(ReportDesk.MinuteMax, taken.Reader.Count);
        Assert.Equal(1, desk.Dropped);
        Assert.Contains(
            "1 reports were not taken", await http.GetStringAsync(Address("/reports"), Stop), StringComparison.Ordinal);

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await TakeAsync("later")).IsTaken);
    }

    [Fact]
    public async Task What_is_refused_takes_nobodys_place()
    {
        for (var number = 0; number < 100; number++)
            Assert.NotNull((await TakeAsync("")).Refusal);

        Assert.True((await TakeAsync("good")).IsTaken);
    }

    [Fact]
    public async Task The_form_works_without_scripts_and_needs_its_token()
    {
        await StartAsync();
        var fields = new Dictionary<string, string>
        {
            ["kind"] = "funds-missing",
            ["subject"] = "dUSD",
            ["text"] = "gone",
            ["contact"] = "me",
            ["transaction"] = $"{Story.Hash(1, 1)}",
        };
        using var without = await http.PostAsync(Address("/reports"), new FormUrlEncodedContent(fields), Stop);
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        Assert.False(taken.Reader.TryRead(out _));

        var form = await http.GetStringAsync(Address("/reports"), Stop);
        fields["__RequestVerificationToken"] = Token().Match(form).Groups[1].Value;
        using var answer = await http.PostAsync(Address("/reports"), new FormUrlEncodedContent(fields), Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("Thank you", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(
            new Arrival.Reported(
                time.GetUtcNow(), ReportKind.FundsMissing, "dUSD", "gone", "me", Story.Hash(1, 1)),
            await taken.Reader.ReadAsync(Stop));
    }

    [Fact]
    public async Task What_was_refused_stays_in_the_form_and_becomes_no_markup()
    {
        await StartAsync();
        var form = await http.GetStringAsync(Address("/reports"), Stop);
        var fields = new Dictionary<string, string>
        {
            ["kind"] = "other",
            ["text"] = "</textarea><script>alert(1)</script>",
            ["contact"] = "\"><img src=x>",
            ["transaction"] = "\" onfocus=\"alert(1)",
            ["__RequestVerificationToken"] = Token().Match(form).Groups[1].Value,
        };

        using var answer = await http.PostAsync(Address("/reports"), new FormUrlEncodedContent(fields), Stop);
        var page = await answer.Content.ReadAsStringAsync(Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Not taken: &#x27;transaction&#x27; is 0x and 64", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\" onfocus=\"", page, StringComparison.Ordinal);
        Assert.Contains(
            "</textarea><script>alert(1)</script>", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/reports", "application/json", "https://evil.example")]
    [InlineData("/api/reports", "text/plain", null)]
    public async Task Another_web_site_reports_nothing(string path, string type, string? origin)
    {
        await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(path))
        {
            Content = new StringContent(Good, System.Text.Encoding.UTF8, type),
        };
        if (origin is not null)
            request.Headers.Add("Origin", origin);

        using var answer = await http.SendAsync(request, Stop);

        Assert.False(answer.IsSuccessStatusCode);
        Assert.False(taken.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_body_of_any_shape_is_refused_in_words_and_nothing_is_taken()
    {
        await StartAsync();
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var body = HostileJson.Any(random, typeof(SubmittedReport));
            using var answer = await PostAsync(body);

            Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{answer.StatusCode}: {body}");
            var text = await answer.Content.ReadAsStringAsync(Stop);
            Assert.NotEmpty(JsonNode.Parse(text)!["error"]!.GetValue<string>());
        }
        Assert.False(taken.Reader.TryRead(out _));
    }

    private Task<ReportAnswer> TakeAsync(string text, string? contact = null) =>
        desk.TakeAsync(new SubmittedReport("other", null, text, contact, null), Stop);

    private Uri Address(string path) => new($"{app!.Urls.Single()}{path}");

    private Task<HttpResponseMessage> PostAsync(string json) => http.PostAsync(
        Address("/api/reports"), new StringContent(json, System.Text.Encoding.UTF8, "application/json"), Stop);

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRazorComponents();
        builder.Services.AddAntiforgery();
        builder.Services.AddSingleton(
            new Access(null, () => Revocations.None, TimeProvider.System, NullLogger<Access>.Instance));
        app = builder.Build();
        app.Use(Guards.RefuseStrangers(new Uri("https://tocsin.example")));
        app.UseAntiforgery();
        app.MapReports(desk);
        await app.StartAsync(Stop);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
