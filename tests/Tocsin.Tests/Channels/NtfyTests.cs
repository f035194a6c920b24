using System.Text;
using Tocsin.Channels;
using Tocsin.Channels.Push;
using Tocsin.Communications;
using Tocsin.Demo.Providers;
using Tocsin.Findings;

namespace Tocsin.Tests.Channels;

public sealed class NtfyTests : IDisposable
{
    private const string Token = "tk_SECRETAgQdq7mVBoFD37zQVN29RhuMzNIz2";

    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task A_push_says_what_it_is_and_opens_the_war_room()
    {
        await using var fake = await NtfyFake.StartAsync(Token);

        var result = await Push(fake, Token).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(new DeliveryResult.Delivered("127.0.0.1 accepted it"), result);
        var said = fake.Requests[0].Json;
        Assert.Equal(NtfyFake.Topic, said.GetProperty("topic").GetString());
        Assert.Equal("SEVERITY 1 · Flash-loan attack on the lending pool", said.GetProperty("title").GetString());
        Assert.Equal(
            """
            Do now: Open the war room and approve the pause
            Threat: A loan of 40,000,000 USD moved the price that the pool reads
            Impact: about 1,200,000 USD so far
            Detected: 2026-03-01 03:04:05 UTC
            Lead: CTO: Ada
            INC-7 · log head 12:0xab
            Affected:
            lending pool
            0x6e1b0fdc4b1d8d0ac1f4d1f2b19b9c2ea2c5a4bb
            """,
            said.GetProperty("message").GetString());
        Assert.Equal(Alerts.Night.WarRoom.AbsoluteUri, said.GetProperty("click").GetString());
        Assert.Equal(
            [
                ("Acknowledge", "https://war.example.org/ack/ADA-PRIVATE"),
                ("War room", Alerts.Night.WarRoom.AbsoluteUri),
            ],
            said.GetProperty("actions").EnumerateArray()
                .Select(it => (it.GetProperty("label").GetString()!, it.GetProperty("url").GetString()!)));
    }

    [Fact]
    public async Task Without_a_link_that_acknowledges_there_is_one_action()
    {
        await using var fake = await NtfyFake.StartAsync(token: null);

        await Push(fake).DeliverAsync(new Message(Alerts.Night with { Acknowledge = null }), Ct);

        Assert.Equal(1, fake.Requests[0].Json.GetProperty("actions").GetArrayLength());
    }

    [Theory]
    [InlineData(Severity.Critical, 5)]
    [InlineData(Severity.High, 4)]
    [InlineData(Severity.Elevated, 3)]
    [InlineData(Severity.Minor, 2)]
    [InlineData(Severity.Routine, 1)]
    public async Task Severities_are_its_priorities(Severity severity, int priority)
    {
        await using var fake = await NtfyFake.StartAsync(token: null);

        await Push(fake).DeliverAsync(new Message(Alerts.Night with { Severity = severity }), Ct);

        Assert.Equal(priority, fake.Requests[0].Json.GetProperty("priority").GetInt32());
    }

    [Fact]
    public async Task A_server_that_asks_for_a_token_takes_nothing_without_it()
    {
        await using var fake = await NtfyFake.StartAsync(Token);

        var result = await Push(fake).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(new DeliveryResult.Permanent("127.0.0.1 refused it: 40301 forbidden"), result);
    }

