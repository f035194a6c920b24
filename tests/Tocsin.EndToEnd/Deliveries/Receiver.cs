using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tocsin.EndToEnd.Deliveries;

/// <summary>Where a kill strikes.</summary>
/// <param name="IsAtRecording">When the courier says that an incident is recorded, before anything is sent.</param>
/// <param name="Request">Otherwise at so many requests from now.</param>
/// <param name="IsAnswered">After the answer to that request is on its way, or else instead of it.</param>
/// <param name="Ticks">And so much later.</param>
internal sealed record Blow(bool IsAtRecording, int Request, bool IsAnswered, long Ticks)
{
    private const int MostMicroseconds = 8_000;

    public static Blow Of(Random random) => new(
        random.Next(3) == 0, random.Next(4), random.Next(2) == 0,
        random.Next(MostMicroseconds) * Stopwatch.Frequency / 1_000_000);
}

/// <summary>Takes the couriers' alerts by HTTP and keeps the key of each, answered or not.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Lock gate = new();
    private readonly List<string> keys = [];
    private readonly HashSet<string> lanes = [];
    private TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? struck;
    private Blow? blow;
    private int left;

    private Receiver(WebApplication app) => this.app = app;

    public string Address { get; private set; } = "";

    public int Lanes => lanes.Count;

    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (gate)
                return [.. keys];
        }
    }

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver.app.MapPost("/{channel}", receiver.TakeAsync);
        await receiver.app.StartAsync();
        receiver.Address = receiver.app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single();
        return receiver;
    }

    /// <summary>Completes where the blow is to be struck.</summary>
    public TaskCompletionSource Await(Blow next)
    {
        lock (gate)
        {
            (blow, left) = (next, next.Request);
            released = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return struck = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>The blow is struck: what was held back is nobody's any more.</summary>
    public void Release()
    {
        lock (gate)
            blow = null;
        released.TrySetResult();
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, string channel)
    {
        var message = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        bool isHeld;
        lock (gate)
        {
            keys.Add(message.RootElement.GetProperty("key").GetString()!);
            lanes.Add(channel);
            isHeld = blow is { IsAtRecording: false } && left-- == 0;
            if (isHeld && blow!.IsAnswered)
            {
                isHeld = false;
                context.Response.OnCompleted(() =>
                {
                    struck!.TrySetResult();
                    return Task.CompletedTask;
                });
            }
            else if (isHeld)
            {
                struck!.TrySetResult();
            }
        }
        if (isHeld)
            await released.Task;
    }
}
