using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Hooks;

/// <summary>A hook that is sent at once when the decision is taken, by a server that is killed while it waits for the
/// answer.</summary>
public sealed class HookTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hook_whose_answer_was_lost_by_a_kill_is_sent_again_with_the_same_key()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var keys = new ConcurrentQueue<string>();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await ReceiveAsync(keys, first);
        // A role has actions too.
        site.Change("plan/plan.yaml", ("\nactions:\n", "\n" + $$"""
            actions:
              - id: page
                what: Put up the page.
                hook: { url: "{{receiver.Urls.First()}}/page", expect: 204, run: at-once, exercise: true }

            """));
        site.Change("plan/procedures/halt-and-assess.md", ("steps:\n", """
            steps:
              - { id: page, what: "Put up the page.", role: operations, expected: 1min, hook: page }

            """));
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await chain.AttackAsync();
        await site.UntilAsync(
            "an incident is open", async () => (await site.Outside.IncidentsAsync(Cancelled)).Count > 0);
        var incident = (await site.Outside.IncidentsAsync(Cancelled))[0];
        await site.UntilAsync("the pause is proposed", () => site.Outside.HasDecisionAsync(incident, Cancelled));
        Assert.Empty(keys);
        await Officers.ApproveAsync(site.Outside.Server, incident, Officers.Chief, Cancelled);
        await Officers.ApproveAsync(site.Outside.Server, incident, Officers.Security, Cancelled);

        await Wait.ForAsync("the first request", first.Task, () => site.Output);
        await site.KillServerAsync();
        await site.StartServerAsync();

        await site.UntilAsync("the step is done", async () => await site.CountAsync(incident, "step-done.1") == 1);
        Assert.Equal(2, keys.Count);
        Assert.Single(keys.Distinct());
        Assert.Equal(1, await site.CountAsync(incident, "hook-asked.1"));
        Assert.Equal(1, await site.CountAsync(incident, "hook-sent.1"));
        Assert.Equal(0, await site.CountAsync(incident, "hook-failed.1"));
    }

    /// <summary>Never answers the first request, and the others as the plan expects.</summary>
    private static async Task<WebApplication> ReceiveAsync(ConcurrentQueue<string> keys, TaskCompletionSource first)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/page", async (HttpContext context) =>
        {
            keys.Enqueue(context.Request.Headers["Idempotency-Key"].ToString());
            if (first.TrySetResult())
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return Results.StatusCode(StatusCodes.Status204NoContent);
        });
        await app.StartAsync(Cancelled);
        return app;
    }
}
