using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Demo.Scenarios;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm.Eip712;

namespace Tocsin.EndToEnd.Autonomy;

/// <summary>A chain whose blocks are ordered by what they earn, with savings that can be entered twice.</summary>
public sealed class ChainByFees : ProtectedChain
{
    internal override Scenario Beside { get; } = new Reentrancy();

    private protected override bool IsByFees => true;

    internal Task RobSavingsAsync() => Beside.AttackAsync(
        new DemoWorld(Anvil, Protocol, Cast), TestContext.Current.CancellationToken);
}

/// <summary>Server, signer and brake as they are, and nobody who approves on the night.</summary>
public sealed class AutonomyTests(ChainByFees chain) : IClassFixture<ChainByFees>
{
    private const string Action = """
        actions:
          - id: pause-market
            what: Pause borrowing and withdrawing in the market for a day.
            calls:
              - scope: market
                target: brake
                function: pause(bytes32 module,uint64 durationSeconds,bytes32 reasonCode)
                arguments: [market, 86400, under-attack]
                holds: isPaused(bytes32 module) returns (bool)
                until: pausedUntil(bytes32 module) returns (uint64)

        """;

    private const string Decision = """
        decisions:
          - id: pause-market-alone
            name: Pause the market
            action: pause-market
            valid_for: 1h
            required: [{ role: ceo }]
            additional: [{ group: security, at_least: 1 }]

        """;

    private const string Automation = """

        automation:
          measured: precision.json
          ladder:

        """;

    private const string Narrow =
        "    - { action: pause-market, severity: 1, stage: narrow, from: [flash-loan-attack, contract-anomaly] }\n";

    private const string Wide =
        "    - { action: pause-protocol, severity: 1, stage: wide, from: [flash-loan-attack] }\n";

