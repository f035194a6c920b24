using Tocsin.Demo;

namespace Tocsin.Tests.Demo;

public sealed class DemoAloneTests
{
    [Fact]
    public void People_read_what_the_limits_kept_of_what_and_what_was_taken() => Assert.Equal(
        "Without any watcher the limits alone would have kept 4,800,296 of 5,998,000 USD within a day: the attack "
            + "would have taken 1,197,704.",
        new DemoAlone(true, 5_998_000m, 1_197_703.8m, 4_800_296.2m, 1_799_400m, "so it is").ToText());

    [Fact]
    public void Where_no_limit_helps_they_read_why() => Assert.Equal(
        "Without a watcher the limits alone would not have helped: nobody can.",
        new DemoAlone(false, 512_000m, 480_000m, 32_000m, null, "nobody can").ToText());

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
