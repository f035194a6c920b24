using System.Text.Json;
using Tocsin.Incidents;

namespace Tocsin.OutsideAlerts;

/// <summary>An alert of Opsgenie's Alert API, version 2: created, and acknowledged or closed by its alias.</summary>
internal static class OpsgenieAlert
{
    private const string UsualPriority = "P3";

    private static readonly string[] Priorities = ["P1", "P2", "P3", "P4", "P5"];

    private static readonly string[] Named = ["entity", "source"];

    /// <summary>Of <c>POST /v2/alerts</c>.</summary>
    public static ToldAlerts Read(ReadOnlyMemory<byte> body) => ToldText.Read(body, root => Read(root, body));

    /// <summary>Of what is said of an alert that is there. The body may be empty; what it says is not needed.</summary>
    /// <param name="identifierType">As the sender asks; only an alias is known here.</param>
    public static ToldAlerts ReadWord(
        string identifier, string? identifierType, OutsideNews news, ReadOnlyMemory<byte> body)
    {
        if (identifierType != "alias")
            return ToldAlerts.Refuse("'identifierType' is not alias: alerts are known by their alias here");
        if (identifier.Length is 0 or > ToldText.KeyMax)
            return ToldAlerts.Refuse($"an alias has 1 to {ToldText.KeyMax} characters");
        var told = new ToldAlerts([new ToldAlert(identifier, identifier, news, "", "", null, [])], null);
        return body.IsEmpty ? told : ToldText.Read(body, _ => told);
    }

    private static ToldAlerts Read(JsonElement root, ReadOnlyMemory<byte> body)
    {
        var message = ToldText.Line(root, "message");
        if (message.Length == 0)
            return ToldAlerts.Refuse("'message' is missing or blank");
        var alias = ToldText.Raw(root, "alias") ?? "";
        if (alias.Length > ToldText.KeyMax)
            return ToldAlerts.Refuse($"'alias' is longer than {ToldText.KeyMax} characters");
        var priority = ToldText.Raw(root, "priority") ?? UsualPriority;
        if (!Priorities.Contains(priority))
            return ToldAlerts.Refuse($"'priority' is not one of {string.Join(", ", Priorities)}");
        var labels = Named
            .Select(name => new AlertLabel(name, ToldText.Line(root, name, ToldText.LabelMax)))
            .Where(label => label.Value.Length > 0)
            .Concat(ToldText.Labels(ToldText.Part(root, "details")))
            .ToValueList();
        var description = ToldText.Line(root, "description");
        var key = alias.Length > 0 ? alias : ToldText.KeyOf(body);
        return new ToldAlerts(
            [
                new ToldAlert(
                    key, key, OutsideNews.Firing, priority,
                    message + (description.Length == 0 || description == message ? "" : $": {description}")
                        + ToldText.Shown(labels),
                    null, labels),
            ],
            null);
    }
}
