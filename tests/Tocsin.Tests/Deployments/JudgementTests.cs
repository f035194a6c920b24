using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Deployments;
using Tocsin.Findings;

namespace Tocsin.Tests.Deployments;

public sealed class JudgementTests
{
    private const ulong Now = 1_800_000_000;
    private const ulong Hour = 3_600;
    private const ulong Day = 24 * Hour;

    private static readonly UInt256 Unlimited = (UInt256)((BigInteger.One << 128) - 1);
    private static readonly UInt256 E21 = (UInt256)BigInteger.Pow(10, 21);
    private static readonly Hash32 Vault = Module("vault");

    private static readonly LimitRule Rule = new(400, 200, 100, Unlimited, 2_000, 200, 1_000);
    private static readonly AssetState Asset = new("vault", At(40), false, 1_000, Rule, new LineRule(200, 400, Day));
    private static readonly PegState Peg = new(
        0, new PegThresholds(50, 100, 200, 500, 2),
        [Source(51, 61, true), Source(52, 62, true), Source(53, 63, true)]);
    private static readonly CallEnd Succeeds = new(null, null);
    private static readonly CallEnd Stopped = new(Vault, "reverted: ModulePaused");

    private static readonly DeploymentState Good = new(
        Now,
        [],
        [new Wire("vault", "limits", At(2), At(2))],
        new Bounds(Hour, 3 * Day, Day, 7 * Day, 90 * Day, 30 * Day, 4 * Hour),
        [
            new Member(At(10), Role.Governance, true, [], 0, 2 * Day), Key(11, Role.Pauser), Key(12, Role.Pauser),
            Key(13, Role.Recoverer), Safe(14, Role.Recoverer, 2, 71, 72, 73), Key(15, Role.Recoverer),
            Key(16, Role.Risk), Key(17, Role.Responder), Key(18, Role.Responder),
        ],
        [Pauser(11), Pauser(12)],
        2 * Day,
        2,
        [Asset],
        Peg,
        [],
        [],
        [Probe(Direction.Out, Succeeds, Stopped), Probe(Direction.Liquidate, Succeeds, Stopped),
            Probe(Direction.Repay, Succeeds, Succeeds)],
        [],
        [],
        []);

