using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Crashes;
using Tocsin.EndToEnd.Pages;
using Tocsin.EndToEnd.Parts;
using Tocsin.EndToEnd.Sending;
using Tocsin.Evm;
using Tocsin.Evm.Eip712;
using static Tocsin.EndToEnd.Safes.EmergencySafe;

namespace Tocsin.EndToEnd.Safes;

/// <summary>The real server, signer, brake and Safe: a pause that the Safe makes.</summary>
public sealed class EmergencySafeTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approvers_and_two_of_three_owners_pause_through_the_Safe_once()
    {
        await chain.ResetAsync();
        var safe = await DeployAsync(chain);
        await using var site = await safe.CreateSiteAsync();
        await UntilAskedAsync(site);

        Assert.Contains("not-an-owner", await SignAsync(site, 1, PrivateKey.Generate()), StringComparison.Ordinal);
        Assert.Contains("1 more needed", await SignAsync(site, 1, safe.Owners[2]), StringComparison.Ordinal);
        Assert.Contains("signed already", await SignAsync(site, 1, safe.Owners[2]), StringComparison.Ordinal);
        await ApproveAsync(site);
        Assert.Contains("1 more", await SignAsync(site, 2, safe.Owners[0], isMessage: true), StringComparison.Ordinal);
        Assert.Contains("enough have signed", await SignAsync(site, 2, safe.Owners[1]), StringComparison.Ordinal);
        Assert.Equal(0, await site.SignaturesAsync());
        Assert.Contains("enough have signed", await SignAsync(site, 1, safe.Owners[1]), StringComparison.Ordinal);

        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));

        Assert.Equal((UInt256)2UL, await safe.NonceAsync());
        Assert.Equal(2, await site.SignaturesAsync());
        Assert.Equal(2, await site.CountAsync("INC-1", "call-signed.1"));
        Assert.Equal(2, await site.CountAsync("INC-1", "owner-refused.1"));
        Assert.Contains("nothing more is needed", await SignAsync(site, 1, safe.Owners[0]), StringComparison.Ordinal);
        var page = await site.Outside.Server.GetStringAsync(
            new Uri("/incidents/INC-1", UriKind.Relative), Cancelled);
        Assert.Contains("Owners of emergency-safe, call 1", page, StringComparison.Ordinal);
        Assert.Contains(ChecksumAddress.Format(safe.Owners[2].Address), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_routine_transaction_voids_what_was_signed_and_owners_are_asked_anew()
    {
        await chain.ResetAsync();
        var safe = await DeployAsync(chain);
        await using var site = await safe.CreateSiteAsync();
        await UntilAskedAsync(site);
        await ApproveAsync(site);
        await SignAsync(site, 1, safe.Owners[0]);

        await safe.DoRoutineAsync();

        await site.UntilAsync("owners are asked for the new nonce", async () =>
            await AskedAsync(site, 1) == 1 && await AskedAsync(site, 2) == 2);
        await site.UntilAsync("the phone was told", () => Task.FromResult(
            Judgement.Alerts(site, DemoChannels.Phone, "ownersNeeded").Count() >= 2));
        Assert.Equal(0, await site.SignaturesAsync());
        await PauseAsync(site, safe);
        Assert.Equal((UInt256)3UL, await safe.NonceAsync());
        Assert.Equal(2, await site.SignaturesAsync());
    }

    [Fact]
    public async Task With_other_owners_than_the_plan_says_nothing_is_signed()
    {
        await chain.ResetAsync();
        var safe = await DeployAsync(chain);
        await using var site = await safe.CreateSiteAsync();
        await UntilAskedAsync(site);
        await ApproveAsync(site);
        await SignAsync(site, 1, safe.Owners[0]);
        var stranger = PrivateKey.Generate().Address;

        await safe.SwapAsync(safe.Owners[2].Address, stranger);

        await SaidAsync(site, $"{ChecksumAddress.Format(stranger)} owns Safe 'emergency-safe', and the plan does not");
        await SignAsync(site, 1, safe.Owners[1]);
        await SignAsync(site, 2, safe.Owners[0]);
        await SignAsync(site, 2, safe.Owners[1]);
        await site.UntilAsync("the phone was told", () => Task.FromResult(
            Judgement.Alerts(site, DemoChannels.Phone, "worsened").Any()));
        Assert.Equal(0, await site.SignaturesAsync());
        Assert.Equal(UInt256.Zero, await safe.NonceAsync());

        await safe.SwapAsync(stranger, safe.Owners[2].Address);

        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal(2, await site.SignaturesAsync());
    }

    [Fact]
    public async Task A_Safe_that_moved_on_after_the_call_was_sent_is_told_and_the_decision_is_asked_for_anew()
    {
        await chain.ResetAsync();
        var safe = await DeployAsync(chain);
        await using var site = await safe.CreateSiteAsync();
        var pool = new StrictPool { Swallows = (_, _) => true };
        site.Rpc.Instead = pool.Answer;
        await UntilAskedAsync(site);
        await ApproveAsync(site);
        foreach (var call in new[] { 1, 2 })
        {
            foreach (var owner in safe.Owners.Take(2))
                await SignAsync(site, call, owner);
        }
        await site.UntilAsync("both calls were sent", async () =>
            await site.CountAsync("INC-1", "call-broadcast.1") >= 2);

        await safe.DoRoutineAsync();

        await SaidAsync(site, "THE SAFE MADE ANOTHER TRANSACTION");
        site.Rpc.Instead = null;
        await site.UntilAsync("a new decision is proposed", async () =>
            await site.CountAsync("INC-1", "decision-proposed.1") == 2);
        await site.UntilAsync("its owners are asked", async () =>
            await AskedAsync(site, 1) is 2 or 1 && await AskedAsync(site, 2) is not null);
        await ApproveAsync(site);
        await PauseAsync(site, safe);
        Assert.Equal(4, await site.CountAsync("INC-1", "call-signed.1"));
    }

    [Fact]
    public async Task A_kill_between_the_owners_and_the_signer_loses_no_signature_and_pauses_once()
    {
        await chain.ResetAsync();
        var safe = await DeployAsync(chain);
        await using var site = await safe.CreateSiteAsync();
        await UntilAskedAsync(site);
        foreach (var call in new[] { 1, 2 })
            await SignAsync(site, call, safe.Owners[0]);
        await site.KillServerAsync();
        await site.StartServerAsync();
        foreach (var call in new[] { 1, 2 })
            Assert.Contains(
                "enough have signed", await SignAsync(site, call, safe.Owners[1]), StringComparison.Ordinal);
        site.SignerSocket.Hold = Hold.Answer("\"sign\":{", "\"signed\":{");

        await ApproveAsync(site);
        await Wait.ForAsync("a signature on its way to the server", site.SignerSocket.Hold.Reached, () => site.Output);
        await site.KillServerAsync();
        await site.KillSignerAsync();
        site.SignerSocket.Hold.Release(lost: true);
        await site.StartSignerAsync();
        await site.StartServerAsync();

        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal((UInt256)2UL, await safe.NonceAsync());
        Assert.Equal(2, await site.SignaturesAsync());
    }

    [Fact]
    public async Task An_owner_signs_in_the_war_room_on_a_phone()
    {
        await chain.ResetAsync();
        var safe = await DeployAsync(chain);
        await using var browser = await Chromium.StartAsync();
        await using var site = await safe.CreateSiteAsync();
        await UntilAskedAsync(site);
        var page = await browser.OpenAsync(site);
        await page.GotoAsync("/incidents/INC-1");
        var typedData = await site.Outside.Server.GetStringAsync(
            new Uri("/incidents/INC-1/calls/1/safe.json", UriKind.Relative), Cancelled);

        await page.GetByLabel("Paste the signature").First.WaitForAsync();
        await page.FillAsync(
            "form[action$='/calls/1/signatures'] textarea",
            safe.Owners[0].Sign(TypedData.Parse(typedData).Digest()).ToHex());
        await page.ClickAsync("form[action$='/calls/1/signatures'] button");

        await page.GetByText("1 of the 2 signatures").First.WaitForAsync();
        await page.FitsAsync();
    }

    private async Task UntilAskedAsync(Site site)
    {
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        await site.UntilAsync("the owners are asked to sign both calls", async () =>
            await site.Outside.HasDecisionAsync("INC-1", Cancelled)
            && await AskedAsync(site, 1) is not null && await AskedAsync(site, 2) is not null);
    }

    private static async Task PauseAsync(Site site, EmergencySafe safe)
    {
        foreach (var call in new[] { 1, 2 })
        {
            foreach (var owner in safe.Owners.Take(2))
                await SignAsync(site, call, owner);
        }
        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
    }

    private static async Task ApproveAsync(Site site)
    {
        foreach (var officer in (PrivateKey[])[Officers.Chief, Officers.Security])
            Assert.Contains(
                "approved by", await Officers.ApproveAsync(site.Outside.Server, "INC-1", officer, Cancelled),
                StringComparison.Ordinal);
    }

    private static Task SaidAsync(Site site, string words) => site.UntilAsync(
        $"the incident says: {words}",
        async () => JsonSerializer.Serialize(
            await site.Outside.TimelineAsync("INC-1", Cancelled), Tocsin.Recording.EventJson.Printed)
            .Contains(words, StringComparison.Ordinal));
}
