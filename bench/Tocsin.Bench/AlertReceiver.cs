using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tocsin.Bench;

/// <summary>The other end of the channels, on this machine: accepts every alert and remembers when.</summary>
internal sealed class AlertReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> alerts = [];

    private AlertReceiver(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.First());

    public static async Task<AlertReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = new AlertReceiver(builder.Build());
        receiver.app.Run(receiver.TakeAsync);
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>When the first alert that names the incident was accepted.</summary>
    public Task<long> AcceptedAsync(string incident) => Alert(incident).Task;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private TaskCompletionSource<long> Alert(string incident) =>
        alerts.GetOrAdd(incident, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        await context.Response.WriteAsync("ok");
        await context.Response.CompleteAsync();
        var now = Stopwatch.GetTimestamp();
        var start = body.IndexOf("INC-", StringComparison.Ordinal);
        var end = start;
        while (end < body.Length && (char.IsAsciiLetterOrDigit(body[end]) || body[end] == '-'))
            end++;
        if (start >= 0)
            Alert(body[start..end]).TrySetResult(now);
    }
}
