using System.Text.Json;

namespace Tocsin.Tests.Channels;

/// <summary>What Slack refuses in the body of an incoming webhook, after its documentation of Block Kit.</summary>
internal static class SlackRules
{
    private static readonly string[] TopLevel =
        ["text", "blocks", "mrkdwn", "parse", "link_names", "unfurl_links", "unfurl_media"];

    public static IEnumerable<string> Faults(string body)
    {
        using var json = JsonDocument.Parse(body);
        return [.. Message(json.RootElement)];
    }

    private static IEnumerable<string> Message(JsonElement message)
    {
        foreach (var field in message.EnumerateObject().Where(field => !TopLevel.Contains(field.Name)))
            yield return "invalid_payload: " + field.Name;
        if (!message.TryGetProperty("text", out var text) || text.GetString() is not { Length: > 0 and <= 4000 })
            yield return "missing_text_or_fallback_or_attachments";
        if (message.GetProperty("blocks").GetArrayLength() is 0 or > 50)
            yield return "invalid_blocks: their number";
        foreach (var fault in message.GetProperty("blocks").EnumerateArray().SelectMany(Block))
            yield return "invalid_blocks: " + fault;
    }

    private static IEnumerable<string> Block(JsonElement block)
    {
        var type = block.GetProperty("type").GetString();
        var limit = type switch { "header" => 150, "section" => 3000, _ => 0 };
        var text = block.GetProperty("text");
        var kind = text.GetProperty("type").GetString();
        if (limit == 0)
            yield return "unknown block " + type;
        var length = text.GetProperty("text").GetString()!.Length;
        if (length == 0 || length > limit)
            yield return "length of a text in a " + type;
        if (kind is not ("plain_text" or "mrkdwn") || (type == "header" && kind != "plain_text"))
            yield return $"a text of the kind {kind} in a {type}";
        if (text.TryGetProperty("emoji", out _) && kind != "plain_text")
            yield return "emoji without plain_text";
        if (text.TryGetProperty("verbatim", out _) && kind != "mrkdwn")
            yield return "verbatim without mrkdwn";
    }
}

/// <summary>What a receiver of our own JSON may rely on.</summary>
internal static class JsonRules
{
    private static readonly string[] Always =
    [
        "key", "incident", "reason", "severity", "exercise", "detectedAt", "title", "threat", "impact", "doNow", "lead",
        "affected", "warRoom", "logHead", "text",
    ];

    public static IEnumerable<string> Faults(string body)
    {
        using var json = JsonDocument.Parse(body);
        return [.. Message(json.RootElement)];
    }

    private static IEnumerable<string> Message(JsonElement message)
    {
        var names = message.EnumerateObject().Select(field => field.Name).ToList();
        if (names.Distinct().Count() != names.Count)
            yield return "a field is there twice";
        foreach (var missing in Always.Except(names))
            yield return "missing field " + missing;
        foreach (var unknown in names.Except([.. Always, "acknowledge"]))
            yield return "undocumented field " + unknown;
        foreach (var field in message.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Object))
            yield return "not flat: " + field.Name;
    }
}
