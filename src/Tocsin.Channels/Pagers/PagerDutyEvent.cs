using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.Channels.Pagers;

/// <summary>
/// An alert as PagerDuty's Events API v2 takes it: trigger with all that is known, acknowledge and resolve with the key
/// alone. Limits by its documentation: summary 1024, key 255, the whole 512 KB.
/// </summary>
internal static class PagerDutyEvent
{
    private const int SummaryLimit = 1024;
    private const int KeyLimit = 255;
    private const int SourceLimit = 255;
    private const int FactLimit = 2000;
    private const int AffectedLimit = 500;
    private const int AffectedShown = 50;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body of the request as UTF-8 JSON.</summary>
    public static byte[] Write(Alert alert, string routingKey)
    {
        var action = PagerActions.Of(alert);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("routing_key", routingKey);
            json.WriteString("event_action", action switch
            {
                PagerAction.Trigger => "trigger",
                PagerAction.Acknowledge => "acknowledge",
                PagerAction.Resolve => "resolve",
            });
            json.WriteString("dedup_key", Key(alert));
            if (action == PagerAction.Trigger)
                WriteTrigger(json, alert);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    /// <summary>
    /// Equal for all alerts of one incident of one installation: two that call the same service must not close each
    /// other's.
    /// </summary>
    public static string Key(Alert alert)
    {
        var key = $"tocsin/{alert.WarRoom.Authority}/{AlertText.OneLine(alert.Incident)}";
        return key.Length <= KeyLimit
            ? key
            : "tocsin/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    /// <summary>The incident that a key of this installation names; null where it is none of ours.</summary>
    /// <param name="authority">Host and port of the public address.</param>
    public static string? ReadKey(string? key, string authority) =>
        key?.Split('/') is ["tocsin", var host, var incident]
        && string.Equals(host, authority, StringComparison.OrdinalIgnoreCase)
        && AlertSubject.IsOne(incident)
            ? incident
            : null;

    private static void WriteTrigger(Utf8JsonWriter json, Alert alert)
    {
        var words = AlertText.Public(alert);
        json.WriteStartObject("payload");
        json.WriteString("summary", InertText.Of(words ?? AlertText.Headline(alert), SummaryLimit));
        json.WriteString("source", InertText.Cut(alert.WarRoom.Authority, SourceLimit));
        json.WriteString("severity", words is null ? SeverityWord(alert.Severity) : "info");
        if (words is null)
        {
            json.WriteString("timestamp", alert.DetectedAt.UtcDateTime);
            WriteDetails(json, alert);
        }
        json.WriteEndObject();
        if (words is not null)
            return;
        json.WriteStartArray("links");
        json.WriteStartObject();
        json.WriteString("href", alert.WarRoom.AbsoluteUri);
        json.WriteString("text", "War room");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("client", "Tocsin");
        json.WriteString("client_url", alert.WarRoom.AbsoluteUri);
    }

    private static void WriteDetails(Utf8JsonWriter json, Alert alert)
    {
        json.WriteStartObject("custom_details");
        foreach (var (label, text) in AlertText.Facts(alert))
            json.WriteString(label, InertText.Of(text, FactLimit));
        var hidden = Math.Max(0, alert.Affected.Count - AffectedShown);
        json.WriteStartArray("Affected");
        foreach (var item in alert.Affected.Skip(hidden))
            json.WriteStringValue(InertText.Of(item, AffectedLimit));
        json.WriteEndArray();
        if (hidden > 0)
            json.WriteString("Not shown", $"{hidden} older ones are in the war room");
        json.WriteString("Log", InertText.Of(AlertText.Origin(alert), FactLimit));
        json.WriteEndObject();
    }

    private static string SeverityWord(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.High => "error",
        Severity.Elevated => "warning",
        Severity.Minor or Severity.Routine => "info",
    };
}
