using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Tests.Plans;

/// <summary>What a plan says besides the least: that it is read as written, and what of it is linted.</summary>
public sealed class PlanSectionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private const string Sections = """
        about: { owner: commander, reviewed: 2026-02-01, tested: 2026-01-15, confidential: true }
        incident: { what: Anything dear, severity: 3, confidence: 0.8 }
        severities:
          - { severity: 1, acknowledge: 4min, contain: 9min, review: 3d }
          - { severity: 2, acknowledge: 16min }
        roles:
          - { id: commander, what: Leads, deputy: deputy, actions: [{ id: call, what: Open a call, within: 5min }] }
        organisations:
          - { id: audit, kind: auditor, name: Audit, reach: "+1 555", order: 2, severity: 1, upon: validation }
        templates:
          - { id: first, text: "At {opened}, {{so}}: {state}" }
        exercises:
          - { id: q1, kind: tabletop, every: 180d, what: Talk it through }
        legal:
          - { id: dora, regime: dora, starts: classified, within: 4h, to: BaFin, source: Art 19, reviewed: 2026-01-01 }
        """;

    private static readonly string Full = MinimalPlan.Main
        .Replace("    notify: [core, auditor]", """
                notify: [ada]
                answer: each
                then: [{ after: 3min, notify: [engineer], answer: each }, { after: 5min, notify: [extended] }]
                again: 2
                nobody: [ada]
            """, StringComparison.Ordinal)
        .Replace("      ways: [ada-pager]", """
                  ways: [{ channel: ada-pager, wait: 90s }, war-room]
                  categories: [hacker-attack]
                  awake: "22:00-06:00"
                  substitutes: [cem]
            """, StringComparison.Ordinal)
        .Replace("    backup: spare-room\n", """
                backup: spare-room
              - { id: users, audience: users, when: every, every: 4h, within: 30min, severity: 2, channel: war-room,
                  backup: spare-room, if_compromised: Say so, writer: engineer, approver: commander, template: first,
                  not_for: [flash-loan], public: true }
              - { audience: users, when: after-resolution, after: 5d, channel: war-room }

            """, StringComparison.Ordinal)
        .Replace("    reopen: open-again\n", """
                reopen: open-again
                reviewer: engineer
                attested: { by: 2 }
                ratify: { within: 24h, roles: [deputy] }
                unreachable: { after: 10min, then: call-somebody }
              - { id: call-somebody, name: Call, action: call, valid_for: 1h, required: [{ role: deputy }] }

            """, StringComparison.Ordinal)
        .Replace("    detection: [flash", """
                heartbeats: [keeper]
                manual: [Users say so]
                unlike: [An arbitrage]
                detection: [flash
            """.TrimEnd(), StringComparison.Ordinal)
        .Replace("      scope: vault\nissues:", """
                  scope: vault
                  owner: treasury
                  roles: { MINTER: treasury }
                  pause: pause()
              oracles: [Feed, { name: Other, what: A feed, owner: ben }]
              safes: [{ name: treasury, address: "0x00000000000000000000000000000000000000f1", signers: [ada, ben],
                        threshold: 2 }]
            issues:
            """, StringComparison.Ordinal)
        + "\n  - { id: call, what: Call, manual: { text: Call, who: deputy } }\n" + Sections;

    [Fact]
    public void A_plan_with_every_section_has_no_error() => Assert.DoesNotContain(
        Complaints(Full), complaint => complaint.Level == ComplaintLevel.Error);

    [Fact]
    public void What_a_section_says_is_what_the_plan_holds()
    {
        var plan = MinimalPlan.Read(Full).Plan;

        Assert.Equal(new DateOnly(2026, 2, 1), plan.About!.Reviewed);
        Assert.Equal((Severity.Elevated, 0.8m), (plan.Opens.Severity, plan.Opens.Confidence));
        Assert.Equal(TimeSpan.FromMinutes(4), plan.TimesOf(Severity.Critical).Acknowledge);
        Assert.Equal(TimeSpan.FromMinutes(5), plan.TimesOf(Severity.Critical).Assemble);
        Assert.Equal(TimeSpan.FromHours(1), plan.TimesOf(Severity.Elevated).Acknowledge);
        Assert.Equal(TimeSpan.FromMinutes(5), plan.Role("commander")!.Actions[0].Within);
        Assert.Equal(EscalationMoment.Validation, plan.Organisations[0].Upon);
        Assert.Equal("classified", plan.Legal[0].Starts);
        Assert.Equal("tabletop", plan.Exercises[0].Kind);
        Assert.Equal(["keeper"], plan.Issues[0].Heartbeats);
        Assert.Equal(("treasury", "pause()"), (plan.Protected.Contracts[1].Owner, plan.Protected.Contracts[1].Pause));
        Assert.Equal(["Feed", "Other"], plan.Protected.Oracles.Select(thing => thing.Name));
        var escalation = plan.Escalations[0];
        Assert.Equal((AnswersNeeded.Each, 2), (escalation.Answer, escalation.Again));
        Assert.Equal([TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(5)], escalation.Then.Select(level => level.After));
        Assert.Equal((AnswersNeeded.Each, AnswersNeeded.One), (escalation.Then[0].Answer, escalation.Then[1].Answer));
    }

    [Fact]
    public void People_have_ways_with_waits_and_hours()
    {
        var ada = MinimalPlan.Read(Full).Plan.Person("ada")!;

        Assert.Equal(
            [new Way("ada-pager", TimeSpan.FromSeconds(90)), new Way("war-room", Way.DefaultWait)], ada.WaysInOrder);
        Assert.True(ada.Awake!.Value.Contains(new TimeOnly(23, 0)));
        Assert.False(ada.Awake.Value.Contains(new TimeOnly(12, 0)));
        Assert.Equal(["cem"], ada.Substitutes);
    }

    [Fact]
    public void Updates_and_means_of_decisions_are_read()
    {
        var plan = MinimalPlan.Read(Full).Plan;

        var (users, after) = (plan.Communications[1], plan.Communications[2]);
        Assert.Equal((UpdateMoment.Every, TimeSpan.FromHours(4)), (users.Moment, users.Every));
        Assert.Equal(TimeSpan.FromMinutes(30), users.Within);
        Assert.True(users.IsPublic);
        Assert.Equal((UpdateMoment.AfterResolution, TimeSpan.FromDays(5)), (after.Moment, after.Every));
        var decision = plan.Decisions[0];
        Assert.Equal(("engineer", 2), (decision.Reviewer, decision.Attested!.By));
        Assert.Equal((TimeSpan.FromDays(1), "call-somebody"), (decision.Ratify!.Within, decision.Unreachable!.Then));
    }

    [Fact]
    public void A_step_says_how_it_is_done_and_when_it_was_tried()
    {
        var read = MinimalPlan.Read(procedure: MinimalPlan.Procedure
            .Replace("decision:", "reviewed: 2026-02-01\ndecision:", StringComparison.Ordinal)
            .Replace("role: engineer", "role: engineer\n    part: identify\n    how: Slowly\n    tool: Explorer\n"
                + "    when: In doubt", StringComparison.Ordinal));

        Assert.Empty(read.Complaints);
        var step = read.Plan.Procedures[0].Steps[0];
        Assert.Equal(
            ("identify", "Slowly", "Explorer", "In doubt", new DateOnly(2026, 1, 10)),
            (step.Part, step.How, step.Tool, step.When, step.Tested!.Value));
        Assert.Equal(new DateOnly(2026, 2, 1), read.Plan.Procedures[0].Reviewed);
    }

    /// <summary>A piece of the full text, what stands in its place, and the error that says so.</summary>
    [Theory]
    [InlineData("owner: commander", "owner: comander", "did you mean 'commander'?")]
    [InlineData("reviewed: 2026-02-01", "reviewed: 01.02.2026", "a day such as 2026-02-01")]
    [InlineData("reviewed: 2026-02-01", "reviewed: 2026-03-03", "which is still to come")]
    [InlineData("confidence: 0.8", "confidence: 8", "a share above 0")]
    [InlineData("{ severity: 2, acknowledge", "{ severity: 1, acknowledge", "severity '1' is defined twice")]
    [InlineData("deputy: deputy,", "deputy: depty,", "did you mean 'deputy'?")]
    [InlineData("{ id: commander, what: Leads", "{ id: comander, what: Leads", "nobody holds role 'comander'")]
    [InlineData("deputy: deputy,", "deputy: commander,", "commander → commander lead back")]
    [InlineData("deputy: deputy,", "from: primry,", "which does not exist")]
    [InlineData("kind: auditor", "kind: auditer", "did you mean 'auditor'?")]
    [InlineData("upon: validation", "upon: validated", "did you mean 'validation'?")]
    [InlineData("{opened}", "{opend}", "did you mean 'opened'?")]
    [InlineData("{opened}", "{opened", "braces of template 'first' do not fit")]
    [InlineData("{{so}}", "{{so}", "braces of template 'first' do not fit")]
    [InlineData("kind: tabletop", "kind: table", "'kind' must be one of")]
    [InlineData("starts: classified", "starts: classifed", "did you mean 'classified'?")]
    [InlineData("nobody: [ada]", "nobody: [aad]", "did you mean 'ada'?")]
    [InlineData("notify: [extended]", "notify: [extnded]", "did you mean 'extended'?")]
    [InlineData("notify: [extended]", "notify: [ada, ben]", "level 3 of the escalation of 'hacker-attack' wakes only")]
    [InlineData("after: 5min", "after: 20min", "woken 23 min after the beginning, but severity 2 is acknowledged within"
        + " 16 min")]
    [InlineData("wait: 90s", "wait: 17min", "0 s of levels and 17 min of other ways")]
    [InlineData("substitutes: [cem]", "substitutes: [cm]", "did you mean 'cem'?")]
    [InlineData("substitutes: [cem]", "substitutes: [ada]", "'ada' stands in for themselves")]
    [InlineData("categories: [hacker-attack]", "categories: [hacker]", "which no issue has")]
    [InlineData("awake: \"22:00-06:00\"", "awake: late", "hours in quotes")]
    [InlineData("writer: engineer", "writer: enginer", "did you mean 'engineer'?")]
    [InlineData("writer: engineer", "writer: commander", "alone writes and approves communication 'users'")]
    [InlineData("approver: commander, ", "", "is public, but has no 'approver'")]
    [InlineData("template: first", "template: frist", "did you mean 'first'?")]
    [InlineData("not_for: [flash-loan]", "not_for: [flash-lone]", "did you mean 'flash-loan'?")]
    [InlineData("when: every, every: 4h", "when: every", "'every' is missing")]
    [InlineData("when: every, every: 4h", "when: open, every: 4h", "'every' goes with 'when: every'")]
    [InlineData("reviewer: engineer", "reviewer: enginer", "did you mean 'engineer'?")]
    [InlineData("roles: [deputy] }", "roles: [deputi] }", "did you mean 'deputy'?")]
    [InlineData("roles: [deputy] }\n    unreach", "roles: [] }\n    unreach", "names no 'roles'")]
    [InlineData("then: call-somebody", "then: call-sombody", "did you mean 'call-somebody'?")]
    [InlineData("then: call-somebody", "then: emergency-pause", "emergency-pause → emergency-pause lead back")]
    [InlineData("action: call,", "action: pause-all,", "with fewer approvals")]
    [InlineData("signers: [ada, ben]", "signers: [ada]", "needs 2 signatures, but has 1 signers")]
    [InlineData("signers: [ada, ben]", "signers: [ada, bn]", "did you mean 'ben'?")]
    public void What_is_wrong_with_a_section_is_said(string piece, string replacement, string says) => Assert.Contains(
        Complaints(Changed(piece, replacement)),
        complaint => complaint.Level == ComplaintLevel.Error
            && complaint.Message.Contains(says, StringComparison.Ordinal));

    [Theory]
    [InlineData("category: hacker-attack\n    heartbeats", "category: hacker-atack\n    heartbeats",
        "did you mean 'hacker-attack'?")]
    [InlineData("acknowledge: 4min", "acknowledge: 17min", "'acknowledge' takes 17 min at severity 1, but 16 min at")]
    [InlineData("every: 180d", "every: 400d", "less than once a year")]
    [InlineData("upon: detection", "upon: alert", "is taken as detection")]
    [InlineData("{opened}", "{issue}", "template 'first' tells '{issue}' in public: the name of an issue shows other")]
    [InlineData("when: after-resolution, after: 5d", "when: daily", "nothing is ever due by it")]
    [InlineData("reviewed: 2026-01-01", "reviewed: 2024-01-01", "more than a year ago")]
    [InlineData("ratify: { within: 24h", "ratify: { within: 25h", "nothing follows from 'ratify'")]
    public void What_is_doubtful_is_warned_about(string piece, string replacement, string says) => Assert.Contains(
        Complaints(Changed(piece, replacement)),
        complaint => complaint.Level == ComplaintLevel.Warning
            && complaint.Message.Contains(says, StringComparison.Ordinal));

    [Fact]
    public void A_required_role_that_one_person_holds_wants_a_substitute()
    {
        const string says = "which 'ada' alone holds";
        var alone = MinimalPlan.Main.Replace("substitutes: [deputy]", "substitutes: []", StringComparison.Ordinal);

        Assert.DoesNotContain(
            Complaints(MinimalPlan.Main), one => one.Message.Contains(says, StringComparison.Ordinal));
        Assert.Contains(Complaints(alone), one =>
            one.Level == ComplaintLevel.Warning && one.Message.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_that_nobody_ever_tried_are_counted_for_each_procedure()
    {
        var procedure = MinimalPlan.Procedure;
        procedure = procedure.Remove(procedure.IndexOf("    tested: 2026-01-10\n", StringComparison.Ordinal), 23);

        var complaint = Assert.Single(
            PlanCheck.Check(MinimalPlan.Read(procedure: procedure).Plan, null),
            one => one.Message.Contains("ever tried", StringComparison.Ordinal));

        Assert.Equal(ComplaintLevel.Warning, complaint.Level);
        Assert.Contains("nobody ever tried 1 of 2 steps of procedure 'pause-markets'", complaint.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_issue_that_people_alone_notice_is_noticed() => Assert.Empty(
        Errors(MinimalPlan.With("detection: [flash-loan-attack, oracle-manipulation]", "manual: [Somebody says so]")));

    [Fact]
    public void An_issue_that_nothing_notices_is_an_error() => Assert.Contains(
        Errors(MinimalPlan.With("    detection: [flash-loan-attack, oracle-manipulation]\n", "")),
        complaint => complaint.Message.Contains("nothing would ever notice it", StringComparison.Ordinal));

    /// <summary>Many ways were in order before a plan could say how long each of them waits.</summary>
    [Fact]
    public void A_plan_that_gives_no_times_stays_without_error()
    {
        var ways = string.Join(", ", Enumerable.Repeat("ada-pager", 5));
        var slow = MinimalPlan.Read(MinimalPlan.Main
            .Replace("severity: 2\n    upon", "severity: 1\n    upon", StringComparison.Ordinal)
            .Replace("ways: [ada-pager]", $"ways: [{ways}]", StringComparison.Ordinal));

        Assert.Empty(Errors(slow));
        Assert.Contains(MinimalPlan.Complaints(slow), complaint =>
            complaint.Message.Contains("8 min of other ways", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a {state} b", "a <state> b")]
    [InlineData("{{{state}}}", "{<state>}")]
    [InlineData("{{}}", "{}")]
    [InlineData("", "")]
    [InlineData("{state}{next}", "<state><next>")]
    public void A_template_is_filled(string text, string expected) =>
        Assert.Equal(expected, UpdateFields.Fill(text, field => $"<{field}>"));

    [Theory]
    [InlineData("{")]
    [InlineData("}")]
    [InlineData("{a{b}}")]
    [InlineData("{{a}")]
    [InlineData("a}}}")]
    public void Braces_that_do_not_fit_are_no_template(string text) => Assert.Null(UpdateFields.Pieces(text));

    [Theory]
    [InlineData("reviewer: engineer", "reviewer: deputy")]
    [InlineData("attested: { by: 2 }", "attested: { by: 3 }")]
    [InlineData("within: 24h, roles", "within: 25h, roles")]
    [InlineData("roles: [deputy] }\n    unreach", "roles: [engineer] }\n    unreach")]
    [InlineData("after: 10min, then: call", "after: 11min, then: call")]
    [InlineData("then: call-somebody", "then: emergency-pause")]
    public void What_binds_a_decision_changes_what_approvers_sign_and_is_in_the_compiled_plan(
        string piece, string replacement)
    {
        var plan = MinimalPlan.Read(Full).Plan;
        var other = MinimalPlan.Read(Changed(piece, replacement)).Plan;

        Assert.NotEqual(plan.DecisionsHash, other.DecisionsHash);
        var compiled = PlanReader.Read([new("plan.json", CompiledPlan.Of(other).Write())]).Plan;
        Assert.Equal(other.DecisionsHash, compiled.DecisionsHash);
        Assert.Equal(
            (other.Decisions[0].Reviewer, other.Decisions[0].Attested, other.Decisions[0].Unreachable),
            (compiled.Decisions[0].Reviewer, compiled.Decisions[0].Attested, compiled.Decisions[0].Unreachable));
        Assert.Equal(other.Decisions[0].Ratify, compiled.Decisions[0].Ratify);
    }

    private static string Changed(string piece, string replacement)
    {
        Assert.Contains(piece, Full, StringComparison.Ordinal);
        var at = Full.IndexOf(piece, StringComparison.Ordinal);
        return string.Concat(Full.AsSpan(0, at), replacement, Full.AsSpan(at + piece.Length));
    }

    private static List<Complaint> Errors(ReadPlan read) =>
        [.. MinimalPlan.Complaints(read).Where(complaint => complaint.Level == ComplaintLevel.Error)];

    private static List<Complaint> Complaints(string main)
    {
        var read = MinimalPlan.Read(main);
        return [.. read.Complaints, .. PlanCheck.Check(read.Plan, MinimalPlan.Channels, Now)];
    }
}
