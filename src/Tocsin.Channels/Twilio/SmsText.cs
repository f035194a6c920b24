using System.Security.Cryptography;
using System.Text;
using Tocsin.Communications;

namespace Tocsin.Channels.Twilio;

/// <summary>
/// An alert as a short message of few segments: headline, what to do, what is known as far as there is room, the links
/// whole, and a reference by which this message is known among others. A segment holds 153 characters of the GSM
/// alphabet, or 67 where a single one is outside it (3GPP TS 23.038), so ornaments are replaced by plain characters.
/// </summary>
public static class SmsText
{
    /// <summary>At most so many segments: a network may lose one, and then the rest is unreadable.</summary>
    public const int SegmentsMost = 5;

    private const int LineMost = 160;
    private const int LineLeast = 24;
    private const int LongestTail = 1500;

    private const string Basic =
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
        + "abcdefghijklmnopqrstuvwxyzäöñüà";

    private const string Extended = "^{}\\[~]|€"; // two places each

    private static readonly Dictionary<string, string> Plain = new()
    {
        ["·"] = "-",
        ["…"] = "...",
        ["“"] = "\"",
        ["”"] = "\"",
        ["„"] = "\"",
        ["’"] = "'",
        ["‘"] = "'",
        ["–"] = "-",
        ["—"] = "-",
        ["→"] = "->",
        ["\u00A0"] = " ",
    };

    /// <summary>At most 1600 characters, which is Twilio's limit.</summary>
    public static string Write(Alert alert)
    {
        if (AlertText.Public(alert) is { } words)
            return Fit([Plainly(words)], []);
        string[] lines =
        [
            PlainWords.Unlinked(AlertText.Headline(alert)),
            .. AlertText.Facts(alert).Where(fact => fact.Label is not ("Detected" or "Lead"))
                .Select(fact => $"{fact.Label}: {PlainWords.Unlinked(fact.Text)}"),
        ];
        var reference = "Ref " + Reference(alert);
        var warRoom = "War room: " + alert.WarRoom.AbsoluteUri;
        string[] tail = alert.Acknowledge is null
            ? [warRoom, reference]
            : ["Answer: " + alert.Acknowledge.AbsoluteUri, warRoom, reference];
        return Fit([.. lines.Select(Plainly)], tail);
    }

    /// <summary>Equal for all attempts at the same alert, and for no other.</summary>
    public static string Reference(Alert alert)
    {
        var told = $"{alert.Key}\n{alert.LogHead}\n{alert.DetectedAt.UtcTicks}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(told)))[..8];
    }

    /// <summary>How many segments a network makes of it.</summary>
    public static int Segments(string text)
    {
        var (whole, part) = IsGsm(text) ? (160, 153) : (70, 67);
        var places = Places(text, IsGsm(text));
        return places <= whole ? 1 : (places + part - 1) / part;
    }

    private static string Fit(IReadOnlyList<string> lines, string[] tail)
    {
        var isGsm = lines.Concat(tail).All(IsGsm);
        var most = SegmentsMost * (isGsm ? 153 : 67);
        // With long addresses the link by which the person answers is the one that counts.
        if (tail.Length == 3 && Cost(tail, isGsm) > most * 3 / 5)
            tail = [tail[0], tail[2]];
        if (Cost(tail, isGsm) > LongestTail)
            tail = [tail[^1]];
        var room = most - Cost(tail, isGsm);
        var kept = new List<string>();
        foreach (var line in lines)
        {
            var longest = tail.Length == 0 ? room : Math.Min(room - 1, LineMost);
            // The headline stays, whatever the links take.
            if (kept.Count > 0 && longest < LineLeast)
                break;
            kept.Add(Cut(line, Math.Max(longest, LineLeast), isGsm));
            room -= Places(kept[^1], isGsm) + 1;
        }
        return string.Join('\n', kept.Concat(tail));
    }

    private static int Cost(string[] lines, bool isGsm) => lines.Sum(line => Places(line, isGsm) + 1);

    private static string Cut(string text, int places, bool isGsm)
    {
        if (Places(text, isGsm) <= places)
            return text;
        var kept = new StringBuilder();
        var room = places - 3;
        foreach (var rune in text.EnumerateRunes())
        {
            room -= Places(rune.ToString(), isGsm);
            if (room < 0)
                break;
            kept.Append(rune);
        }
        return kept.ToString().TrimEnd() + "...";
    }

    private static string Plainly(string text) =>
        Plain.Aggregate(text, (line, pair) => line.Replace(pair.Key, pair.Value, StringComparison.Ordinal));

    private static bool IsGsm(string text) => text.All(letter => Basic.Contains(letter) || Extended.Contains(letter));

    private static int Places(string text, bool isGsm) =>
        isGsm ? text.Sum(letter => Extended.Contains(letter) ? 2 : 1) : text.Length;
}
