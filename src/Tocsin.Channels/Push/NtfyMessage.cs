using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tocsin.Communications;

namespace Tocsin.Channels.Push;

/// <summary>
/// An alert as ntfy takes it in JSON: no text of ours or of the chain ever stands in a header. By its defaults a
/// message has 4096 bytes (a longer one becomes a file, which many servers refuse) and the whole twice as much.
/// </summary>
internal static class NtfyMessage
{
    private const int BodyBytes = 8192;
    private const int TitleLimit = 200;
    private const int FactLimit = 400;
    private const int AffectedLimit = 100;
    private const int AffectedShown = 8;

    // Escapes may take three times the room: what is then too long is written shorter.
    private static readonly int[] MessageBytes = [4096, 2000, 1000, 300];

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body of the request as UTF-8 JSON.</summary>
    public static byte[] Write(Alert alert, string topic)
    {
        var body = Array.Empty<byte>();
        foreach (var messageBytes in MessageBytes)
        {
            body = Write(alert, topic, messageBytes);
            if (body.Length <= BodyBytes)
                break;
        }
        return body;
    }

    private static byte[] Write(Alert alert, string topic, int messageBytes)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("topic", topic);
            if (AlertText.Public(alert) is { } words)
            {
                json.WriteString("message", CutBytes(InertText.Cut(words, messageBytes), messageBytes));
            }
            else
            {
                json.WriteString("title", InertText.Of(AlertText.Headline(alert), TitleLimit));
                json.WriteString("message", CutBytes(Text(alert), messageBytes));
                json.WriteNumber("priority", 6 - (int)alert.Severity);
                json.WriteString("click", alert.WarRoom.AbsoluteUri);
                WriteActions(json, alert);
            }
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    // They open a page and do nothing by themselves: a tap in a pocket answers for nobody.
    private static void WriteActions(Utf8JsonWriter json, Alert alert)
    {
        json.WriteStartArray("actions");
        if (alert.Acknowledge is { } acknowledge)
            WriteView(json, "Acknowledge", acknowledge);
        WriteView(json, "War room", alert.WarRoom);
        json.WriteEndArray();
    }

    private static void WriteView(Utf8JsonWriter json, string label, Uri address)
    {
        json.WriteStartObject();
        json.WriteString("action", "view");
        json.WriteString("label", label);
        json.WriteString("url", address.AbsoluteUri);
        json.WriteEndObject();
    }

    private static string Text(Alert alert)
    {
        var lines = AlertText.Facts(alert).Select(fact => $"{fact.Label}: {InertText.Of(fact.Text, FactLimit)}")
            .Append(InertText.Of(AlertText.Origin(alert), TitleLimit))
            .ToList();
        var hidden = Math.Max(0, alert.Affected.Count - AffectedShown);
        if (alert.Affected.Count > 0)
            lines.Add(hidden == 0 ? "Affected:" : $"Affected ({hidden} older ones are in the war room):");
        lines.AddRange(alert.Affected.Skip(hidden).Select(item => InertText.Of(item, AffectedLimit)));
        return string.Join('\n', lines);
    }

    private static string CutBytes(string text, int limit)
    {
        if (Encoding.UTF8.GetByteCount(text) <= limit)
            return text;
        var cut = new StringBuilder();
        var left = limit - Encoding.UTF8.GetByteCount("…");
        foreach (var rune in text.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
                break;
            cut.Append(rune);
        }
        return cut.Append('…').ToString();
    }
}
