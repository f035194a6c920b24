using System.Text.Json;
using Tocsin.Demo;
using Tocsin.Deployments;
using Tocsin.EndToEnd.Parts;
using Tocsin.Findings;

namespace Tocsin.EndToEnd.Readiness;

/// <summary>An installation whose prepared action stops working, and works again.</summary>
public sealed class ReadinessTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static readonly Uri Actions = new("/actions", UriKind.Relative);
    private static readonly Uri ProbeNow = new("/actions/probe", UriKind.Relative);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_role_that_was_taken_away_wakes_people_within_one_probe_until_it_is_back()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await site.UntilAsync("the action is ready", () => ShowsAsync(site, ">READY<"));
        Assert.Equal(0, (await ListAsync(site)).ExitCode);

        await ReplacePauserAsync();
        await PressAsync(site);

        Assert.True(await ShowsAsync(site, ">NOT READY<"));
        Assert.True(await ShowsAsync(site, "does not hold the role"));
        await site.UntilAsync("people are told", async () => await IncidentAsync(site) is not null);
        var incident = (await IncidentAsync(site))!;
        Assert.Contains(
            "The prepared action 'pause-protocol' could not be done now",
            await site.Outside.MainReasonAsync(incident, Cancelled), StringComparison.Ordinal);

        // Nothing but the node is needed to see the same.
        await site.KillServerAsync();
        var listed = await ListAsync(site);
        Assert.Equal(1, listed.ExitCode);
        using var json = JsonDocument.Parse(listed.Output);
        Assert.Equal("not ready", json.RootElement[0].GetProperty("state").GetString());

        // What was found before the restart is shown with its age until the next probe, and that one sees the repair.
        await GiveRoleBackAsync();
        await site.StartServerAsync();
        await site.UntilAsync("the action is ready again", () => ShowsAsync(site, ">READY<"));
        await site.UntilAsync("its finding is over", async () =>
            (await site.IncidentAsync(incident)).GetProperty("main").GetProperty("status").GetString() == "over");
    }

    private static Task<Ended> ListAsync(Site site) =>
        Executable.RunAsync("contain", "--list", "--json", "--config", site.Folder.Root);

    private static async Task<bool> ShowsAsync(Site site, string text) =>
        (await site.Outside.Server.GetStringAsync(Actions, Cancelled)).Contains(text, StringComparison.Ordinal);

    private static async Task<string?> IncidentAsync(Site site) =>
        (await site.Outside.ThreatsAsync(Cancelled))
            .Where(incident => incident.Threat == Threat.MonitoringImpaired)
            .Select(incident => incident.Id)
            .FirstOrDefault();

    private static Task PressAsync(Site site) => site.Outside.PressAsync(Actions, ProbeNow, Cancelled);

    private async Task ReplacePauserAsync()
    {
        var deployment = await DeploymentAsync();
        await GiveAsync(deployment, chain.Cast.Chief);
        await deployment.SendAsync(
            chain.Cast.Governance, chain.Protocol.Controls, "removeFromRole", chain.SignerKey.Address);
    }

    private async Task GiveRoleBackAsync()
    {
        await chain.Anvil.Node.RequestAsync("anvil_impersonateAccount", Cancelled, chain.SignerKey.Address);
        await GiveAsync(await DeploymentAsync(), chain.SignerKey.Address);
    }

    private async Task GiveAsync(Deployment deployment, Chains.Address account)
    {
        var controls = chain.Protocol.Controls;
        await deployment.SendAsync(chain.Cast.Governance, controls, "offerRole", account, (ulong)Role.Pauser);
        await deployment.SendAsync(account, controls, "acceptRole", (ulong)Role.Pauser);
    }

    private async Task<Deployment> DeploymentAsync() => new(
        chain.Anvil, await Toolchain.PrepareAsync(_ => { }, Cancelled), chain.Cast.Governance, Cancelled);
}
