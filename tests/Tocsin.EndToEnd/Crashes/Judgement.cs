using System.Text.Json;
using Tocsin.Demo;
using Tocsin.Demo.Providers;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Crashes;

/// <summary>What must hold at the end of every story, whatever happened on the way.</summary>
internal static class Judgement
{
    private static readonly (string Reason, string Headline)[] Expected =
    [
        ("opened", ""), ("decisionNeeded", ": approval needed"), ("paused", "PAUSED, NOT YET CONTAINED"),
            ("contained", ": contained"), ("resolved", ": resolved"),
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task HoldsAsync(Site site, ProtectedChain chain, Story story)
    {
        Assert.Equal([story.Incident], await site.Outside.IncidentsAsync(Cancelled));
        Alerts(site);
        var pausedIn = await ChainAsync(site, chain);
        foreach (var attack in story.Attacks)
        {
            var receipt = await chain.Anvil.ReceiptAsync(attack, Cancelled);
            Assert.True(
                !receipt.Succeeded
                    || receipt.Block.Number <= pausedIn,
                    $"an attack succeeded in block {receipt.Block.Number}, after the pause in {pausedIn}");
        }
        Assert.Equal(2, await site.SignaturesAsync());
        var kinds = await site.KindsAsync(story.Incident);
        Assert.Single(kinds, "decision-proposed.1");
        Assert.Single(kinds, "decision-taken.1");
        Assert.Single(kinds, "resolved.1");
        await site.KillServerAsync();
        var audit = await Executable.RunAsync("audit", "verify", "--config", site.Folder.Root);
        Assert.True(audit.ExitCode == 0, $"audit verify: {audit.Output}{audit.Errors}");
    }

    /// <summary>What one channel was told for one reason.</summary>
    public static IEnumerable<Arrival> Alerts(Site site, string channel, string reason)
    {
        var received = site.Received.Where(alert => alert.Channel == channel && alert.Fault is null);
        return channel == DemoChannels.Phone
            ? received.Where(alert => alert.Body.GetProperty("reason").GetString() == reason)
            : received.Where(alert => SlackReason(alert.Body) == reason);
    }

    // Every channel was told everything; what came twice is the same alert, which its receiver can tell by the key.
    private static void Alerts(Site site)
    {
        Assert.DoesNotContain(site.Received, alert => alert.Fault is not null);
        foreach (var (reason, _) in Expected)
        {
            var keys = Alerts(site, DemoChannels.Phone, reason)
                .Select(alert => alert.Body.GetProperty("key").GetString()).ToList();
            Assert.True(
                keys.Distinct()
                    .Count() == 1, $"the phone was told '{reason}' under the keys [{string.Join(", ", keys)}]");
            var bodies = Alerts(site, DemoChannels.Slack, reason).Select(alert => alert.Text).ToList();
            Assert.True(
                bodies.Distinct()
                    .Count() == 1,
                    $"the war room was told '{reason}' {bodies.Count} times, in {bodies.Distinct().Count()} ways");
        }
        var others =
            site.Received.Count - Expected.Sum(
                e => Alerts(site, DemoChannels.Phone, e.Reason).Count()
                    + Alerts(site, DemoChannels.Slack, e.Reason).Count());
        Assert.True(others == 0, $"{others} alerts were for other reasons");
    }

    private static string SlackReason(JsonElement body)
    {
        var headline = body.GetProperty("blocks")[0].GetProperty("text").GetProperty("text").GetString()!;
        return Expected.Skip(1).Where(e => headline.Contains(e.Headline, StringComparison.Ordinal))
            .Select(e => e.Reason).FirstOrDefault()
            ?? (headline.Contains("worse", StringComparison.Ordinal) ? "worsened"
                : headline.Contains("taken back", StringComparison.Ordinal) ? "retracted" : "opened");
    }

    /// <returns>The block of the later pause.</returns>
    private static async Task<ulong> ChainAsync(Site site, ProtectedChain chain)
    {
        Assert.True(
            await site.Outside.IsPausedOnChainAsync("market", Cancelled),
            "the chain says that the market is not paused");
        Assert.True(
            await site.Outside.IsPausedOnChainAsync("vault", Cancelled), "the chain says that the vault is not paused");
        Assert.Equal(2UL, await chain.Anvil.Node.NonceAsync(chain.SignerKey.Address, "latest", Cancelled));
        var pauses = new List<(ulong Block, bool Succeeded)>();
        var head = (await chain.Anvil.Node.HeadAsync(Cancelled)).Number;
        for (var number = chain.Protocol.DeployedAt; number <= head; number++)
        {
            var block = await chain.Anvil.Node.BlockAsync(number, Cancelled);
            pauses.AddRange(
                block!.Transactions.ToArray()
                    .Where(t => t.From == chain.SignerKey.Address).Select(t => (number, t.Succeeded)));
        }
        Assert.Equal(2, pauses.Count);
        Assert.All(pauses, pause => Assert.True(pause.Succeeded, $"the pause in block {pause.Block} failed"));
        return pauses.Max(pause => pause.Block);
    }
}
