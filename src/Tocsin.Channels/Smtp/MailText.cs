using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Tocsin.Communications;

namespace Tocsin.Channels.Smtp;

/// <summary>
/// An alert as a mail of plain text (RFC 5322). The body goes in Base64 and the subject in encoded words (RFC 2047), so
/// that no string from the chain can end a header, a line or the mail, whatever a server on the way makes of it.
/// </summary>
public static partial class MailText
{
    private const int SubjectMost = 150;
    private const int FactMost = 2000;
    private const int AffectedShown = 10;
    private const int WordBytes = 42; // an encoded word has at most 75 characters

    /// <summary>
    /// Equal for all attempts at one alert, and for no other alert, channel or installation: a mailbox drops a second
    /// mail with the same one.
    /// </summary>
    /// <param name="domain">Of the sender.</param>
    public static string Id(string channel, Alert alert, string domain)
    {
        var told = $"{channel}\n{alert.Key}\n{alert.LogHead}\n{alert.DetectedAt.UtcTicks}\n{alert.WarRoom}";
        return $"<{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(told)))[..40]}@{domain}>";
    }

    /// <summary>The whole mail, headers and body, in ASCII and with the line ends of mail.</summary>
    /// <param name="to">Whom it names as its readers. Of several none is shown to the others.</param>
    /// <param name="first">The Message-ID of the incident's first mail; left out where it is none.</param>
    /// <param name="at">When it is written.</param>
    public static byte[] Write(
        Alert alert, string id, string from, IReadOnlyList<string> to, string? first, DateTimeOffset at)
    {
        var words = AlertText.Public(alert);
        var headers = new List<string>
        {
            $"Date: {at.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)}",
            $"From: Tocsin <{from}>",
            to.Count == 1 ? $"To: {to[0]}" : "To: undisclosed-recipients:;",
            $"Subject: {Encode(PlainWords.Cut(words ?? PlainWords.Unlinked(AlertText.Headline(alert)), SubjectMost))}",
            $"Message-ID: {id}",
        };
        if (first is not null && first != id && IdForm().IsMatch(first))
            headers.AddRange([$"In-Reply-To: {first}", $"References: {first}"]);
        headers.AddRange(
        [
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]);
        var body = words is null ? Body(alert, isForOne: to.Count == 1) : words + "\r\n";
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(body), Base64FormattingOptions.InsertLineBreaks);
        return Encoding.ASCII.GetBytes(string.Join("\r\n", headers) + "\r\n\r\n" + encoded + "\r\n");
    }

    private static string Body(Alert alert, bool isForOne)
    {
        var lines = new List<string> { PlainWords.Unlinked(AlertText.Headline(alert)), "" };
        lines.AddRange(AlertText.Facts(alert).Select(fact => $"{fact.Label}: {Shown(fact.Text)}"));
        var hidden = Math.Max(0, alert.Affected.Count - AffectedShown);
        if (hidden > 0)
            lines.Add($"Affected: {hidden} older ones are in the war room");
        lines.AddRange(alert.Affected.Skip(hidden).Select(item => $"Affected: {Shown(item)}"));
        lines.Add("");
        if (isForOne && alert.Acknowledge is { } acknowledge)
            lines.Add($"Acknowledge: {acknowledge.AbsoluteUri}");
        lines.AddRange([$"War room: {alert.WarRoom.AbsoluteUri}", "", Shown(AlertText.Origin(alert)), ""]);
        return string.Join("\r\n", lines);
    }

    private static string Shown(string text) => PlainWords.Cut(PlainWords.Unlinked(text), FactMost);

    private static string Encode(string text)
    {
        if (text.All(letter => letter is >= ' ' and <= '~') && !text.Contains("=?", StringComparison.Ordinal))
            return text;
        var words = new List<string>();
        var word = new StringBuilder();
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (count + rune.Utf8SequenceLength > WordBytes)
            {
                words.Add(word.ToString());
                word.Clear();
                count = 0;
            }
            word.Append(rune);
            count += rune.Utf8SequenceLength;
        }
        words.Add(word.ToString());
        return string.Join(
            "\r\n ", words.Select(part => $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(part))}?="));
    }

    [GeneratedRegex(@"^<[0-9a-f]{40}@[A-Za-z0-9.\-]{1,255}>\z")]
    private static partial Regex IdForm();
}
