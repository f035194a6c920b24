using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;
using Tocsin.Evm.Eip712;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>
/// The signer's key itself is in other hands, and nothing but the brake is left between it and the protocol. That no
/// sequence of calls does more is proved by the invariants of the contracts; here the shipped bytecode is played, and
/// what comes of it is counted.
/// </summary>
public sealed class StolenAgentTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private const ulong Hour = 3_600;
    private const ulong Day = 24 * Hour;
    private const ulong Week = 7 * Day;
    private const ulong Budget = 14 * Day;
    private const ulong Window = 90 * Day;
    private const ulong Played = 104 * Day;
    private const ulong EmergencyRole = 2;

    private static readonly Dictionary<string, ValueList<TypedDataField>> Types = new()
    {
        ["Heartbeat"] = [new("pauser", "address"), new("sequence", "uint64"), new("expires", "uint64")],
    };

    private readonly PrivateKey spare = PrivateKey.Generate();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_every_function_of_the_brake_the_key_has_pausing_and_leaving_and_nothing_else()
    {
        var stage = await SetAsync();
        var deeds = await DeedsAsync(stage);
        var before = await TryAllAsync(stage, deeds);
        await PauseAsync(stage, "market", Week);
        await PauseAsync(stage, "vault", Week);
        var during = await TryAllAsync(stage, deeds);

        string[] expected = ["EmergencyControls.leaveRole", "EmergencyControls.pause", "EmergencyControls.pauseMany",
            "EmergencyControls.pauseScopes"];
        Assert.Equal(expected, before.Select(deed => deed.ToString()).Distinct().Order());
        Assert.Equal(expected, during.Select(deed => deed.ToString()).Distinct().Order());
        var governed = await stage.SendAsync(
            stage.Cast.Governance, stage.Controls, "removeFromRole", stage.Pauser);
        Assert.True(governed.Succeeded);
        Assert.Empty(await TryAllAsync(stage, deeds));
        Tell($"{deeds.Select(deed => deed.ToString()).Distinct().Count()} functions, {deeds.Count} calls each "
            + "before and during a pause: the key may do 4 functions more than anybody; after its removal none");
    }

    [Theory]
    [InlineData("every module as long as it can be")]
    [InlineData("one module as long as it can be")]
    public async Task Played_greedily_for_a_hundred_days_it_pauses_for_its_budget_and_moves_nothing(string greed)
    {
        var stage = await SetAsync();
        var modules = greed.StartsWith("every", StringComparison.Ordinal) ? BrakeStage.Modules : ["market"];
        var (wealth, roles) = (await stage.WealthAsync(), await stage.RolesAsync());
        var began = await stage.NowAsync();
        var paused = new PausedTime(stage);
        var added = new List<(ulong At, ulong Seconds)>();
        for (var now = began; now < began + Played; now = await stage.NowAsync())
        {
            foreach (var module in modules)
                await SqueezeAsync(stage, module, added);
            await paused.LookAsync();
            await BeatAsync(stage, now);
            await stage.RequireExitsAsync();
            await stage.ReachAsync(now + (12 * Hour));
        }

        Assert.Equal(Budget, AddedIn(added, began));
        Assert.All(added, one => Assert.True(AddedIn(added, one.At) <= Budget));
        var bySums = BrakeStage.Modules.Select(module => paused.SecondsOf(module, began, began + Window)).ToList();
        Assert.Equal(Budget, bySums[0] + bySums[1]);
        Assert.Equal(modules.Length == 2 ? [Week, Week] : [Budget, 0UL], bySums);
        for (var from = began; from < began + Played; from += Day)
            Assert.All(BrakeStage.Modules, module =>
                Assert.True(paused.SecondsOf(module, from, from + Week + Day) <= Week));
        Assert.Equal(wealth, await stage.WealthAsync());
        Assert.Equal(roles, await stage.RolesAsync());
        await EndAsync(stage, modules, paused);
        Tell($"{greed}: in 90 days market was paused {bySums[0]} s and vault {bySums[1]} s of a budget of "
            + $"{Budget}, with {added.Count} pauses; value moved 0, roles changed 0, every exit open at every step");
    }

    private async Task EndAsync(BrakeStage stage, string[] modules, PausedTime paused)
    {
        await stage.ReachAsync(paused.Until + (2 * Day));
        Assert.True((await stage.SendAsync(
            stage.Cast.Governance, stage.Controls, "removeFromRole", stage.Pauser)).Succeeded);
        foreach (var module in modules)
            foreach (var seconds in (ulong[])[Hour, Day, Week])
                Assert.Null(await stage.TryAsync(
                    stage.Pauser, stage.Controls.Address, Pause(stage, module, seconds)));
        Assert.Null(await stage.TryAsync(spare.Address, stage.Controls.Address, await HeartbeatAsync(stage)));
        await stage.RequireOpenAsync();
        // Whom governance kept has its brake as before.
        Assert.NotNull(await stage.TryAsync(
            spare.Address, stage.Controls.Address, Pause(stage, "market", Week)));
    }

    /// <summary>As long as it can be had, down to the shortest, and prolonged where that can be.</summary>
    private static async Task SqueezeAsync(BrakeStage stage, string module, List<(ulong At, ulong Seconds)> added)
    {
        while (true)
        {
            var left = await LeftAsync(stage);
            ulong[] tried = [Week, Math.Min(Week, left), Day, Hour];
            var ends = await stage.ReadAsync(stage.Controls, "pausedUntil", Consents.Word(module));
            var isDone = true;
            foreach (var seconds in tried.Distinct())
            {
                var data = Pause(stage, module, seconds);
                // What would succeed in this second may be over in the next one's block.
                if (await stage.TryAsync(stage.Pauser, stage.Controls.Address, data) is null
                    || !(await stage.SendAsync(stage.Pauser, stage.Controls.Address, data)).Succeeded)
                    continue;
                var spent = left - await LeftAsync(stage);
                if (spent > 0)
                    added.Add((await stage.NowAsync(), spent));
                isDone = ends == await stage.ReadAsync(stage.Controls, "pausedUntil", Consents.Word(module));
                break;
            }
            if (isDone)
                return;
        }
    }

    private static ulong AddedIn(List<(ulong At, ulong Seconds)> added, ulong from) =>
        added.Where(one => one.At >= from && one.At < from + Window)
            .Aggregate(0UL, (sum, one) => sum + one.Seconds);

    private static async Task<ulong> LeftAsync(BrakeStage stage) =>
        (await stage.ReadAsync(stage.Controls, "budgetLeft", stage.Pauser)).ToUInt64();

    private static byte[] Pause(BrakeStage stage, string module, ulong seconds) => stage.Controls.Call(
        "pause", Consents.Word(module), (UInt256)seconds, Consents.Word("mine-now"));

    private static async Task PauseAsync(BrakeStage stage, string module, ulong seconds) => Assert.True(
        (await stage.SendAsync(stage.Pauser, stage.Controls.Address, Pause(stage, module, seconds))).Succeeded);

    // Whoever has the key can say that it lives.
    private async Task BeatAsync(BrakeStage stage, ulong now)
    {
        if ((await stage.ReadAsync(stage.Controls, "aliveUntil", stage.Pauser)).ToUInt64() > now + (5 * Day))
            return;
        Assert.True((await stage.SendAsync(
            stage.Pauser, stage.Controls.Address, await HeartbeatAsync(stage))).Succeeded);
        // The spare one lives as well.
        Assert.True((await stage.SendAsync(
            spare.Address, stage.Controls.Address, await HeartbeatAsync(stage, spare))).Succeeded);
    }

    private async Task<byte[]> HeartbeatAsync(BrakeStage stage, PrivateKey? by = null)
    {
        var key = by ?? chain.SignerKey;
        var now = await stage.NowAsync();
        var data = new TypedData(
            new Eip712Domain("Tocsin EmergencyControls", "1", Anvil.Chain, stage.Controls.Address), Types, "Heartbeat",
            new Dictionary<string, object>
            {
                ["pauser"] = key.Address,
                ["sequence"] = (UInt256)now,
                ["expires"] = (UInt256)(now + Hour),
            });
        return stage.Controls.Call(
            "beat", key.Address, (UInt256)now, (UInt256)(now + Hour), Hex.Parse(key.Sign(data.Digest()).ToHex()));
    }

    /// <summary>Two pausers, as it should be: who is alone in a role cannot be taken out of it.</summary>
    private async Task<BrakeStage> SetAsync()
    {
        var stage = await BrakeStage.SetAsync(chain);
        await stage.ImpersonateAsync(stage.Pauser);
        await stage.ImpersonateAsync(spare.Address);
        Assert.True((await stage.SendAsync(
            stage.Cast.Governance, stage.Controls, "offerRole", spare.Address, (UInt256)EmergencyRole)).Succeeded);
        Assert.True((await stage.SendAsync(
            spare.Address, stage.Controls, "acceptRole", (UInt256)EmergencyRole)).Succeeded);
        return stage;
    }

    /// <summary>What succeeds for the pauser and for nobody else; and nothing that does moves anything.</summary>
    private static async Task<IReadOnlyList<Deed>> TryAllAsync(BrakeStage stage, IReadOnlyList<Deed> deeds)
    {
        var nobody = new Address([.. new byte[19], 0x77]);
        var more = new List<Deed>();
        var done = new HashSet<string>();
        foreach (var deed in deeds)
        {
            if (await stage.TryAsync(stage.Pauser, deed.Target, deed.Data) is null)
                continue;
            if (await stage.TryAsync(nobody, deed.Target, deed.Data) is null)
                more.Add(deed);
            // Each function that succeeds is carried out, and taken back.
            if (!done.Add(deed.ToString()))
                continue;
            await CarryOutAsync(stage, deed);
        }
        return more;
    }

    private static async Task CarryOutAsync(BrakeStage stage, Deed deed)
    {
        var (wealth, roles) = (await stage.WealthAsync(), await stage.RolesAsync());
        var snapshot = await stage.SnapshotAsync();
        Assert.True((await stage.SendAsync(stage.Pauser, deed.Target, deed.Data)).Succeeded, deed.ToString());
        Assert.True(wealth.Equals(await stage.WealthAsync()), $"{deed} moves value");
        if (deed.Function.Name == "leaveRole")
            Assert.True((await stage.ReadAsync(stage.Controls, "roleOf", stage.Pauser)).IsZero);
        else
            Assert.True(roles == await stage.RolesAsync(), $"{deed} changes roles");
        await stage.RequireExitsAsync();
        await stage.RevertAsync(snapshot);
    }

    private async Task<IReadOnlyList<Deed>> DeedsAsync(BrakeStage stage)
    {
        var toolchain = await Toolchain.PrepareAsync(_ => { }, Cancelled);
        var deployment = new Deployment(chain.Anvil, toolchain, stage.Cast.Governance, Cancelled);
        var peg = await DollarPeg.DeployAsync(
            deployment, stage.Controls, stage.Cast with { Extras = [stage.Cast.Governance] });
        var (protocol, brake) = (stage.Protocol, stage.Protocol.Brake);
        var deeds = new Deeds(
            [stage.Pauser, Address.Zero, stage.Cast.Governance, protocol.Market.Address, protocol.Dollar.Address],
            [Consents.Word("market"), Consents.Word("vault"), Hash32.Zero],
            [0, 1, 2, Hour, Week, Budget]);
        (string Name, Deployed Contract)[] contracts =
        [
            ("EmergencyControls", brake.Controls), ("OutflowLimits", brake.Limits), ("WithdrawalQueue", brake.Queue),
            ("Migrations", brake.Migrations), ("PegGate", peg.Gate), ("LendingMarket", protocol.Market),
            ("Vault", protocol.Vault), ("DemoDollar", protocol.Dollar),
        ];
        return
        [
            .. contracts.SelectMany(one => deeds.Of(
                one.Name, Path.Combine(toolchain.Root, "contracts", "artifacts", $"{one.Name}.json"), one.Contract)),
        ];
    }

    private static void Tell(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
