using System.Text.Json;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>A person's own receiver of our JSON, as docs/channels.md describes the form.</summary>
internal sealed class JsonWebhookFake : Provider
{
    public const string Secret = SlackWebhookFake.Secret;

    private static readonly string[] Unwanted = ["Cookie", "traceparent", "Authorization"];

    public override string Root => "/hooks/";

    public override RateLimit Documented { get; } = new(Messages: 100, TimeSpan.FromSeconds(1), Reserved: 0);

    public Uri Address => new(Base, Root + Secret);

    /// <summary>By which a request must be signed; null where it need not be.</summary>
    public WebhookSecret? Signing { get; init; }

    /// <summary>Takes as many requests as it has answers.</summary>
    public static Task<JsonWebhookFake> StartAsync(params Answer[] script) =>
        StartAsync(new JsonWebhookFake { Most = script.Length }, script);

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        if (request.Method != "POST" || request.Path != Root + Secret)
            faults.Add($"{request.Method} {request.Path}");
        faults.AddRange(request.Headers.Keys.Intersect(Unwanted).Select(name => "unwanted header " + name));
        if (Signing is not null && !IsSigned(request, Signing))
            faults.Add("the signature is wrong");
        faults.AddRange(JsonRules.Faults(request.Body));
        return () => new Answer(200, "ok");
    }

    protected override Answer Refused(string fault) => new(400, fault);

    protected override (string? Key, string Text) Read(ProviderRequest request) =>
        (request.Json.GetProperty("key").GetString(), request.Json.GetProperty("text").GetString()!);

    private static bool IsSigned(ProviderRequest request, WebhookSecret secret) =>
        long.TryParse(request.Headers.GetValueOrDefault("webhook-timestamp"), out var timestamp)
        && request.Headers.GetValueOrDefault("webhook-id") is { } id
        && request.Headers.GetValueOrDefault("webhook-signature")?.Split(' ')
            .Contains(secret.Sign(id, timestamp, request.Bytes)) == true;
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
