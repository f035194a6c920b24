using Tocsin.Autonomy;
using Tocsin.Detection.Detectors;
using Tocsin.Findings;
using Tocsin.Plans;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Autonomy;

/// <summary>What a plan may let be done by itself.</summary>
public sealed class AutonomyCheckTests
{
    [Fact]
    public void What_was_measured_well_enough_may_be_narrow_or_wide()
    {
        Assert.Empty(Errors(Scene.Read(Scene.Ladder("narrow"))));
        Assert.Empty(Errors(Scene.Read(Scene.Ladder("wide"), MinimalPlan.Main)));
        var entry = Assert.Single(Scene.Plan("narrow", ", per_day: 3, precision: 0.9").Autonomy.Ladder);
        Assert.Equal(
            ("pause-all", Severity.Critical, Stage.Narrow, 3, 0.9m),
            (entry.Action, entry.Severity, entry.Stage, entry.PerDay, entry.Precision));
        Assert.Equal((1, 0.95m), (Scene.Plan("wide").Autonomy.Ladder[0].PerDay,
            Scene.Plan("wide").Autonomy.Ladder[0].Precision));
    }

    [Theory]
    [InlineData("stage: narrow", "stage: bold", "'stage' must be one of shadow, propose, narrow, wide")]
    [InlineData("action: pause-all", "action: pause-al", "does not exist; did you mean 'pause-all'?")]
    [InlineData("action: pause-all", "action: open-again", "cannot be taken by itself: it is not made of calls")]
    [InlineData("from: [flash-loan-attack]", "from: [oracle-manipulation]", "(5 true and 1 false alarms)")]
    [InlineData(", from: [flash-loan-attack]", "", "upon oracle-manipulation, whose precision was measured as")]
    [InlineData("from: [flash-loan-attack]", "from: [large-transfer]", "whose precision was never measured")]
    [InlineData("revoke: open-again", "revoke: pause-all", "which is not 'by' people")]
    [InlineData("revoke: open-again", "revoke: open-agan", "did you mean 'open-again'?")]
    [InlineData("measured: precision.json", "measured: other.json", "'measured' names precision.json beside plan.yaml")]
    [InlineData("severity: 1", "precision: 0.2, severity: 1", "'precision' is a share from 0.5 to 1")]
    public void What_acts_unmeasured_or_loosens_is_an_error(string piece, string change, string message)
    {
        var automation = Scene.Ladder("narrow");
        Assert.Contains(piece, automation, StringComparison.Ordinal);

        var errors = Errors(Scene.Read(automation.Replace(piece, change, StringComparison.Ordinal)));

        Assert.Contains(errors, complaint => complaint.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pause(bytes32 module,uint64 durationSeconds)", "setPaused(bytes32 module,bool state)",
        "arguments: [market, 86400]", "arguments: [market, true]", "may loosen, move funds or change roles")]
    [InlineData("pause(bytes32 module,uint64 durationSeconds)", "grantRole(bytes32 role,uint64 to)",
        "arguments: [market, 86400]", "arguments: [market, 86400]", "may loosen, move funds or change roles")]
    [InlineData("function: pause(bytes32 module", "value: 1\n        function: pause(bytes32 module",
        "scope: market", "scope: market", "sends value")]
    public void What_is_no_pause_is_never_more_than_proposed(
        string piece, string change, string other, string otherChange, string message)
    {
        var main = Scene.OneScope.Replace(piece, change, StringComparison.Ordinal)
            .Replace(other, otherChange, StringComparison.Ordinal);

        Assert.Contains(Errors(Scene.Read(Scene.Ladder("narrow"), main)), complaint =>
            complaint.Message.Contains(message, StringComparison.Ordinal));
        Assert.Empty(Errors(Scene.Read(Scene.Ladder("propose"), main)));
    }

