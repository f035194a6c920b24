using System.Text;
using System.Text.Json;
using Tocsin.Communications;

namespace Tocsin.Channels;

/// <summary>
/// An alert in Slack's form: blocks, and a text for notifications. Every field stands in a <c>plain_text</c> object or
/// in a text with markup switched off, so that no string from the chain becomes a format, and &amp;, &lt; and &gt; are
/// escaped in all of them, so that none becomes a link or a mention. The only markup is the link to the war room.
/// Limits and escaping: Slack's documentation of Block Kit (header 150, section 3000, 50 blocks) and of formatting.
/// </summary>
public static class SlackMessage
{
    private const int HeaderLimit = 150;
    private const int FactLimit = 490; // six facts stay below the 3000 characters of a section
    private const int TextLimit = 3000;
    private const int AffectedLimit = 150;
    private const int AffectedShown = 10;

    /// <summary>The body of the request as UTF-8 JSON.</summary>
    public static byte[] Write(Alert alert)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            var words = AlertText.Public(alert);
            json.WriteString("text", words is null ? Notification(alert) : Escape(words, TextLimit));
            json.WriteBoolean("mrkdwn", false);
            json.WriteString("parse", "none");
            json.WriteBoolean("link_names", false);
            json.WriteBoolean("unfurl_links", false);
            json.WriteBoolean("unfurl_media", false);
            json.WriteStartArray("blocks");
            if (words is not null)
                WriteText(json, "section", "plain_text", Escape(words, TextLimit));
            else
                WriteAll(json, alert);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static void WriteAll(Utf8JsonWriter json, Alert alert)
    {
        WriteText(json, "header", "plain_text", Headline(alert));
        WriteText(json, "section", "plain_text", Facts(alert));
        if (alert.Affected.Count > 0)
            WriteText(json, "section", "plain_text", Affected(alert));
        WriteText(json, "section", "mrkdwn", $"<{WarRoom(alert)}|Open the war room>");
        WriteText(json, "section", "plain_text", Footer(alert));
    }

    /// <summary>
    /// The text with Slack's three control characters escaped, at most <paramref name="limit"/> characters long; what
    /// is cut ends with "…", and never within an escape or a surrogate pair.
    /// </summary>
    public static string Escape(string text, int limit)
    {
        var escaped = new StringBuilder();
        var cut = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            escaped.Append(rune.Value switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                _ => rune.ToString(),
            });
            if (escaped.Length > limit)
                return escaped.ToString(0, cut) + "…";
            if (escaped.Length < limit)
                cut = escaped.Length;
        }
        return escaped.ToString();
    }

    private static string Headline(Alert alert) => Escape(AlertText.Headline(alert), HeaderLimit);

    private static string Facts(Alert alert) =>
        string.Join('\n', AlertText.Facts(alert).Select(fact => $"{fact.Label}: {Escape(fact.Text, FactLimit)}"));

    private static string Affected(Alert alert)
    {
        var hidden = Math.Max(0, alert.Affected.Count - AffectedShown);
        var shown = alert.Affected.Skip(hidden).Select(item => Escape(AlertText.OneLine(item), AffectedLimit));
        var heading = hidden == 0 ? "Affected:" : $"Affected ({hidden} older ones are in the war room):";
        return heading + "\n" + string.Join('\n', shown);
    }

    private static string Footer(Alert alert) =>
        Escape(AlertText.Origin(alert), FactLimit);

    private static string Notification(Alert alert) =>
        $"{Headline(alert)}\n{Facts(alert)}\nWar room: {WarRoom(alert)}\n{Footer(alert)}";

    // A bar would end the address within the link.
    private static string WarRoom(Alert alert) =>
        Escape(alert.WarRoom.AbsoluteUri.Replace("|", "%7C", StringComparison.Ordinal), 2000);

    private static void WriteText(Utf8JsonWriter json, string block, string type, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", block);
        json.WriteStartObject("text");
        json.WriteString("type", type);
        json.WriteString("text", text);
        // Neither turns ":name:" into a picture nor a bare word into a link or a mention.
        if (type == "plain_text")
            json.WriteBoolean("emoji", false);
        else
            json.WriteBoolean("verbatim", true);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
