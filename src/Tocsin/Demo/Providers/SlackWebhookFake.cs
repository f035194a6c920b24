using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>One of Slack's incoming webhooks, after its documentation.</summary>
internal sealed class SlackWebhookFake : Provider
{
    /// <summary>The part of the address that must never be seen.</summary>
    public const string Secret = "T0SECRET/B0SECRET/xyzSECRETxyz";

    private static readonly string[] Unwanted = ["Cookie", "traceparent", "Authorization"];

    public override string Root => "/services/";

    // "No more than one message per second", with short bursts.
    public override RateLimit Documented { get; } = new(Messages: 5, TimeSpan.FromSeconds(5), Reserved: 0);

    public Uri Address => new(Base, Root + Secret);

    /// <summary>Takes as many requests as it has answers.</summary>
    public static Task<SlackWebhookFake> StartAsync(params Answer[] script) =>
        StartAsync(new SlackWebhookFake { Most = script.Length }, script);

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        if (request.Method != "POST" || request.Path != Root + Secret)
            faults.Add($"{request.Method} {request.Path}");
        faults.AddRange(request.Headers.Keys.Intersect(Unwanted).Select(name => "unwanted header " + name));
        faults.AddRange(BlockKit.Faults(request.Body));
        return () => new Answer(200, "ok");
    }

    // "invalid_payload", "missing_text_or_fallback_or_attachments" and the like: one word, as text.
    protected override Answer Refused(string fault) =>
        new(400, fault.Split(':')[0] is var word && !word.Contains(' ') ? word : "invalid_payload");

    protected override (string? Key, string Text) Read(ProviderRequest request) => (null, BlockKit.Text(request.Json));
}
