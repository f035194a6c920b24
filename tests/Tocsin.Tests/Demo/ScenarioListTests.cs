using Tocsin.Demo.Scenarios;
using Tocsin.Findings;

namespace Tocsin.Tests.Demo;

public sealed class ScenarioListTests
{
    [Fact]
    public void Each_scenario_has_a_name_of_its_own_that_a_command_line_can_hold()
    {
        var names = ScenarioList.All().Select(scenario => scenario.Name).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Contains(ScenarioList.Default, names);
        Assert.DoesNotContain(ScenarioList.ListWord, names);
        Assert.All(names, name => Assert.Matches("^[a-z]+(-[a-z]+)*$", name));
    }

    [Fact]
    public void A_scenario_is_found_by_its_whole_name_and_made_anew_each_time()
    {
        Assert.NotSame(ScenarioList.Find("flash-loan"), ScenarioList.Find("flash-loan"));
        Assert.Null(ScenarioList.Find("flash"));
        Assert.Null(ScenarioList.Find(ScenarioList.ListWord));
    }

    [Fact]
    public void The_plan_of_the_demo_has_an_issue_for_every_threat()
    {
        using var plan = typeof(ScenarioList).Assembly.GetManifestResourceStream("templates/demo/plan/plan.yaml")!;
        using var reader = new StreamReader(plan);
        var text = reader.ReadToEnd();
        Assert.All(
            Enum.GetValues<Threat>(), threat =>
                Assert.Contains($"detection: [{threat.ToName()}]", text, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_scenario_expects_does_not_contradict_itself() =>
        Assert.All(ScenarioList.All(), scenario =>
        {
            var expected = scenario.Expected;
            Assert.NotEmpty(expected.Threats);
            Assert.Empty(expected.Threats.Intersect(expected.Besides));
            // Nobody is named by what has no hands, and everything that has some names them.
            Assert.Equal(expected.Names != Naming.None, expected.Threats.Any(threat => threat.IsAttack()));
            Assert.True(!expected.Takes || expected.Names != Naming.None);
        });
}