    /// <summary>What is changed about a good deployment, and the one weakness that comes of it.</summary>
    private static readonly Dictionary<string, (string Kind, Func<DeploymentState, DeploymentState> Change)> Bad = new()
    {
        ["nothing lies at an address"] =
            ("no-code", good => good with { WithoutCode = [new Contract("registry", At(9))] }),
        ["a holder asks other limits"] =
            ("wiring", good => good with { Wires = [new Wire("vault", "limits", At(2), At(3))] }),
        ["a holder does not say which limits it asks"] =
            ("wiring", good => good with { Wires = [new Wire("vault", "limits", At(2), null)] }),
        ["the controls are something else"] =
            ("not-controls", good => good with { Bounds = null, Pausers = [], Gates = [] }),
        ["one pauser"] = ("role-thin", good => Without(good, 12) with { Pausers = [Pauser(11)] }),
        ["two recoverers"] = ("role-thin", good => Without(good, 15)),
        ["nobody for the risk"] = ("role-thin", good => Without(good, 16)),
        ["too few responders"] = ("role-thin", good => Without(good, 18)),
        ["governance is a key"] = ("governance-key", good => With(good, Key(19, Role.Governance))),
        ["governance is a Safe"] =
            ("governance-no-timelock", good => With(good, Safe(19, Role.Governance, 2, 81, 82))),
        ["the timelock is short"] = ("timelock-short", good =>
            With(good, new Member(At(19), Role.Governance, true, [], 0, (2 * Day) - 1))),
        ["one owner is enough"] = ("safe-threshold", good => With(good, Safe(19, Role.Recoverer, 1, 81, 82))),
        ["an owner of two Safes"] = ("role-overlap", good => With(good, Safe(19, Role.Attester, 2, 72, 82))),
        ["a pauser owns a recoverer's Safe"] = ("role-overlap", good =>
            With(good, Safe(19, Role.Recoverer, 2, 11, 82))),
        ["a pauser is dead"] =
            ("pauser-dead", good => good with { Pausers = [Pauser(11) with { AliveUntil = Now - 1 }, Pauser(12)] }),
        ["a pauser dies soon"] =
            ("pauser-dying", good => good with { Pausers = [Pauser(11) with { AliveUntil = Now + Day }, Pauser(12)] }),
        ["a pauser cannot pause"] = ("cannot-pause", good => good with
        {
            Pausers = [Pauser(11) with { Probes = [new PauseProbe("vault", "CoolingDown")] }, Pauser(12)],
        }),
        ["a pauser has little left"] = ("budget-low", good =>
            good with { Pausers = [Pauser(11) with { BudgetLeftSeconds = 2 * Hour }, Pauser(12)] }),
        ["pauses are long"] = ("bounds", good => Bounded(good, set => set with { MaxPause = 8 * Day, Budget = 9 * Day })
            with
        { Pausers = [] }),
        ["pauses cannot be lifted"] = ("bounds", good => Bounded(good, set => set with { MinPause = (24 * Hour) + 1 })),
        ["the brake cools down for long"] = ("bounds", good => Bounded(good, set => set with { CoolDown = 4 * Day })),
        ["a pauser may pause for ever"] = ("bounds", good =>
            Bounded(good, set => set with { BudgetWindow = 13 * Day })),
        ["a lost key lives long"] = ("bounds", good => Bounded(good, set => set with { Heartbeat = 91 * Day })),
        ["no grace after a pause"] = ("bounds", good => Bounded(good, set => set with { Grace = 0 })),
        ["no rule"] = ("no-rule", good => Held(good, asset => asset with { Rule = null })),
        ["a limit above all that is held"] = ("limit-never-bites", good =>
            Ruled(good, rule => rule with { InForce = 1_000 })),
        ["one transaction may take all"] = ("single-never-bites", good =>
            Ruled(good, rule => rule with { Single = 1_000 })),
        ["a transaction without a limit"] = ("unlimited", good =>
            Ruled(good, rule => rule with { Single = Unlimited })),
        ["an account without a limit"] = ("unlimited", good =>
            Ruled(good, rule => rule with { PerAccount = Unlimited })),
        ["no cap"] = ("unlimited", good => Ruled(good, rule => rule with { Cap = Unlimited })),
        ["nothing has stood long enough"] = ("base-zero", good => Ruled(good, rule => rule with { Base = 0 })),
        ["nobody attests"] = ("attester-missing", good => Ruled(good, rule => rule with { AttestAbove = 100 })),
        ["an asset that says nothing"] = ("asset-mute", good => Held(good, asset => asset with { Held = null })),
        ["no line"] = ("no-line", good => Held(good, asset => asset with { Line = null })),
        ["a line that trickles"] = ("queue-slow", good =>
            Held(good, asset => asset with { Line = new LineRule(11, 400, Day) })),
        ["a line of which nothing is cancelled"] = ("nothing-cancelled", good =>
            Held(good, asset => asset with { Line = new LineRule(200, 0, Day) })),
        ["old sources"] = ("peg-sources", good => good with
        {
            Peg = Peg with { Sources = [Source(51, 61, true), Source(52, 62, false), Source(53, 63, false)] },
        }),
        ["the same source twice"] = ("peg-same-feed", good => good with
        {
            Peg = Peg with { Sources = [Source(51, 61, true), Source(52, 61, true), Source(53, 63, true)] },
        }),
        ["off the peg"] = ("peg-grade", good => good with { Peg = Peg with { Grade = 200 } }),
        ["a peg that acts late"] = ("peg-threshold", good => good with
        {
            Peg = Peg with { Thresholds = Peg.Thresholds with { QueueBps = 1_001 } },
        }),
        ["a migration waits"] = ("migration-pending", good => good with
        {
            Migrations = [new PendingMigration(At(1), At(2), At(3), At(4), 5, Now, ulong.MaxValue)],
        }),
        ["a loosening waits"] = ("loosening-pending", good => good with
        {
            Loosenings = [new PendingLoosening("the peg", Now + Day, Now + (8 * Day))],
        }),
        ["value moves in a pause"] = ("no-gate", good => Gated(good, Direction.Out, Succeeds, Succeeds)),
        ["a pause changes the refusal only"] =
            ("no-gate", good => Gated(good, Direction.Out, Succeeds, new CallEnd(null, "reverted: Other()"))),
        ["another module stops it"] =
            ("no-gate", good => Gated(good, Direction.Out, Succeeds, new CallEnd(Module("other"), "reverted"))),
        ["a sample that never gets there"] = ("gate-unproven", good =>
            Gated(good, Direction.In, new CallEnd(null, "reverted: no"), new CallEnd(null, "reverted: no"))),
        ["an exit that a pause closes"] = ("exit-paused", good => Gated(good, Direction.Claim, Succeeds, Stopped)),
        ["a function nobody listed"] =
            ("not-listed", good => good with { Unlisted = [new UnlistedFunction("vault", "sweep()")] }),
        ["a holder of which nothing is tried"] = ("nothing-gated", good => good with { Bare = ["vault"] }),
        ["a node that holds back"] = ("unread", good => good with { Unread = ["logs"] }),
    };

