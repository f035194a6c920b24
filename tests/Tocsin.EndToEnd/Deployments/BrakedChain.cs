using System.Numerics;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Deployments;
using Tocsin.Evm;

namespace Tocsin.EndToEnd.Deployments;

/// <summary>
/// A chain with everything of the brake on it, governed by a timelock, and the demo's vault behind it; taken back to
/// that for each test.
/// </summary>
public sealed class BrakedChain : IAsyncLifetime
{
    public const ulong Hour = 3_600;
    public const ulong Day = 24 * Hour;

    /// <summary>
    /// A price feed, written by hand: slot 0 is its answer, slot 1 its aggregator, slot 2 the age of the answer in
    /// seconds; it answers in 8 decimals.
    /// </summary>
    private const string FeedCode =
        "0x5f3560e01c8063313ce56714603657" + "63245a7bfc14603f57" + "60015f525f5460205260025442038060405260605260016080"
        + "5260a05ff3" + "5b60085f5260205ff3" + "5b6001545f5260205ff3";

    /// <summary>A Safe of two owners, slots 0 and 1, with its threshold in slot 2.</summary>
    private const string SafeCode =
        "0x5f3560e01c63e75235b814602657" + "60205f5260026020525f546040526001546060526080" + "5ff3"
        + "5b6002545f5260205ff3";

    private string snapshot = "";
    private Deployment deployment = null!;
    private Deployed limits = null!;
    private Deployed queue = null!;
    private (Deployed, Deployed, Deployed, Deployed, Deployed, Deployed) good;

    internal Anvil Anvil { get; private set; } = null!;

    internal IReadOnlyList<Address> Accounts { get; private set; } = [];

    internal DeploymentFile Good { get; private set; } = null!;

    internal Deployed Timelock { get; private set; } = null!;

    internal Deployed Controls { get; private set; } = null!;

    internal Deployed Migrations { get; private set; } = null!;

    internal Deployed Reserve { get; private set; } = null!;

    internal Deployed Vault { get; private set; } = null!;

    internal Deployed Limits => limits;

    internal static Address Feed(byte number) => new([.. new byte[18], 0xfe, number]);

    internal static UInt256 E18(ulong amount) => (UInt256)((BigInteger)amount * BigInteger.Pow(10, 18));

    internal static UInt256 Unlimited => (UInt256)((BigInteger.One << 128) - 1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var toolchain = await Toolchain.PrepareAsync(_ => { }, Cancelled);
        Anvil = await Anvil.StartAsync(toolchain, Cancelled);
        Accounts = await Anvil.AccountsAsync(Cancelled);
        deployment = new Deployment(Anvil, toolchain, Accounts[0], Cancelled);
        object deployer = new object[] { Accounts[0] };
        Timelock = await deployment.DeployPackageAsync(
            "@openzeppelin/contracts/build/contracts/TimelockController.json", 2 * Day, deployer, deployer,
            Address.Zero);
        await Anvil.Node.RequestAsync("anvil_impersonateAccount", Cancelled, Timelock.Address);
        await Anvil.GiveEtherAsync(Timelock.Address, Cancelled);
        Good = await DeployAsync([Hour, 3 * Day, Day, 7 * Day, 90 * Day, 30 * Day, 4 * Hour]);
        await Anvil.ReachPresentAsync(Cancelled);
        snapshot = await Anvil.SnapshotAsync(Cancelled);
        good = (Controls, limits, queue, Migrations, Reserve, Vault);
    }

    public ValueTask DisposeAsync() => Anvil.DisposeAsync();

    internal async Task ResetAsync()
    {
        await Anvil.RevertAsync(snapshot, Cancelled);
        (Controls, limits, queue, Migrations, Reserve, Vault) = good;
        snapshot = await Anvil.SnapshotAsync(Cancelled);
    }

    /// <summary>Everything; the vault holds 1,000 of the reserve, and a user can mint and redeem.</summary>
    /// <param name="bounds">As <c>EmergencyControls.Bounds</c>.</param>
    internal async Task<DeploymentFile> DeployAsync(object[] bounds)
    {
        object[] members =
        [
            new object[] { Timelock.Address }, new object[] { Accounts[1], Accounts[2] },
            new object[] { Accounts[3], Accounts[4], Accounts[5] }, new object[] { Accounts[6] }, Array.Empty<object>(),
            new object[] { Accounts[7], Accounts[8] },
        ];
        Controls = await deployment.DeployAsync("EmergencyControls", members, bounds);
        limits = await deployment.DeployAsync("OutflowLimits", Controls.Address, 2 * Day);
        queue = await deployment.DeployAsync(
            "WithdrawalQueue", Controls.Address, 2 * Day, new object[] { Hour, Day, 180 * Day });
        Migrations = await deployment.DeployAsync("Migrations", Controls.Address, 7 * Day);
        var compensation = await deployment.DeployAsync("Compensation", Controls.Address, 3 * Day);
        var registry = await deployment.DeployAsync("IncidentRegistry", Controls.Address, 2UL);
        var peg = await DeployPegAsync();
        Reserve = await deployment.DeployAsync("DemoToken", "Reserve", "RSV", 18UL);
        var dollar = await deployment.DeployAsync("DemoDollar");
        object wiring = new object[]
        {
            Controls.Address, limits.Address, queue.Address, peg.Address, Migrations.Address,
        };
        Vault = await deployment.DeployAsync("Vault", dollar.Address, Reserve.Address, wiring);
        await deployment.SendAsync(Accounts[0], dollar, "setVault", Vault.Address);
        await LimitAsync(dollar.Address, Rule(100_000, 100_000, 100_000, 0), null);
        await LimitAsync(Reserve.Address, Rule(400, 200, 100, 2_000), 100);
        await FundAsync(Reserve, Accounts[9], 2_000);
        await deployment.AllowAsync(Accounts[9], Reserve, Vault);
        await deployment.SendAsync(Accounts[9], Vault, "mint", E18(1_000));
        var module = ModuleName.TryParse("vault", out var parsed) ? parsed : Hash32.Zero;
        var holder = new Holder(
            "vault", Vault.Address, [new HeldAsset(Reserve.Address, false), new HeldAsset(dollar.Address, true)],
            [
                new GatedCall("mint(uint256)", Direction.In, module, Vault.Call("mint", E18(1)), Accounts[9], []),
                new GatedCall(
                    "redeem(uint256)", Direction.Redeem, module, Vault.Call("redeem", E18(1)), Accounts[9], []),
            ],
            [], ["mint(uint256)", "redeem(uint256)", "migrate(address,address,uint256)"]);
        return new DeploymentFile(
            Anvil.Chain, 0, Controls.Address, limits.Address, queue.Address, peg.Address, Migrations.Address,
            compensation.Address, registry.Address, [holder]);
    }

