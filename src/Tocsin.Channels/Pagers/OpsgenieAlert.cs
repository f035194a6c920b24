using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tocsin.Communications;

namespace Tocsin.Channels.Pagers;

/// <summary>
/// An alert as Opsgenie's Alert API takes it: to create with all that is known, to acknowledge and to close with a
/// note. Limits by its documentation: message 130, alias 512, description 15000, source 100, entity 512, note 25000.
/// </summary>
internal static class OpsgenieAlert
{
    private const int MessageLimit = 130;
    private const int DescriptionLimit = 15_000;
    private const int AliasLimit = 512;
    private const int SourceLimit = 100;
    private const int EntityLimit = 512;
    private const int NoteLimit = 1000;
    private const int FactLimit = 1200;
    private const int AffectedLimit = 200;
    private const int AffectedShown = 30;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The path below the base address.</summary>
    public static string Path(Alert alert)
    {
        var alias = Uri.EscapeDataString(Alias(alert));
        return PagerActions.Of(alert) switch
        {
            PagerAction.Trigger => "/v2/alerts",
            PagerAction.Acknowledge => $"/v2/alerts/{alias}/acknowledge?identifierType=alias",
            PagerAction.Resolve => $"/v2/alerts/{alias}/close?identifierType=alias",
        };
    }

    /// <summary>Equal for all alerts of one incident of one installation; without a slash, since it stands in a path.
    /// </summary>
    public static string Alias(Alert alert)
    {
        var alias = $"tocsin:{alert.WarRoom.Authority}:{AlertText.OneLine(alert.Incident)}";
        var isPlain = alias.Length <= AliasLimit
            && alias.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is ':' or '.' or '-' or '_');
        return isPlain ? alias : "tocsin:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(alias)));
    }

    /// <summary>The incident that an alias of this installation names; null where it is none of ours.</summary>
    /// <param name="authority">Host and port of the public address.</param>
    public static string? ReadAlias(string? alias, string authority)
    {
        var own = $"tocsin:{authority}:";
        return alias?.StartsWith(own, StringComparison.OrdinalIgnoreCase) == true
            && AlertSubject.IsOne(alias[own.Length..])
            ? alias[own.Length..]
            : null;
    }

    /// <summary>The body of the request as UTF-8 JSON.</summary>
    /// <param name="team">The team that is called; null where Opsgenie's own rules say who.</param>
    public static byte[] Write(Alert alert, string? team)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("source", InertText.Cut("Tocsin " + alert.WarRoom.Authority, SourceLimit));
            json.WriteString("note", InertText.Of(AlertText.Public(alert) ?? AlertText.Headline(alert), NoteLimit));
            if (PagerActions.Of(alert) == PagerAction.Trigger)
                WriteCreate(json, alert, team);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static void WriteCreate(Utf8JsonWriter json, Alert alert, string? team)
    {
        var words = AlertText.Public(alert);
        json.WriteString("message", InertText.Of(words ?? AlertText.Headline(alert), MessageLimit));
        json.WriteString("alias", Alias(alert));
        json.WriteString("description", words is null ? Description(alert) : InertText.Of(words, DescriptionLimit));
        json.WriteString("priority", words is null ? $"P{(int)alert.Severity}" : "P5");
        if (team is not null)
        {
            json.WriteStartArray("responders");
            json.WriteStartObject();
            json.WriteString("type", "team");
            json.WriteString("name", team);
            json.WriteEndObject();
            json.WriteEndArray();
        }
        if (words is not null)
            return;
        json.WriteString("entity", InertText.Of(alert.Incident, EntityLimit));
        json.WriteStartArray("tags");
        json.WriteStringValue("tocsin");
        if (alert.Exercise)
            json.WriteStringValue("exercise");
        json.WriteEndArray();
    }

    private static string Description(Alert alert)
    {
        var lines = AlertText.Facts(alert).Select(fact => $"{fact.Label}: {InertText.Of(fact.Text, FactLimit)}")
            .Append($"War room: {alert.WarRoom.AbsoluteUri}")
            .Append(InertText.Of(AlertText.Origin(alert), FactLimit))
            .ToList();
        var hidden = Math.Max(0, alert.Affected.Count - AffectedShown);
        if (alert.Affected.Count > 0)
            lines.Add(hidden == 0 ? "Affected:" : $"Affected ({hidden} older ones are in the war room):");
        lines.AddRange(alert.Affected.Skip(hidden).Select(item => InertText.Of(item, AffectedLimit)));
        // What is known first is never what is cut.
        return InertText.Cut(string.Join('\n', lines), DescriptionLimit);
    }
}
