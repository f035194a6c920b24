using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Channels;
using Tocsin.Channels.Discord;
using Tocsin.Communications;
using Tocsin.Demo.Providers;
using Tocsin.Findings;

namespace Tocsin.Tests.Channels;

public sealed class DiscordTests : IDisposable
{
    private const string Limited =
        """{"message": "You are being rate limited.", "retry_after": 64.57, "global": false}""";

    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task It_is_delivered_once_Discord_saved_it()
    {
        await using var discord = await DiscordFake.StartAsync();

        var result = await Webhook(discord.Address).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(new DeliveryResult.Delivered("127.0.0.1 saved it", "1300000000000000001"), result);
    }

    [Theory]
    [InlineData("", "?wait=true")]
    [InlineData("?wait=false", "?wait=true")]
    [InlineData("?thread_id=42&wait=false", "?thread_id=42&wait=true")]
    public async Task It_always_waits_for_Discord(string query, string expected)
    {
        await using var discord = await DiscordFake.StartAsync();

        var result = await Webhook(new Uri(discord.Address + query)).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal("delivered", DeliveryWords.Say(result));
        Assert.Equal([expected], discord.Queries);
    }

    [Theory]
    [InlineData(200, """{"id":"1"}""", "", "delivered")]
    [InlineData(200, """{"id":1}""", "", "retry")]
    [InlineData(200, """{"id":"<script>"}""", "", "retry")]
    [InlineData(200, "[]", "", "retry")]
    [InlineData(200, "ok", "", "retry")]
    [InlineData(204, "", "", "retry")]
    [InlineData(302, "", "Location: http://127.0.0.1:1/", "retry")]
    [InlineData(400, """{"message":"Invalid Form Body","code":50035}""", "", "permanent: code 50035")]
    [InlineData(401, """{"message":"Invalid Webhook Token","code":50027}""", "", "permanent: code 50027")]
    [InlineData(403, "<html>blocked by a proxy</html>", "", "retry")]
    [InlineData(403, """{"message":"internal network error","code":40333}""", "", "retry")]
    [InlineData(403, """{"error":"of somebody else"}""", "", "retry")]
    [InlineData(404, """{"message":"Unknown Webhook","code":10015}""", "", "permanent: code 10015")]
    [InlineData(404, """{"message":"404: Not Found","code":0}""", "", "permanent: code 0")]
    [InlineData(404, "not found", "", "retry")]
    [InlineData(408, """{"code":0}""", "", "retry")]
    [InlineData(429, Limited, "Retry-After: 65", "retry after 64.57")]
    [InlineData(429, """{"retry_after":0.3761,"global":true}""", "", "retry after 0.377")]
    [InlineData(429, """{"retry_after":1e300}""", "Retry-After: 65", "retry after 65")]
    [InlineData(429, """{"retry_after":-1}""", "Retry-After: 65", "retry after 65")]
    [InlineData(429, """{"retry_after":"soon"}""", "", "retry")]
    [InlineData(429, "error code: 1015", "Retry-After: 600", "retry after 600")]
    [InlineData(429, """{"code":40062}""", "", "retry")]
    [InlineData(500, """{"code":0}""", "", "retry")]
    [InlineData(503, "", "Retry-After: Sun, 01 Mar 2026 12:01:30 GMT", "retry after 90")]
    public async Task Discords_answers_mean(int status, string body, string headers, string expected)
    {
        await using var discord = await DiscordFake.StartAsync(new Answer(status, body, headers));

        var result = await Webhook(discord.Address).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(expected, DeliveryWords.Say(result));
    }

    [Fact]
    public async Task A_webhook_that_is_gone_is_not_used_again()
    {
        await using var discord = await DiscordFake.StartAsync();

        var result = await Webhook(discord.Unknown).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(new DeliveryResult.Permanent("127.0.0.1 refused it with 404: code 10015"), result);
    }

    [Fact]
    public async Task Without_an_answer_it_may_have_arrived()
    {
        await using var discord = await DiscordFake.StartAsync(Answer.Never);

        var delivery = Webhook(discord.Address).DeliverAsync(new Message(Alerts.Night), Ct);
        await discord.Arrived;
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.IsType<DeliveryResult.Unknown>(await delivery);
    }

    [Fact]
    public async Task The_secret_address_is_in_no_result()
    {
        Answer[] script =
        [
            new(200, """{"id":"1"}"""), new(302, "", "Location: /x"), new(400, """{"code":1}"""), new(404, "SECRET"),
            new(429, Limited), new(500, "SECRET"), Answer.Dropped,
        ];
        await using var discord = await DiscordFake.StartAsync(script);
        var webhook = Webhook(discord.Address);

        foreach (var _ in script)
            Assert.DoesNotContain("SECRET", (await webhook.DeliverAsync(new Message(Alerts.Night), Ct)).ToString());
        Assert.DoesNotContain("SECRET", webhook.ToString());
    }

    [Theory]
    [InlineData("ftp://discord.com/api/webhooks/1/SECRET")]
    [InlineData("/api/webhooks/1/SECRET")]
    public void An_address_of_another_kind_is_refused_without_repeating_it(string address)
    {
        var refusal = Assert.Throws<ArgumentException>(() => Webhook(new Uri(address, UriKind.RelativeOrAbsolute)));

        Assert.DoesNotContain("SECRET", refusal.ToString());
    }

    [Fact]
    public void It_is_made_of_its_section()
    {
        var values = new Dictionary<string, string> { ["url"] = "https://discord.com/api/webhooks/1/SECRET" };

        var channel = ChannelKind.All["discord"].Create(
            new ChannelSection("community", values), new ChannelTools(http, clock));

        Assert.Equal("community", channel.Name);
    }

