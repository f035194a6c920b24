using Tocsin.Pages;

namespace Tocsin.Tests.Pages;

/// <summary>What the war room shows to whoever joins late.</summary>
public sealed class JoiningPartsTests
{
    [Fact]
    public async Task Whoever_comes_for_the_first_time_reads_what_happened_so_far()
    {
        var part = await PartAsync(Whole().View(), "since");

        Assert.Contains("What happened so far", part, StringComparison.Ordinal);
        Assert.Contains("Contained: everything planned is paused", part, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_comes_back_reads_what_is_new_and_how_it_stood()
    {
        var night = Whole();
        var left = night.View().Timeline[^3].Sequence;

        var part = await PartAsync(night.View() with { LastHere = left }, "since");
        var nothing = await PartAsync(night.View() with { LastHere = left + 2 }, "since");

        Assert.Contains("Since you were last here", part, StringComparison.Ordinal);
        Assert.Contains("Then paused at severity 1, now contained at severity 1.", part, StringComparison.Ordinal);
        Assert.DoesNotContain("Incident opened", part, StringComparison.Ordinal);
        Assert.Contains("Nothing.", nothing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_known_of_the_pace_is_called_unknown()
    {
        var part = await PartAsync(new Night().Detected().Proposed().Approved(byAll: false).View(), "pace");

        Assert.Contains("lost so far about 1,204,400 USD", part, StringComparison.Ordinal);
        Assert.Contains("a minute unknown: it was seen once", part, StringComparison.Ordinal);
        Assert.Contains("gone at this pace unknown", part, StringComparison.Ordinal);
        Assert.Contains("1 place of approval empty: guardian", part, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_team_is_counted_and_each_of_them_listed()
    {
        var part = await PartAsync(new Night().Detected().Proposed().Acknowledged().View(), "awake");

        Assert.Contains("0 on call, 0 awake of 3, 3 unknown.", part, StringComparison.Ordinal);
        Assert.Contains("Grace Murray guardian, operations", part, StringComparison.Ordinal);
        Assert.Contains("can approve as guardian", part, StringComparison.Ordinal);
    }

    private static Night Whole() => new Night().Detected().Proposed().Acknowledged().Approved().Sent().Paused()
        .Contained();

    private static async Task<string> PartAsync(WarRoomView view, string id) =>
        PageText.Read(PageText.Part(await PageText.Of(view), id));
}
