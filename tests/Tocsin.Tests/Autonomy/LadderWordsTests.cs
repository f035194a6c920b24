using Tocsin.Autonomy;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Autonomy;

/// <summary>What approvers are told of what may be done by itself, before they sign.</summary>
public sealed class LadderWordsTests
{
    [Fact]
    public void Every_condition_of_the_ladder_is_told_in_words() => Assert.Equal(
        [
            "MAY BE TAKEN BY ITSELF by these approvals, nobody being asked, in an incident of severity 1 or worse "
                + "(stage 'narrow'):",
            "  - upon a finding of flash-loan-attack, of severity 1 or worse and a confidence of 0.7 or more",
            "  - by a detector whose alarms of it were measured to be true in 0.9 of cases at least: "
                + "'flash-loan pattern' of flash-loan-attack, 0.9811",
            "  - at most 3 times within 24 hours over all incidents, and once in an incident",
            "  - it pauses market and does nothing else",
            "  - for one use, until these approvals expire or the plan's decisions or actions change",
        ],
        Of(Scene.Plan("narrow", ", per_day: 3, precision: 0.9")));

    [Fact]
    public void A_wide_scope_tells_of_the_second_detector_and_of_every_scope()
    {
        var lines = Of(Scene.Plan("wide", main: MinimalPlan.Main)).ToList();

        Assert.Contains("  - where a second detector that looks at something else speaks for it too", lines);
        Assert.Contains("  - it pauses market, vault and does nothing else", lines);
    }

    [Theory]
    [InlineData("shadow")]
    [InlineData("propose")]
    public void What_is_never_taken_by_itself_has_no_conditions(string stage) => Assert.Empty(Of(Scene.Plan(stage)));

    [Fact]
    public void A_compiled_plan_tells_the_same_but_for_the_names_of_detectors()
    {
        var plan = Scene.Plan("narrow");
        var compiled = PlanReader.Read([new PlanFile(CompiledPlan.FileName, CompiledPlan.Of(plan).Write())]).Plan;

        var (told, ofCompiled) = (Of(plan).ToList(), Of(compiled).ToList());

        Assert.Equal(told.Count, ofCompiled.Count);
        Assert.Equal([told[2]], told.Except(ofCompiled));
    }

    private static IEnumerable<string> Of(Plan plan) => LadderWords.Of(plan, plan.Action("pause-all")!);
}
