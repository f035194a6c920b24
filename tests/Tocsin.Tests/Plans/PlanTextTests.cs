using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Tests.Plans;

public sealed class PlanTextTests
{
    [Fact]
    public void The_smallest_plan_compiles_without_an_error()
    {
        Assert.Empty(MinimalPlan.Read().Complaints);
        Assert.Empty(Errors(MinimalPlan.Read()));
    }

    [Fact]
    public void Threats_that_no_issue_detects_are_warned_about_in_one_line()
    {
        var complaints = MinimalPlan.Complaints(MinimalPlan.Read());

        var complaint = Assert.Single(complaints);
        Assert.Equal(ComplaintLevel.Warning, complaint.Level);
        // Without an asset that has a peg there is none to lose.
        var untold = Enum.GetValues<Threat>()
            .Except([Threat.FlashLoanAttack, Threat.OracleManipulation, Threat.PegDeviation])
            .Select(threat => threat.ToName());
        Assert.Equal(
            $"nobody would be told of what no issue has under 'detection': {string.Join(", ", untold)}",
            complaint.Message);
    }

    [Fact]
    public void A_plan_that_detects_every_threat_compiles_without_a_complaint()
    {
        var all = string.Join(", ", Enum.GetValues<Threat>().Select(threat => threat.ToName()));

        Assert.Empty(MinimalPlan.Complaints(
            MinimalPlan.With("detection: [flash-loan-attack, oracle-manipulation]", $"detection: [{all}]")));
    }

    [Fact]
    public void What_the_text_says_is_what_the_plan_holds()
    {
        var plan = MinimalPlan.Plan;

        Assert.Equal("Example Markets", plan.Name);
        Assert.Equal(31337UL, plan.Protected.Chain.Value);
        Assert.Equal(1.00m, plan.Protected.Assets[0].UsdPrice);
        Assert.Equal(TimeSpan.FromMinutes(30), plan.Decisions[0].ValidFor);
        Assert.Equal("pause(market, 86400)", plan.Actions[0].Calls[0].InWords);
        Assert.Equal("Pause the markets", plan.Procedures[0].Title);
        Assert.Equal(4, plan.Procedures[0].Steps[0].At.Line - 1);
        Assert.Equal("Keep calm.", plan.Procedures[0].Markdown);
        Assert.Equal("Ada Commander (commander)", plan.Lead());
    }