    public static TheoryData<string> Cases => [.. Bad.Keys];

    [Fact]
    public void A_good_deployment_has_no_weakness() => Assert.Empty(Judgement.Of(Good));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_thing_that_is_wrong_is_one_weakness(string what)
    {
        var (kind, change) = Bad[what];

        var weakness = Assert.Single(Judgement.Of(change(Good)));

        Assert.Equal(kind, weakness.Kind);
        Assert.All([weakness.Subject, weakness.What, weakness.Remedy], text => Assert.NotEmpty(text));
    }

    [Fact]
    public void What_is_minted_needs_a_limit_but_no_line_and_nothing_held() => Assert.Empty(Judgement.Of(
        Held(Good, asset => asset with { IsMinted = true, Held = 0, Line = null })));

    [Fact]
    public void A_value_that_is_held_by_nobody_yet_is_no_weakness() =>
        Assert.Empty(Judgement.Of(Held(Good, asset => asset with { Held = 0 })));

    [Fact]
    public void A_paused_module_is_stopped_with_or_without_the_override() =>
        Assert.Empty(Judgement.Of(Gated(Good, Direction.Out, Stopped, Stopped)));

    [Fact]
    public void Without_limits_there_is_one_weakness_and_not_one_for_each_asset()
    {
        var state = Held(Good, asset => asset with { Rule = null }) with
        {
            WithoutCode = [new Contract("limits", At(2))],
        };

        Assert.Equal(["no-code"], Judgement.Of(state).Select(weakness => weakness.Kind));
    }

    [Fact]
    public void The_worst_comes_first()
    {
        var state = Bad["nobody for the risk"].Change(Bad["no line"].Change(Bad["off the peg"].Change(Good)));

        Assert.Equal([Severity.Critical, Severity.High, Severity.Minor],
            Judgement.Of(state).Select(weakness => weakness.Severity));
    }

    [Fact]
    public void No_number_that_a_contract_says_breaks_the_judgement() =>
        Prop.ForAll<ulong, ulong, ulong>((a, b, c) =>
        {
            var large = (UInt256)a * E21 * E21;
            var state = Ruled(Good, rule => rule with { InForce = large, Base = b, Cap = large, AttestAbove = c });
            state = Held(state, asset => asset with { Held = large, Line = new LineRule(b, c, large) });
            state = Bounded(state, _ => new Bounds(a, b, c, a, b, c, a)) with
            {
                At = c,
                Peg = Peg with { Grade = a, Thresholds = new PegThresholds(a, b, c, a, b) },
                Pausers = [Pauser(11) with { AliveUntil = a, BudgetLeftSeconds = b }],
                Loosenings = [new PendingLoosening("", a, b)],
            };
            Judgement.Of(state);
        }).QuickCheckThrowOnFailure();

    private static DeploymentState Without(DeploymentState state, byte address) => state with
    {
        Members = state.Members.Where(member => member.Address != At(address)).ToValueList(),
    };

    private static DeploymentState With(DeploymentState state, Member member) =>
        state with { Members = state.Members.Add(member) };

    private static DeploymentState Bounded(DeploymentState state, Func<Bounds, Bounds> change) =>
        state with { Bounds = change(state.Bounds!) };

    private static DeploymentState Held(DeploymentState state, Func<AssetState, AssetState> change) =>
        state with { Assets = [change(state.Assets[0])] };

    private static DeploymentState Ruled(DeploymentState state, Func<LimitRule, LimitRule> change) =>
        Held(state, asset => asset with { Rule = change(asset.Rule!) });

    private static DeploymentState Gated(DeploymentState state, Direction direction, CallEnd open, CallEnd paused) =>
        state with { Gates = [Probe(direction, open, paused)] };

    private static GateProbe Probe(Direction direction, CallEnd open, CallEnd paused) =>
        new("vault", "move(uint256)", direction, Vault, open, paused);

    private static PauserState Pauser(byte address) =>
        new(At(address), Now + (30 * Day), 7 * Day, [new PauseProbe("vault", null)]);

    private static Member Key(byte address, Role role) => new(At(address), role, false, [], 0, null);

    private static Member Safe(byte address, Role role, ulong threshold, params byte[] owners) =>
        new(At(address), role, true, owners.Select(At).ToValueList(), threshold, null);

    private static SourceState Source(byte feed, byte aggregator, bool isFresh) =>
        new(At(feed), At(aggregator), isFresh, isFresh ? "is fresh" : "is old");

    private static Hash32 Module(string name) => ModuleName.TryParse(name, out var module)
        ? module
        : throw new ArgumentException(name);

    private static Address At(byte number) => new([.. new byte[19], number]);
}
