using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Pages;
using Tocsin.Paging;
using Tocsin.Plans;

namespace Tocsin.Tests.Pages;

/// <summary>Who holds what, and how far it is, as the war room shows it.</summary>
public sealed class RolesPartTests
{
    [Fact]
    public async Task Each_role_says_who_has_it_and_what_is_to_be_done()
    {
        var part = PageText.Part(await PageText.Of(Led(new Night().Detected().Proposed().Acknowledged())), "roles");

        Assert.Contains("0 of 1 actions done.", PageText.Read(part), StringComparison.Ordinal);
        Assert.Contains("operations : Grace Murray", PageText.Read(part), StringComparison.Ordinal);
        Assert.Contains("scribe : nobody not filled", PageText.Read(part), StringComparison.Ordinal);
        Assert.Contains(
            "action=\"/incidents/INC-7/roles/operations/signers\"", part, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_be_said_next_of_the_phase_is_a_form()
    {
        var detected = await PageText.Of(Led(new Night().Detected()));
        var contained = await PageText.Of(
            Led(new Night().Detected().Proposed().Acknowledged().Approved().Sent().Paused().Contained()));

        Assert.DoesNotContain("/incidents/INC-7/phases/", detected, StringComparison.Ordinal);
        Assert.Contains("action=\"/incidents/INC-7/phases/eradicated\"", contained, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_nobody_holds_is_what_to_see_to_in_a_severe_incident_until_it_is_given()
    {
        var night = new Night().Detected().Proposed().Acknowledged();
        var led = await DoNowAsync(Led(night));
        Assert.Contains("Nobody is scribe: give it to somebody", led, StringComparison.Ordinal);
        Assert.DoesNotContain("Nobody is", await DoNowAsync(night.View()), StringComparison.Ordinal);
        var given = night.Add(new CommandEvent.RoleGiven(Night.Id, "scribe", "Joan Clarke", "Ada Byron", ""));
        Assert.DoesNotContain("Nobody is", await DoNowAsync(Led(given)), StringComparison.Ordinal);
        given.Add(new PageEvent.Answered(Night.Id, "Joan Clarke", PageAnswer.Unable, "personal link"));
        Assert.Contains("Nobody is scribe", await DoNowAsync(Led(given)), StringComparison.Ordinal);
        var mild = new Night().Detected(severity: Severity.Elevated);
        Assert.DoesNotContain("Nobody is", await DoNowAsync(Led(mild)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_alert_of_a_severe_incident_names_the_roles_that_nobody_holds()
    {
        var view = Led(new Night().Detected());

        Assert.Contains("NOBODY IS scribe", DoNow(AlertReason.Opened), StringComparison.Ordinal);
        Assert.DoesNotContain("NOBODY IS", DoNow(AlertReason.Unanswered), StringComparison.Ordinal);

        string DoNow(AlertReason reason) => Announcements.Write(
            new Announcement("chat", null, reason), "key", view.Incident, view.Plan,
            new Links(_ => view.Address, (_, _, _) => view.Address, view.Address), "1:0x00", view.Now).DoNow;
    }

    [Fact]
    public async Task What_is_open_once_an_incident_is_closed_is_said()
    {
        var night = new Night().Detected().Proposed().Acknowledged().StepDone();
        night.Add(new LedgerEvent.ActedFirst(
            Night.Id, "1", "pause-lending", "Joan Clarke", "no time", night.Now.AddHours(2)));
        night.Resolved();
        var closed = await DoNowAsync(Led(night));
        Assert.Contains("why 4 steps and actions of roles were never reported", closed, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing is open", closed, StringComparison.Ordinal);

        night.Add(new CommandEvent.PhaseReached(Night.Id, IncidentPhase.Reviewed, "Ada Byron", "looked back on"));
        Assert.Contains(
            "Ratify 'Pause lending', which Joan Clarke did first: still needed commander, guardian.",
            await DoNowAsync(Led(night)), StringComparison.Ordinal);
        night.Add(new LedgerEvent.Ratified(Night.Id, "1"));
        Assert.Contains("Nothing is open here.", await DoNowAsync(Led(night)), StringComparison.Ordinal);
    }

    private static async Task<string> DoNowAsync(WarRoomView view) =>
        PageText.Read(PageText.Part(await PageText.Of(view), "situation"));

    private static WarRoomView Led(Night night)
    {
        var (view, somewhere) = (night.View(), new SourceLine("plan/plan.yaml", 1));
        return view with
        {
            Plan = view.Plan with
            {
                Roles =
                [
                    new(
                        "operations", "Carries out.", null, null,
                        [new("signers", "Reach enough signers.", TimeSpan.FromMinutes(10))], somewhere),
                    new("scribe", "Writes.", null, null, [], somewhere),
                ],
            },
        };
    }
}
