using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Pages;

namespace Tocsin.Tests.Pages;

public sealed class WarRoomPageTests
{
    [Fact]
    public async Task Each_phase_is_said_in_its_own_words()
    {
        var night = new Night().Detected().Proposed();
        await SaysAsync(night, "DETECTED, NOT YET ACKNOWLEDGED");
        await SaysAsync(night.Acknowledged(), "ACKNOWLEDGED, NOT YET PAUSED");
        await SaysAsync(night.Approved().Sent(), "ACKNOWLEDGED, NOT YET PAUSED");
        await SaysAsync(night.Paused(), "PAUSED, NOT YET CONTAINED");
        await SaysAsync(night.Contained(), "CONTAINED");
        await SaysAsync(night.Leaked(), "PAUSED, NOT YET CONTAINED");
        await SaysAsync(night.Contained().Resolved(), "RESOLVED");
        await SaysAsync(new Night().Detected().Retracted(), "FALSE ALARM");
    }

    [Fact]
    public async Task What_to_do_now_follows_the_incident()
    {
        var night = new Night().Detected().Proposed();
        var first = PageText.Read(PageText.Part(await PageText.Of(night.View()), "situation"));
        Assert.Contains("Do now Acknowledge with the personal link", first, StringComparison.Ordinal);
        Assert.Contains("Approve 'Pause lending': 0 of 2 approvals given.", first, StringComparison.Ordinal);
        night.Acknowledged().Approved(byAll: false);
        var second = PageText.Read(PageText.Part(await PageText.Of(night.View()), "situation"));
        Assert.Contains("Do now Approve 'Pause lending': 1 of 2 approvals given.", second, StringComparison.Ordinal);
        night.Approved().Sent().Paused().StepDone();
        var third = PageText.Read(PageText.Part(await PageText.Of(night.View()), "situation"));
        Assert.Contains("Do now Step 2 (commander): Sign the pause of lending", third, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_shows_what_it_does_and_who_is_missing()
    {
        var html = await PageText.Of(new Night().Detected().Proposed().Approved(byAll: false).Refused().View());
        var text = PageText.Read(PageText.Part(html, "decision"));
        Assert.Contains(
            "Pause lending for 24 hours; withdrawals of collateral stay open", text, StringComparison.Ordinal);
        Assert.Contains("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", text, StringComparison.Ordinal);
        Assert.Contains("commander approved by Ada Byron", text, StringComparison.Ordinal);
        Assert.Contains("guardian waiting for Grace Murray", text, StringComparison.Ordinal);
        Assert.Contains("not by a wallet that the plan lets approve", text, StringComparison.Ordinal);
        Assert.Contains("action=\"/incidents/INC-7/approve\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/incidents/INC-7/decision.json\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approvers_see_what_a_call_would_do_why_it_is_refused_and_the_hash_to_compare()
    {
        var night = new Night().Detected().Proposed();
        night.Add(new IncidentEvent.CallSimulated(
            Night.Id, night.Decision.Id, 0, false, "2 ETH leave <brake>", ["pauses lending until about noon"], true));

        var html = await PageText.Of(night.View());
        var text = PageText.Read(PageText.Part(html, "decision"));

        Assert.Contains("Pauses lending until about noon.", text, StringComparison.Ordinal);
        Assert.Contains("Not signed as it is: 2 ETH leave", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<brake>", html, StringComparison.Ordinal);
        Assert.Contains(
            DecisionTypedData.Of(night.Decision).Digest().ToString(), html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_asks_for_a_signature_that_would_be_refused()
    {
        var taken = await PageText.Of(new Night().Detected().Proposed().Approved().View());
        var expired = await PageText.Of(new Night().Detected().Proposed().Wait(TimeSpan.FromHours(1)).View());
        var retracted = await PageText.Of(new Night().Detected().Proposed().Retracted().View());
        foreach (var html in new[] { taken, expired, retracted })
            Assert.DoesNotContain("/approve\"", html, StringComparison.Ordinal);
        Assert.Contains("Expired without all approvals", PageText.Read(expired), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_decision_the_page_says_why()
    {
        var detected = await PageText.Of(new Night().Detected().View());
        Assert.Contains("Approvals are being prepared.", detected, StringComparison.Ordinal);
        var high = await PageText.Of(new Night().Detected(severity: Severity.High).View());
        Assert.Contains("at severity 1", high, StringComparison.Ordinal);
        var transfer = await PageText.Of(new Night().Detected(Threat.LargeTransfer, Severity.High).View());
        Assert.Contains("Does not apply", transfer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_signer_the_page_says_that_nothing_can_be_signed()
    {
        var severities = new[] { Severity.Critical, Severity.High };
        foreach (var view in severities.Select(severity => new Night().Detected(severity: severity).View()))
        {
            var html = await PageText.Of(view with { HasSigner = false });
            var text = PageText.Read(html);
            Assert.Contains("has no 'signer:', so nothing can be signed", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Approvals are being prepared.", html, StringComparison.Ordinal);
            Assert.DoesNotContain("/incidents/INC-7/decision\"", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_signer_that_cannot_be_reached_is_what_to_see_to_now()
    {
        var night = new Night().Detected().Proposed().Acknowledged().Approved().NotSigned();
        var text = PageText.Read(await PageText.Of(night.View()));
        Assert.Contains("Do now Not signed: the signer cannot be reached", text, StringComparison.Ordinal);
        var healed = PageText.Read(await PageText.Of(night.Sent().View()));
        Assert.DoesNotContain("Not signed", healed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_words_of_the_plan_stand_only_beside_the_very_call_they_describe()
    {
        var view = new Night().Detected().Proposed().View();
        var incident = view.Incident;
        var altered = incident.Decision!.Decision.Calls[0] with { Data = [1, 2, 3, 4] };
        var decision = incident.Decision with { Decision = incident.Decision.Decision with { Calls = [altered] } };
        var text = PageText.Read(await PageText.Of(view with { Incident = incident with { Decision = decision } }));
        Assert.DoesNotContain("withdrawals of collateral stay open", text, StringComparison.Ordinal);
        Assert.Contains("compare the typed data before you sign", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_can_be_reported_while_they_are_open()
    {
        var night = new Night().Detected().Proposed().StepDone();
        var open = PageText.Part(await PageText.Of(night.View()), "steps");
        Assert.Equal(3, PageText.Count(open, "<form "));
        Assert.DoesNotContain("/steps/verify\"", open, StringComparison.Ordinal);
        Assert.Contains("action=\"/incidents/INC-7/steps/pause\"", open, StringComparison.Ordinal);
        Assert.Contains("Grace Murray", PageText.Read(open), StringComparison.Ordinal);
        var closed = PageText.Part(await PageText.Of(night.Retracted().View()), "steps");
        Assert.Equal(0, PageText.Count(closed, "<form "));
    }

    [Fact]
    public async Task An_incident_can_be_resolved_once_it_is_contained_or_has_nothing_to_contain()
    {
        var night = new Night().Detected().Proposed().Approved().Sent().Paused();
        Assert.DoesNotContain("INC-7/resolve", await PageText.Of(night.View()), StringComparison.Ordinal);
        Assert.Contains("INC-7/resolve", await PageText.Of(night.Contained().View()), StringComparison.Ordinal);
        Assert.DoesNotContain("INC-7/resolve", await PageText.Of(night.Resolved().View()), StringComparison.Ordinal);
        var retracted = new Night().Detected().Retracted();
        Assert.Contains("INC-7/resolve", await PageText.Of(retracted.View()), StringComparison.Ordinal);
        var transfer = new Night().Detected(Threat.LargeTransfer, Severity.High);
        Assert.Contains("INC-7/resolve", await PageText.Of(transfer.View()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pause_says_when_it_ends_and_deadlines_count_down()
    {
        var paused = new Night().Detected().Proposed().Approved().Sent().Paused();
        var html = PageText.Part(await PageText.Of(paused.View()), "clock");
        Assert.Contains("Pause of lending ends in 23 h 58 min", PageText.Read(html), StringComparison.Ordinal);
        Assert.Contains("data-due=\"2026-03-02T03:04:05Z\"", html, StringComparison.Ordinal);
        Assert.Contains("met alert sent", PageText.Read(html), StringComparison.Ordinal);
        var waiting = new Night().Detected().Wait(TimeSpan.FromHours(1));
        var later = PageText.Part(await PageText.Of(waiting.View()), "clock");
        Assert.Contains("missed acknowledge due 55 min", PageText.Read(later), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timeline_is_newest_first_and_folds_what_is_old()
    {
        var night = new Night().Detected().Proposed();
        for (var call = 0; call < 40; call++)
            night.Refused();
        var part = PageText.Part(await PageText.Of(night.View()), "timeline");
        Assert.Equal(night.View().Timeline.Count, PageText.Count(part, "<li>"));
        Assert.Equal(30, PageText.Count(part[..part.IndexOf("<details", StringComparison.Ordinal)], "<li>"));
        Assert.True(part.IndexOf("was refused", StringComparison.Ordinal)
            < part.IndexOf("Incident opened", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_exercise_says_so_before_anything_else()
    {
        var drill = await PageText.Of(new Night(exercise: true).Detected().View());
        Assert.Contains("<strong>EXERCISE</strong>", drill, StringComparison.Ordinal);
        Assert.Contains("<title>EXERCISE INC-7", drill, StringComparison.Ordinal);
        Assert.DoesNotContain("EXERCISE", await PageText.Of(new Night().Detected().View()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(29, false)]
    [InlineData(31, true)]
    [InlineData(null, true)]
    public async Task A_blind_watch_is_said_on_every_page(int? ageSeconds, bool isBlind)
    {
        TimeSpan? age = ageSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        var view = new Night().Detected().View() with { Watch = new WatchLine("Ethereum", 19_000_000, age) };
        Assert.Equal(isBlind, (await PageText.Of(view)).Contains("WATCH IS BLIND", StringComparison.Ordinal));
        var list = new IncidentListView([], view.Watch, view.Now);
        Assert.Equal(isBlind, (await PageText.Of(list)).Contains("WATCH IS BLIND", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_scripts_the_page_reloads_itself_unless_asked_not_to()
    {
        const string Reload = "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>";
        var view = new Night().Detected().View();
        Assert.Contains(Reload, await PageText.Of(view), StringComparison.Ordinal);
        Assert.DoesNotContain(Reload, await PageText.Of(view with { Still = true }), StringComparison.Ordinal);
    }

    private static async Task SaysAsync(Night night, string phase)
    {
        var html = await PageText.Of(night.View());
        Assert.Matches($"<p class=\"phase [a-z-]+\">{phase}</p>", html);
        Assert.Contains($"INC-7 {phase}: ", html, StringComparison.Ordinal);
    }
}
