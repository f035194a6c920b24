using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Tocsin.Tests.Nights;

/// <summary>
/// What outside systems post in a night. A line that begins with <c>again</c> is a second delivery, of which nothing
/// is recorded.
/// <code>
/// 0:00 alertmanager fires PoolDrained critical 02:00
/// 0:05 alertmanager resolves PoolDrained critical 02:00
/// 0:00 pagerduty triggers drain critical the pool is empty
/// 0:00 opsgenie creates drain P1 the pool is empty
/// </code>
/// </summary>
internal static class NightOutside
{
    /// <summary>For tocsin.yaml of the night.</summary>
    public const string Configuration =
        "outside: { "
        + "prometheus: { kind: alertmanager, token: 'file:outside-1', issue: flash-loan }, "
        + "old-pager: { kind: pagerduty, token: 'file:outside-2', issue: flash-loan }, "
        + "old-genie: { kind: opsgenie, token: 'file:outside-3', issue: flash-loan } }";

    private const string Alertmanager = "0000000000000000000000000000000a";
    private const string PagerDuty = "0000000000000000000000000000000b";
    private const string Opsgenie = "0000000000000000000000000000000c";

    public static IEnumerable<(string Name, string Token)> Tokens =>
        [("outside-1", Alertmanager), ("outside-2", PagerDuty), ("outside-3", Opsgenie)];

    public static async Task PostAsync(NightHost night, string what)
    {
        var isAgain = what.StartsWith("again ", StringComparison.Ordinal);
        var words = (isAgain ? what["again ".Length..] : what).Split(' ', 5);
        var before = night.Recorded;
        using var request = words[0] switch
        {
            "alertmanager" => OfAlertmanager(night, words),
            "pagerduty" => OfPagerDuty(words),
            _ => OfOpsgenie(words),
        };
        Assert.True(await night.PostAsync(request), what);
        if (isAgain)
            Assert.Equal(before, night.Recorded);
    }

    // Alerts of one name are a group, as Alertmanager's usual grouping has it.
    private static HttpRequestMessage OfAlertmanager(NightHost night, string[] words) => Post(
        "/api/outside/alertmanager", "Bearer", Alertmanager,
        new JsonObject
        {
            ["version"] = "4",
            ["groupKey"] = "{}:{alertname=\"night\"}",
            ["truncatedAlerts"] = 0,
            ["status"] = words[1] == "fires" ? "firing" : "resolved",
            ["receiver"] = "tocsin",
            ["alerts"] = new JsonArray(new JsonObject
            {
                ["status"] = words[1] == "fires" ? "firing" : "resolved",
                ["labels"] = new JsonObject { ["alertname"] = words[2], ["severity"] = words[3] },
                ["annotations"] = new JsonObject { ["summary"] = $"{words[2]} was seen" },
                ["startsAt"] = $"{night.Now:yyyy-MM-dd}T{words[4]}:00Z",
                ["endsAt"] = "0001-01-01T00:00:00Z",
                ["fingerprint"] = words[2],
            }),
        });

    private static HttpRequestMessage OfPagerDuty(string[] words)
    {
        var body = new JsonObject
        {
            ["routing_key"] = PagerDuty,
            ["event_action"] = words[1].TrimEnd('s'),
            ["dedup_key"] = words[2],
        };
        if (words[1] == "triggers")
            body["payload"] = new JsonObject
            {
                ["summary"] = words[4],
                ["source"] = "keeper-1",
                ["severity"] = words[3],
            };
        return Post("/api/outside/pagerduty/v2/enqueue", null, null, body);
    }

    private static HttpRequestMessage OfOpsgenie(string[] words) => words[1] == "creates"
        ? Post("/api/outside/opsgenie/v2/alerts", "GenieKey", Opsgenie, new JsonObject
        {
            ["alias"] = words[2],
            ["priority"] = words[3],
            ["message"] = words[4],
        })
        : Post($"/api/outside/opsgenie/v2/alerts/{words[2]}/close?identifierType=alias", "GenieKey", Opsgenie,
            new JsonObject { ["source"] = "night" });

    private static HttpRequestMessage Post(string path, string? scheme, string? key, JsonObject body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (scheme is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue(scheme, key);
        return request;
    }
}
