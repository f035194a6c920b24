using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Tests.Monitoring;

/// <summary>Ways to people that a test did not get through.</summary>
public sealed class ChannelTests
{
    private readonly Vigil vigil = new(Vigil.ChainOnly);

    [Theory]
    [InlineData(true, Severity.High)]
    [InlineData(false, Severity.Elevated)]
    public void A_channel_that_does_not_arrive_weakens_the_watch_until_it_does(bool isOfMany, Severity severity)
    {
        var told = Assert.Single(Tried(0, false, "it answered 410", isOfMany));
        Assert.Empty(Tried(1, false, "it answered 410", isOfMany));

        var over = Assert.Single(Tried(60, true, "", isOfMany));

        Assert.Equal((Threat.MonitoringImpaired, severity, "channel war-room"),
            (told.Threat, told.Severity, told.Subject));
        Assert.Contains("it answered 410", told.Reason, StringComparison.Ordinal);
        Assert.Equal((told.Id, FindingStatus.Over), (over.Id, over.Status));
    }

    [Fact]
    public void A_channel_that_is_tried_no_more_weakens_nothing()
    {
        var told = Assert.Single(Tried(0, false, "it answered 410", isOfMany: true));
        var over = Assert.Single(Tried(60, true, "it is tried no more", isOfMany: true));
        Assert.Equal((told.Id, FindingStatus.Over), (over.Id, over.Status));
        Assert.Contains("it is tried no more", over.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_remembered_over_a_restart()
    {
        var told = Assert.Single(Tried(0, false, "it answered 410", isOfMany: true));
        vigil.Restart();
        vigil.Take(new Arrival.Began(Vigil.At(1)));

        Assert.Empty(Tried(2, false, "it answered 410", isOfMany: true));
        Assert.Equal(told.Id, Assert.Single(Tried(3, true, "", isOfMany: true)).Id);
    }

    [Theory]
    [InlineData(true, Severity.Elevated)]
    [InlineData(false, Severity.Routine)]
    public void A_silence_weakens_the_watch_while_it_holds(bool coversPages, Severity severity)
    {
        var silence = new HeldSilence(2, coversPages, "silence 2: severity 3 and below, because the pool is moved");
        var told = Assert.Single(vigil.Take(new Arrival.SilencesHeld(Vigil.At(0), [silence])));
        Assert.Empty(vigil.Take(new Arrival.SilencesHeld(Vigil.At(5), [silence])));
        var over = Assert.Single(vigil.Take(new Arrival.SilencesHeld(Vigil.At(10), [])));
        Assert.Empty(vigil.Take(new Arrival.SilencesHeld(Vigil.At(15), [])));

        Assert.Equal((Threat.MonitoringImpaired, severity, "silence 2"), (told.Threat, told.Severity, told.Subject));
        Assert.Contains("because the pool is moved", told.Reason, StringComparison.Ordinal);
        Assert.Equal((told.Id, FindingStatus.Over), (over.Id, over.Status));
    }

    private IReadOnlyList<Finding> Tried(double at, bool reached, string words, bool isOfMany) =>
        vigil.Take(new Arrival.ChannelTried(Vigil.At(at), "war-room", isOfMany, reached, words));
}