    [Fact]
    public void The_phone_shows_what_it_is_and_the_embed_what_to_do()
    {
        var message = Write(Alerts.Night);
        var embed = message.GetProperty("embeds")[0];

        Assert.Equal("SEVERITY 1 · Flash-loan attack on the lending pool", message.GetProperty("content").GetString());
        Assert.Equal("https://war.example.org/i/INC-7?token=read&lang=en", embed.GetProperty("url").GetString());
        Assert.Equal(
            """
            Do now: Open the war room and approve the pause
            Threat: A loan of 40,000,000 USD moved the price that the pool reads
            Impact: about 1,200,000 USD so far
            Detected: 2026-03-01 03\:04\:05 UTC
            Lead: CTO\: Ada
            """,
            embed.GetProperty("description").GetString());
        Assert.Equal(
            "• lending pool\n• 0x6e1b0fdc4b1d8d0ac1f4d1f2b19b9c2ea2c5a4bb",
            embed.GetProperty("fields")[0].GetProperty("value").GetString());
        Assert.Equal("INC-7 · log head 12:0xab", embed.GetProperty("footer").GetProperty("text").GetString());
        Assert.DoesNotContain("ADA-PRIVATE", message.GetRawText());
    }

    [Theory]
    [InlineData("@everyone", "\\@everyone")]
    [InlineData("<@&1> <t:1:R>", "\\<\\@&1\\> \\<t\\:1\\:R\\>")]
    [InlineData("[pay](https://evil.example)", "\\[pay\\]\\(https\\:\\/\\/evil.example\\)")]
    [InlineData("discord.gg/evil", "discord.gg\\/evil")]
    [InlineData("**b** __u__ ~~s~~ ||h|| `c`", "\\*\\*b\\*\\* \\_\\_u\\_\\_ \\~\\~s\\~\\~ \\|\\|h\\|\\| \\`c\\`")]
    [InlineData("\\", "\\\\")]
    [InlineData("# x", "\\# x")]
    [InlineData("- x - y", "\\- x - y")]
    [InlineData("Flash-loan 1,200.5", "Flash-loan 1,200.5")]
    public void A_string_from_the_chain_stays_a_string_in_Discord(string text, string shown)
    {
        var embed = Write(Alerts.With(text)).GetProperty("embeds")[0];
        var facts = embed.GetProperty("description").GetString()!.Split('\n');

        Assert.Equal(5, facts.Length);
        Assert.Equal("Threat: " + shown, facts[1]);
    }

    [Theory]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("abcde", 4, "abc…")]
    [InlineData("ab*", 4, "ab\\*")]
    [InlineData("ab*c", 4, "ab…")]
    [InlineData("ab\U0001F6A8", 3, "ab…")]
    [InlineData("*", 1, "…")]
    public void What_is_too_long_is_cut_by_rule(string text, int limit, string expected) =>
        Assert.Equal(expected, DiscordMessage.Escape(text, limit));

    [Fact]
    public void An_alert_of_any_size_is_one_that_Discord_takes()
    {
        var endless = Alerts.With(new string('*', 100_000)) with
        {
            Affected = Enumerable.Range(1, 1000).Select(number => $"tx {number} " + new string('>', 500)).ToValueList(),
            Statement = new Statement(new string('_', 100_000), IsPublic: false, new UpdateName("status", 1)),
        };
        var message = Write(endless);

        Assert.Empty(DiscordFake.Faults(message));
        var field = message.GetProperty("embeds")[0].GetProperty("fields")[0];
        Assert.Equal("Affected (994 older ones are in the war room)", field.GetProperty("name").GetString());
        Assert.StartsWith("• tx 995 ", field.GetProperty("value").GetString());
    }

    [Fact]
    public void Any_alert_is_one_that_Discord_takes()
    {
        string[] pieces = ["@everyone", "<@1>", "\\", "*", "\n", "`", "\ud83d", "\U0001F6A8", "\0", " ", "a"];
        var texts = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get);
        var hostile = Gen.Elements(pieces).ListOf().Select(string.Concat);

        Prop.ForAll(Arb.From(Gen.OneOf(texts, hostile)), text => !DiscordFake.Faults(Write(Alerts.With(text))).Any())
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1990)]
    [InlineData(2100)]
    [InlineData(4000)]
    [InlineData(10_000)]
    public void A_channel_that_the_world_reads_says_the_words_of_people_and_nothing_else(int length)
    {
        var words = new string('x', length);
        var message = Write(Alerts.Night with { Statement = new Statement(words, true, new UpdateName("status", 1)) });

        Assert.Empty(DiscordFake.Faults(message));
        Assert.DoesNotContain("INC-7", message.GetRawText());
        var said = message.TryGetProperty("content", out var content)
            ? content.GetString()
            : message.GetProperty("embeds")[0].GetProperty("description").GetString();
        Assert.Equal(length <= 4096 ? words : words[..4095] + "…", said);
    }

    [Fact]
    public void Two_of_five_messages_are_kept_for_the_worst()
    {
        var budget = new RateBudget(Webhook(new Uri("https://discord.com/api/webhooks/1/2")).Limit!);
        for (var sent = 0; sent < 3; sent++)
            budget.Sent(Alerts.Noon);

        Assert.Equal(Alerts.Noon, budget.MayAt(Severity.Critical, Alerts.Noon));
        Assert.Equal(Alerts.Noon.AddSeconds(2), budget.MayAt(Severity.High, Alerts.Noon));
    }

    private DiscordWebhook Webhook(Uri address) => new("community", address, http, clock);

    private static JsonElement Write(Alert alert) =>
        JsonSerializer.Deserialize<JsonElement>(DiscordMessage.Write(alert));
}
