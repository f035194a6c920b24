using System.Text;
using System.Text.Json;
using Tocsin.Communications;
using Tocsin.Paging;

namespace Tocsin.Channels.Slack;

/// <summary>How a bot posts an alert; an incoming webhook knows its place by itself.</summary>
/// <param name="Channel">The channel's id.</param>
/// <param name="Thread">The <c>ts</c> of the message that it replies to; null for one that stands by itself.</param>
/// <param name="HasButtons">True where somebody hears who presses them.</param>
/// <param name="HasBlocks">False sends the notification's text alone.</param>
internal sealed record SlackPost(string Channel, string? Thread, bool HasButtons, bool HasBlocks = true)
{
    /// <summary>Of the message that this one takes the place of; null for a new one.</summary>
    public string? Ts { get; init; }

    /// <summary>Who has answered it, in words; null where nobody has.</summary>
    public string? Answers { get; init; }
}

/// <param name="Action">By which Slack names it to us when somebody presses it.</param>
internal sealed record SlackButton(string Action, PageAnswer Answer, string Label)
{
    public static IReadOnlyList<SlackButton> All { get; } =
    [
        new("answer-informed", PageAnswer.Informed, "Acknowledge"),
        new("answer-able", PageAnswer.AbleToSign, "Able to sign"),
        new("answer-unable", PageAnswer.Unable, "Unable"),
    ];
}

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

    /// <summary>The body of a request to an incoming webhook as UTF-8 JSON.</summary>
    public static byte[] Write(Alert alert) => Write(alert, post: null);

    /// <summary>The body of a request as UTF-8 JSON.</summary>
    /// <param name="post">For <c>chat.postMessage</c>; null for an incoming webhook.</param>
    internal static byte[] Write(Alert alert, SlackPost? post)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (post is not null)
                WritePlace(json, alert, post);
            var words = AlertText.Public(alert);
            json.WriteString("text", words is null ? Notification(alert) : Escape(words, TextLimit));
            if (post?.Ts is null)
                json.WriteBoolean("mrkdwn", false);
            json.WriteString("parse", "none");
            json.WriteBoolean("link_names", false);
            if (post?.Ts is null)
            {
                json.WriteBoolean("unfurl_links", false);
                json.WriteBoolean("unfurl_media", false);
            }
            if (post is not { HasBlocks: false })
                WriteBlocks(json, alert, words, post);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    // A reply notifies nobody who has not spoken in its thread: what is more than progress stands in the channel too,
    // and so does what the world reads.
    private static void WritePlace(Utf8JsonWriter json, Alert alert, SlackPost post)
    {
        json.WriteString("channel", post.Channel);
        if (post.Ts is not null)
            json.WriteString("ts", post.Ts);
        if (post.Thread is null)
            return;
        json.WriteString("thread_ts", post.Thread);
        var isProgress = alert.Reason is AlertReason.Update or AlertReason.PhaseReached;
        json.WriteBoolean("reply_broadcast", !isProgress || AlertText.Public(alert) is not null);
    }

    private static void WriteBlocks(Utf8JsonWriter json, Alert alert, string? words, SlackPost? post)
    {
        json.WriteStartArray("blocks");
        if (words is not null)
            WriteText(json, "section", "plain_text", Escape(words, TextLimit));
        else
            WriteAll(json, alert, post);
        json.WriteEndArray();
    }

    private static void WriteAll(Utf8JsonWriter json, Alert alert, SlackPost? post)
    {
        WriteText(json, "header", "plain_text", Headline(alert));
        WriteText(json, "section", "plain_text", Facts(alert));
        if (alert.Affected.Count > 0)
            WriteText(json, "section", "plain_text", Affected(alert));
        WriteText(json, "section", "mrkdwn", $"<{WarRoom(alert)}|Open the war room>");
        if (post?.Answers is { } answers)
            WriteText(json, "section", "plain_text", Escape(AlertText.OneLine(answers), TextLimit));
        if (post is { HasButtons: true } && AsksForAnswers(alert))
            WriteButtons(json, alert.Incident);
        WriteText(json, "section", "plain_text", Footer(alert));
    }

    // Whoever is told that it is over is asked nothing.
    private static bool AsksForAnswers(Alert alert) => AlertSubject.IsOne(alert.Incident)
        && alert.Reason is not (AlertReason.Retracted or AlertReason.Resolved or AlertReason.FalseAlarm
            or AlertReason.Merged or AlertReason.Update or AlertReason.PhaseReached);

    private static void WriteButtons(Utf8JsonWriter json, string incident)
    {
        json.WriteStartObject();
        json.WriteString("type", "actions");
        json.WriteString("block_id", "answers");
        json.WriteStartArray("elements");
        foreach (var button in SlackButton.All)
        {
            json.WriteStartObject();
            json.WriteString("type", "button");
            json.WriteString("action_id", button.Action);
            json.WriteString("value", incident);
            json.WriteStartObject("text");
            json.WriteString("type", "plain_text");
            json.WriteString("text", button.Label);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
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