    [Theory]
    [InlineData(40009, "permanent")]
    [InlineData(40018, "permanent")]
    [InlineData(40101, "permanent")]
    [InlineData(40301, "permanent")]
    [InlineData(40401, "permanent")]
    [InlineData(41303, "permanent")]
    [InlineData(42901, "retry")]
    [InlineData(42908, "retry")]
    [InlineData(50001, "retry")]
    public async Task Refusals_mean(int code, string expected)
    {
        await using var fake = await NtfyFake.StartAsync(null, NtfyFake.Refusal(code, "no"));

        Assert.Equal(expected, Provided.Say(await Push(fake).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Theory]
    [InlineData(200, "", "", "retry")]
    [InlineData(200, "<html>ntfy web app</html>", "", "retry")]
    [InlineData(200, """{"event":"open","id":"x"}""", "", "retry")]
    [InlineData(404, "<html>not found</html>", "", "retry")]
    [InlineData(403, """{"code":40101}""", "", "retry")]
    [InlineData(429, "", "Retry-After: 5", "retry after 5")]
    [InlineData(302, "", "Location: /x", "retry")]
    public async Task What_is_not_ntfy_speaking_may_pass(int status, string body, string headers, string expected)
    {
        await using var fake = await NtfyFake.StartAsync(null, new Answer(status, body, headers));

        Assert.Equal(expected, Provided.Say(await Push(fake).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Fact]
    public async Task Topic_and_token_are_in_no_result()
    {
        Answer[] script =
            [new(500, Token), Answer.Dropped, new(302, "", "Location: /x"), new(403, NtfyFake.Topic)];
        await using var fake = await NtfyFake.StartAsync(Token, script);

        foreach (var _ in script)
        {
            var result = await Push(fake, Token).DeliverAsync(new Message(Alerts.Night), Ct);
            Assert.DoesNotContain("SECRET", result.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_string_from_the_chain_reaches_a_header_or_is_more_than_text()
    {
        await using var fake = await NtfyFake.StartAsync(token: null); // it knows the headers that may be there

        foreach (var text in Provided.Hostile)
        {
            await Push(fake).DeliverAsync(new Message(Alerts.With(text)), Ct);
            var said = fake.Requests[^1].Json;
            Assert.False(Provided.HasLink(said.GetProperty("title").GetString()!));
            Assert.False(Provided.HasLink(said.GetProperty("message").GetString()!));
            Assert.Equal(9, said.GetProperty("message").GetString()!.Split('\n').Length);
        }
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("\U0001F6A8")]
    [InlineData("ж")]
    [InlineData("a")]
    public async Task An_alert_of_any_size_is_one_that_ntfy_takes(string letter)
    {
        await using var fake = await NtfyFake.StartAsync(token: null);
        var text = string.Concat(Enumerable.Repeat(letter, 50_000));
        var endless = Alerts.With(text) with
        {
            Affected = Enumerable.Range(1, 100).Select(number => $"{number} {text}").ToValueList(),
        };

        await Push(fake).DeliverAsync(new Message(endless), Ct);
        await Push(fake).DeliverAsync(
            new Message(endless with { Statement = new Statement(text, true, new UpdateName("users", 1)) }), Ct);

        Assert.All(
            fake.Requests, it => Assert.InRange(
                Encoding.UTF8.GetByteCount(it.Json.GetProperty("message").GetString()!), 200, 4096));
    }

    [Fact]
    public async Task The_world_reads_the_words_of_people_alone()
    {
        await using var fake = await NtfyFake.StartAsync(token: null);
        var told = Alerts.Night with { Statement = new Statement("We are looking into it", true, new("users", 1)) };

        await Push(fake).DeliverAsync(new Message(told), Ct);

        Assert.Equal(["topic", "message"], fake.Requests[0].Json.EnumerateObject().Select(it => it.Name));
        Assert.Equal("We are looking into it", fake.Requests[0].Json.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("topic", "SECRET/../other")]
    [InlineData("topic", "SECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRET")]
    [InlineData("topic", "")]
    [InlineData("token", "SECRET\r\nX-Injected: yes")]
    [InlineData("token", "SECRETÄ")]
    public void What_cannot_be_is_refused_without_repeating_it(string field, string value)
    {
        var values = new Dictionary<string, string> { ["topic"] = NtfyFake.Topic, [field] = value };

        var refusal = Assert.Throws<FormatException>(
            () => Ntfy.Kind.Create(new ChannelSection("night", values), new ChannelTools(http, clock)));

        Assert.DoesNotContain("SECRET", refusal.ToString(), StringComparison.Ordinal);
    }

    private Ntfy Push(NtfyFake fake, string? token = null) => new(
        Provided.Section(("topic", NtfyFake.Topic), ("token", token), ("api", fake.Api)),
        new ChannelTools(http, clock));
}
