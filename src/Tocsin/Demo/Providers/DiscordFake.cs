using System.Text.Json;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>
/// One Discord webhook over real HTTP: it refuses what Discord refuses, and fails the test that sent what no correct
/// client sends.
/// </summary>
internal sealed class DiscordFake : Provider
{
    private const string Place = "223704706495545344/3d89bb7572e0fb30SECRET";

    private static readonly Dictionary<string, int> EmbedLimits = new()
    {
        ["title"] = 256,
        ["description"] = 4096,
        ["url"] = 2048,
    };

    public override string Root => "/api/v10/webhooks/";

    // It documents none; what it says with its answers is 5 within 2 s.
    public override RateLimit Documented { get; } = new(Messages: 5, TimeSpan.FromSeconds(2), Reserved: 0);

    public IEnumerable<string> Queries => Requests.Select(request => request.Path[request.Path.IndexOf('?')..]);

    /// <summary>As Discord shows it to who made the webhook: without a version.</summary>
    public Uri Address => new(Base, "/api/webhooks/" + Place);

    public Uri Unknown => new(Base, "/api/webhooks/" + Place + "OTHER");

    public static Task<DiscordFake> StartAsync(params Answer[] script) => StartAsync(new DiscordFake(), script);

    // The header has whole seconds, the body a fraction.
    public override Answer TooMany(TimeSpan? wait) => wait is not { } span
        ? new(429)
        : new(
            429,
            JsonSerializer.Serialize(
                new { message = "You are being rate limited.", retry_after = span.TotalSeconds, global = false }),
            Hint(wait));

    /// <summary>What Discord refuses in a message of a webhook.</summary>
    public static IEnumerable<string> Faults(JsonElement message)
    {
        foreach (var field in message.EnumerateObject())
        {
            if (field.Name is not ("content" or "embeds" or "allowed_mentions"))
                yield return "unknown field " + field.Name;
        }
        if (message.GetProperty("allowed_mentions").GetProperty("parse").GetArrayLength() != 0)
            yield return "somebody may be mentioned";
        var hasContent = message.TryGetProperty("content", out var content);
        var hasEmbeds = message.TryGetProperty("embeds", out var embeds);
        if (!hasContent && !hasEmbeds)
            yield return "50006: an empty message";
        if (hasContent && (string.IsNullOrWhiteSpace(content.GetString()) || content.GetString()!.Length > 2000))
            yield return "50035: content";
        if (!hasEmbeds)
            yield break;
        if (embeds.GetArrayLength() is 0 or > 10)
            yield return "50035: the number of embeds";
        foreach (var fault in embeds.EnumerateArray().SelectMany(Embed))
            yield return "50035: " + fault;
        if (embeds.EnumerateArray().Sum(Length) > 6000)
            yield return "50035: the embeds together";
    }

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        var (place, query) = (request.Path.Split('?')[0], request.Path.Split('?')[^1]);
        var waits = query.Split('&').Contains("wait=true");
        if (request.Method != "POST" || !waits)
            faults.Add($"{request.Method} with {query}");
        if (request.Headers.ContainsKey("Authorization"))
            faults.Add("unwanted header Authorization");
        faults.AddRange(Faults(request.Json));
        if (place != Root + Place)
            return () => new Answer(404, """{"message": "Unknown Webhook", "code": 10015}""");
        var id = $"{1300000000000000000 + Requests.Count}";
        return () => waits ? new Answer(200, JsonSerializer.Serialize(new { id, type = 0 })) : new Answer(204);
    }

    protected override Answer Refused(string fault) => new(
        400, JsonSerializer.Serialize(new { message = "Invalid Form Body", code = 50035, errors = fault }));

    private static IEnumerable<string> Embed(JsonElement embed)
    {
        foreach (var field in embed.EnumerateObject())
        {
            if (field.Name is "footer" or "fields")
                continue;
            if (!EmbedLimits.TryGetValue(field.Name, out var limit))
                yield return "unknown field of an embed: " + field.Name;
            else if (IsBad(field.Value, limit))
                yield return field.Name;
        }
        if (embed.TryGetProperty("footer", out var footer) && IsBad(footer.GetProperty("text"), 2048))
            yield return "footer";
        if (!embed.TryGetProperty("fields", out var fields))
            yield break;
        if (fields.GetArrayLength() > 25)
            yield return "the number of fields";
        foreach (var field in fields.EnumerateArray())
        {
            if (IsBad(field.GetProperty("name"), 256) || IsBad(field.GetProperty("value"), 1024))
                yield return "a field";
        }
    }

    // Discord trims first.
    private static bool IsBad(JsonElement text, int limit) =>
        string.IsNullOrWhiteSpace(text.GetString()) || text.GetString()!.Length > limit;

    private static int Length(JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.String => part.GetString()!.Length,
        JsonValueKind.Array => part.EnumerateArray().Sum(Length),
        JsonValueKind.Object => part.EnumerateObject().Where(one => one.Name != "url").Sum(one => Length(one.Value)),
        _ => 0,
    };
}
