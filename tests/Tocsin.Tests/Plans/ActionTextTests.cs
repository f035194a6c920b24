using Tocsin.Chains;
using Tocsin.Evm.Safes;
using Tocsin.Plans;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Plans;

/// <summary>The kinds of actions, their conditions, and what of them is linted.</summary>
public sealed class ActionTextTests
{
    private const string Action = "      - id: more\n        what: More\n";
    private const string Owners =
        "owners: [\"0x00000000000000000000000000000000000000e5\", \"0x00000000000000000000000000000000000000e6\"]";

    private static readonly string Start = MinimalPlan.Main.Replace(
        "    name: Local\n", "    name: Local\n  chains: [{ id: 8453, name: Base }]\n", StringComparison.Ordinal);

    [Fact]
    public void A_call_goes_to_the_chain_that_it_names_with_the_value_that_it_says()
    {
        var read = With("calls: [{ chain: Base, target: controls, value: 7, function: stop() }]",
            "then: [{ target: controls, function: stopped() returns (bool), is_true: true }]");

        var call = Assert.Single(read.Plan.Action("more")!.Calls);
        Assert.Equal((new ChainId(8453), (UInt256)7UL), (call.Call.Chain, call.Call.ValueWei));
        Assert.False(call.IsPause);
        Assert.Equal("Base", read.Plan.Protected.NameOf(call.Call.Chain));
        Assert.Empty(Complaints(read));
    }

    [Fact]
    public void A_pause_knows_how_long_it_lasts() =>
        Assert.Equal(TimeSpan.FromDays(1), MinimalPlan.Plan.Actions[0].Calls[0].Lasts);

    [Fact]
    public void A_decision_has_the_Safe_make_each_of_its_calls_and_names_no_nonce()
    {
        var read = With(
            "safe:", $"  {{ safe: controls, chain: 8453, threshold: 2, {Owners}, nonce: 3,",
            "    calls: [{ target: controls, function: stop() }] }",
            "then: [{ target: controls, function: stopped() returns (uint256), at_least: 1 }]");

        var action = read.Plan.Action("more")!;
        Assert.Equal(ActionKind.Safe, action.Kind);
        var outer = Assert.Single(action.Calls);
        Assert.Equal(action.Safe!.Address, outer.Call.Target);
        Assert.Equal(action.Safe.Calls[0], outer.Inner);
        Assert.Contains("Safe 'controls' calls", outer.InWords, StringComparison.Ordinal);
        var made = SafeTransaction.Read(outer.Call.Chain, outer.Call.Target, outer.Call.Data.AsSpan())!;
        Assert.Equal(made.Calldata([]).ToValueList(), outer.Call.Data);
        Assert.Equal((outer.Inner!.Call.Target, outer.Inner.Call.Data), (made.To, made.Data));
        Assert.Equal((2, 3UL, 2), (action.Safe.Threshold, action.Safe.Nonce!.Value, action.Safe.Owners.Count));
        Assert.Equal(new ChainId(8453), Assert.Single(action.OnChain).Call.Chain);
        Assert.Empty(Complaints(read));
    }

    [Fact]
    public void A_hook_keeps_its_secrets_by_reference()
    {
        var read = With(
            "hook: { url: \"https://status.tocsin.dev/api\", headers: { authorization: \"env:STATUS\" }, body: '{}' }");

        var hook = read.Plan.Action("more")!.Hook!;
        Assert.Equal(("POST", 200, "{}"), (hook.Method, hook.Expect, hook.Body));
        Assert.Equal(new HookHeader("authorization", "env:STATUS"), Assert.Single(hook.Headers));
        Assert.Empty(Complaints(read));
    }

    [Fact]
    public void What_a_timelock_has_queued_is_cancelled_by_one_call_with_its_conditions()
    {
        var operation = "0x" + new string('a', 64);

        var action = With($"cancel: {{ timelock: controls, operation: \"{operation}\" }}").Plan.Action("more")!;

        Assert.Equal($"cancel({operation})", Assert.Single(action.Calls).InWords);
        Assert.StartsWith("0xc4d252f5", Hex.Format(action.Calls[0].Call.Data.AsSpan()), StringComparison.Ordinal);
        Assert.Equal((UInt256.One, UInt256.Zero), (action.Needs[0].Expected, action.Then[0].Expected));
    }

