using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Readiness;

/// <summary>A pause that two recoverers end early, with nothing but what the incident shows them.</summary>
public sealed class AfterPauseTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private string incident = "";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_recoverers_end_the_pause_with_the_calldata_that_is_shown_to_them()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await PauseAsync(site);

        // The brake lets nobody lift a pause within its first hour.
        await site.UntilAsync("each recoverer's call was tried", async () =>
            Trials(await ReopenAsync(site)).Count(words => words.Contains("TooEarly", StringComparison.Ordinal)) == 4);
        var page = await site.Outside.Server.GetStringAsync(
            new Uri($"/incidents/{incident}", UriKind.Relative), Cancelled);
        Assert.Contains("After the pause", page, StringComparison.Ordinal);
        Assert.Contains("Other Demo Recoverer", page, StringComparison.Ordinal);
        await chain.Anvil.Node.RequestAsync("evm_increaseTime", Cancelled, 3_700L);
        await site.UntilAsync("each call would succeed", async () =>
            Trials(await ReopenAsync(site)).Count(words => words.Length == 0) == 4);

        var calls = (await ReopenAsync(site)).GetProperty("calls").EnumerateArray().ToList();
        Assert.Equal(2, calls.Count);
        foreach (var call in calls)
        {
            Assert.Contains(call.GetProperty("data").GetString()!, page, StringComparison.Ordinal);
            await SendAsync(chain.Cast.Recovery, call);
            await SendAsync(chain.Cast.OtherRecovery, call);
        }

        await site.UntilAsync("both are shown as lifted", async () => (await AfterAsync(site)).GetProperty("scopes")
            .EnumerateArray().All(scope => scope.TryGetProperty("ended", out var why) && why.GetString() == "lifted"));
        foreach (var scope in (await AfterAsync(site)).GetProperty("scopes").EnumerateArray())
            Assert.Equal(
                chain.Cast.OtherRecovery,
                Address.Parse(scope.GetProperty("by").GetProperty("sender").GetString()!));
        Assert.False((await AfterAsync(site)).TryGetProperty("reopen", out _));
        await site.UntilAsync("people are told", () =>
            Task.FromResult(site.Received.Any(received => received.Body.GetRawText().Contains(
                "the pause was lifted", StringComparison.Ordinal)
                || received.Body.GetRawText().Contains("a part of the pause was lifted", StringComparison.Ordinal))));
        Assert.False(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        Assert.False(await site.Outside.IsPausedOnChainAsync("vault", Cancelled));
        Assert.Equal(2, await site.SignaturesAsync());
    }

    private async Task PauseAsync(Site site)
    {
        await chain.AttackAsync();
        await site.UntilAsync(
            "an incident is open", async () => (await site.Outside.IncidentsAsync(Cancelled)).Count > 0);
        incident = (await site.Outside.IncidentsAsync(Cancelled))[0];
        await site.UntilAsync("the pause is proposed", () => site.Outside.HasDecisionAsync(incident, Cancelled));
        await Officers.ApproveAsync(site.Outside.Server, incident, Officers.Chief, Cancelled);
        await Officers.ApproveAsync(site.Outside.Server, incident, Officers.Security, Cancelled);
        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync(incident, Cancelled));
    }

    private async Task SendAsync(Address from, JsonElement call)
    {
        var transaction = await chain.Anvil.SendAsync(
            from, Address.Parse(call.GetProperty("target").GetString()!),
            Hex.Parse(call.GetProperty("data").GetString()!), Cancelled);
        Assert.True(await chain.HasSucceededAsync(transaction));
    }

    private async Task<JsonElement> AfterAsync(Site site)
    {
        var now = await site.IncidentAsync(incident);
        if (!now.TryGetProperty("afterPause", out var after))
            Assert.Fail(
                $"nothing is shown of the pause: {string.Join(", ", await site.KindsAsync(incident))}; {site.Output}");
        return after;
    }

    private async Task<JsonElement> ReopenAsync(Site site) => (await AfterAsync(site)).GetProperty("reopen");

    private static IEnumerable<string> Trials(JsonElement reopen) =>
        from call in reopen.GetProperty("calls").EnumerateArray()
        from sender in call.GetProperty("senders").EnumerateArray()
        where sender.TryGetProperty("trial", out _)
        select sender.GetProperty("trial").GetProperty("words").GetString()!;
}
