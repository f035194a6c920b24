using System.Numerics;
using Tocsin.Chains;
using Tocsin.Demo.Scenarios;
using Tocsin.Evm.Abi;

namespace Tocsin.Demo;

/// <summary>Who is who on the local chain. All but the signer are accounts that Anvil holds unlocked.</summary>
internal sealed record Cast(
    Address Governance, Address Recovery, Address OtherRecovery, Address Chief, Address Security, Address Attacker,
    Address HonestBorrower, IReadOnlyList<Address> Users)
{
    /// <summary>Accounts that a scenario may give a part of its own.</summary>
    public IReadOnlyList<Address> Extras { get; init; } = [];
}

/// <summary>The protocol of the demo on the local chain: everything that is protected, and what attacks it.</summary>
internal sealed record Protocol(
    Brake Brake,
    Deployed Dollar,
    Deployed Reserve,
    Deployed Gem,
    Deployed Vault,
    Deployed Market,
    Deployed Lender,
    Deployed Router,
    Address Pair,
    Deployed Attack,
    Deployed HonestBorrower,
    ulong DeployedAt)
{
    private static readonly ContractAbi PairAbi = ContractAbi.Parse(
        """[{"type":"function","name":"sync","inputs":[],"outputs":[],"stateMutability":"nonpayable"}]""");

    public const int DollarDecimals = 18;
    public const int ReserveDecimals = 6;
    public const int GemDecimals = 18;

    public Deployed Controls => Brake.Controls;

    public Coin DollarCoin => new("dUSD", Dollar, DollarDecimals, 1, "vault");

    public Deployed PairContract => new(Pair, PairAbi);

    public static UInt256 Dollars(decimal amount) => Units(amount, DollarDecimals);

    public static UInt256 Gems(decimal amount) => Units(amount, GemDecimals);

    public static UInt256 Reserves(decimal amount) => Units(amount, ReserveDecimals);

    /// <summary>What swaps the exact amount of one token for as much of the other as the pair gives.</summary>
    public byte[] Swap(Deployed from, Deployed to, UInt256 amount, Address receiver) => Router.Call(
        "swapExactTokensForTokens", amount, UInt256.Zero, new object[] { from.Address, to.Address }, receiver,
        UInt256.MaxValue);

    public static UInt256 Units(decimal amount, int decimals) =>
        (UInt256)((BigInteger)(amount * 1_000_000) * BigInteger.Pow(10, decimals) / 1_000_000);
}

