using Tocsin.Commands;
using Tocsin.Pages;
using Tocsin.Readiness;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Pages;

/// <summary>The prepared actions as people see them, on the page and in a terminal.</summary>
public sealed class ActionListPageTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_action_that_is_not_ready_is_shown_with_its_reason_and_the_age_of_the_probe()
    {
        var page = PageText.Read(await PageText.Of(View(Rows(ReadyState.NotReady, Now.AddHours(-25), "no role"))));

        Assert.Contains("pause-all NOT READY Pause every market no role", page, StringComparison.Ordinal);
        Assert.Contains("By calls on Local.", page, StringComparison.Ordinal);
        Assert.Contains("Approvals: commander (or deputy) and 1 of engineer.", page, StringComparison.Ordinal);
        Assert.Contains("25 h ago", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_first_probe_nothing_is_said_to_be_ready()
    {
        var page = PageText.Read(await PageText.Of(View(ActionRow.Of(MinimalPlan.Plan, []))));

        Assert.Contains("NEVER PROBED", page, StringComparison.Ordinal);
        Assert.DoesNotContain("READY Pause", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_shows_the_same() => Assert.Equal(
        """
        pause-all: NOT READY, probed 2 min ago
            no role
          Pause every market
          by calls on Local; approvals: commander (or deputy) and 1 of engineer

        """,
        ContainCommand.Words(Rows(ReadyState.NotReady, Now.AddMinutes(-2), "no role"), Now));

    [Fact]
    public async Task What_no_decision_decides_is_not_called_ready()
    {
        const string Undecided = """

              - id: more
                what: More
                calls: [{ target: controls, function: stop() }]
                then: [{ target: controls, function: stopped() returns (bool), is_true: true }]
                changes: [vault]
                harm: [{ target: dUSD, function: totalSupply() returns (uint256), at_most_more: 1500000000000000000 }]
            """;
        var rows = ActionRow.Of(
            MinimalPlan.Read(MinimalPlan.Main + Undecided).Plan, [new ProbeResult("more", ReadyState.Ready, [], Now)])
            .Where(row => row.Action.Id == "more").ToList();

        Assert.False(rows[0].IsReady);
        var words = ContainCommand.Words(rows, Now);
        Assert.StartsWith("more: DECIDED BY NOBODY, probed now\n", words, StringComparison.Ordinal);
        Assert.Contains("approvals: no decision of the plan decides it", words, StringComparison.Ordinal);
        Assert.Contains("\n  may change besides: vault\n", words, StringComparison.Ordinal);
        Assert.Contains("\n  harm: totalSupply(): 1.5 dUSD more at most\n", words, StringComparison.Ordinal);
        var page = PageText.Read(await PageText.Of(View(rows)));
        Assert.Contains("more DECIDED BY NOBODY", page, StringComparison.Ordinal);
        Assert.Contains("Harm: totalSupply(): 1.5 dUSD more at most", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, "now")]
    [InlineData(59, "59 s ago")]
    [InlineData(3_599, "59 min ago")]
    [InlineData(172_799, "47 h ago")]
    [InlineData(172_800, "2 d ago")]
    public void Ages_are_cut_to_their_largest_unit(double seconds, string words) =>
        Assert.Equal(words, ActionRow.Age(TimeSpan.FromSeconds(seconds)));

    private static List<ActionRow> Rows(ReadyState state, DateTimeOffset at, params string[] reasons) =>
        ActionRow.Of(MinimalPlan.Plan, [new ProbeResult("pause-all", state, [.. reasons], at)])
            .Where(row => row.Action.By is null)
            .ToList();

    private static ActionListView View(IReadOnlyList<ActionRow> rows) =>
        new(rows, new WatchLine("Local", 1, TimeSpan.Zero), "field", "token", null, Now);
}
