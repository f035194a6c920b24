using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Tests.Pages;

/// <summary>What the war room shows of a pause to those who decide what follows it.</summary>
public sealed class AfterPausePartTests
{
    [Fact]
    public async Task A_pause_that_holds_shows_what_to_send_and_who_can()
    {
        var night = new Night().Detected().Proposed().Acknowledged().Approved().Sent().Paused();
        var pause = night.Plan.Actions[0];
        var plan = night.Plan with
        {
            Decisions = [night.Plan.Decisions[0] with { Reopen = "lift", Owner = "guardian" }],
            Actions = [pause, pause with { Id = "lift", By = new PlannedSenders("guardian", 2, pause.At) }],
        };
        var wallet = plan.Person("grace")!.Wallet!.Value;
        var trials = new PeopleTrials([new PeopleTrial("lift", 0, wallet, true, "", false, night.Now)]);
        var after = AfterPause.Of(night.Incident, plan, trials);

        var text = PageText.Read(PageText.Part(
            await PageText.Of(night.View() with { Plan = plan, AfterPause = after }), "after-pause"));

        Assert.Contains("Grace Murray (guardian) decides", text, StringComparison.Ordinal);
        Assert.Contains("Reopen: lift", text, StringComparison.Ordinal);
        Assert.Contains("Sent by 2 of guardian with their own wallets", text, StringComparison.Ordinal);
        Assert.Contains("0x8456cb59", text, StringComparison.Ordinal);
        Assert.Contains("Grace Murray would succeed now", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pause_that_was_lifted_is_what_to_look_at_now()
    {
        var night = new Night().Detected().Proposed().Acknowledged().Approved().Sent().Paused();
        var grace = Address.Parse("0xdbf03b407c01e7cd3cbea99509d93f8dddc8c6fb");
        var by = new LiftedBy(Night.Hash(12), grace, Night.Block(7));
        night.Add(new IncidentEvent.PauseEnded(Night.Id, night.Decision.Id, 0, PauseEnd.Lifted, Night.Block(8), by));

        var html = await PageText.Of(
            night.View() with { AfterPause = AfterPause.Of(night.Incident, night.Plan, null) });

        Assert.Contains(
            "The pause of lending was lifted by Grace Murray: if none of you did it",
            PageText.Read(PageText.Part(html, "situation")), StringComparison.Ordinal);
        var part = PageText.Read(PageText.Part(html, "after-pause"));
        Assert.Contains("the pause was lifted by Grace Murray, in block 7", part, StringComparison.Ordinal);
        Assert.Contains(Night.Hash(12).ToString(), part, StringComparison.Ordinal);
    }
}
