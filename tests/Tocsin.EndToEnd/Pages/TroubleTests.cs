using Microsoft.Playwright;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Pages;

/// <summary>What pages say when the nodes, the chain or the watch itself are in trouble, in a real browser.</summary>
public sealed class TroubleTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_no_second_node_confirms_it_the_page_says_so_and_a_person_asks_for_the_approvals()
    {
        await using var browser = await Chromium.StartAsync();
        await using var site = await CreateAsync();
        site.Change("tocsin.yaml", (
            $"rpc: {site.Rpc.Address}\n  ws: {chain.Anvil.WebSocket.AbsoluteUri}",
            $$"""
            nodes:
                ours: { rpc: "{{site.Rpc.Address}}", ws: "{{chain.Anvil.WebSocket.AbsoluteUri}}", weight: 100 }
                provider-in-another-region: { rpc: "http://127.0.0.1:9" }
            """));
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await chain.AttackAsync();
        await UntilOpenAsync(site);
        var page = await browser.OpenAsync(site);

        await page.GotoAsync("/incidents/INC-1");
        await page.GetByText("provider-in-another-region cannot say").First.WaitForAsync();
        await page.FitsAsync();
        await page.SelectOptionAsync("#decision-person", "security");
        await page.ClickAsync("form[action$='/decision'] button");

        await page.GetByText("Waiting for approvals.").WaitForAsync();
        await page.GetByText("waiting for Demo Chief").First.WaitForAsync();
        await page.FitsAsync();
    }

    [Fact]
    public async Task While_blocks_are_caught_up_with_every_page_shows_what_the_newest_one_takes()
    {
        await using var browser = await Chromium.StartAsync();
        await using var site = await CreateAsync();
        await site.StartServerAsync();
        var page = await browser.OpenAsync(site);
        await page.GotoAsync("/");
        await page.GetByText("The watch is up to date").WaitForAsync();

        await chain.Anvil.Node.RequestAsync("evm_setIntervalMining", Cancelled, 0L);
        var next = (await chain.Anvil.Node.HeadAsync(Cancelled)).Number + 1;
        site.Rpc.Hold = Hold.Requests("eth_getBlockByNumber", $"\"0x{next:x}\",true");
        for (var block = 0; block < 9; block++)
            await chain.Anvil.Node.RequestAsync("evm_mine", Cancelled);
        // The newest block at a time: what comes while one is looked at is passed over.
        await page.GetByText("nothing left a protected contract").WaitForAsync();
        await chain.AttackAsync();
        await chain.Anvil.Node.RequestAsync("evm_mine", Cancelled);

        await page.GetByText("with 1 transaction: 401,").WaitForAsync();
        await page.GetByText("the watch is still catching up").WaitForAsync();
        await page.FitsAsync();
        site.Rpc.Hold.Release(lost: false);
        await UntilOpenAsync(site);
        await page.GetByText("PREVIEW").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    [Fact]
    public async Task A_chain_that_stops_is_shown_as_a_watch_that_is_blind_and_its_return_as_an_incident_that_is_over()
    {
        await using var browser = await Chromium.StartAsync();
        await using var site = await CreateAsync();
        site.Change("tocsin.yaml", ("  quiet_blocks: 1", "  quiet_blocks: 1\n  stall_after: 5s"));
        await site.StartServerAsync();
        var list = await browser.OpenAsync(site);
        var room = await browser.OpenAsync(site);
        await list.GotoAsync("/");
        await list.GetByText("The watch is up to date").WaitForAsync();

        await chain.Anvil.Node.RequestAsync("evm_setIntervalMining", Cancelled, 0L);
        await UntilOpenAsync(site);
        await room.GotoAsync("/incidents/INC-1");
        await room.GetByText("No new head for").First.WaitForAsync();
        foreach (var page in (IPage[])[room, list])
        {
            await page.GetByText("WATCH IS BLIND").WaitForAsync(new() { Timeout = 60_000 });
            await page.FitsAsync();
        }

        await chain.Anvil.MineEveryAsync(TimeSpan.FromSeconds(1), Cancelled);
        await room.Locator(".phase").GetByText("OVER, NOT YET ACKNOWLEDGED").WaitForAsync();
        await room.GetByText("It is over: say why it happened").WaitForAsync();
        await list.Locator(".phase").GetByText("OVER, NOT YET ACKNOWLEDGED").WaitForAsync();
        await room.FitsAsync();
        await list.FitsAsync();
    }

    private async Task<Site> CreateAsync()
    {
        await chain.ResetAsync();
        return await Site.CreateAsync(chain);
    }

    private static Task UntilOpenAsync(Site site) => site.UntilAsync(
        "an incident is open", async () => (await site.Outside.IncidentsAsync(Cancelled)).Count == 1);
}
