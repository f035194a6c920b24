using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Paging;

namespace Tocsin.Channels.Pagers;

/// <summary>
/// A service of PagerDuty, by an integration of the kind Events API v2. All alerts of an incident share one alert
/// there; so one that follows another calls nobody anew who has acknowledged. That PagerDuty took an event over proves
/// nothing: it is processed later, and who is called is PagerDuty's matter.
/// <para>With a webhook subscription (v3) to this channel's address, whoever acknowledges there has answered here,
/// known by the account's address or, as PagerDuty mostly has it, its id.</para>
/// </summary>
public sealed class PagerDuty : IChannel, IHearsBack
{
    private const string Usual = "https://events.pagerduty.com";
    private const int ReasonLimit = 200;

    // A repetition is known for ten minutes: what is older could be one that was recorded.
    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly string name;
    private readonly string routingKey;
    private readonly byte[]? callbackSecret;
    private readonly WebhookPost post;

    /// <param name="timeout">The limit for one attempt; 10 s where null.</param>
    /// <exception cref="FormatException">The key is none; it is not repeated.</exception>
    public PagerDuty(ChannelSection section, ChannelTools tools, TimeSpan? timeout = null)
    {
        name = section.Name;
        routingKey = ProviderSettings.Check(
            section["routing_key"], char.IsAsciiLetterOrDigit, "a routing key is 32 letters and digits");
        if (routingKey.Length != 32)
            throw new FormatException("a routing key is 32 letters and digits");
        callbackSecret = section.Find("callback_secret") is { Length: > 0 } secret
            ? Encoding.UTF8.GetBytes(ProviderSettings.CheckCallback(secret))
            : null;
        post = new WebhookPost(tools.Http, new Uri(section.Api(Usual) + "/v2/enqueue"), tools.Time, timeout);
    }

    public static ChannelKind Kind { get; } = new(
        "pagerduty", "A service of PagerDuty, by its Events API v2",
        [
            new("routing_key", FieldForm.Secret, "the integration key of the service"),
            new("callback_secret", FieldForm.Secret, "the secret of its webhook subscription", IsOptional: true),
            ProviderSettings.ApiField(Usual),
        ],
        (section, tools) => new PagerDuty(section, tools));

    public string Name => name;

    public string Means => "PagerDuty";

    public bool Listens => callbackSecret is not null;

    // About 120 calls a minute and key.
    public RateLimit? Limit { get; } = new(120, TimeSpan.FromMinutes(1), Reserved: 40);

    public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        var key = PagerDutyEvent.Key(message.Alert);
        return post.SendAsync(
            PagerDutyEvent.Write(message.Alert, routingKey), _ => { }, WebhookPost.BodyLimitBytes,
            answer => Judge(answer, key), ct);
    }

    public CallbackReading? Hear(Callback callback)
    {
        if (!IsSigned(callback)
            || JsonReading.Parse(callback.Body) is not { } body
            || body.TextAt("event", "id") is not { } id
            || When(body) is not { } at)
            return null;
        var key = $"pagerduty:{id}";
        // It is theirs, but late: to refuse it would count as a fault of ours, and three of them end the subscription.
        var isNow = callback.At - at <= Oldest && at - callback.At <= ClockSkew;
        return new CallbackReading(isNow ? Words(body, callback.Url.Authority) : [], key, CallbackReply.Ok);
    }

    private static ValueList<CallbackWord> Words(JsonElement body, string authority)
    {
        // Anything but a person, an integration for one, has answered nothing.
        if (body.TextAt("event", "event_type") != "incident.acknowledged"
            || body.TextAt("event", "agent", "type") is not ("user_reference" or "user")
            || Account(body) is not { Length: > 0 } who
            || body.TextAt("event", "data", "incident_key") is not { } key
            || PagerDutyEvent.ReadKey(key, authority) is not { } incident)
            return [];
        return
        [
            new CallbackWord.Arrived(key),
            new CallbackWord.Answered(incident, who, PageAnswer.Informed) { SaysWhich = false },
        ];
    }

    private static string? Account(JsonElement body) =>
        body.TextAt("event", "agent", "email") ?? body.TextAt("event", "agent", "id");

    private static DateTimeOffset? When(JsonElement body) =>
        DateTimeOffset.TryParse(
            body.TextAt("event", "occurred_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var at)
            ? at
            : null;

    // A list, since two secrets hold while one is changed. All of it is compared, whichever fits.
    private bool IsSigned(Callback callback)
    {
        if (callbackSecret is null || !callback.Headers.TryGetValue("x-pagerduty-signature", out var header))
            return false;
        var expected = "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(callbackSecret, callback.Body.Span));
        var isSigned = false;
        foreach (var signature in header.Split(',', StringSplitOptions.TrimEntries))
            isSigned |= ProviderSettings.IsSame(signature, expected);
        return isSigned;
    }

    // 202 is "Event processed", of what will be processed. A 400 that says "invalid event" stays one however often it
    // is sent; what says anything else came from something on the way.
    private static DeliveryResult Judge(WebhookAnswer answer, string key)
    {
        if (JsonReading.Parse(Encoding.UTF8.GetBytes(answer.Text)) is not { } said)
            return Unclear(answer);
        if (answer.Status == 202 && said.TextAt("status") == "success")
            return new DeliveryResult.Accepted($"{answer.Host} took it over", said.TextAt("dedup_key") ?? key);
        return answer.Status == 400 && said.TextAt("status") is not null
            ? new DeliveryResult.Permanent($"{answer.Host} refused it: {Why(said)}")
            : Unclear(answer);
    }

    // Without what the errors say: they may repeat the key.
    private static string Why(JsonElement said) =>
        InertText.Cut(AlertText.OneLine(said.TextAt("message") ?? said.TextAt("status") ?? ""), ReasonLimit);

    private static DeliveryResult.RetryAfter Unclear(WebhookAnswer answer) => answer.IsSuccess
        ? new DeliveryResult.RetryAfter(
            answer.RetryAfter, $"{answer.Host} answered {answer.Status} without saying that it took it over")
        : answer.Failed;
}
