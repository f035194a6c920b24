using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tocsin.EndToEnd.Commands;

/// <summary>Answers every request with the same text, as a node would that is none.</summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeNode(WebApplication app) => this.app = app;

    public string Address => app.Urls.First();

    /// <summary>A node that gives these answers one after another, and the last one for ever.</summary>
    public static Task<FakeNode> StartAsync(params string[] answers)
    {
        var asked = -1;
        return StartAsync(context =>
            context.Response.WriteAsync(answers[Math.Min(Interlocked.Increment(ref asked), answers.Length - 1)]));
    }

    /// <summary>A node that knows that it is on Ethereum and that every address has code, and no more.</summary>
    public static Task<FakeNode> StartEthereumAsync() => StartAsync(async context =>
    {
        var request = await context.Request.ReadFromJsonAsync<JsonElement>();
        var result = request.GetProperty("method").GetString() == "eth_chainId" ? "0x1" : "0x00";
        await context.Response.WriteAsJsonAsync(new { jsonrpc = "2.0", id = request.GetProperty("id"), result });
    });

    private static async Task<FakeNode> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var node = new FakeNode(builder.Build());
        node.app.MapFallback(answer);
        await node.app.StartAsync();
        return node;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
