using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tocsin.Tests.Feeds;

/// <summary>A real server of a stranger on the loopback interface, which answers as the test says.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private LoopbackServer(WebApplication app) => this.app = app;

    /// <summary>For example <c>http://127.0.0.1:41234/</c>.</summary>
    public Uri Address => new(app.Urls.Single());

    public Uri WebSocketAddress => new UriBuilder(Address) { Scheme = "ws" }.Uri;

    public static async Task<LoopbackServer> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new LoopbackServer(app);
    }

    public static Task<LoopbackServer> StartAsync(string body, string type = "application/json", int status = 200) =>
        StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            return context.Response.WriteAsync(body, context.RequestAborted);
        });

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
