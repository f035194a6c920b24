using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Channels;
using Tocsin.Channels.Slack;
using Tocsin.Communications;
using Tocsin.Demo.Providers;
using Tocsin.Findings;

namespace Tocsin.Tests.Channels;

public sealed class MessageTests
{
    private static readonly string Link = "<https://war.example.org/i/INC-7?token=read&amp;lang=en|Open the war room>";

    [Fact]
    public void A_Slack_message_says_what_it_is_first_and_then_what_to_do()
    {
        Assert.Equal(
            [
                "SEVERITY 1 · Flash-loan attack on the lending pool",
                """
                Do now: Open the war room and approve the pause
                Threat: A loan of 40,000,000 USD moved the price that the pool reads
                Impact: about 1,200,000 USD so far
                Detected: 2026-03-01 03:04:05 UTC
                Lead: CTO: Ada
                """,
                "Affected:\nlending pool\n0x6e1b0fdc4b1d8d0ac1f4d1f2b19b9c2ea2c5a4bb",
                Link,
                "INC-7 · log head 12:0xab",
            ],
            Blocks(Alerts.Night).Select(block => block.Text));
    }

    [Fact]
    public void The_notification_holds_the_same_facts_for_a_lock_screen()
    {
        var lines = SlackRoot(Alerts.Night).GetProperty("text").GetString()!.Split('\n');

        Assert.Equal("SEVERITY 1 · Flash-loan attack on the lending pool", lines[0]);
        Assert.Equal("Do now: Open the war room and approve the pause", lines[1]);
        Assert.Contains("War room: https://war.example.org/i/INC-7?token=read&amp;lang=en", lines);
        Assert.Equal("INC-7 · log head 12:0xab", lines[^1]);
    }

