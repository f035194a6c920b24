using Tocsin.Incidents;
using Tocsin.Pages;
using Tocsin.Plans;

namespace Tocsin.Tests.Pages;

public sealed class HookPartTests
{
    private const string Action = "page";

    [Fact]
    public async Task A_step_that_the_server_can_do_has_a_button_until_it_is_done()
    {
        var night = new Night().Detected().Acknowledged();
        var html = await PageText.Of(View(night));
        Assert.Contains("action=\"/incidents/INC-7/hooks/page\"", html, StringComparison.Ordinal);
        Assert.Contains("Send it", Steps(html), StringComparison.Ordinal);

        night.Add(new IncidentEvent.HookAsked(Night.Id, Action, "Ada Byron"));
        html = await PageText.Of(View(night));
        Assert.DoesNotContain("/hooks/page", html, StringComparison.Ordinal);
        Assert.Contains("Being sent by the server, asked by Ada Byron.", Steps(html), StringComparison.Ordinal);

        for (var attempt = 1; attempt <= HookProgress.MostAttempts; attempt++)
            night.Add(new IncidentEvent.HookFailed(Night.Id, Action, attempt, "it answered <503>"), 40);
        html = await PageText.Of(View(night));
        Assert.Contains("Attempt 4 of 4", Steps(html), StringComparison.Ordinal);
        Assert.Contains("it answered &lt;503&gt;", html, StringComparison.Ordinal);
        Assert.Contains("/hooks/page", html, StringComparison.Ordinal);
        Assert.Contains("'page' could not be sent", PageText.Read(PageText.Part(html, "situation")),
            StringComparison.Ordinal);

        night.Add(new IncidentEvent.StepDone(Night.Id, "verify", "ada", "by hand"));
        html = await PageText.Of(View(night));
        Assert.DoesNotContain("/hooks/page", html, StringComparison.Ordinal);
        Assert.DoesNotContain("could not be sent", PageText.Read(PageText.Part(html, "situation")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_an_exercise_the_step_says_that_it_is_not_sent()
    {
        var html = await PageText.Of(View(new Night(exercise: true).Detected()));

        Assert.DoesNotContain("/hooks/page", html, StringComparison.Ordinal);
        Assert.Contains("this is an EXERCISE, and 'page' is not sent in one", Steps(html), StringComparison.Ordinal);
    }

    private static string Steps(string html) => PageText.Read(PageText.Part(html, "steps"));

    /// <summary>The night, with a hook that does the first step of its procedure.</summary>
    private static WarRoomView View(Night night)
    {
        var plan = night.Plan;
        var first = plan.Procedures[0];
        var hook = new PlannedAction(Action, "Put up the page", [], first.At)
        {
            Hook = new PlannedHook("POST", "https://status.example/", [], null, 200, first.At),
        };
        var procedure = first with { Steps = [first.Steps[0] with { Hook = Action }, .. first.Steps.Skip(1)] };
        return night.View() with
        {
            Plan = plan with
            {
                Actions = plan.Actions.Add(hook),
                Procedures = [procedure, .. plan.Procedures.Skip(1)],
            },
        };
    }
}
