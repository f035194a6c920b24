using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tocsin.EndToEnd.Parts;

/// <summary>Passes HTTP requests on as they are, and can hold one of them or its answer.</summary>
internal sealed class HttpRelay : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly Uri target;

    private HttpRelay(WebApplication app, Uri target) => (this.app, this.target) = (app, target);

    public Uri Address => new(app.Urls.First());

    /// <summary>The message to hold; null for none.</summary>
    public Hold? Hold { get; set; }

    /// <summary>Answers a request in place of the target; null where the target answers.</summary>
    public Func<string, string?>? Instead { get; set; }

    public static async Task<HttpRelay> StartAsync(Uri target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var relay = new HttpRelay(builder.Build(), new Uri(target.GetLeftPart(UriPartial.Authority)));
        // Also of what looks like a file: methods of Slack have a full stop in their names.
        relay.app.MapFallback("{*path}", relay.PassAsync);
        await relay.app.StartAsync();
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        Hold?.Release(lost: true);
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var text = Encoding.UTF8.GetString(body.ToArray());
        if (Hold is { } hold && !await hold.PassAsync(text, null))
        {
            context.Abort();
            return;
        }
        if (Instead?.Invoke(text) is { } instead)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(instead, context.RequestAborted);
            return;
        }
        using var request =
            new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(target, context.Request.Path.Value));
        request.Content = new ByteArrayContent(body.ToArray());
        request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        foreach (var header in context.Request.Headers)
        {
            if (header.Key == "Authorization" || header.Key.StartsWith("webhook-", StringComparison.OrdinalIgnoreCase))
                request.Headers.TryAddWithoutValidation(header.Key, header.Value.ToString());
        }
        using var answer = await http.SendAsync(request, CancellationToken.None);
        var answered = await answer.Content.ReadAsByteArrayAsync();
        // Looked at anew: a request that was held may have gone on since, into the next hold.
        if (Hold is { } late && !await late.PassAsync(text, Encoding.UTF8.GetString(answered)))
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await context.Response.Body.WriteAsync(answered, context.RequestAborted);
    }
}