    [Fact]
    public void Two_scopes_are_wide_and_wide_takes_two_people()
    {
        Assert.Contains(Errors(Scene.Read(Scene.Ladder("narrow"), MinimalPlan.Main)), complaint =>
            complaint.Message.Contains("which takes the stage 'wide'", StringComparison.Ordinal));
        var alone = MinimalPlan.Main.Replace(
            "      additional:\n      - group: engineer\n        at_least: 1\n", "", StringComparison.Ordinal)
            .Replace("    additional:\n      - group: engineer\n        at_least: 1\n", "", StringComparison.Ordinal);
        Assert.Contains(Errors(Scene.Read(Scene.Ladder("wide"), alone)), complaint =>
            complaint.Message.Contains("a wide scope takes a quorum", StringComparison.Ordinal));
    }

    [Fact]
    public void Whoever_acts_by_themselves_can_be_revoked_by_people()
    {
        var read = Scene.Read(Scene.Ladder("narrow").Replace("  revoke: open-again\n", "", StringComparison.Ordinal));

        Assert.Contains(Complaints(read), complaint => complaint.Level == ComplaintLevel.Warning
            && complaint.Message.Contains("no action is named under 'revoke'", StringComparison.Ordinal));
    }

    [Fact]
    public void Approvers_sign_upon_what_it_is_taken_by_itself_and_nothing_else_changes_their_hash()
    {
        string[] different =
        [
            "", Scene.Ladder("narrow"), Scene.Ladder("wide"), Scene.Ladder("narrow", ", per_day: 2"),
            Scene.Ladder("narrow", ", precision: 0.9"),
        ];
        var hashes = different.Select(text => Scene.Read(text).Plan.DecisionsHash).ToList();

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
        Assert.Equal(hashes[0], Scene.Read(Scene.Ladder("propose")).Plan.DecisionsHash);
        Assert.Equal(hashes[0], Scene.Read(Scene.Ladder("shadow")).Plan.DecisionsHash);
    }

    [Fact]
    public void Approvers_bind_themselves_to_the_bounds_of_what_is_taken_by_itself()
    {
        var plan = Scene.Plan("narrow");
        var action = plan.Action("pause-all")!;
        var view = new PlannedRead(
            new(1), MinimalPlan.Stranger.Address, [1], AnswerForm.Number, ReadRelation.Is, default, "", "", default);
        var harm = new PlannedHarm(new(1), MinimalPlan.Stranger.Address, [1], default, "", "", default);
        PlannedAction[] different =
        [
            action,
            action with { MustForesee = !action.MustForesee },
            action with { Changes = [.. action.Changes, MinimalPlan.Stranger.Address] },
            action with { Harm = [harm] },
            action with { Harm = [harm with { AtMostMore = Tocsin.Chains.UInt256.One }] },
            action with { Then = [view] },
            action with { Then = [view with { Relation = ReadRelation.AtLeast }] },
            action with { Calls = [action.Calls[0] with { Holds = [1, 2] }] },
            action with { Calls = [action.Calls[0] with { Until = [1, 2] }] },
        ];
        int Hashes(Plan plan) =>
            different.Select(one => DecisionsText.Hash(plan with { Actions = [one] })).Distinct().Count();

        Assert.Equal(different.Length, Hashes(plan));
        Assert.Equal(1, Hashes(Scene.Plan("propose")));
    }

    [Fact]
    public void What_leads_to_the_action_is_signed_too_and_a_plan_without_its_text_has_the_same_hash()
    {
        var ladder = Scene.Ladder("narrow").Replace(", from: [flash-loan-attack]", "", StringComparison.Ordinal);
        var plan = Scene.Read(ladder).Plan;
        var more = Scene.Read(ladder, Scene.OneScope.Replace(
            "[flash-loan-attack, oracle-manipulation]", "[flash-loan-attack, oracle-manipulation, contract-anomaly]",
            StringComparison.Ordinal)).Plan;

        Assert.NotEqual(plan.DecisionsHash, more.DecisionsHash);
        Assert.Equal(
            plan.DecisionsHash,
            PlanReader.Read([new Tocsin.Incidents.PlanFile(CompiledPlan.FileName, CompiledPlan.Of(plan).Write())])
                .Plan.DecisionsHash);
    }