    [Fact]
    public void What_people_do_of_a_decision_is_a_step_of_its_procedure()
    {
        var read = Read(Start.Replace("action: pause-all", "action: more", StringComparison.Ordinal)
            + "\n" + Indented(Action + "        manual: { text: Call the exchange, who: deputy }"));

        var step = read.Plan.StepsOf(read.Plan.Procedures[0])[^1];

        Assert.Equal(("action-more", "Call the exchange", "deputy"), (step.Id, step.What, step.Role));
        Assert.Equal(read.Plan.Procedures[0].Steps.Count + 1, read.Plan.StepsOf(read.Plan.Procedures[0]).Count);
    }

    [Theory]
    [InlineData("equals: 5", "uint256", 5UL, true)]
    [InlineData("equals: 5", "uint256", 6UL, false)]
    [InlineData("at_least: 5", "uint64", 5UL, true)]
    [InlineData("at_least: 5", "uint64", 4UL, false)]
    [InlineData("at_most: 5", "uint8", 5UL, true)]
    [InlineData("at_most: 5", "uint8", 6UL, false)]
    [InlineData("is_true: true", "bool", 1UL, true)]
    [InlineData("is_true: true", "bool", 0UL, false)]
    [InlineData("is_true: false", "bool", 0UL, true)]
    [InlineData("equals: \"0x0000000000000000000000000000000000000005\"", "address", 5UL, true)]
    [InlineData("equals: \"0x0000000000000000000000000000000000000005\"", "address", 6UL, false)]
    public void A_condition_compares_the_first_value_of_the_answer(
        string expected, string type, ulong answer, bool holds)
    {
        var read = With(
            "calls: [{ target: controls, function: stop() }]",
            $"needs: [{{ target: dUSD, function: \"left(address who) returns ({type})\", {expected}, "
                + "arguments: [\"0x00000000000000000000000000000000000000e5\"], in_words: what is left }]");
        var need = Assert.Single(read.Plan.Action("more")!.Needs);

        var fault = need.Judge([.. ((UInt256)answer).ToArray(), .. new byte[32]]);

        Assert.Empty(read.Complaints);
        Assert.Equal(holds, fault is null);
        if (fault is not null)
            Assert.StartsWith("what is left: left(0x", fault, StringComparison.Ordinal);
        Assert.Contains("0 bytes", need.Judge([]), StringComparison.Ordinal);
    }

