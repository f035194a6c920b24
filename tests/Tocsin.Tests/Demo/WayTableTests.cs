using Tocsin.Demo;

namespace Tocsin.Tests.Demo;

public sealed class WayTableTests
{
    private static readonly WayRow[] Good =
    [
        new("one", Way.Nobody, false, 5_988_000m, null), new("one", Way.People, false, 2_375_042m, 6),
        new("one", Way.PreAuthorised, false, 401_534m, 1), new("one", Way.Nobody, true, 1_197_704m, null),
        new("one", Way.People, true, 1_197_704m, null), new("one", Way.PreAuthorised, true, 401_534m, 1),
    ];

    [Fact]
    public void A_table_has_a_row_for_each_scenario_with_the_limits_off_and_on() => Assert.Equal(
        "| one | 5,988,000 | 2,375,042 (6 blocks) | 401,534 (1 block) | 1,197,704 | 1,197,704 | 401,534 (1 block) |",
        WayTable.Format(Good, AloneForm.Markdown).Split('\n')[^1]);

    [Fact]
    public void Whoever_answers_sooner_never_loses_more()
    {
        Assert.Empty(WayTable.Faults(Good));
        WayRow[] odd = [.. Good[..2], Good[2] with { TakenUsd = 3_000_000m }, .. Good[3..]];
        Assert.Contains("answers sooner", Assert.Single(WayTable.Faults(odd)));
    }

    [Fact]
    public void A_pause_in_time_that_nobody_saw_on_the_chain_is_a_fault()
    {
        WayRow[] odd = [.. Good[..2], Good[2] with { PausedAfterBlocks = null }, .. Good[3..]];
        Assert.Contains("no pause", Assert.Single(WayTable.Faults(odd)));
    }
}