    [Fact]
    public void A_file_that_says_less_than_its_counts_prove_is_computed_again()
    {
        var plan = Scene.Read(
            Scene.Ladder("narrow"),
            precision: Scene.Measured.Replace("\"trueAlarms\":200", "\"trueAlarms\":20", StringComparison.Ordinal));

        Assert.Contains(Errors(plan), complaint =>
            complaint.Message.Contains("was measured as 0.8388 at least", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"measured":[{"detector":"x","threat":"no-such-threat","trueAlarms":1,"falseAlarms":0}]}""")]
    [InlineData("""{"measured":[{"detector":"x","threat":"laundering","trueAlarms":-1,"falseAlarms":0}]}""")]
    public void A_file_that_is_none_is_an_error(string text) => Assert.NotEmpty(
        Errors(Scene.Read(Scene.Ladder("narrow"), precision: text)));

    [Theory]
    [InlineData("condukt", "; did you mean 'conduct'?")]
    [InlineData("a detector of mine", "")]
    public void A_detector_that_does_not_exist_proves_nothing(string name, string near)
    {
        var precision = Scene.Measured.Replace(
            "\"detector\":\"flash-loan pattern\"", $"\"detector\":\"{name}\"", StringComparison.Ordinal);

        var told = Assert.Single(
            Errors(Scene.Read(Scene.Ladder("narrow"), precision: precision)),
            complaint => complaint.Message.Contains($"'{name}'", StringComparison.Ordinal)
                && complaint.Message.Contains("there is none of that name", StringComparison.Ordinal)).Message;

        Assert.Contains("conduct, ", told, StringComparison.Ordinal);
        Assert.EndsWith($"user-reports{near}", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Whether_the_role_is_gone_must_be_seen()
    {
        static bool IsTold(ReadPlan read) => Complaints(read).Any(complaint =>
            complaint.Message.Contains("nobody would know whether the role is gone", StringComparison.Ordinal));
        var proven = Scene.OneScope + "    then:\n"
            + "      - { target: controls, function: roleOf(address who) returns (uint8), "
            + "arguments: [\"0x0000000000000000000000000000000000000011\"], equals: 0 }\n";

        Assert.True(IsTold(Scene.Read(Scene.Ladder("narrow"))));
        Assert.False(IsTold(Scene.Read(Scene.Ladder("narrow"), proven)));
    }

    [Fact]
    public void It_is_known_what_every_detector_looks_at()
    {
        var cards = DetectorCatalog.All.Select(card => card.Name).ToHashSet();

        Assert.Equal(cards.Order(), Evidence.Sources.Keys.Order());
        Assert.DoesNotContain(EvidenceSources.None, Evidence.Sources.Values);
    }

    [Fact]
    public void Every_example_of_the_page_compiles()
    {
        var page = Repository.Text("docs/autonomy.md");
        var examples = page.Split("```yaml\n").Skip(1)
            .Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]).ToList();

        Assert.NotEmpty(examples);
        foreach (var example in examples)
        {
            var main = example.StartsWith("automation:", StringComparison.Ordinal)
                ? Scene.OneScope + "\n" + example
                : Scene.OneScope + "\n" + example + Scene.Ladder("narrow")
                    .Replace("open-again", "revoke-the-agent", StringComparison.Ordinal);
            Assert.Empty(Errors(Scene.Read("", main)));
        }
    }

    private static List<Complaint> Errors(ReadPlan read) =>
        [.. Complaints(read).Where(complaint => complaint.Level == ComplaintLevel.Error)];

    private static IReadOnlyList<Complaint> Complaints(ReadPlan read) => MinimalPlan.Complaints(read);
}
