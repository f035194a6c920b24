using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tocsin.Communications;
using Tocsin.Paging;

namespace Tocsin.Channels.Telegram;

/// <summary>Where in Telegram a message goes.</summary>
/// <param name="Chat">A number, below zero for a group, or @name.</param>
/// <param name="Topic">A topic of the group; null for none.</param>
/// <param name="ReplyTo">The message that it is put below; null for none.</param>
internal sealed record TelegramPlace(string Chat, long? Topic, long? ReplyTo)
{
    /// <summary>True where one person reads it.</summary>
    public bool IsPrivate =>
        long.TryParse(Chat, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) && id > 0;
}

/// <summary>
/// An alert as Telegram's sendMessage takes it: as HTML, or as plain text where it could not read that. At most 4096
/// characters. All that came from the chain is inert and escaped; the only links are to the war room, and in a private
/// chat the one that acknowledges as its one reader.
/// </summary>
internal static class TelegramMessage
{
    private const int TextLimit = 4096;
    private const int HeadlineLimit = 200;
    private const int StatementLimit = 900;
    private const int FactLimit = 280;
    private const int AffectedLimit = 80;
    private const int AffectedShown = 8;
    private const int CallbackDataBytes = 64;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (PageAnswer Answer, string Button)[] Answers =
    [
        (PageAnswer.Informed, "I am on it"),
        (PageAnswer.AbleToSign, "I can sign"),
        (PageAnswer.Unable, "I cannot"),
    ];

    /// <summary>The body of the request as UTF-8 JSON.</summary>
    /// <param name="asHtml">False for text without any markup, which Telegram always reads.</param>
    /// <param name="hasButtons">True where what is pressed is heard.</param>
    public static byte[] Write(Alert alert, TelegramPlace place, bool asHtml, bool hasButtons)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            WritePlace(json, place);
            json.WriteString("text", Text(alert, place, asHtml));
            if (asHtml)
                json.WriteString("parse_mode", "HTML");
            json.WriteStartObject("link_preview_options");
            json.WriteBoolean("is_disabled", true);
            json.WriteEndObject();
            if (hasButtons && AsksForAnswer(alert))
                WriteButtons(json, alert.Incident);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    /// <summary>What a button of ours says; null where it is none.</summary>
    public static (string Incident, PageAnswer Answer)? ReadButton(string data)
    {
        var parts = data.Split(':');
        if (parts is not ["answer", var incident, var word] || !AlertSubject.IsOne(incident))
            return null;
        foreach (var (answer, _) in Answers)
            if (word == answer.ToString())
                return (incident, answer);
        return null;
    }

    private static void WritePlace(Utf8JsonWriter json, TelegramPlace place)
    {
        if (long.TryParse(place.Chat, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id))
            json.WriteNumber("chat_id", id);
        else
            json.WriteString("chat_id", place.Chat);
        if (place.Topic is { } topic)
            json.WriteNumber("message_thread_id", topic);
        if (place.ReplyTo is not { } message)
            return;
        json.WriteStartObject("reply_parameters");
        json.WriteNumber("message_id", message);
        // Whoever deleted the first must not have silenced the rest.
        json.WriteBoolean("allow_sending_without_reply", true);
        json.WriteEndObject();
    }

    private static void WriteButtons(Utf8JsonWriter json, string incident)
    {
        json.WriteStartObject("reply_markup");
        json.WriteStartArray("inline_keyboard");
        json.WriteStartArray();
        foreach (var (answer, button) in Answers)
        {
            json.WriteStartObject();
            json.WriteString("text", button);
            json.WriteString("callback_data", Data(incident, answer));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Data(string incident, PageAnswer answer) => $"answer:{incident}:{answer}";

    private static bool AsksForAnswer(Alert alert) =>
        alert.Reason is AlertReason.Opened or AlertReason.Worsened or AlertReason.Unanswered or AlertReason.Reopened
            or AlertReason.DecisionNeeded or AlertReason.DeadlineNears or AlertReason.DeadlineMissed
            or AlertReason.Changed or AlertReason.SilenceOver
        && AlertText.Public(alert) is null
        && AlertSubject.IsOne(alert.Incident)
        && Answers.All(it => Encoding.UTF8.GetByteCount(Data(alert.Incident, it.Answer)) <= CallbackDataBytes);

    private static string Text(Alert alert, TelegramPlace place, bool asHtml)
    {
        // People approved every letter: an address in it must lead where it led them.
        if (AlertText.Public(alert) is { } words)
            return asHtml ? Escape(InertText.Cut(words, TextLimit)) : InertText.Cut(words, TextLimit);
        var headline = Shown(AlertText.Headline(alert), HeadlineLimit, asHtml);
        var lines = new List<string> { asHtml ? $"<b>{headline}</b>" : headline };
        lines.AddRange(AlertText.Facts(alert).Select(fact =>
            $"{fact.Label}: {Shown(fact.Text, fact.Label == "Text" ? StatementLimit : FactLimit, asHtml)}"));
        lines.AddRange(Affected(alert, asHtml));
        if (place.IsPrivate && alert.Acknowledge is { } acknowledge)
            lines.Add(Link("Acknowledge", acknowledge, asHtml));
        lines.Add(Link("War room", alert.WarRoom, asHtml));
        lines.Add(Shown(AlertText.Origin(alert), HeadlineLimit, asHtml));
        var text = string.Join('\n', lines);
        // Nothing of ours is that long but an address; in HTML it does not count.
        return asHtml ? text : InertText.Cut(text, TextLimit);
    }

    private static IEnumerable<string> Affected(Alert alert, bool asHtml)
    {
        var hidden = Math.Max(0, alert.Affected.Count - AffectedShown);
        if (alert.Affected.Count > 0)
            yield return hidden == 0 ? "Affected:" : $"Affected ({hidden} older ones are in the war room):";
        foreach (var item in alert.Affected.Skip(hidden))
        {
            var shown = Shown(item, AffectedLimit, asHtml);
            yield return asHtml ? $"<code>{shown}</code>" : shown;
        }
    }

    private static string Shown(string text, int limit, bool asHtml)
    {
        var shown = InertText.Of(text, limit);
        return asHtml ? Escape(shown) : shown;
    }

    private static string Link(string what, Uri address, bool asHtml) =>
        asHtml ? $"{what}: <a href=\"{Escape(address.AbsoluteUri)}\">{Escape(address.Host)}</a>"
            : $"{what}: {address.AbsoluteUri}";

    // Telegram knows these four names and no other.
    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);
}