    /// <summary>What was written, and the error that says so.</summary>
    [Theory]
    [InlineData("calls: [{ chain: Bas, target: controls, function: stop() }]", "did you mean 'Base'?")]
    [InlineData("calls: [{ target: contrls, function: stop() }]", "did you mean 'controls'?")]
    [InlineData("calls: [{ target: controls, function: stop(), holds: held() }]", "'scope' is missing")]
    [InlineData("calls: [{ target: controls, function: stop(), value: much }]", "must be a whole number of wei")]
    [InlineData("calls: []", "has no 'calls'")]
    [InlineData("what2: []", "'what2' is not known")]
    [InlineData("manual: { text: Call, who: depty }", "did you mean 'deputy'?")]
    [InlineData("manual: { text: Call, who: deputy }\n        calls: []", "not by several")]
    [InlineData("hook: { url: \"http://status.tocsin.dev\" }", "begins with https://")]
    [InlineData("hook: { url: \"https://user:pw@status.tocsin.dev\" }", "holds a secret in clear")]
    [InlineData("hook: { url: \"https://status.tocsin.dev/?token=abc\" }", "holds a secret in clear")]
    [InlineData("hook: { url: env:HOOK, headers: { X-Api-Key: abc } }", "holds a secret in clear")]
    [InlineData("hook: { url: env:HOOK, body: '{\"password\":\"x\"}' }", "holds a secret in clear")]
    [InlineData("hook: { url: env:HOOK, method: FETCH }", "must be one of")]
    [InlineData("safe: { safe: controls, threshold: 3, OWNERS, calls: [{ target: controls, function: stop() }] }",
        "needs 3 signatures, but has 2 owners")]
    [InlineData("safe: { safe: controls, threshold: 1, OWNERS, calls: [] }", "has no 'calls' under 'safe'")]
    [InlineData("safe: { safe: safe, threshold: 1, OWNERS, calls: [{ target: controls, function: stop() }] }",
        "Safe 'safe' is neither")]
    [InlineData("safe: { safe: controls, chain: Base, threshold: 1, OWNERS, "
        + "calls: [{ chain: Local, target: controls, function: stop() }] }", "can call nothing on chain 31337")]
    [InlineData("manual: { text: Call, who: deputy }\n        reversal: { action: pause-all, after: 1h }",
        "nothing is taken back by itself")]
    [InlineData("manual: { text: Call, who: deputy }\n        reversal: more", "cannot be its own 'reversal'")]
    [InlineData("manual: { text: Call, who: deputy }\n        alternative: pause-al", "did you mean 'pause-all'?")]
    [InlineData("manual: { text: Call, who: deputy }\n        alternative: more", "leads back to it")]
    [InlineData("manual: { text: Call, who: deputy }\n        alternative: pause-all\n        reversal: pause-all",
        "as 'alternative' and as 'reversal'")]
    [InlineData("then: [{ target: controls, function: held(), is_true: true }]", "returns (bool)")]
    [InlineData("then: [{ target: controls, function: held() returns (uint8), is_true: true }]", "returns uint8")]
    [InlineData("then: [{ target: controls, function: held() returns (bool), at_least: 1 }]", "without sign")]
    [InlineData("then: [{ target: controls, function: held() returns (string), equals: a }]", "address or bytes32")]
    [InlineData("then: [{ target: controls, function: held() returns (bool) }]", "exactly one of")]
    [InlineData("then: [{ target: controls, function: held() returns (bool), is_true: maybe }]", "type bool")]
    [InlineData("calls: [{ target: controls, function: stop() }]\n        changes: [valt]", "did you mean 'vault'?")]
    [InlineData("manual: { text: Call, who: deputy }\n        changes: [vault]", "are for calls that the signer signs")]
    [InlineData("harm: [{ target: vault, function: held() returns (bool), at_most_more: 1 }]", "without sign, not by")]
    [InlineData("harm: [{ target: vault, function: lost() returns (uint8), at_most_more: few }]", "from 0 on")]
    [InlineData("harm: [{ target: vault, function: lost() returns (uint8) }]", "'at_most_more' is missing")]
    [InlineData("calls: [{ target: controls, function: stop() }]\n        "
        + "harm: [{ chain: Base, target: vault, function: lost() returns (uint8), at_most_more: 1 }]",
        "where the action does nothing")]
    public void What_is_wrong_with_an_action_is_said(string text, string expected)
    {
        var read = With(text.Replace("OWNERS", Owners, StringComparison.Ordinal));

        Assert.Contains(Complaints(read), complaint =>
            complaint.Level == ComplaintLevel.Error
            && complaint.Message.Contains(expected, StringComparison.Ordinal)
            && complaint.At.Line >= Start.Split('\n').Length);
    }

