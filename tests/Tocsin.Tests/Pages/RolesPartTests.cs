using Tocsin.Pages;
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
