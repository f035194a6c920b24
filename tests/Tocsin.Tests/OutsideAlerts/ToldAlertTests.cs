using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Incidents;
using Tocsin.OutsideAlerts;

namespace Tocsin.Tests.OutsideAlerts;

/// <summary>What senders post, as their documentation has it, and what none of them would.</summary>
public sealed class ToldAlertTests
{
    private const string Group = """
        {
          "version": "4", "groupKey": "{}:{alertname=\"PoolDrained\"}", "truncatedAlerts": 0, "status": "firing",
          "receiver": "tocsin", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
          "externalURL": "http://alertmanager:9093",
          "alerts": [
            {
              "status": "firing",
              "labels": { "alertname": "PoolDrained", "severity": "critical", "pool": "DEMO-dUSD" },
              "annotations": { "summary": "The pool is\nempty", "runbook_url": "https://wiki/x" },
              "startsAt": "2026-03-10T01:58:00.123Z", "endsAt": "0001-01-01T00:00:00Z",
              "generatorURL": "http://prometheus:9090/graph", "fingerprint": "c6eadffa33fcdf37"
            },
            {
              "status": "resolved", "labels": { "alertname": "PoolDrained" }, "annotations": {},
              "startsAt": "2026-03-10T01:00:00+01:00", "endsAt": "2026-03-10T02:00:00Z", "fingerprint": "0f"
            }
          ]
        }
        """;

    private const string Trigger = """
        {"routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger","dedup_key":"drain/1",
         "payload":{"summary":"The pool is empty","source":"keeper-1","severity":"critical","component":"pool",
                    "timestamp":"2026-03-10T02:00:00Z","custom_details":{"usd":5}},
         "client":"monitor","links":[{"href":"https://x","text":"y"}]}
        """;

    private const string Created = """
        {"message":"The pool is empty","alias":"drain","description":"since 02:00","priority":"P2","entity":"pool",
         "tags":["a"],"details":{"usd":"5","n":7},"responders":[{"type":"team","name":"ops"}]}
        """;

    [Fact]
    public void A_group_of_Alertmanager_is_read_alert_by_alert()
    {
        var told = AlertmanagerAlert.Read(Utf8(Group));

        Assert.Null(told.Refusal);
        Assert.Equal(2, told.Alerts.Count);
        var (one, other) = (told.Alerts[0], told.Alerts[1]);
        Assert.Equal(
            ("{}:{alertname=\"PoolDrained\"}", "c6eadffa33fcdf37", OutsideNews.Firing, "critical"),
            (one.Group, one.Key, one.News, one.Level));
        Assert.Equal("PoolDrained: The pool is empty (pool=DEMO-dUSD)", one.Words);
        Assert.Equal(new DateTimeOffset(2026, 3, 10, 1, 58, 0, 123, TimeSpan.Zero), one.Since);
        Assert.Contains(new AlertLabel("pool", "DEMO-dUSD"), one.Labels);
        Assert.Equal((OutsideNews.Ended, "", "PoolDrained"), (other.News, other.Level, other.Words));
        Assert.Equal(new DateTimeOffset(2026, 3, 10, 0, 0, 0, TimeSpan.Zero), other.Since);
    }

    [Fact]
    public void What_Alertmanager_left_out_is_said()
    {
        var told = AlertmanagerAlert.Read(Utf8(Group.Replace(
            "\"truncatedAlerts\": 0", "\"truncatedAlerts\": 7", StringComparison.Ordinal)));

        Assert.EndsWith("7 more alerts of this group were left out: look there.", told.Alerts[0].Words,
            StringComparison.Ordinal);
    }

