using Tocsin.Demo;

namespace Tocsin.Tests.Demo;

public sealed class DemoAloneTests
{
    private static readonly DemoAlone Good =
        new(true, 5_998_000m, 1_197_703.8m, 4_800_296.2m, 1_799_400m, 4_790_815.2m, "so it is");

    [Fact]
    public void People_read_what_was_taken_with_the_limits_and_without_them() => Assert.Equal(
        "Without any watcher 1,197,704 USD would have left within a day, and 4,790,815 without the contracts' limits: "
            + "they alone would have kept 75 % of it.",
        Good.ToText());

    [Fact]
    public void A_table_has_a_row_for_each_scenario() => Assert.Equal(
        "| one | 4,790,815 | 1,197,704 | 75 % |",
        AloneTable.Format([new ScenarioAlone("one", Good)], AloneForm.Markdown).Split('\n')[^1]);

    [Fact]
    public void What_cannot_be_is_a_fault()
    {
        Assert.Empty(Good.Faults());
        Assert.Contains("what was there", Assert.Single((Good with { KeptUsd = 1 }).Faults()));
        Assert.Contains("no more than the limit", Assert.Single((Good with { LimitUsd = 1 }).Faults()));
        Assert.Contains("do not help", Assert.Single((Good with { UnlimitedUsd = 1 }).Faults()));
    }

    [Fact]
    public void Where_no_limit_helps_they_read_why() => Assert.Equal(
        "Without a watcher the limits alone would not have helped: nobody can.",
        new DemoAlone(false, 512_000m, 480_000m, 32_000m, null, 480_000m, "nobody can").ToText());

    [Fact]
    public void A_rule_is_given_in_the_smallest_units_and_never_looser_than_it_says()
    {
        var rule = OutflowRule.Default.ToTuple(6);
        Assert.Equal(
            [Protocol.Units(10_000_000, 6), Protocol.Units(50_000, 6), Protocol.Units(1_000_000, 6)], rule[..3]);
        Assert.Equal(3_000UL, rule[5]);
        Assert.Equal(9, rule.Length);
    }
}
