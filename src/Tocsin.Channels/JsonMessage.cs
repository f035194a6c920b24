using System.Text.Json;
using Tocsin.Communications;

namespace Tocsin.Channels;

/// <summary>
/// An alert as one flat JSON object. All fields are strings where nothing else is said:
/// <code>
/// key          equal for every attempt at the same message: drop what you have seen
/// incident     for example INC-7
/// reason       why: a name of AlertReason such as opened, worsened or resolved; others may be added
/// severity     number, 1 (worst) to 5
/// exercise     boolean, true for a drill
/// detectedAt   time of the block, for example 2026-03-01T12:00:00Z
/// title        one line that says EXERCISE first where it is one, then the severity
/// threat, impact, doNow, lead
/// affected     array of strings, newest last
/// warRoom      address of the incident's page
/// acknowledge  address that acknowledges as the one person this way leads to; absent where there is none
/// logHead      number and hash of the log's last entry
/// statement    what people wrote themselves; absent in what Tocsin says
/// text         all of it as lines to show or read aloud, the title first
/// </code>
/// A channel that the world reads gets <c>key</c> and <c>text</c> alone: the words of people.
/// Fields may hold strings from the chain: escape them before you show them. Fields may be added.
/// </summary>
public static class JsonMessage
{
    /// <summary>The body of the request as UTF-8 JSON.</summary>
    public static byte[] Write(Alert alert)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("key", alert.Key);
            if (AlertText.Public(alert) is { } words)
                json.WriteString("text", words);
            else
                WriteAll(json, alert);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static void WriteAll(Utf8JsonWriter json, Alert alert)
    {
        json.WriteString("incident", alert.Incident);
        json.WriteString("reason", JsonNamingPolicy.CamelCase.ConvertName(alert.Reason.ToString()));
        json.WriteNumber("severity", (int)alert.Severity);
        json.WriteBoolean("exercise", alert.Exercise);
        json.WriteString("detectedAt", alert.DetectedAt.UtcDateTime);
        json.WriteString("title", AlertText.Headline(alert));
        json.WriteString("threat", alert.Threat);
        json.WriteString("impact", alert.Impact);
        json.WriteString("doNow", alert.DoNow);
        json.WriteString("lead", alert.Lead);
        json.WriteStartArray("affected");
        foreach (var item in alert.Affected)
            json.WriteStringValue(item);
        json.WriteEndArray();
        json.WriteString("warRoom", alert.WarRoom.AbsoluteUri);
        if (alert.Acknowledge is not null)
            json.WriteString("acknowledge", alert.Acknowledge.AbsoluteUri);
        if (alert.Statement is { } statement)
            json.WriteString("statement", statement.Text);
        json.WriteString("logHead", alert.LogHead);
        json.WriteString("text", string.Join('\n', Lines(alert)));
    }

    private static IEnumerable<string> Lines(Alert alert)
    {
        yield return AlertText.Headline(alert);
        foreach (var (label, text) in AlertText.Facts(alert))
            yield return $"{label}: {text}";
        foreach (var item in alert.Affected)
            yield return $"Affected: {AlertText.OneLine(item)}";
        if (alert.Acknowledge is not null)
            yield return $"Acknowledge: {alert.Acknowledge.AbsoluteUri}";
        yield return $"War room: {alert.WarRoom.AbsoluteUri}";
        yield return AlertText.Origin(alert);
    }
}
