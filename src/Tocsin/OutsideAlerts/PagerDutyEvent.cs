using System.Text.Json;
using Tocsin.Incidents;

namespace Tocsin.OutsideAlerts;

/// <summary>An event of PagerDuty's Events API, version 2: trigger, acknowledge or resolve.</summary>
internal static class PagerDutyEvent
{
    private const int DedupKeyMax = 255;
    private const int RoutingKeyMax = 128;

    private static readonly string[] Severities = ["critical", "error", "warning", "info"];

    private static readonly string[] Needed = ["summary", "source"];
    private static readonly string[] Named = ["class", "component", "group", "source"];

    public static ToldAlerts Read(ReadOnlyMemory<byte> body) => ToldText.Read(body, root => Read(root, body));

    private static ToldAlerts Read(JsonElement root, ReadOnlyMemory<byte> body)
    {
        if (ToldText.Raw(root, "routing_key") is not { Length: > 0 and <= RoutingKeyMax } routingKey)
            return ToldAlerts.Refuse("'routing_key' is missing or too long");
        OutsideNews? news = ToldText.Raw(root, "event_action") switch
        {
            "trigger" => OutsideNews.Firing,
            "acknowledge" => OutsideNews.Acknowledged,
            "resolve" => OutsideNews.Ended,
            _ => null,
        };
        if (news is null)
            return ToldAlerts.Refuse("'event_action' is not trigger, acknowledge or resolve");
        var key = ToldText.Raw(root, "dedup_key") ?? "";
        if (key.Length > DedupKeyMax)
            return ToldAlerts.Refuse($"'dedup_key' is longer than {DedupKeyMax} characters");
        if (key.Length == 0 && news != OutsideNews.Firing)
            return ToldAlerts.Refuse("'dedup_key' is missing");
        if (key.Length == 0)
            key = ToldText.KeyOf(body);
        var payload = ToldText.Part(root, "payload") ?? default;
        return news == OutsideNews.Firing && WhyNot(payload) is { } refusal
            ? ToldAlerts.Refuse(refusal)
            : new ToldAlerts([Alert(key, news.Value, payload)], null, routingKey);
    }

    private static string? WhyNot(JsonElement payload)
    {
        foreach (var needed in Needed)
            if (ToldText.Line(payload, needed).Length == 0)
                return $"'payload.{needed}' is missing or blank";
        return Severities.Contains(ToldText.Raw(payload, "severity"))
            ? null
            : $"'payload.severity' is not one of {string.Join(", ", Severities)}";
    }

    private static ToldAlert Alert(string key, OutsideNews news, JsonElement payload)
    {
        var labels = Named
            .Select(name => new AlertLabel(name, ToldText.Line(payload, name, ToldText.LabelMax)))
            .Where(label => label.Value.Length > 0)
            .ToValueList();
        return new ToldAlert(
            key, key, news, ToldText.Raw(payload, "severity") ?? "",
            ToldText.Line(payload, "summary") + ToldText.Shown(labels), null, labels);
    }
}
