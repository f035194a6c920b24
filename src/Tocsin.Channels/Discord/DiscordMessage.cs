using System.Text;
using System.Text.Json;
using Tocsin.Communications;

namespace Tocsin.Channels.Discord;

/// <summary>
/// An alert in Discord's form: the headline as content, which a phone shows, and the rest as one embed. Every field is
/// escaped, so that no string from the chain becomes a format, a link, an invitation or a mention; and nobody is
/// mentioned whatever is written.
/// Limits: Discord's documentation of messages (content 2000, embed title 256, description 4096, field name 256 and
/// value 1024, footer 2048, all texts of the embeds 6000).
/// </summary>
public static class DiscordMessage
{
    private const int ContentLimit = 2000;
    private const int DescriptionLimit = 4096;
    private const int FactLimit = 490; // six facts stay below the limit of a description, and all below 6000
    private const int AffectedLimit = 150;
    private const int AffectedShown = 6; // below the limit of a field
    private const int FooterLimit = 490;

    private const string Markup = "\\*_~`|<>#[]()@:/";

    /// <summary>The body of the request as UTF-8 JSON.</summary>
    public static byte[] Write(Alert alert)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("allowed_mentions");
            json.WriteStartArray("parse");
            json.WriteEndArray();
            json.WriteEndObject();
            if (AlertText.Public(alert) is { } words)
                WritePublic(json, words);
            else
                WriteAll(json, alert);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    /// <summary>
    /// The text with a backslash before all that Discord may read as markup, at most <paramref name="limit"/>
    /// characters long; what is cut ends with "…", and never within an escape or a surrogate pair.
    /// </summary>
    public static string Escape(string text, int limit)
    {
        var escaped = new StringBuilder();
        var cut = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            // A hyphen or a plus is a list only where a line begins with it.
            var isMarkup = rune.IsAscii
                && (Markup.Contains((char)rune.Value) || (escaped.Length == 0 && rune.Value is '-' or '+'));
            escaped.Append(isMarkup ? "\\" : "").Append(rune);
            if (escaped.Length > limit)
                return escaped.ToString(0, cut) + "…";
            if (escaped.Length < limit)
                cut = escaped.Length;
        }
        return escaped.ToString();
    }

    // What is too long for a content finds room in an embed.
    private static void WritePublic(Utf8JsonWriter json, string words)
    {
        var content = Escape(words, int.MaxValue);
        if (content.Length <= ContentLimit)
        {
            json.WriteString("content", content);
            return;
        }
        json.WriteStartArray("embeds");
        json.WriteStartObject();
        json.WriteString("description", Escape(words, DescriptionLimit));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteAll(Utf8JsonWriter json, Alert alert)
    {
        json.WriteString("content", Escape(AlertText.Headline(alert), ContentLimit));
        json.WriteStartArray("embeds");
        json.WriteStartObject();
        json.WriteString("title", "Open the war room");
        json.WriteString("url", alert.WarRoom.AbsoluteUri);
        var facts = AlertText.Facts(alert).Select(fact => $"{fact.Label}: {Escape(fact.Text, FactLimit)}");
        json.WriteString("description", string.Join('\n', facts));
        WriteAffected(json, [.. alert.Affected.Select(AlertText.OneLine).Where(item => item.Length > 0)]);
        json.WriteStartObject("footer"); // in which nothing is markup
        json.WriteString("text", Cut(AlertText.Origin(alert), FooterLimit));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteAffected(Utf8JsonWriter json, List<string> items)
    {
        if (items.Count == 0)
            return;
        var hidden = Math.Max(0, items.Count - AffectedShown);
        json.WriteStartArray("fields");
        json.WriteStartObject();
        json.WriteString(
            "name", hidden == 0 ? "Affected" : $"Affected ({hidden} older ones are in the war room)");
        json.WriteString(
            "value", string.Join('\n', items.Skip(hidden).Select(item => "• " + Escape(item, AffectedLimit))));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string Cut(string text, int limit)
    {
        if (text.Length <= limit)
            return text;
        var end = char.IsHighSurrogate(text[limit - 2]) ? limit - 2 : limit - 1;
        return text[..end] + "…";
    }
}