    /// <summary>A piece of the text, what a person mistyped in its place, and the error that says so.</summary>
    [Theory]
    [InlineData("category: hacker-attack\n    detection", "categroy: hacker-attack\n    detection",
        "did you mean 'category'?", 3)]
    [InlineData("detection: [flash-loan-attack", "detection: [flash-loan-atack", "did you mean 'flash-loan-attack'?")]
    [InlineData("severity: 1", "severity: 6", "must be a whole number from 1 to 5")]
    [InlineData("severity: 1", "severity: high", "must be a whole number from 1 to 5")]
    [InlineData("decimals: 18", "decimals: many", "must be a whole number from 0 to 36")]
    [InlineData("usd: 1.00", "usd: 1,00", "must be a number such as 1.00")]
    [InlineData("valid_for: 30min", "valid_for: 30 minutes",
        "must be a duration such as 30s, 5min, 24h or 2d")]
    [InlineData("id: 31337", "id: local", "must be a whole number")]
    [InlineData("target: controls", "target: control", "did you mean 'controls'?")]
    [InlineData("base: DEMO", "base: DEM0", "did you mean 'DEMO'?", 2)]
    [InlineData("issuer: market", "issuer: markt", "did you mean 'market'?")]
    [InlineData("procedure: pause-markets", "procedure: pause-market", "did you mean 'pause-markets'?")]
    [InlineData("action: pause-all", "action: pause-al", "did you mean 'pause-all'?")]
    [InlineData("role: commander\n", "role: comander\n", "did you mean 'commander'?")]
    [InlineData("substitutes: [deputy]", "substitutes: [deputi]", "did you mean 'deputy'?")]
    [InlineData("group: engineer", "group: enginer", "did you mean 'engineer'?")]
    [InlineData("notify: [core, auditor]", "notify: [core, auditors]", "did you mean 'auditor'?")]
    [InlineData("ways: [ada-pager]", "ways: [ada-pagr]", "did you mean 'ada-pager'?")]
    [InlineData("channel: war-room", "channel: war-rom", "did you mean 'war-room'?")]
    [InlineData("backup: spare-room", "backup: spar-room", "did you mean 'spare-room'?")]
    [InlineData("backup: spare-room", "backup: war-room", "channel 'war-room': its backup is the channel itself")]
    [InlineData("arguments: [market, 86400]", "arguments: [market]", "takes 2 arguments, not 1")]
    [InlineData("arguments: [market, 86400]", "arguments: [market, -1]", "the arguments do not fit")]
    [InlineData("arguments: [market, 86400]", "arguments: [market, 18446744073709551616]", "the arguments do not fit")]
    [InlineData("function: pause(bytes32 module,uint64 durationSeconds)", "function: pause(bytes32",
        "is not a function")]
    [InlineData("holds: isPaused(bytes32 module)", "holds: isPaused(uint256 module)", "the arguments do not fit")]
    [InlineData("0x00000000000000000000000000000000000000a1", "0x00000000000000000000000000000000000000a",
        "is not an address")]
    [InlineData("0x00000000000000000000000000000000000000a1", "0xaAbBccDDEeFf00000000000000000000000000a1",
        "wrong checksum")]
    [InlineData("phone: \"+1 555 0100\"", "phone: [1, 2]", "'phone' must be a text", 2)]
    [InlineData("at_least: 1", "at_least: 0", "must be a whole number from 1 to 50")]
    [InlineData("at_least: 1", "at_least: 2", "can never be taken")]
    [InlineData("kind: uniswap-v2", "kind: uniswap-v3", "'kind' must be uniswap-v2")]
    [InlineData("name: Ben Engineer", "name: Ada Commander", "person's name 'Ada Commander' is defined twice")]
    [InlineData("scope: vault\nissues", "scope: vaults\nissues", "did you mean 'vault'?")]
    public void A_typo_gives_one_error_that_says_where_and_what(string piece, string typo, string says, int errors = 1)
    {
        var complaints = Errors(MinimalPlan.With(piece, typo));

        Assert.Contains(complaints, complaint => complaint.Message.Contains(says, StringComparison.Ordinal));
        Assert.True(complaints.Count <= errors, string.Join('\n', complaints));
        Assert.All(complaints, complaint => Assert.Matches(@"^plan\.yaml:\d+: error: ", complaint.ToString()));
    }

    [Theory]
    [InlineData("severity: 1", "severity: 9")]
    [InlineData("valid_for: 30min", "valid_for: soon")]
    [InlineData("target: controls", "target: control")]
    [InlineData("substitutes: [deputy]", "substitute: [deputy]")]
    public void The_line_is_that_of_the_typo(string piece, string typo) =>
        Assert.Contains(Errors(MinimalPlan.With(piece, typo)), complaint =>
            complaint.At == new SourceLine("plan.yaml", MinimalPlan.LineOf(piece)));