    [Theory]
    [InlineData(AlertReason.Opened, false, Severity.High, "SEVERITY 2 · T")]
    [InlineData(AlertReason.Opened, true, Severity.Critical, "EXERCISE · SEVERITY 1 · T")]
    [InlineData(AlertReason.Retracted, true, Severity.Routine, "EXERCISE · SEVERITY 5 · RETRACTED · T")]
    [InlineData(AlertReason.DecisionNeeded, false, Severity.Critical, "SEVERITY 1 · DECISION NEEDED · T")]
    [InlineData(AlertReason.Contained, false, Severity.Critical, "SEVERITY 1 · CONTAINED · T")]
    [InlineData(AlertReason.Canary, false, Severity.Critical, "TEST · T")]
    [InlineData(AlertReason.SilenceOver, false, Severity.Elevated, "SEVERITY 3 · SILENCE OVER · T")]
    public void Every_message_says_exercise_severity_and_news_first(
        AlertReason reason, bool exercise, Severity severity, string title)
    {
        var alert = Alerts.Night with { Reason = reason, Exercise = exercise, Severity = severity, Title = "T" };

        Assert.Equal(title, Blocks(alert)[0].Text);
        Assert.StartsWith(title + "\n", SlackRoot(alert).GetProperty("text").GetString());
        Assert.Equal(title, JsonRoot(alert).GetProperty("title").GetString());
        Assert.StartsWith(title + "\n", JsonRoot(alert).GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("<!channel>", "&lt;!channel&gt;")]
    [InlineData("<https://evil.example|war room>", "&lt;https://evil.example|war room&gt;")]
    [InlineData("a & b &lt;", "a &amp; b &amp;lt;")]
    [InlineData("*_~`", "*_~`")]
    [InlineData("@here :fire:", "@here :fire:")]
    [InlineData("one\nDo now: send it all to 0xbad", "one Do now: send it all to 0xbad")]
    [InlineData("one\r\n\u2028two", "one   two")]
    [InlineData("\u202Edna\u2066\u200B\uFEFF", "dna")]
    public void A_string_from_the_chain_stays_a_string_in_Slack(string text, string shown)
    {
        var facts = Blocks(Alerts.With(text))[1].Text.Split('\n');

        Assert.Equal(5, facts.Length);
        Assert.Equal("Threat: " + shown, facts[1]);
    }

    [Fact]
    public void No_field_of_any_alert_becomes_markup_in_Slack()
    {
        var texts = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get);
        string[] pieces = ["<!channel>", "<@U1>", "&", "<", ">", "|", "\n", "`", "*", "\ud83d", "\U0001F6A8", "\0"];
        var hostile = Gen.Elements(pieces).ListOf().Select(string.Concat);

        Prop.ForAll(Arb.From(Gen.OneOf(texts, hostile)), StaysText).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Escaped_text_keeps_its_limit_and_breaks_no_escape()
    {
        var texts = Gen.Elements("a", "&", "<", ">", "\U0001F6A8").ListOf().Select(string.Concat);
        var cases = texts.SelectMany(_ => Gen.Choose(1, 12), (text, limit) => (text, limit));

        Prop.ForAll(Arb.From(cases), it =>
        {
            var escaped = SlackMessage.Escape(it.text, it.limit);
            var whole = SlackMessage.Escape(it.text, int.MaxValue);
            return escaped.Length <= it.limit
                && !HasMarkup(escaped)
                && !char.IsHighSurrogate(escaped.LastOrDefault())
                && (escaped == whole || (whole.Length > it.limit && whole.StartsWith(escaped.TrimEnd('…'))));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("abcde", 4, "abc…")]
    [InlineData("ab&", 7, "ab&amp;")]
    [InlineData("ab&c", 7, "ab…")]
    [InlineData("ab\U0001F6A8", 3, "ab…")]
    [InlineData("&", 1, "…")]
    public void What_is_too_long_is_cut_by_rule(string text, int limit, string expected) =>
        Assert.Equal(expected, SlackMessage.Escape(text, limit));

    [Fact]
    public void An_alert_of_any_size_is_one_that_Slack_takes()
    {
        var endless = Alerts.With(new string('&', 100_000)) with
        {
            Affected = Enumerable.Range(1, 1000).Select(number => $"tx {number} " + new string('>', 500)).ToValueList(),
        };

        Assert.Empty(BlockKit.Faults(Slack(endless)));
        Assert.Contains("Affected (990 older ones are in the war room):\ntx 991 ", Blocks(endless)[2].Text);
        Assert.Equal(Link, Blocks(endless)[3].Text);
    }

    [Fact]
    public void An_alert_without_anything_is_one_that_Slack_takes()
    {
        var empty = Alerts.With("") with { Affected = [] };

        Assert.Empty(BlockKit.Faults(Slack(empty)));
    }

    [Fact]
    public void Slack_never_gets_the_link_that_acknowledges() =>
        Assert.DoesNotContain("ADA-PRIVATE", Slack(Alerts.Night));

    [Fact]
    public void The_json_message_holds_every_fact()
    {
        var json = JsonRoot(Alerts.Night with { Exercise = true });

        Assert.Empty(JsonRules.Faults(json.GetRawText()));
        Assert.Equal("INC-7/opened/1", json.GetProperty("key").GetString());
        Assert.Equal("opened", json.GetProperty("reason").GetString());
        Assert.Equal(1, json.GetProperty("severity").GetInt32());
        Assert.True(json.GetProperty("exercise").GetBoolean());
        Assert.Equal("2026-03-01T03:04:05Z", json.GetProperty("detectedAt").GetString());
        Assert.Equal("https://war.example.org/ack/ADA-PRIVATE", json.GetProperty("acknowledge").GetString());
        Assert.Equal(Alerts.Night.Affected, json.GetProperty("affected").EnumerateArray().Select(it => it.GetString()));
        Assert.Equal(
            """
            EXERCISE · SEVERITY 1 · Flash-loan attack on the lending pool
            Do now: Open the war room and approve the pause
            Threat: A loan of 40,000,000 USD moved the price that the pool reads
            Impact: about 1,200,000 USD so far
            Detected: 2026-03-01 03:04:05 UTC
            Lead: CTO: Ada
            Affected: lending pool
            Affected: 0x6e1b0fdc4b1d8d0ac1f4d1f2b19b9c2ea2c5a4bb
            Acknowledge: https://war.example.org/ack/ADA-PRIVATE
            War room: https://war.example.org/i/INC-7?token=read&lang=en
            INC-7 · log head 12:0xab
            """,
            json.GetProperty("text").GetString());
    }

    [Fact]
    public void The_json_message_names_every_reason()
    {
        string[] names =
        [
            "opened", "worsened", "decisionNeeded", "paused", "pauseNearsEnd", "contained", "retracted", "over",
            "resolved", "revoked", "automatic", "ownersNeeded", "hookFailed", "unanswered",
            "deadlineNears", "deadlineMissed", "roleGiven", "roleOffered", "changed", "falseAlarm", "reopened",
            "merged", "update", "updateWaits", "phaseReached", "ledgerDecision", "substitutePrepared",
            "canary",
            "channelDistrusted",
            "silenceOver",
        ];

        Assert.Equal(names, Enum.GetValues<AlertReason>()
            .Select(reason => JsonRoot(Alerts.Night with { Reason = reason }).GetProperty("reason").GetString()!));
    }

    [Fact]
    public void The_json_message_holds_any_string()
    {
        var texts = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get + "\ud83d\0\"\\\n<");

        Prop.ForAll(Arb.From(texts), text =>
        {
            var json = JsonRoot(Alerts.With(text));
            return !JsonRules.Faults(json.GetRawText()).Any()
                && json.GetProperty("text").GetString()!.Split('\n').Length == 11;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Without_an_acknowledge_link_the_field_is_absent() =>
        Assert.False(JsonRoot(Alerts.Night with { Acknowledge = null }).TryGetProperty("acknowledge", out _));

    private static bool StaysText(string text)
    {
        var alert = Alerts.With(text);
        var root = SlackRoot(alert);
        var blocks = Blocks(alert);
        return !BlockKit.Faults(Slack(alert)).Any()
            && !HasMarkup(root.GetProperty("text").GetString()!)
            && !root.GetProperty("mrkdwn").GetBoolean()
            && blocks.Where(block => block.Kind == "mrkdwn").Select(block => block.Text).SequenceEqual([Link])
            && blocks.Where(block => block.Kind != "mrkdwn").All(block => !HasMarkup(block.Text));
    }

    private static bool HasMarkup(string text) => Regex.IsMatch(text, "[<>]|&(?!amp;|lt;|gt;)");

    private static List<(string Kind, string Text)> Blocks(Alert alert) =>
    [
        .. SlackRoot(alert).GetProperty("blocks").EnumerateArray().Select(block => block.GetProperty("text"))
            .Select(text => (text.GetProperty("type").GetString()!, text.GetProperty("text").GetString()!)),
    ];

    private static string Slack(Alert alert) => SlackRoot(alert).GetRawText();

    private static JsonElement SlackRoot(Alert alert) => Parse(SlackMessage.Write(alert));

    private static JsonElement JsonRoot(Alert alert) => Parse(JsonMessage.Write(alert));

    private static JsonElement Parse(byte[] body) => JsonSerializer.Deserialize<JsonElement>(body);
}
