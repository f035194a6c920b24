using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>What a server of ntfy does with JSON at its root, with its usual limits.</summary>
internal sealed partial class NtfyFake(string? token) : Provider
{
    public const string Topic = "ada-SECRET-topic";

    private static readonly string[] Known = ["topic", "title", "message", "priority", "click", "actions"];

    // What a client of HTTP sends by itself, and what is meant.
    private static readonly string[] Headers =
        ["Host", "Content-Type", "Content-Length", "Authorization", "User-Agent"];

    public override string Root => "/ntfy/";

    // Its usual limits: 60 at once, and then one every 5 s.
    public override RateLimit Documented { get; } = new(Messages: 60, TimeSpan.FromMinutes(5), Reserved: 0);

    /// <param name="token">By which it may be written to; null where anybody may.</param>
    public static Task<NtfyFake> StartAsync(string? token, params Answer[] script) =>
        StartAsync(new NtfyFake(token), script);

    public static Answer Refusal(int code, string error) => new(
        code / 100, JsonSerializer.Serialize(new { code, http = code / 100, error }));

    public override Answer TooMany(TimeSpan? wait) =>
        Refusal(42901, "limit reached: too many requests") with { Headers = Hint(wait) };

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        if (request.Method != "POST" || request.Path != Root)
            faults.Add($"{request.Method} {request.Path}");
        faults.AddRange(request.Headers.Keys.Except(Headers, StringComparer.OrdinalIgnoreCase));
        if (request.Headers.GetValueOrDefault("Authorization") != (token is null ? null : "Bearer " + token))
            return () => Refusal(40301, "forbidden");
        if (Encoding.UTF8.GetByteCount(request.Body) > 8192)
            faults.Add("JSON body too large");
        var message = request.Json;
        faults.AddRange(UnknownFields(message, Known));
        if (!Topics().IsMatch(message.GetProperty("topic").GetString()!))
            faults.Add("invalid request: topic invalid");
        if (Encoding.UTF8.GetByteCount(message.GetProperty("message").GetString()!) is 0 or > 4096)
            faults.Add("empty, or a file");
        if (message.TryGetProperty("priority", out var priority) && priority.GetInt32() is < 1 or > 5)
            faults.Add("invalid priority parameter");
        if (message.TryGetProperty("actions", out var actions) && (actions.GetArrayLength() > 3
            || actions.EnumerateArray().Any(it => it.GetProperty("action").GetString() != "view"
                || it.GetProperty("label").GetString() is not { Length: > 0 }
                || it.GetProperty("url").GetString() is not { Length: > 0 })))
            faults.Add("invalid request: actions invalid");
        return () => new Answer(
            200,
            JsonSerializer.Serialize(
                new { id = "sPs71M8A2T", time = 1643935928, @event = "message", topic = "t", message = "m" }));
    }

    protected override Answer Refused(string fault) => Refusal(40000, fault);

    protected override (string? Key, string Text) Read(ProviderRequest request) =>
        (null, request.Json.GetProperty("message").GetString()!);

    [GeneratedRegex("^[-_A-Za-z0-9]{1,64}$")]
    private static partial Regex Topics();
}