/// <summary>Deploys the protocol and gives everyone what they need. The chain must mine at once meanwhile.</summary>
internal sealed class ProtocolDeployment(
    Anvil anvil, Toolchain toolchain, Cast cast, Address signer, CancellationToken cancellationToken,
    bool hasPeg = false)
{
    // A protocol is launched with more room than it has in daily use.
    private static readonly OutflowRule LaunchMint = OutflowRule.Minting(100_000_000);
    private static readonly OutflowRule DailyMint = OutflowRule.Minting(10_000_000);
    private static readonly OutflowRule OfGems = new(1_000_000, 5_000, 100_000, 3_000);
    private static readonly object Forever = UInt256.MaxValue;

    private readonly Deployment deployment = new(anvil, toolchain, cast.Governance, cancellationToken);

    public async Task<Protocol> RunAsync()
    {
        var brake = await Brake.DeployAsync(deployment, cast, signer, hasPeg);
        var reserve = await deployment.DeployAsync(
            "DemoToken", "Reserve Dollar", "rUSD", (ulong)Protocol.ReserveDecimals);
        var gem = await deployment.DeployAsync("DemoToken", "Gem", "GEM", (ulong)Protocol.GemDecimals);
        var dollar = await deployment.DeployAsync("DemoDollar");
        var vault = await deployment.DeployAsync("Vault", dollar.Address, reserve.Address, brake.Wiring);
        await deployment.SendAsync(cast.Governance, dollar, "setVault", vault.Address);
        var (router, pair) = await DeployUniswapAsync(dollar, gem);
        var market = await deployment.DeployAsync("LendingMarket", dollar.Address, gem.Address, pair, brake.Wiring);
        var lender = await deployment.DeployAsync("FlashLender", dollar.Address);
        var attack =
            await deployment.DeployAsync(
                cast.Attacker, "FlashLoanAttacker", lender.Address, router.Address, market.Address);
        var honest = await deployment.DeployAsync(cast.HonestBorrower, "HonestFlashBorrower", lender.Address);
        var head = await anvil.Node.HeadAsync(cancellationToken);
        var protocol =
            new Protocol(
                brake, dollar, reserve, gem, vault, market, lender, router, pair, attack, honest, head.Number);
        await LimitAsync(protocol);
        await FundAsync(protocol);
        return protocol;
    }

    /// <summary>Ends the launch: from here on no more dollars are made in a day than in daily use.</summary>
    public Task EndLaunchAsync(Protocol protocol) => deployment.SendAsync(
        cast.Governance, protocol.Brake.Limits, "tighten", protocol.Vault.Address, protocol.Dollar.Address,
        DailyMint.ToTuple(Protocol.DollarDecimals), Hash32.Zero);

    private async Task LimitAsync(Protocol protocol)
    {
        var (vault, market) = (protocol.Vault, protocol.Market);
        await deployment.LimitAsync(protocol, vault, protocol.Dollar.Address, LaunchMint);
        await deployment.LimitAsync(
            protocol, vault, protocol.Reserve.Address, OutflowRule.Default, Protocol.ReserveDecimals);
        await deployment.LimitAsync(protocol, market, protocol.Dollar.Address, OutflowRule.Default);
        await deployment.LimitAsync(protocol, market, protocol.Gem.Address, OfGems, Protocol.GemDecimals);
    }

    private async Task<(Deployed Router, Address Pair)> DeployUniswapAsync(Deployed dollar, Deployed gem)
    {
        var factory =
            await deployment.CreateAsync(
                cast.Governance, Artifact.OfPackage(toolchain, "@uniswap/v2-core/build/UniswapV2Factory.json"),
                cast.Governance);
        // The router wants a wrapped-ether address; no pair with ether is used here.
        var router = await deployment.CreateAsync(
            cast.Governance, Artifact.OfPackage(toolchain, "@uniswap/v2-periphery/build/UniswapV2Router02.json"),
                factory.Address, gem.Address);
        await deployment.SendAsync(cast.Governance, factory, "createPair", dollar.Address, gem.Address);
        var answer = await anvil.Node.CallAsync(
            null, factory.Address, factory.Call("getPair", dollar.Address, gem.Address), UInt256.Zero, null,
                cancellationToken);
        return (router, new Address(answer.AsSpan(12, 20)));
    }

    private async Task FundAsync(Protocol protocol)
    {
        var governance = cast.Governance;
        await deployment.GiveDollarsAsync(protocol, governance, 6_100_000);
        await deployment.SendAsync(governance, protocol.Gem, "mint", governance, Protocol.Gems(100_000));
        await deployment.SendAsync(governance, protocol.Dollar, "approve", protocol.Router.Address, Forever);
        await deployment.SendAsync(governance, protocol.Gem, "approve", protocol.Router.Address, Forever);
        await deployment.SendAsync(
            governance, protocol.Router, "addLiquidity", protocol.Dollar.Address, protocol.Gem.Address,
                Protocol.Dollars(1_000_000), Protocol.Gems(100_000),
            UInt256.Zero, UInt256.Zero, governance, Forever);
        await deployment.SendAsync(
            governance, protocol.Dollar, "transfer", protocol.Lender.Address, Protocol.Dollars(5_000_000));
        // Interest is paid from money set aside for it, so that claims never touch what users supplied.
        await deployment.SendAsync(
            governance, protocol.Dollar, "transfer", protocol.Market.Address, Protocol.Dollars(10_000));
        await deployment.SendAsync(
            governance, protocol.Dollar, "transfer", protocol.HonestBorrower.Address, Protocol.Dollars(5_000));
        await deployment.SendAsync(governance, protocol.Gem, "mint", protocol.Attack.Address, Protocol.Gems(40_000));
        for (var i = 0; i < cast.Users.Count; i++)
            await FundUserAsync(protocol, cast.Users[i], supplies: i < 4);
    }

    private async Task FundUserAsync(Protocol protocol, Address user, bool supplies)
    {
        await deployment.GiveDollarsAsync(protocol, user, supplies ? 1_550_000 : 50_000);
        await deployment.SendAsync(cast.Governance, protocol.Reserve, "mint", user, Protocol.Reserves(50_000));
        await deployment.SendAsync(cast.Governance, protocol.Gem, "mint", user, Protocol.Gems(5_000));
        foreach (var (token, spender) in new[]
        {
            (protocol.Dollar, protocol.Router), (protocol.Gem, protocol.Router), (protocol.Dollar, protocol.Market),
                (protocol.Gem, protocol.Market),
        })
            await deployment.SendAsync(user, token, "approve", spender.Address, Forever);
        if (supplies)
        {
            await deployment.SendAsync(user, protocol.Market, "supply", Protocol.Dollars(1_500_000));
            return;
        }
        await deployment.SendAsync(user, protocol.Market, "addCollateral", Protocol.Gems(2_000));
        await deployment.SendAsync(user, protocol.Market, "borrow", Protocol.Dollars(2_000));
    }
}
