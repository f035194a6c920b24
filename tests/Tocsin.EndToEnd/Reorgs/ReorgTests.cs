using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Crashes;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Reorgs;

/// <summary>What the chain takes back, Tocsin takes back, and tells everyone who was told.</summary>
public sealed class ReorgTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_orphaned_attack_is_taken_back_and_comes_back_into_the_same_incident()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        var attack = await chain.AttackAsync();
        var receipt = await chain.Anvil.ReceiptAsync(attack, Cancelled);
        var raw = (await chain.Anvil.Node.RequestAsync("eth_getRawTransactionByHash", Cancelled, attack.ToString()))
            .GetString()!;
        await site.UntilAsync(
            "an incident is open", async () => (await site.Outside.IncidentsAsync(Cancelled)).Count == 1);

        await OrphanAsync(receipt.Block.Number);
        await ToldAsync(site, "retracted");
        Assert.Equal("false-alarm", await PhaseAsync(site));

        await chain.Anvil.Node.RequestAsync("eth_sendRawTransaction", Cancelled, raw);
        Assert.True(await chain.HasSucceededAsync(attack));
        await ToldAsync(site, "worsened");
        Assert.NotEqual("false-alarm", await PhaseAsync(site));
        await ApproveAsync(site);
        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal(["INC-1"], await site.Outside.IncidentsAsync(Cancelled));
    }

    [Theory]
    [InlineData(1_000, false)]
    [InlineData(1, true)]
    public async Task An_orphaned_pause_is_sent_again_with_the_same_bytes_and_the_same_nonce(
        int quietBlocks, bool contained)
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain, quietBlocks);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        var attack = await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        await site.UntilAsync("the attack is buried under five blocks", async () =>
            (await chain.Anvil.Node.HeadAsync(Cancelled)).Number >= attack.Block.Number + 5
                && await site.Outside.HasDecisionAsync("INC-1", Cancelled));
        await ApproveAsync(site);
        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        if (contained)
            await site.UntilAsync("it is contained", () => site.Outside.IsContainedAsync("INC-1", Cancelled));
        var before = await TransactionsAsync(site);
        // On a busy machine the two are in different blocks, in either order.
        var paused = await Task.WhenAll(before.Select(one => chain.Anvil.ReceiptAsync(one, Cancelled)));

        await OrphanAsync(paused.Min(receipt => receipt.Block.Number));
        await site.UntilAsync(
            "the log says that both pauses were orphaned", async () =>
                await site.CountAsync("INC-1", "call-orphaned.1") == 2);
        await ToldAsync(site, "worsened");
        await site.UntilAsync(
            "both are included again", async () => await site.CountAsync("INC-1", "call-included.1") == 4);
        await site.UntilAsync(
            "market and vault are paused again", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        if (contained)
            await site.UntilAsync(
                "it is contained once more", async () => await site.CountAsync("INC-1", "contained.1") == 2);
        Assert.Equal(before, await TransactionsAsync(site));
        Assert.Equal(2UL, await chain.Anvil.Node.NonceAsync(chain.SignerKey.Address, "latest", Cancelled));
        Assert.Equal(2, await site.SignaturesAsync());
        Assert.True(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        Assert.True(await site.Outside.IsPausedOnChainAsync("vault", Cancelled));
    }

    /// <summary>Replaces the block and all after it by empty ones; nothing is mined while they are counted.</summary>
    private async Task OrphanAsync(ulong block)
    {
        await chain.Anvil.Node.RequestAsync("evm_setIntervalMining", Cancelled, 0L);
        var head = (await chain.Anvil.Node.HeadAsync(Cancelled)).Number;
        await chain.Anvil.Node.RequestAsync("anvil_reorg", Cancelled, (long)(head - block + 1), Array.Empty<object>());
        await chain.Anvil.Node.RequestAsync("evm_setIntervalMining", Cancelled, 1L);
    }

    private static async Task ToldAsync(Site site, string reason)
    {
        await site.UntilAsync(
            $"the phone was told '{reason}'", () =>
                Task.FromResult(Judgement.Alerts(site, DemoChannels.Phone, reason).Any()));
        await site.UntilAsync(
            $"the war room was told '{reason}'", () =>
                Task.FromResult(Judgement.Alerts(site, DemoChannels.Slack, reason).Any()));
    }

    private static async Task ApproveAsync(Site site)
    {
        foreach (var officer in (Evm.PrivateKey[])[Officers.Chief, Officers.Security])
            Assert.Contains(
                "approved by", await Officers.ApproveAsync(site.Outside.Server, "INC-1", officer, Cancelled),
                StringComparison.Ordinal);
    }

    private static async Task<string> PhaseAsync(Site site) =>
        (await site.IncidentAsync("INC-1")).GetProperty("phase").GetString()!;

    private static async Task<Hash32[]> TransactionsAsync(Site site) =>
        [.. (await site.IncidentAsync("INC-1")).GetProperty("decision").GetProperty("calls").EnumerateArray()
            .Select(call => Hash32.Parse(call.GetProperty("included").GetProperty("transaction").GetString()))];
}