    [Theory]
    [InlineData("name: Example Markets", "name")]
    [InlineData("issues:", "issues")]
    [InlineData("escalation:", "escalation")]
    [InlineData("communications:", "communications")]
    [InlineData("decisions:", "decisions")]
    [InlineData("actions:", "actions")]
    [InlineData("team:", "team")]
    [InlineData("protected:", "protected")]
    public void A_section_that_is_missing_is_named_once(string piece, string section)
    {
        var complaints = MinimalPlan.With(piece, $"x{piece}").Complaints;

        Assert.Equal(
            new SortedSet<string> { $"'x{section}' is not known in plan.yaml; did you mean '{section}'?",
                $"'{section}' is missing in plan.yaml" },
            new SortedSet<string>(complaints.Select(c => c.Message).Where(m =>
                !m.StartsWith("target", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_section_of_another_shape_is_named_once() => Assert.Equal(
        ["'protected' must be a mapping (name: value)"],
        MinimalPlan.Read("""
            name: x
            protected: 5
            issues: []
            escalation: []
            team: {core: []}
            communications: []
            decisions: []
            actions: []
            """).Complaints.Select(complaint => complaint.Message));

    [Theory]
    [InlineData("", "the file is empty", 1)]
    [InlineData("# nothing but a comment", "the file is empty", 1)]
    [InlineData("name: a\nname: b\n", "'name' is given twice, first in line 1", 2)]
    [InlineData("name: a\n\tprotected: b\n", "indented with a tab", 2)]
    [InlineData("name: &a x\nteam: *a\n", "aliases (*name) are not supported", 2)]
    [InlineData("name: [", "a ']' is missing", 1)]
    [InlineData("- a\n- b\n", "must be a mapping", 1)]
    [InlineData("just text", "must be a mapping", 1)]
    [InlineData("name: a\n---\nname: b\n", "second document", 1)]
    [InlineData("name: \"\\UFFFFFFFF\"", "not valid YAML", 1)]
    public void A_text_that_cannot_be_used_gives_one_message(string text, string says, int line)
    {
        var complaint = Assert.Single(MinimalPlan.Read(text).Complaints);

        Assert.Contains(says, complaint.Message, StringComparison.Ordinal);
        Assert.Equal(new SourceLine("plan.yaml", line), complaint.At);
    }

    [Fact]
    public void Two_megabytes_are_too_large() =>
        Assert.Contains("larger than", Assert.Single(MinimalPlan.Read(new string('#', 2_000_000)).Complaints).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void Deep_nesting_is_refused(string opening) => Assert.Contains(
        "nested deeper", Assert.Single(MinimalPlan.Read(string.Concat(Enumerable.Repeat(opening, 5_000))).Complaints)
            .Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_of_half_a_megabyte_is_refused_without_a_guess()
    {
        var name = new string('a', 500_000);

        Assert.DoesNotContain(Errors(MinimalPlan.With("procedure: pause-markets", $"procedure: {name}")),
            complaint => complaint.Message.Contains("did you mean", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "a procedure begins with a head", 1)]
    [InlineData("# Title\n", "a procedure begins with a head", 1)]
    [InlineData("---\ntitle: x\n", "a procedure begins with a head", 1)]
    [InlineData("---\ntitle: x\nsteps: [\n---\n", "a ']' is missing", 3)]
    [InlineData("---\ntitle: x\n\tsteps: []\n---\n", "indented with a tab", 3)]
    [InlineData("---\n\n---\n", "the file is empty", 2)]
    [InlineData("---\ntitle: x\nstep: []\nsteps: []\n---\n", "did you mean 'steps'?", 3)]
    [InlineData("---\ntitle: x\nsteps:\n  - {id: a, what: b, role: c, expected: soon}\n---\n", "must be a duration", 4)]
    public void A_broken_head_of_a_procedure_names_its_line(string text, string says, int line)
    {
        var complaint = Assert.Single(MinimalPlan.Read(procedure: text).Complaints);

        Assert.Contains(says, complaint.Message, StringComparison.Ordinal);
        Assert.Equal(new SourceLine("procedures/pause-markets.md", line), complaint.At);
    }

    [Fact]
    public void The_second_of_two_with_one_name_is_an_error() => Assert.Contains(
        Errors(MinimalPlan.With("name: vault\n", "name: market\n")),
        complaint => complaint.Message.Contains("defined twice, first at plan.yaml:", StringComparison.Ordinal));

    [Fact]
    public void Two_steps_of_a_procedure_with_one_id_are_an_error_with_both_lines()
    {
        var step = "  - { id: confirm, what: Confirm., role: commander, expected: 3min }\n";
        var read = MinimalPlan.Read(procedure: $"---\ntitle: x\nsteps:\n{step}{step}---\n");

        Assert.Contains(Errors(read), complaint => complaint.ToString() == "procedures/pause-markets.md:5: error: "
            + "step 'confirm' is defined twice, first at procedures/pause-markets.md:4; rename one");
    }

    [Theory]
    [InlineData("ada", "jo", "")]
    [InlineData("alex-phone", "ana-phone", "")]
    [InlineData("cy", "jo", "")]
    [InlineData("commander", "comander", "commander")]
    [InlineData("core", "croe", "core")]
    [InlineData("war-room", "war-rom", "war-room")]
    public void Only_what_is_really_near_is_guessed(string known, string name, string guess) => Assert.Equal(
        guess.Length == 0 ? "" : $"; did you mean '{guess}'?", PlanCheck.Near(name, [known]));

    [Fact]
    public void A_channel_that_is_like_no_other_is_to_be_added() => Assert.Contains(
        Errors(MinimalPlan.With("ways: [ada-pager]", "ways: [telegram]")),
        complaint => complaint.Message == "'ada' is reached by channel 'telegram', which the configuration does not "
            + "define: add it under 'channels:' of tocsin.yaml");

    [Fact]
    public void Two_people_may_stand_in_for_each_other()
    {
        var text = MinimalPlan.Main
            .Replace("ways: [ada-pager]", "ways: [ada-pager]\n      substitutes: [ben]", StringComparison.Ordinal)
            .Replace("ways: [ben-pager]", "ways: [ben-pager]\n      substitutes: [ada]", StringComparison.Ordinal);

        Assert.Equal(2, MinimalPlan.Read(text).Plan.People.Count(person => person.Substitutes.Count == 1));
        Assert.Empty(Errors(MinimalPlan.Read(text)));
    }

    [Fact]
    public void An_action_without_calls_is_an_error() => Assert.Contains(
        PlanCheck.Check(MinimalPlan.Plan with { Actions = [MinimalPlan.Plan.Actions[0] with { Calls = [] }] },
            MinimalPlan.Channels),
        complaint => complaint.Message.Contains("has no 'calls'", StringComparison.Ordinal));

    [Theory]
    [InlineData("phone: \"+1 555 0100\"", "phone: \"+1 555 0199\"")]
    [InlineData("name: Ada Commander", "name: Ada C. Commander")]
    [InlineData("ways: [ada-pager]", "ways: [ben-pager]")]
    [InlineData("channel: war-room", "channel: spare-room")]
    [InlineData("what: Pause every market", "what: Pause everything")]
    [InlineData("notify: [core, auditor]", "notify: [core]")]
    public void Contacts_change_the_version_and_not_what_approvers_signed(string piece, string change)
    {
        var plan = MinimalPlan.With(piece, change).Plan;

        Assert.Equal(MinimalPlan.Plan.DecisionsHash, plan.DecisionsHash);
        Assert.NotEqual(MinimalPlan.Plan.ContentHash, plan.ContentHash);
    }

    [Theory]
    [InlineData("role: commander\n", "role: engineer\n")]
    [InlineData("substitutes: [deputy]", "substitutes: []")]
    [InlineData("substitutes: [deputy]", "substitutes: [deputy, auditor]")]
    [InlineData("group: engineer", "group: auditor")]
    [InlineData("at_least: 1", "at_least: 2")]
    [InlineData("valid_for: 30min", "valid_for: 31min")]
    [InlineData("id: emergency-pause", "id: emergency-stop")]
    [InlineData("roles: [deputy]", "roles: [deputy, engineer]")]
    [InlineData("id: 31337", "id: 1")]
    [InlineData("0x00000000000000000000000000000000000000c0", "0x00000000000000000000000000000000000000c1")]
    [InlineData("arguments: [market, 86400]", "arguments: [market, 86401]")]
    [InlineData("function: pause(bytes32 module,uint64 durationSeconds)",
        "function: pauze(bytes32 module,uint64 durationSeconds)")]
    public void Any_change_of_approvers_or_calls_changes_what_approvers_sign(string piece, string change) =>
        Assert.NotEqual(MinimalPlan.Plan.DecisionsHash, MinimalPlan.With(piece, change).Plan.DecisionsHash);

    [Fact]
    public void Another_wallet_of_an_approver_changes_what_approvers_sign() => Assert.NotEqual(
        MinimalPlan.Plan.DecisionsHash,
        MinimalPlan.With(ChecksumAddress.Format(MinimalPlan.Engineer.Address),
            ChecksumAddress.Format(MinimalPlan.Stranger.Address)).Plan.DecisionsHash);

    [Theory]
    [InlineData("substitutes: [deputy, auditor]", "substitutes: [\"deputy,auditor\"]")]
    [InlineData("substitutes: [deputy]", "substitutes: [\"deputy\\nadditional engineer at least 1\"]")]
    public void No_two_readings_of_the_approvers_give_the_same_hash(string one, string other) => Assert.NotEqual(
        MinimalPlan.With("substitutes: [deputy]", one).Plan.DecisionsHash,
            MinimalPlan.With("substitutes: [deputy]", other).Plan.DecisionsHash);

    [Fact]
    public void The_version_tells_the_end_of_one_file_from_the_beginning_of_the_next()
    {
        ValueList<PlanFile> one = [new("plan.yaml", "ab"), new("c", "d")];
        ValueList<PlanFile> other = [new("plan.yaml", "a"), new("bc", "d")];

        Assert.NotEqual(PlanReader.Read(one).Plan.ContentHash, PlanReader.Read(other).Plan.ContentHash);
    }

    private static List<Complaint> Errors(ReadPlan read) =>
        [.. MinimalPlan.Complaints(read).Where(complaint => complaint.Level == ComplaintLevel.Error)];
}
