using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Paging;

namespace Tocsin.Channels.Pagers;

/// <summary>
/// Opsgenie, by an integration of the kind API. All alerts of an incident share one alert there, known by its alias.
/// What it took over is processed later, and no proof of anything. Its maker ends it on 5 April 2027.
/// </summary>
public sealed class Opsgenie : IChannel, IHearsBack
{
    /// <summary>The header that its outgoing webhook carries: Opsgenie signs nothing, and sends what is set there.
    /// </summary>
    public const string SecretHeader = "x-tocsin-secret";

    private const string Usual = "https://api.opsgenie.com";
    private const int ReasonLimit = 200;

    private readonly string name;
    private readonly string key;
    private readonly string? team;
    private readonly string api;
    private readonly string? callbackSecret;
    private readonly ChannelTools tools;
    private readonly TimeSpan? timeout;

    /// <param name="timeout">The limit for one attempt; 10 s where null.</param>
    /// <exception cref="FormatException">The key is none; it is not repeated.</exception>
    public Opsgenie(ChannelSection section, ChannelTools tools, TimeSpan? timeout = null)
    {
        name = section.Name;
        key = ProviderSettings.Check(
            section["key"], ProviderSettings.IsVisible, "a key of Opsgenie has no spaces and nothing but ASCII");
        team = section.Find("team");
        callbackSecret = section.Find("callback_secret") is { } secret
            ? ProviderSettings.CheckCallback(secret)
            : null;
        api = section.Api(Usual);
        this.tools = tools;
        this.timeout = timeout;
    }

    public static ChannelKind Kind { get; } = new(
        "opsgenie", "Opsgenie, by its Alert API, until it ends on 2027-04-05",
        [
            new("key", FieldForm.Secret, "the key of its API integration"),
            new("team", FieldForm.Text, "the team that is called, where its own rules do not say who",
                IsOptional: true),
            new("callback_secret", FieldForm.Secret, $"what its outgoing webhook sends as {SecretHeader}", true),
            ProviderSettings.ApiField(Usual),
        ],
        (section, tools) => new Opsgenie(section, tools));

    public string Name => name;

    public string Means => "Opsgenie";

    public bool Listens => callbackSecret is not null;

    public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        var address = new Uri(api + OpsgenieAlert.Path(message.Alert));
        return new WebhookPost(tools.Http, address, tools.Time, timeout).SendAsync(
            OpsgenieAlert.Write(message.Alert, team),
            headers => headers.TryAddWithoutValidation("Authorization", "GenieKey " + key), // checked: it is one line
            WebhookPost.BodyLimitBytes, Judge, ct);
    }

    // An outgoing webhook tells no age: the same word again changes nothing, and is known by its body for a while.
    public CallbackReading? Hear(Callback callback)
    {
        if (callbackSecret is null
            || !callback.Headers.TryGetValue(SecretHeader, out var said)
            || !ProviderSettings.IsSame(said, callbackSecret)
            || JsonReading.Parse(callback.Body) is not { } body)
            return null;
        var key = "opsgenie/" + Convert.ToHexStringLower(SHA256.HashData(callback.Body.Span));
        return new CallbackReading(Words(body, callback.Url.Authority), key, CallbackReply.Ok);
    }

    private static ValueList<CallbackWord> Words(JsonElement body, string authority) =>
        body.TextAt("action") == "Acknowledge"
        && body.TextAt("alert", "username") is { Length: > 0 } who
        && OpsgenieAlert.ReadAlias(body.TextAt("alert", "alias"), authority) is { } incident
            ? [new CallbackWord.Answered(incident, who, PageAnswer.Informed) { SaysWhich = false }]
            : [];

    // 202 carries the number under which the request can be looked up. The refusals are those that its documentation
    // has for what a person must change; they carry a request's number too, and without one it was not Opsgenie.
    private static DeliveryResult Judge(WebhookAnswer answer)
    {
        if (JsonReading.Parse(Encoding.UTF8.GetBytes(answer.Text)) is not { } said
            || said.TextAt("requestId") is not { Length: > 0 } request)
            return Unclear(answer);
        return answer.Status switch
        {
            202 => new DeliveryResult.Accepted($"{answer.Host} took it over", request),
            400 or 401 or 402 or 403 or 404 or 405 or 406 or 410 or 415 or 422 =>
                new DeliveryResult.Permanent($"{answer.Host} refused it with {answer.Status}: {Why(said)}"),
            _ => Unclear(answer),
        };
    }

    private static string Why(JsonElement said) =>
        InertText.Cut(AlertText.OneLine(said.TextAt("message") ?? "no reason"), ReasonLimit);

    private static DeliveryResult.RetryAfter Unclear(WebhookAnswer answer) => answer.IsSuccess
        ? new DeliveryResult.RetryAfter(
            answer.RetryAfter, $"{answer.Host} answered {answer.Status} without saying that it took it over")
        : answer.Failed;
}
