using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Demo.Providers;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;

namespace Tocsin.EndToEnd.Crashes;

/// <summary>
/// The whole story of an incident, played from outside by people who try again when nobody answers. What somebody was
/// told is done is never done a second time: it must have survived.
/// </summary>
/// <param name="reached">Hears of each stage that has been reached and waits there.</param>
internal sealed class Story(Site site, ProtectedChain chain, Func<Stage, Task> reached)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public string Incident { get; private set; } = "";

    public List<Hash32> Attacks { get; } = [];

    public async Task PlayAsync()
    {
        await AttackAsync();
        await reached(Stage.AttackMined);
        await reached(Stage.BlockBeingRead);
        await site.UntilAsync(
            "an incident is open", async () => (await site.Outside.IncidentsAsync(Cancelled)).Count > 0);
        Incident = (await site.Outside.IncidentsAsync(Cancelled))[0];
        await reached(Stage.Opened);
        await reached(Stage.AlertOnItsWay);
        await reached(Stage.AlertButNotAnswered);
        await AcknowledgeAsync();
        await reached(Stage.Acknowledged);
        await site.UntilAsync("the pause is proposed", () => site.Outside.HasDecisionAsync(Incident, Cancelled));
        await reached(Stage.Proposed);
        await AttackAsync();
        await ApproveAsync(Officers.Chief);
        await reached(Stage.FirstApproval);
        await ApproveAsync(Officers.Security);
        for (var stage = Stage.DecisionTaken; stage <= Stage.Included; stage++)
            await reached(stage);
        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync(Incident, Cancelled));
        await reached(Stage.Paused);
        await AttackAsync();
        await EndAsync();
    }

    private async Task EndAsync()
    {
        await site.UntilAsync("the incident is contained", () => site.Outside.IsContainedAsync(Incident, Cancelled));
        await reached(Stage.Contained);
        await site.UntilAsync(
            "the impact is assessed", async () => await site.Outside.ImpactAsync(Incident, Cancelled) is not null);
        await reached(Stage.Assessed);
        await DoAsync(
            "the incident is resolved", () => IsAsync("resolvedAt"), () =>
                site.Outside.ResolveAsync(Incident, "chief", "resolved in a test", Cancelled));
        await reached(Stage.Resolved);
        await site.UntilAsync(
            "all ten alerts are delivered", async () => await site.CountAsync(Incident, "alert-delivered.1") >= 10);
    }

    private async Task AttackAsync()
    {
        Attacks.Add(await chain.AttackAsync());
        await chain.Anvil.ReceiptAsync(Attacks[^1], Cancelled);
    }

    private async Task AcknowledgeAsync()
    {
        var opened = Array.Empty<Arrival>();
        await site.UntilAsync("the phone has the alert", () =>
        {
            opened = [.. Judgement.Alerts(site, DemoChannels.Phone, "opened")];
            return Task.FromResult(opened.Length > 0);
        });
        var link = new Uri(opened[0].Body.GetProperty("acknowledge").GetString()!);
        await DoAsync(
            "the incident is acknowledged", () => site.Outside.IsAcknowledgedAsync(Incident, Cancelled), async () =>
        {
            await site.Outside.PressAsync(link, Cancelled);
            return true;
        });
    }

    private Task ApproveAsync(PrivateKey officer) => DoAsync(
        $"{officer.Address} has approved",
        async () =>
            (await site.IncidentAsync(Incident)).GetProperty("decision").GetProperty("approvals").EnumerateArray()
            .Any(approval => Address.Parse(approval.GetProperty("signer").GetString()) == officer.Address),
        async () =>
            (await Officers.ApproveAsync(site.Outside.Server, Incident, officer, Cancelled))
                .Contains("approved by", StringComparison.Ordinal));

    /// <summary>Does it again for as long as no answer came; after the answer it must be so.</summary>
    private async Task DoAsync(string what, Func<Task<bool>> isSo, Func<Task<bool>> act)
    {
        var answered = false;
        await site.UntilAsync(what, async () =>
        {
            if (await isSo())
                return true;
            answered = answered || await act();
            return false;
        });
    }

    private async Task<bool> IsAsync(string property) =>
        (await site.IncidentAsync(Incident)).TryGetProperty(property, out _);
}
