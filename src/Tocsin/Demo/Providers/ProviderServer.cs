using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>
/// Every provider of channels on this machine, for tests and for the demo: over real HTTP, each at the paths of the
/// real one, and mail beside it. What came is kept, and what no provider would take or nobody expected is told.
/// </summary>
internal sealed class ProviderServer : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<Arrival> arrivals = [];
    private readonly List<string> unexpected = [];
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<Provider> providers;
    private readonly Lazy<SmtpFake> smtp;
    private readonly WebApplication app;

    private ProviderServer(WebApplication app, TimeProvider time, Provider[] own)
    {
        (this.app, Time) = (app, time);
        smtp = new Lazy<SmtpFake>(() => new SmtpFake { OffersStartTls = false, Time = time, Took = Keep });
        Provider[] usual =
        [
            new SlackFake(), new SlackWebhookFake(), new JsonWebhookFake(), new DiscordFake(), new TelegramFake(),
            new PagerDutyFake(), new OpsgenieFake(), new NtfyFake(token: null), new TwilioFake(), new XFake(),
        ];
        providers = [.. own, .. usual.Where(one => own.All(other => other.GetType() != one.GetType()))];
        providers.ForEach(provider => provider.Join(this));
    }

    public TimeProvider Time { get; }

    /// <summary>For example <c>http://127.0.0.1:41234/</c>.</summary>
    public Uri Address => new(app.Urls.Single());

    /// <summary>True where the documented limits on messages are enforced.</summary>
    public bool IsAngry { get; set; }

    /// <summary>All that came over HTTP, in its order.</summary>
    public IReadOnlyList<Arrival> Arrivals => Locked(() => arrivals.ToList());

    /// <summary>In the clear, as on one's own machine.</summary>
    public SmtpFake Smtp => smtp.Value;

    /// <param name="own">In the place of the usual ones of their kind.</param>
    public static async Task<ProviderServer> StartAsync(TimeProvider time, params Provider[] own)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        var server = new ProviderServer(builder.Build(), time, own);
        server.app.Run(server.AnswerAsync);
        await server.app.StartAsync();
        return server;
    }

    public T Get<T>()
        where T : Provider => providers.OfType<T>().Single();

    /// <exception cref="InvalidOperationException">Something came that its provider refuses, or that nobody expected,
    /// or what was expected did not come; the message has it all.</exception>
    public void AssertNothingUnexpected()
    {
        var missing = providers.Where(provider => provider.Script.Count > 0)
            .Select(provider => $"{provider.Script.Count} scripted answers of {provider.Root} that nobody asked for");
        var all = Locked(() => unexpected.Concat(missing).ToList());
        if (smtp.IsValueCreated)
            all.AddRange(smtp.Value.Violations);
        if (all.Count > 0)
            throw new InvalidOperationException(string.Join(Environment.NewLine, all));
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
        if (smtp.IsValueCreated)
            await smtp.Value.StopAsync();
        http.Dispose();
    }

    /// <summary>Posts to us as a provider does.</summary>
    public async Task<HttpStatusCode> PostAsync(Callback callback)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, callback.Url)
        {
            Content = new ByteArrayContent(callback.Body.ToArray()),
        };
        foreach (var (name, value) in callback.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        }
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    public T Locked<T>(Func<T> read)
    {
        lock (gate)
            return read();
    }

    public void Keep(Arrival arrival)
    {
        arrivals.Add(arrival);
        unexpected.AddRange(arrival.Faults.Select(fault => $"{arrival.Request.Path.Split('?')[0]}: {fault}"));
    }

    private void Keep(SmtpFake.Taken mail, bool isLost) => Locked(() =>
    {
        arrivals.Add(
            new Arrival(
                "night", mail.Headers["Message-ID"], mail.Body, new ProviderRequest("DATA", "", [], []),
                Time.GetUtcNow(), [], IsTaken: true, isLost));
        return true;
    });

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var provider = providers.Where(one => path.StartsWith(one.Root, StringComparison.Ordinal))
            .MaxBy(one => one.Root.Length);
        if (provider is not null)
            return provider.TakeAsync(context);
        if (path is SlackPage.Path or SlackPage.Press)
            return new SlackPage(Get<SlackFake>()).AnswerAsync(context);
        Locked(() =>
        {
            unexpected.Add($"{context.Request.Method} {path}: no provider is there");
            return true;
        });
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
