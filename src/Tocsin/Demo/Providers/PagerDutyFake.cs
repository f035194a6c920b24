using System.Globalization;
using System.Text;
using System.Text.Json;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>What Events API v2 does, after its documentation: what it takes it may still drop.</summary>
internal sealed class PagerDutyFake : Provider
{
    public const string RoutingKey = "SECRETf1e2d3c4b5a69788SECRET9z8y";

    private static readonly string[] Known =
        ["routing_key", "event_action", "dedup_key", "payload", "links", "images", "client", "client_url"];

    private static readonly string[] KnownPayload =
        ["summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"];

    public override string Root => "/v2/enqueue";

    // Events API v2: 120 within a minute for one key, and then 429.
    public override RateLimit Documented { get; } = new(Messages: 120, TimeSpan.FromMinutes(1), Reserved: 0);

    public new string Api => Base.AbsoluteUri.TrimEnd('/');

    /// <summary>The open alerts there, by their keys.</summary>
    public Dictionary<string, string> Open { get; } = [];

    public static Task<PagerDutyFake> StartAsync(params Answer[] script) =>
        StartAsync(new PagerDutyFake(), script);

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        if (request.Method != "POST" || request.Path != "/v2/enqueue")
            faults.Add($"{request.Method} {request.Path}");
        if (Encoding.UTF8.GetByteCount(request.Body) > 512 * 1024)
            faults.Add("larger than 512 KB");
        var said = request.Json;
        faults.AddRange(UnknownFields(said, Known));
        if (said.GetProperty("routing_key").GetString()!.Length != 32)
            faults.Add("Length of 'routing_key' is incorrect (should be 32 characters)");
        var key = said.GetProperty("dedup_key").GetString()!;
        if (key.Length is 0 or > 255)
            faults.Add("length of 'dedup_key'");
        var act = said.GetProperty("event_action").GetString();
        if (act == "trigger")
            faults.AddRange(Payload(said.GetProperty("payload")));
        else if (act is not ("acknowledge" or "resolve"))
            faults.Add("event_action " + act);
        return () => Act(act, key);
    }

    protected override Answer Refused(string fault) => new(
        400,
        JsonSerializer.Serialize(
            new { status = "invalid event", message = "Event object is invalid", errors = new[] { fault } }));

    protected override (string? Key, string Text) Read(ProviderRequest request) =>
        (request.Json.GetProperty("dedup_key").GetString(), request.Body);

    private Answer Act(string? act, string key)
    {
        switch (act)
        {
            case "trigger":
                Open.TryAdd(key, "triggered");
                break;
            case "acknowledge" when Open.ContainsKey(key): // of an unknown key it says nothing
                Open[key] = "acknowledged";
                break;
            case "resolve":
                Open.Remove(key);
                break;
        }
        return new Answer(
            202, JsonSerializer.Serialize(new { status = "success", message = "Event processed", dedup_key = key }));
    }

    private static IEnumerable<string> Payload(JsonElement payload)
    {
        foreach (var fault in UnknownFields(payload, KnownPayload))
            yield return fault;
        if (payload.GetProperty("summary").GetString() is not { Length: > 0 and <= 1024 })
            yield return "length of 'summary'";
        if (payload.GetProperty("source").GetString() is not { Length: > 0 })
            yield return "'source' is missing or blank";
        if (payload.GetProperty("severity").GetString() is not ("critical" or "error" or "warning" or "info"))
            yield return "'severity'";
        if (payload.TryGetProperty("timestamp", out var at)
            && !DateTimeOffset.TryParse(at.GetString(), CultureInfo.InvariantCulture, out _))
            yield return "'timestamp'";
    }
}