    [Fact]
    public void Alternatives_in_a_circle_are_no_way_out()
    {
        var read = With(
            "manual: { text: Call, who: deputy }", "alternative: last", "- id: last", "what: Last",
            "manual: { text: Call again, who: deputy }", "alternative: more");

        Assert.Equal(2, Complaints(read).Count(complaint =>
            complaint.Message.Contains("leads back to it", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_action_whose_effect_nobody_could_see_is_warned_about() => Assert.Contains(
        Complaints(With("calls: [{ target: controls, function: stop() }]")),
        complaint => complaint.Level == ComplaintLevel.Warning
            && complaint.Message.Contains("has no 'then'", StringComparison.Ordinal));

    [Theory]
    [InlineData(600, "", true)]
    [InlineData(599, "", false)]
    [InlineData(300, "\n    decides: true", true)]
    [InlineData(299, "\n    decides: true", false)]
    public void A_pause_lasts_as_long_as_its_procedure_usually_takes_from_the_decision_on(
        int seconds, string decides, bool isEnough)
    {
        var read = Read(
            MinimalPlan.Main.Replace("86400", $"{seconds}", StringComparison.Ordinal),
            MinimalPlan.Procedure.Replace(
                "role: commander", $"role: commander{decides}", StringComparison.Ordinal));

        Assert.Equal(isEnough ? 0 : 2, Complaints(read).Count(complaint =>
            complaint.Message.Contains("would end before the repair does", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_executed_changes_what_approvers_sign_and_words_do_not()
    {
        const string safe =
            "safe: { safe: controls, threshold: 1, OWNERS, calls: [{ target: controls, function: a() }] }";
        const string hook = "hook: { url: \"https://a.dev/\", headers: { a: b }, body: c }";
        string[] different =
        [
            "manual: { text: Call, who: deputy }", "calls: [{ target: controls, function: a() }]",
            "calls: [{ target: controls, function: a(), value: 1 }]",
            "calls: [{ target: controls, function: a(), chain: Base }]", safe,
            safe.Replace("threshold: 1", "threshold: 2", StringComparison.Ordinal),
            safe.Replace("a()", "b()", StringComparison.Ordinal),
            safe.Replace("safe: controls,", "safe: controls, chain: Base,", StringComparison.Ordinal),
            hook, hook.Replace("a.dev", "b.dev", StringComparison.Ordinal),
            hook.Replace("body: c", "body: d", StringComparison.Ordinal),
            hook.Replace("a: b", "a: c", StringComparison.Ordinal),
            hook.Replace("body: c", "body: c, expect: 201", StringComparison.Ordinal),
            hook.Replace("body: c", "body: c, method: PUT", StringComparison.Ordinal),
        ];
        var hashes = different.Select(text =>
            With(text.Replace("OWNERS", Owners, StringComparison.Ordinal)).Plan.DecisionsHash).ToList();
        string[] same =
        [
            "side_effects: [none]", "reversal: by hand", "alternative: pause-all",
            "needs: [{ target: controls, function: held() returns (bool), is_true: true }]",
            "changes: [vault]", "must_foresee: true",
            "harm: [{ target: vault, function: lost() returns (uint8), at_most_more: 1 }]",
        ];

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
        Assert.All(same, words =>
            Assert.Equal(hashes[1], With(different[1], words).Plan.DecisionsHash));
    }

    [Fact]
    public void Every_example_of_the_page_compiles()
    {
        var page = Repository.Text("docs/actions.md");
        var examples = page.Split("```yaml\n").Skip(1).Select(part => part[..part.IndexOf("```",
            StringComparison.Ordinal)]).ToList();
        var start = Start.Replace(
            "controls: \"0x", "brake: \"0x00000000000000000000000000000000000000c3\"\n    timelock: "
                + "\"0x00000000000000000000000000000000000000c4\"\n    emergency-safe: "
                + "\"0x00000000000000000000000000000000000000c5\"\n    controls: \"0x", StringComparison.Ordinal);

        Assert.NotEmpty(examples);
        var read = Read(start + "\n" + string.Concat(examples));

        Assert.Equal(examples.Count + 2, read.Plan.Actions.Count);
        Assert.DoesNotContain(Complaints(read), complaint => complaint.Level == ComplaintLevel.Error);
    }

    /// <summary>One more action, of these lines.</summary>
    private static ReadPlan With(params string[] lines) =>
        Read(Start + "\n" + Indented(Action + string.Concat(lines.Select(line =>
            line.StartsWith("- ", StringComparison.Ordinal) ? $"      {line}\n" : $"        {line}\n"))));

    // The list of actions comes last in the plan, two deep.
    private static string Indented(string actions) => string.Join('\n', actions.Split('\n').Select(line =>
        line.StartsWith("      ", StringComparison.Ordinal) ? line[4..] : line));

    private static ReadPlan Read(string main, string procedure = MinimalPlan.Procedure) =>
        MinimalPlan.Read(main, procedure);

    private static List<Complaint> Complaints(ReadPlan read) =>
    [
        .. MinimalPlan.Complaints(read).Where(complaint =>
            !complaint.Message.StartsWith("nobody would be told", StringComparison.Ordinal)),
    ];
}
