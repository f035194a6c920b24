using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Tocsin.Channels;

namespace Tocsin.Demo;

/// <summary>An alert as it arrived.</summary>
/// <param name="Fault">What was wrong with its form; null if nothing was.</param>
internal sealed record Received(string Channel, DateTimeOffset At, JsonElement Body, string? Fault);

/// <summary>
/// Plays the other end of both channels on this machine over real HTTP, and checks what arrives as the real ones would:
/// Slack's incoming webhook, and a person's JSON webhook with its signature.
/// </summary>
internal sealed class Receiver : IAsyncDisposable
{
    public const string Slack = "war-room";
    public const string Phone = "chief-phone";

    private const int SlackHeaderLimit = 150;
    private const int SlackSectionLimit = 3_000;
    private const int SlackBlockLimit = 50;

    private readonly WebApplication app;
    private readonly WebhookSecret secret;
    private readonly ConcurrentQueue<Received> received = new();

    private Receiver(WebApplication app, WebhookSecret secret) => (this.app, this.secret) = (app, secret);

    public IReadOnlyList<Received> All => [.. received];

    public Uri SlackUrl => new(Base, "services/T0DEMO/B0DEMO/demo");

    public Uri PhoneUrl => new(Base, "phone");

    private Uri Base => new(app.Urls.First() + "/");

    public static async Task<Receiver> StartAsync(WebhookSecret secret, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = new Receiver(builder.Build(), secret);
        receiver.app.MapPost("/services/T0DEMO/B0DEMO/demo", context => receiver.TakeAsync(context, Slack, CheckSlack));
        receiver.app.MapPost("/phone", context => receiver.TakeAsync(context, Phone, receiver.CheckPhone));
        await receiver.app.StartAsync(cancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(
        HttpContext context, string channel, Func<HttpContext, byte[], JsonElement, string?> check)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var fault = context.Request.HasJsonContentType() ? null : "the content type is not JSON";
        var body = default(JsonElement);
        try
        {
            body = JsonDocument.Parse(buffer.ToArray()).RootElement;
            fault ??= check(context, buffer.ToArray(), body);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            fault = $"the body is not what it should be: {e.Message}";
        }
        received.Enqueue(new Received(channel, TimeProvider.System.GetUtcNow(), body, fault));
        context.Response.StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        await context.Response.WriteAsync(fault is null ? "ok" : "invalid_payload");
    }

    private static string? CheckSlack(HttpContext context, byte[] raw, JsonElement body)
    {
        if (body.GetProperty("text").GetString() is not { Length: > 0 })
            return "there is no fallback text";
        var blocks = body.GetProperty("blocks").EnumerateArray().ToList();
        if (blocks.Count is 0 or > SlackBlockLimit)
            return $"{blocks.Count} blocks";
        foreach (var block in blocks.Where(block => block.TryGetProperty("text", out _)))
        {
            var limit = block.GetProperty("type").GetString() == "header" ? SlackHeaderLimit : SlackSectionLimit;
            if (block.GetProperty("text").GetProperty("text").GetString()!.Length > limit)
                return "a block is too long";
        }
        return Encoding.UTF8.GetString(raw).Contains("/acknowledge/", StringComparison.Ordinal)
            ? "a personal link was sent to a channel of many" : null;
    }

    private string? CheckPhone(HttpContext context, byte[] raw, JsonElement body)
    {
        var headers = context.Request.Headers;
        if (!long.TryParse(headers["webhook-timestamp"], out var timestamp))
            return "there is no timestamp";
        if (headers["webhook-signature"] != secret.Sign(headers["webhook-id"].ToString(), timestamp, raw))
            return "the signature is wrong";
        var missing =
            ((string[])["key", "incident", "severity", "threat", "impact", "affected", "doNow", "lead", "warRoom",
                "logHead"])
            .FirstOrDefault(field => !body.TryGetProperty(field, out _));
        return missing is null ? null : $"the field '{missing}' is missing";
    }
}
