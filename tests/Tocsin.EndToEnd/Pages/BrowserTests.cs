using Tocsin.Demo;
using Tocsin.Demo.Providers;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm.Eip712;

namespace Tocsin.EndToEnd.Pages;

/// <summary>What a person does in the war room, in a real browser on a phone's width.</summary>
public sealed class BrowserTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_officer_signs_in_the_war_room_on_a_phone()
    {
        await using var browser = await Chromium.StartAsync();
        await using var site = await OpenIncidentAsync();
        var page = await browser.OpenAsync(site);
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.AddRange(message.Type == "error" ? [message.Text] : []);
        page.PageError += (_, error) => complaints.Add(error);

        await page.GotoAsync("/incidents/INC-1");
        await page.GetByText("Pause contracts").First.WaitForAsync();
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 0, Chromium.PhoneWidth);
        await page.FillAsync("textarea[name=signature]", await SignatureAsync(site));
        await page.ClickAsync("form[action$='/approve'] button");

        await page.GetByText("approved by Demo Chief").First.WaitForAsync();
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task A_personal_link_acknowledges_without_scripts_and_only_when_its_button_is_pressed()
    {
        await using var browser = await Chromium.StartAsync();
        await using var site = await OpenIncidentAsync();
        await site.UntilAsync("the phone has the alert", () => Task.FromResult(PhoneAlert(site) is not null));
        var link = PhoneAlert(site)!.Body.GetProperty("acknowledge").GetString()!;
        var page = await browser.OpenAsync(site, scripts: false);

        await page.GotoAsync(link);
        Assert.False(await site.Outside.IsAcknowledgedAsync("INC-1", Cancelled));
        await page.ClickAsync("button");

        Assert.True(await site.Outside.IsAcknowledgedAsync("INC-1", Cancelled));
        await page.GotoAsync("/incidents/INC-1");
        Assert.Contains("Demo Chief", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Equal(1, await page.Locator("meta[http-equiv=refresh]").CountAsync());
    }

    [Fact]
    public async Task The_page_shows_by_itself_what_happens_after_it_was_opened()
    {
        await using var browser = await Chromium.StartAsync();
        await using var site = await OpenIncidentAsync();
        var page = await browser.OpenAsync(site);
        await page.GotoAsync("/incidents/INC-1");

        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Chief, Cancelled);
        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Security, Cancelled);

        await page.GetByText("CONTAINED", new() { Exact = true }).First.WaitForAsync();
    }

    private static Arrival? PhoneAlert(Site site) =>
        site.Outside.Alerts("INC-1", "opened").FirstOrDefault(alert => alert.Channel == DemoChannels.Phone);

    private static async Task<string> SignatureAsync(Site site)
    {
        var decision = new Uri("/api/incidents/INC-1/decision", UriKind.Relative);
        var text = await site.Outside.Server.GetStringAsync(decision, Cancelled);
        return Officers.Chief.Sign(TypedData.Parse(text).Digest()).ToHex();
    }

    private async Task<Site> OpenIncidentAsync()
    {
        await chain.ResetAsync();
        var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await chain.AttackAsync();
        await site.UntilAsync(
            "an incident is open", async () => (await site.Outside.IncidentsAsync(Cancelled)).Count == 1);
        await site.UntilAsync("approvals are asked for", () => site.Outside.HasDecisionAsync("INC-1", Cancelled));
        return site;
    }
}