    /// <summary>Others, of the same controls.</summary>
    internal async Task<Address> DeployMigrationsAsync() =>
        (await deployment.DeployAsync("Migrations", Controls.Address, 7 * Day)).Address;

    internal Task GovernAsync(Deployed contract, string function, params object[] arguments) =>
        deployment.SendAsync(Timelock.Address, contract, function, arguments);

    internal Task SendAsync(Address from, Deployed contract, string function, params object[] arguments) =>
        deployment.SendAsync(from, contract, function, arguments);

    internal async Task GiveRoleAsync(Address account, Role role)
    {
        await GovernAsync(Controls, "offerRole", account, (ulong)role);
        await SendAsync(account, Controls, "acceptRole", (ulong)role);
    }

    /// <summary>Another asset, of which the vault holds 1,000.</summary>
    /// <param name="rule">Null for none.</param>
    /// <param name="release">Of the queue, within a day; null for no line.</param>
    internal async Task<DeploymentFile> HoldAsync(object[]? rule, ulong? release)
    {
        var asset = await deployment.DeployAsync("DemoToken", "Other", "OTH", 18UL);
        await FundAsync(asset, Vault.Address, 1_000);
        await LimitAsync(asset.Address, rule, release);
        return Changed(holder => holder with { Assets = holder.Assets.Add(new HeldAsset(asset.Address, false)) });
    }

    internal DeploymentFile Changed(Func<Holder, Holder> change) =>
        Good with { Holders = [change(Good.Holders[0])] };

    internal static object[] Rule(ulong cap, ulong floor, ulong single, ulong shareBps) =>
        [E18(cap), E18(floor), E18(single), E18(50_000), Unlimited, shareBps, Day, Day, 5UL];

    internal async Task BecomeSafeAsync(Address account, Address owner, Address other, ulong threshold)
    {
        await Anvil.Node.RequestAsync("anvil_setCode", Cancelled, account, SafeCode);
        await StoreAsync(account, 0, Word(owner));
        await StoreAsync(account, 1, Word(other));
        await StoreAsync(account, 2, Word(threshold));
    }

    internal Task StoreAsync(Address contract, Hash32 slot, Hash32 value) =>
        Anvil.Node.RequestAsync("anvil_setStorageAt", Cancelled, contract, slot, value);

    internal Task StoreAsync(Address contract, ulong slot, Hash32 value) => StoreAsync(contract, Word(slot), value);

    internal async Task WaitAsync(ulong seconds)
    {
        await Anvil.Node.RequestAsync("evm_increaseTime", Cancelled, (long)seconds);
        await Anvil.Node.RequestAsync("evm_mine", Cancelled);
    }

    internal static Hash32 Word(UInt256 value) => new(value.ToArray());

    internal static Hash32 Word(Address value) => new([.. new byte[12], .. value.ToArray()]);

    /// <summary>Where <c>aliveUntil</c> of a pauser lies.</summary>
    internal static Hash32 AliveUntil(Address pauser) =>
        Keccak256.Hash([.. Word(pauser).ToArray(), .. Word(6).ToArray()]);

    private async Task<Deployed> DeployPegAsync()
    {
        var sources = new List<object>();
        for (byte number = 1; number <= 3; number++)
        {
            await Anvil.Node.RequestAsync("anvil_setCode", Cancelled, Feed(number), FeedCode);
            await StoreAsync(Feed(number), 0, Word(100_000_000));
            await StoreAsync(Feed(number), 1, Word(Feed((byte)(number + 0x10))));
            await StoreAsync(Feed(number), 2, Word(60));
            sources.Add(new object[] { Feed(number), 8UL, Day });
        }
        object[] settings = [50UL, 100UL, 200UL, 500UL, 100UL, 1_000UL, 2UL, 2UL, 1UL, false];
        return await deployment.DeployAsync(
            "PegGate", Controls.Address, 2 * Day, 10UL, 10UL, settings, sources.ToArray());
    }

    private async Task LimitAsync(Address asset, object[]? rule, ulong? release)
    {
        if (rule is not null)
            await GovernAsync(limits, "setRule", Vault.Address, asset, rule, Hash32.Zero);
        if (release is { } cap)
            await GovernAsync(
                queue, "setRule", Vault.Address, asset, new object[] { E18(cap), E18(400), Day }, Hash32.Zero);
    }

    private Task FundAsync(Deployed token, Address account, ulong amount) =>
        deployment.SendAsync(Accounts[0], token, "mint", account, E18(amount));
}
