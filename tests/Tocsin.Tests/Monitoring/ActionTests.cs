using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Tests.Monitoring;

/// <summary>Prepared actions that could not be done.</summary>
public sealed class ActionTests
{
    private readonly Vigil vigil = new(Vigil.ChainOnly);

    [Fact]
    public void An_action_that_is_not_ready_is_told_once_and_again_when_it_is()
    {
        var told = Assert.Single(Probed(0, false, "it has no role"));
        Assert.Empty(Probed(1, false, "it has no role"));

        var over = Assert.Single(Probed(60, true, ""));

        Assert.Equal((Threat.MonitoringImpaired, Severity.High, "action pause-all"),
            (told.Threat, told.Severity, told.Subject));
        Assert.Contains("it has no role", told.Reason, StringComparison.Ordinal);
        Assert.Equal((told.Id, FindingStatus.Over), (over.Id, over.Status));
        Assert.Empty(Probed(61, true, ""));
    }

    [Fact]
    public void Another_reason_is_news()
    {
        Probed(0, false, "it has no role");

        var news = Assert.Single(Probed(1, false, "it cannot pay"));

        Assert.Equal((2, FindingStatus.Seen), (news.Revision, news.Status));
        Assert.Contains("it cannot pay", news.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_remembered_over_a_restart_and_each_action_stands_for_itself()
    {
        var told = Assert.Single(Probed(0, false, "it has no role"));
        vigil.Restart();
        vigil.Take(new Arrival.Began(Vigil.At(1)));

        Assert.Empty(Probed(2, true, "", "another"));
        Assert.Empty(Probed(3, false, "it has no role"));
        Assert.Equal(told.Id, Assert.Single(Probed(4, true, "")).Id);
    }

    private IReadOnlyList<Finding> Probed(double at, bool ready, string words, string action = "pause-all") =>
        vigil.Take(new Arrival.ActionProbed(Vigil.At(at), action, ready, words));
}
