using System.Text;
using Tocsin.Configuration;
using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.Hooks;

/// <summary>The request of a hook with its secrets in it: made when it is needed, and never shown.</summary>
internal sealed class HookRequest
{
    private readonly PlannedHook hook;
    private readonly List<(string Name, string Value)> headers;
    private readonly string? body;

    private HookRequest(PlannedHook hook, Uri url, List<(string Name, string Value)> headers, string? body)
    {
        this.hook = hook;
        this.headers = headers;
        this.body = body;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>Null where the address is not usable. With a fault it must not be sent.</summary>
    /// <param name="directory">The folder to which references with relative paths belong.</param>
    /// <param name="faults">Gets what is wrong, in words that hold no secret.</param>
    public static HookRequest? Reveal(PlannedHook hook, string directory, List<string> faults)
    {
        string? Revealed(string text, Func<Secret, string> reveal)
        {
            try
            {
                return Secret.IsReference(text) ? reveal(new Secret(text)) : text;
            }
            catch (InputException e)
            {
                faults.Add(e.Message);
                return null;
            }
        }

        var headers = hook.Headers
            .Select(header => (header.Name, Revealed(header.Value, secret => secret.Reveal(directory)) ?? ""))
            .ToList();
        var body = hook.Body is { } text ? Revealed(text, secret => secret.RevealText(directory)) : null;
        if (Revealed(hook.Url, secret => secret.Reveal(directory)) is not { } revealed)
            return null;
        // What is not encrypted goes no further than this machine. The address may be a secret, so only what the plan
        // says of it is told.
        if (Uri.TryCreate(revealed, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
            return new HookRequest(hook, url, headers, body);
        faults.Add($"{hook.Url} is no https address");
        return null;
    }

    /// <param name="key">The same for every attempt, so that the receiver can do it once.</param>
    public HttpRequestMessage ToMessage(string key, bool isExercise)
    {
        var message = new HttpRequestMessage(new HttpMethod(hook.Method), Url);
        if (body is not null)
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        foreach (var (name, value) in headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }
        message.Headers.Remove("Idempotency-Key");
        message.Headers.Remove("X-Exercise");
        message.Headers.Add("Idempotency-Key", key);
        if (isExercise)
            message.Headers.Add("X-Exercise", "true");
        return message;
    }
}
