using System.Text.Json;
using Tocsin.Incidents;

namespace Tocsin.OutsideAlerts;

/// <summary>
/// The webhook of Prometheus Alertmanager, version 4: a group of alerts, each of which fires or is resolved. It is sent
/// again for as long as one of them fires.
/// </summary>
internal static class AlertmanagerAlert
{
    /// <summary>More in one body are counted and left out.</summary>
    public const int AlertsMax = 500;

    // The first that is there says it.
    private static readonly string[] Annotations = ["summary", "description", "message"];

    public static ToldAlerts Read(ReadOnlyMemory<byte> body) => ToldText.Read(body, Read);

    private static ToldAlerts Read(JsonElement root)
    {
        if (ToldText.Raw(root, "version") != "4")
            return ToldAlerts.Refuse("'version' is not \"4\"");
        if (ToldText.Raw(root, "groupKey") is not { Length: > 0 } group)
            return ToldAlerts.Refuse("'groupKey' is missing");
        if (ToldText.Part(root, "alerts") is not { ValueKind: JsonValueKind.Array } alerts
            || alerts.GetArrayLength() == 0)
            return ToldAlerts.Refuse("'alerts' is not a list of alerts");
        var leftOut = Math.Max(0L, alerts.GetArrayLength() - AlertsMax) + Truncated(root);
        var told = new List<ToldAlert>();
        foreach (var alert in alerts.EnumerateArray().Take(AlertsMax))
        {
            if (ReadOne(alert, group, leftOut) is not { } one)
                return ToldAlerts.Refuse(
                    "an alert has a 'status' of firing or resolved, a 'fingerprint' and 'labels'");
            told.Add(one);
        }
        return new ToldAlerts(told.ToValueList(), null);
    }

    private static ToldAlert? ReadOne(JsonElement alert, string group, long leftOut)
    {
        OutsideNews? news = ToldText.Raw(alert, "status") switch
        {
            "firing" => OutsideNews.Firing,
            "resolved" => OutsideNews.Ended,
            _ => null,
        };
        if (news is null
            || ToldText.Raw(alert, "fingerprint") is not { Length: > 0 and <= ToldText.KeyMax } fingerprint
            || ToldText.Part(alert, "labels") is not { ValueKind: JsonValueKind.Object } named)
            return null;
        var labels = ToldText.Labels(named);
        return new ToldAlert(
            group, fingerprint, news.Value, ToldText.ValueOf(labels, "severity"), Words(alert, labels, leftOut),
            ToldText.Instant(alert, "startsAt"), labels);
    }

    private static string Words(JsonElement alert, ValueList<AlertLabel> labels, long leftOut)
    {
        var annotations = ToldText.Part(alert, "annotations") ?? default;
        var said = Annotations.Select(key => ToldText.Line(annotations, key))
            .FirstOrDefault(text => text.Length > 0);
        var name = ToldText.ValueOf(labels, "alertname");
        var others = labels.Where(label => label.Name is not ("alertname" or "severity")).ToValueList();
        return string.Join(": ", new[] { name, said }.Where(text => !string.IsNullOrEmpty(text)))
            + ToldText.Shown(others)
            + (leftOut == 0 ? "" : $" {leftOut} more alerts of this group were left out: look there.");
    }

    private static long Truncated(JsonElement root) =>
        ToldText.Part(root, "truncatedAlerts") is { ValueKind: JsonValueKind.Number } number
        && number.TryGetInt32(out var count) && count > 0
            ? count
            : 0;
}