    private const string Precision = """
        {"measured":[{"detector":"flash-loan pattern","threat":"flash-loan-attack","trueAlarms":200,"falseAlarms":0},
        {"detector":"flash-loan-profit","threat":"flash-loan-attack","trueAlarms":200,"falseAlarms":0},
        {"detector":"conduct","threat":"contract-anomaly","trueAlarms":200,"falseAlarms":0},
        {"detector":"pending-attack","threat":"contract-anomaly","trueAlarms":200,"falseAlarms":0},
        {"detector":"pending-attack","threat":"flash-loan-attack","trueAlarms":200,"falseAlarms":0}]}
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pause_that_was_approved_ahead_needs_nobody_on_the_night_and_is_taken_once()
    {
        await chain.ResetAsync();
        await using var site = await PreparedAsync();

        await chain.AttackAsync();
        await site.UntilAsync("the market is paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));

        Assert.True(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        var kinds = await site.KindsAsync("INC-1");
        Assert.Equal(1, kinds.Count(kind => kind == "decision-proposed.1"));
        Assert.Equal(2, kinds.Count(kind => kind == "approval-accepted.1"));
        Assert.DoesNotContain("decision-requested.1", kinds);
        Assert.DoesNotContain("action-held-back.1", kinds);
        Assert.Contains("AUTOMATIC: 'pause-market' (market) is taken by approvals given on", await WordsAsync(site),
            StringComparison.Ordinal);
        await site.UntilAsync("the phone was told", () =>
            Task.FromResult(site.Outside.Alerts("INC-1", "automatic").Count > 0));
        Assert.Empty(site.Outside.Alerts("INC-1", "decisionNeeded"));
        Assert.Equal(1, await site.SignaturesAsync());
        var list = await Executable.RunAsync("authorise", "--list", "--config", site.Folder.Root);
        Assert.Contains("nothing is approved ahead", list.Output, StringComparison.Ordinal);
        await site.KillServerAsync();
        await site.StartServerAsync();
        Assert.Equal(1, await site.SignaturesAsync());
    }

    [Fact]
    public async Task What_a_revoked_person_approved_ahead_pauses_nothing_and_the_incident_says_why()
    {
        await chain.ResetAsync();
        await using var site = await PreparedAsync();
        var revoked = await Executable.RunAsync(
            "person", "revoke", "security", "--by", "chief", "--reason", "phone stolen", "--even-if-unfillable",
            "--config", site.Folder.Root);
        Assert.True(revoked.ExitCode == 0, revoked.Output + revoked.Errors);

        await chain.AttackAsync();
        await site.UntilAsync("the attack is an incident of its own", async () =>
            (await site.Outside.ThreatsAsync(Cancelled)).Any(one => one.Threat == Findings.Threat.FlashLoanAttack));
        var incident = (await site.Outside.ThreatsAsync(Cancelled))
            .First(one => one.Threat == Findings.Threat.FlashLoanAttack).Id;
        await site.UntilAsync("it says why", async () => (await WordsAsync(site, incident)).Contains(
            "'pause-market' is not taken by itself: not everybody who must has approved it ahead",
            StringComparison.Ordinal));

        Assert.False(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        Assert.Equal(0, await site.SignaturesAsync());
    }

    [Fact]
    public async Task What_the_signer_refuses_of_it_is_asked_of_people_at_once()
    {
        await chain.ResetAsync();
        await using var site = await PreparedAsync();
        await site.KillSignerAsync();
        site.Change("signer/signer.yaml", ("exercise: false", "exercise: true"));
        await site.StartSignerAsync();

        await chain.AttackAsync();

        // It is taken for an hour, and nobody waits for that.
        await site.UntilAsync(
            "people are asked", async () => await site.CountAsync("INC-1", "decision-proposed.1") > 1);
        var words = await WordsAsync(site);
        Assert.Contains("The signer refused call 1: this key signs exercises only", words, StringComparison.Ordinal);
        await site.UntilAsync("approvers are told", () =>
            Task.FromResult(site.Outside.Alerts("INC-1", "decisionNeeded").Count > 0));
        Assert.False(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
    }

    [Fact]
    public async Task What_the_signer_could_not_read_is_asked_again_and_is_no_refusal()
    {
        await chain.ResetAsync();
        await using var site = await PreparedAsync();
        var asked = 0;
        site.SignerSocket.Instead = request =>
            request.Contains("\"sign\":{", StringComparison.Ordinal) && Interlocked.Increment(ref asked) <= 2
                ? """{"refused":{"code":"malformed","reason":"the request cannot be read"}}""" + "\n" : null;

        await chain.AttackAsync();
        await site.UntilAsync("the market is paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));

        Assert.Equal(3, asked);
        Assert.Equal(1, await site.CountAsync("INC-1", "decision-proposed.1"));
        Assert.Equal(0, await site.CountAsync("INC-1", "signing-refused.1"));
        Assert.Equal(1, await site.SignaturesAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pending_attack_is_overtaken_by_the_pause(bool twoNodes)
    {
        await chain.ResetAsync();
        await using var site = await PreparedAsync(pending: true, twoNodes ? chain.Anvil.Rpc : null);
        await chain.Anvil.Node.RequestAsync("evm_setIntervalMining", Cancelled, 0L);
        await chain.Anvil.Node.RequestAsync("evm_setAutomine", Cancelled, false);

        var attack = await BidAsync(maximumGwei: 500, tipGwei: 90);
        await site.UntilAsync("the pause is sent", async () =>
            (await site.Outside.IncidentsAsync(Cancelled)).Count > 0
            && await site.CountAsync("INC-1", "call-broadcast.1") > 0);
        Assert.Null(await chain.Anvil.Node.ReceiptAsync(attack, Cancelled));
        await chain.Anvil.Node.RequestAsync("evm_mine", Cancelled);

        Assert.False(await chain.HasSucceededAsync(attack));
        Assert.True(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        await chain.Anvil.MineEveryAsync(TimeSpan.FromSeconds(1), Cancelled);
        await site.UntilAsync("the market is paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal(1, await site.SignaturesAsync());
    }

    [Fact]
    public async Task Where_one_detector_alone_speaks_a_wide_pause_is_for_people()
    {
        await chain.ResetAsync();
        // Without traces nobody judges the conduct of calls.
        await using var site = await WideAsync("off");

        await chain.AttackAsync();
        await site.UntilAsync("approvers are told", () =>
            Task.FromResult(site.Outside.Alerts("INC-1", "decisionNeeded").Count > 0));

        Assert.Contains(
            "'pause-protocol' is not taken by itself: only 'flash-loan pattern' speaks for it", await WordsAsync(site),
            StringComparison.Ordinal);
        Assert.Equal(0, await site.CountAsync("INC-1", "approval-accepted.1"));
        Assert.False(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        Assert.Equal(0, await site.SignaturesAsync());
    }

    [Fact]
    public async Task Where_two_detectors_look_at_different_things_everything_is_paused_with_nobody_awake()
    {
        await chain.ResetAsync();
        await using var site = await WideAsync("auto");

        await chain.AttackAsync();
        await site.UntilAsync("one of them speaks", async () => (await WordsAsync(site)).Contains(
            "only 'flash-loan pattern' speaks for it", StringComparison.Ordinal));
        Assert.Equal(0, await site.SignaturesAsync());
        // The same hands strike again, where no event tells of it: only the calls do.
        await chain.RobSavingsAsync();
        await site.UntilAsync("all is paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));

        Assert.True(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        Assert.True(await site.Outside.IsPausedOnChainAsync("vault", Cancelled));
        Assert.Contains("AUTOMATIC: 'pause-protocol' (market, vault) is taken by approvals given on",
            await WordsAsync(site), StringComparison.Ordinal);
        Assert.Equal(2, await site.CountAsync("INC-1", "approval-accepted.1"));
        await Assert.ThrowsAnyAsync<Exception>(chain.RobSavingsAsync);
    }

    [Fact]
    public async Task A_node_that_hangs_keeps_nobody_from_being_asked_and_what_it_confirms_later_is_taken_by_itself()
    {
        await chain.ResetAsync();
        await using var second = await HttpRelay.StartAsync(chain.Anvil.Rpc);
        await using var site = await PreparedAsync(second: second.Address);
        var hold = Hold.Requests("eth_getBlockByNumber", ",true");
        second.Hold = hold;

        await chain.AttackAsync();
        await site.UntilAsync("approvers are told", () =>
            Task.FromResult(site.Outside.Alerts("INC-1", "decisionNeeded").Count > 0));
        Assert.Contains("the nodes have not said in time", await WordsAsync(site), StringComparison.Ordinal);
        Assert.Equal(0, await site.SignaturesAsync());

        hold.Release(lost: false);
        await site.UntilAsync("the market is paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Contains("AUTOMATIC: 'pause-market'", await WordsAsync(site), StringComparison.Ordinal);
        Assert.Equal(1, await site.SignaturesAsync());
    }

    private async Task<Hash32> BidAsync(ulong maximumGwei, ulong tipGwei)
    {
        var transaction = new Dictionary<string, object?>
        {
            ["from"] = chain.Cast.Attacker.ToString(),
            ["to"] = chain.Protocol.Attack.Address.ToString(),
            ["data"] = Hex.Format(chain.Protocol.Attack.Call(
                "attack", Protocol.Dollars(4_000_000), Protocol.Gems(2_300))),
            ["gas"] = "0x5b8d80",
            ["maxFeePerGas"] = $"0x{maximumGwei * 1_000_000_000:x}",
            ["maxPriorityFeePerGas"] = $"0x{tipGwei * 1_000_000_000:x}",
        };
        var hash = await chain.Anvil.Node.RequestAsync("eth_sendTransaction", Cancelled, transaction);
        return Hash32.Parse(hash.GetString());
    }

    /// <summary>Running, with one use of the pause approved ahead by both who must.</summary>
    private async Task<Site> PreparedAsync(bool pending = false, Uri? second = null)
    {
        var site = await Site.CreateAsync(chain);
        // A role has actions too.
        site.Change("plan/plan.yaml", ("\nactions:\n", "\n" + Action), ("\ndecisions:\n", "\n" + Decision));
        site.Change(
            "plan/procedures/halt-and-assess.md", ("decision: pause-contracts", "decision: pause-market-alone"));
        if (pending)
            site.Change("tocsin.yaml", ("quiet_blocks: 1", "quiet_blocks: 1\n  pending: on"));
        if (second is not null)
            site.Change(
                "tocsin.yaml", ("  rpc: ", "  nodes:\n    one:\n      weight: 100\n      rpc: "),
                ("\n  ws: ", "\n      ws: "),
                ("\n  poll: ", $"\n    two: {{ rpc: \"{second}\" }}\n  poll: "));
        await ApproveAheadAsync(site, "pause-market", Narrow);
        return site;
    }

    /// <summary>The same with the pause of market and vault, which takes two detectors.</summary>
    private async Task<Site> WideAsync(string traces)
    {
        var site = await Site.CreateAsync(chain);
        site.Change("tocsin.yaml", ("quiet_blocks: 1", $"quiet_blocks: 1\n  traces: {traces}"));
        await ApproveAheadAsync(site, "pause-protocol", Wide);
        return site;
    }

    private static async Task ApproveAheadAsync(Site site, string action, string ladder)
    {
        File.AppendAllText(Path.Combine(site.Folder.Root, "plan", "plan.yaml"), Automation + ladder);
        File.WriteAllText(Path.Combine(site.Folder.Root, "plan", "precision.json"), Precision);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        string[] authorise = ["authorise", action, "--config", site.Folder.Root];
        var asked = await Executable.RunAsync(authorise);
        Assert.Contains("approves this before anything happened", asked.Output, StringComparison.OrdinalIgnoreCase);
        var typed = TypedData.Parse(File.ReadAllText(
            Path.Combine(site.Folder.Root, $"authorise-{action}.typed-data.json")));
        var file = Path.Combine(site.Folder.Root, "approvals.txt");
        await File.WriteAllLinesAsync(
            file, new[] { Officers.Chief, Officers.Security }.Select(one => one.Sign(typed.Digest()).ToHex()),
            Cancelled);
        var given = await Executable.RunAsync([.. authorise, "--approvals", file]);
        Assert.True(given.ExitCode == 0, given.Output + given.Errors + asked.Errors);
        Assert.Contains($"{action}: complete", given.Output, StringComparison.Ordinal);
    }

    private static async Task<string> WordsAsync(Site site, string incident = "INC-1") => JsonSerializer.Serialize(
        await site.Outside.TimelineAsync(incident, Cancelled), Tocsin.Recording.EventJson.Printed);
}
