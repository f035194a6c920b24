using System.Text.Json;

namespace Tocsin.Demo.Providers;

/// <summary>What Slack refuses in the body of an incoming webhook, after its documentation of Block Kit.</summary>
internal static class BlockKit
{
    private static readonly string[] TopLevel =
        ["text", "blocks", "mrkdwn", "parse", "link_names", "unfurl_links", "unfurl_media"];

    /// <summary>What people read of a message.</summary>
    public static string Text(JsonElement message) => string.Join('\n', Texts(message));

    public static IEnumerable<string> Faults(string body)
    {
        using var json = JsonDocument.Parse(body);
        return [.. Message(json.RootElement)];
    }

    private static IEnumerable<string> Texts(JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.Object => part.EnumerateObject()
            .SelectMany(field => field.Name == "text" && field.Value.ValueKind == JsonValueKind.String
                ? [field.Value.GetString()!]
                : Texts(field.Value)),
        JsonValueKind.Array => part.EnumerateArray().SelectMany(Texts),
        _ => [],
    };

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

    public static IEnumerable<string> Block(JsonElement block)
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