    [Fact]
    public void More_alerts_than_are_taken_are_counted()
    {
        var group = JsonNode.Parse(Group)!;
        var alerts = group["alerts"]!.AsArray();
        while (alerts.Count < AlertmanagerAlert.AlertsMax + 3)
            alerts.Add(alerts[0]!.DeepClone());

        var told = AlertmanagerAlert.Read(Utf8(group.ToJsonString()));

        Assert.Equal(AlertmanagerAlert.AlertsMax, told.Alerts.Count);
        Assert.Contains("3 more alerts", told.Alerts[0].Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"version\": \"4\"", "\"version\": \"3\"", "'version'")]
    [InlineData("\"version\": \"4\"", "\"version\": 4", "'version'")]
    [InlineData("\"groupKey\"", "\"group\"", "'groupKey'")]
    [InlineData("\"alerts\": [", "\"alerts\": 7, \"x\": [", "'alerts'")]
    [InlineData("\"alerts\": [", "\"alerts\": [], \"x\": [", "'alerts'")]
    [InlineData("\"alerts\": [", "\"alerts\": [null,", "'status'")]
    [InlineData("\"status\": \"resolved\"", "\"status\": \"gone\"", "'status'")]
    [InlineData("\"fingerprint\": \"0f\"", "\"fingerprint\": \"\"", "'fingerprint'")]
    [InlineData("\"fingerprint\": \"0f\"", "\"fingerprint\": {}", "'fingerprint'")]
    [InlineData("\"labels\": { \"alertname\": \"PoolDrained\" }", "\"labels\": \"x\"", "'labels'")]
    public void What_is_no_group_is_refused_whole(string piece, string replacement, string says)
    {
        Assert.Contains(piece, Group, StringComparison.Ordinal);

        var told = AlertmanagerAlert.Read(Utf8(Group.Replace(piece, replacement, StringComparison.Ordinal)));

        Assert.Contains(says, told.Refusal, StringComparison.Ordinal);
        Assert.Empty(told.Alerts);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59Z")]
    [InlineData("yesterday")]
    public void An_instant_that_cannot_be_one_is_none(string instant)
    {
        var told = AlertmanagerAlert.Read(Utf8(Group.Replace(
            "2026-03-10T01:58:00.123Z", instant, StringComparison.Ordinal)));

        Assert.Null(told.Alerts[0].Since);
    }

    [Fact]
    public void An_event_of_PagerDuty_is_read()
    {
        var told = PagerDutyEvent.Read(Utf8(Trigger));

        Assert.Equal("0123456789abcdef0123456789abcdef", told.Secret);
        var alert = Assert.Single(told.Alerts);
        Assert.Equal(
            ("drain/1", OutsideNews.Firing, "critical"), (alert.Key, alert.News, alert.Level));
        Assert.Equal("The pool is empty (component=pool, source=keeper-1)", alert.Words);
        Assert.Null(alert.Since);
    }

    [Theory]
    [InlineData("acknowledge", OutsideNews.Acknowledged)]
    [InlineData("resolve", OutsideNews.Ended)]
    public void A_word_of_PagerDuty_needs_no_payload(string action, object news) => Assert.Equal(
        (OutsideNews)news,
        Assert.Single(PagerDutyEvent.Read(Utf8(
            $$"""{"routing_key":"k","event_action":"{{action}}","dedup_key":"d"}""")).Alerts).News);

    [Theory]
    [InlineData("\"routing_key\"", "\"key\"", "'routing_key'")]
    [InlineData("\"trigger\"", "\"snooze\"", "'event_action'")]
    [InlineData("\"trigger\"", "null", "'event_action'")]
    [InlineData("\"critical\"", "\"fatal\"", "'payload.severity'")]
    [InlineData("\"critical\"", "1", "'payload.severity'")]
    [InlineData("\"keeper-1\"", "\" \"", "'payload.source'")]
    [InlineData("\"The pool is empty\"", "\"\\u0000\"", "'payload.summary'")]
    [InlineData("\"payload\"", "\"load\"", "'payload.summary'")]
    public void What_is_no_event_is_refused(string piece, string replacement, string says) => Assert.Contains(
        says, PagerDutyEvent.Read(Utf8(Trigger.Replace(piece, replacement, StringComparison.Ordinal))).Refusal,
        StringComparison.Ordinal);

    [Fact]
    public void Without_a_key_the_same_body_has_the_same_key()
    {
        var (one, other) = (Trigger.Replace("dedup_key", "no_key", StringComparison.Ordinal), Trigger + " ");

        Assert.Equal(Key(one), Key(one));
        Assert.NotEqual(Key(one), Key(one + " "));
        Assert.Equal("drain/1", Key(other));
        Assert.Contains(
            "'dedup_key' is longer",
            PagerDutyEvent.Read(Utf8(Trigger.Replace("drain/1", new string('k', 256), StringComparison.Ordinal)))
                .Refusal,
            StringComparison.Ordinal);

        static string Key(string text) => PagerDutyEvent.Read(Utf8(text)).Alerts[0].Key;
    }

    [Fact]
    public void An_alert_of_Opsgenie_is_read()
    {
        var alert = Assert.Single(OpsgenieAlert.Read(Utf8(Created)).Alerts);

        Assert.Equal(("drain", OutsideNews.Firing, "P2"), (alert.Key, alert.News, alert.Level));
        Assert.Equal("The pool is empty: since 02:00 (entity=pool, usd=5)", alert.Words);
        Assert.Equal("P3", OpsgenieAlert.Read(Utf8("""{"message":"m"}""")).Alerts[0].Level);
        Assert.Contains("'priority'", OpsgenieAlert.Read(Utf8("""{"message":"m","priority":"P6"}""")).Refusal,
            StringComparison.Ordinal);
        Assert.Contains("'message'", OpsgenieAlert.Read(Utf8("""{"alias":"m"}""")).Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alias", "", true)]
    [InlineData("alias", "{}", true)]
    [InlineData("alias", "{\"note\":\"done\"}", true)]
    [InlineData("alias", "{", false)]
    [InlineData("alias", "[]", false)]
    [InlineData("id", "", false)]
    [InlineData(null, "", false)]
    public void An_alert_of_Opsgenie_is_closed_by_its_alias(string? type, string body, bool isTaken)
    {
        var told = OpsgenieAlert.ReadWord("drain", type, OutsideNews.Ended, Utf8(body));

        Assert.Equal(isTaken, told.Refusal is null);
        Assert.Equal(isTaken, told.Alerts is [{ Key: "drain", News: OutsideNews.Ended }]);
    }

    [Theory]
    [InlineData("a\u0000b\u001b[31mc", "a b [31mc")]
    [InlineData("a\u202egpj.exe", "a gpj.exe")]
    [InlineData("a\r\n\r\n  b", "a   b")]
    [InlineData("\u200bzero", "zero")]
    [InlineData("größe 🦊", "größe 🦊")]
    [InlineData(" \t ", "")]
    public void A_line_holds_nothing_that_hides_what_it_says(string text, string line) =>
        Assert.Equal(line.Trim(), ToldText.Line(text, 100).Trim());

    [Fact]
    public void A_line_is_cut_and_never_in_the_middle_of_a_character()
    {
        Assert.Equal("a b", ToldText.Line($"a{'\ud800'}b", 3));
        Assert.Equal("aaa", ToldText.Line("aaaa", 3));
        Assert.Equal("aa", ToldText.Line("aa🦊", 3));
        Assert.Equal("aa🦊", ToldText.Line("aa🦊b", 4));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"version\":\"4\",\"groupKey\":\"\\ud800\",\"alerts\":[{}]}")]
    [InlineData("{\"routing_key\":\"\\udc00\",\"message\":\"\\udc00\"}")]
    public void What_is_nothing_of_theirs_is_refused_by_each(string text)
    {
        var body = Utf8(text);

        Assert.NotNull(AlertmanagerAlert.Read(body).Refusal);
        Assert.NotNull(PagerDutyEvent.Read(body).Refusal);
        Assert.NotNull(OpsgenieAlert.Read(body).Refusal);
    }

    [Fact]
    public void Nesting_and_numbers_of_labels_are_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100);
        var many = JsonSerializer.Serialize(new
        {
            message = new string('m', 5_000),
            description = new string('d', 50_000),
            details = Enumerable.Range(0, 1_000).ToDictionary(
                i => i.ToString(CultureInfo.InvariantCulture), _ => new string('v', 500)),
        });

        Assert.Equal("the body is not valid JSON", OpsgenieAlert.Read(Utf8(deep)).Refusal);
        var alert = Assert.Single(OpsgenieAlert.Read(Utf8(many)).Alerts);
        Assert.True(alert.Labels.Count <= 40);
        Assert.True(alert.Words.Length < 3_000);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
