using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Detection.Conduct;

/// <summary>
/// The functions by which conduct is told, by their canonical signatures: of token and pool standards, and of widely
/// copied contracts. None is of one protocol alone.
/// </summary>
internal static class Functions
{
    public static readonly Selector Transfer = AbiSelector.Of("transfer(address,uint256)");
    public static readonly Selector TransferFrom = AbiSelector.Of("transferFrom(address,address,uint256)");
    public static readonly Selector Approve = AbiSelector.Of("approve(address,uint256)");
    public static readonly Selector BalanceOf = AbiSelector.Of("balanceOf(address)");
    public static readonly Selector Deposit = AbiSelector.Of("deposit()");
    public static readonly Selector Withdraw = AbiSelector.Of("withdraw(uint256)");
    public static readonly Selector PairSwap = AbiSelector.Of("swap(uint256,uint256,address,bytes)");
    public static readonly Selector PoolSwap = AbiSelector.Of("swap(address,bool,int256,uint160,bytes)");
    public static readonly Selector PoolSwapCallback = AbiSelector.Of("uniswapV3SwapCallback(int256,int256,bytes)");

    /// <summary>Curve's swaps: the first two words are the indices of what is given and taken.</summary>
    public static readonly FrozenSet<Selector> Exchanges = Set(
        "exchange(int128,int128,uint256,uint256)", "exchange(uint256,uint256,uint256,uint256)",
        "exchange_underlying(int128,int128,uint256,uint256)",
        "exchange_underlying(uint256,uint256,uint256,uint256)");

    /// <summary>What only asks, although many contracts do not say so.</summary>
    public static readonly FrozenSet<Selector> Reads = Set(
        "balanceOf(address)", "allowance(address,address)", "totalSupply()", "getReserves()", "decimals()", "name()",
        "symbol()", "token0()", "token1()", "getPair(address,address)", "getAmountOut(uint256,uint256,uint256)",
        "quote(uint256,uint256,uint256)", "getAmountsOut(uint256,address[])", "getAmountsIn(uint256,address[])");

    public static readonly FrozenSet<Selector> Token = Set(
        "transfer(address,uint256)", "transferFrom(address,address,uint256)", "approve(address,uint256)");

    /// <summary>What moves, makes or destroys tokens.</summary>
    public static readonly FrozenSet<Selector> Supply = Set(
        "transfer(address,uint256)", "transferFrom(address,address,uint256)", "mint(address,uint256)",
        "burn(address,uint256)", "burn(uint256)");

    /// <summary>How lenders of flash loans call the borrower: Uniswap v2 and its copy, ERC-3156, Aave v1 to v3,
    /// Balancer v2, Uniswap v3 and its copy, dYdX, Uniswap v4 and Balancer v3, Morpho, Euler v2.</summary>
    public static readonly FrozenSet<Selector> Loans = Set(
        "uniswapV2Call(address,uint256,uint256,bytes)", "pancakeCall(address,uint256,uint256,bytes)",
        "onFlashLoan(address,address,uint256,uint256,bytes)", "onFlashLoan(bytes)",
        "executeOperation(address[],uint256[],uint256[],address,bytes)",
        "executeOperation(address,uint256,uint256,address,bytes)",
        "executeOperation(address,uint256,uint256,bytes)",
        "receiveFlashLoan(address[],uint256[],uint256[],bytes)", "uniswapV3FlashCallback(uint256,uint256,bytes)",
        "pancakeV3FlashCallback(uint256,uint256,bytes)", "callFunction(address,(address,uint256),bytes)",
        "unlockCallback(bytes)", "onMorphoFlashLoan(uint256,bytes)");

    /// <summary>How honest contracts call whoever deals with them: ERC-721, ERC-1155, ERC-165, ERC-777, the swaps of
    /// Uniswap v3, wrapped coins.</summary>
    public static readonly FrozenSet<Selector> Hooks = Set(
        "onERC721Received(address,address,uint256,bytes)",
        "onERC1155Received(address,address,uint256,uint256,bytes)",
        "onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)", "supportsInterface(bytes4)",
        "tokensReceived(address,address,address,uint256,bytes,bytes)",
        "uniswapV3SwapCallback(int256,int256,bytes)", "pancakeV3SwapCallback(int256,int256,bytes)",
        "uniswapV3MintCallback(uint256,uint256,bytes)", "deposit()");

    /// <summary>What sets up, hands over, upgrades or inflates a contract, by the names that most contracts
    /// use.</summary>
    public static readonly FrozenSet<Selector> Administration = Set(
        "initialize()", "initialize(address)", "initialize(address,address)", "initialize(address,address,address)",
        "initialize(uint256)", "initialize(address,uint256)", "initialize(bytes)", "initialize(string,string)",
        "initialize(address,bytes)", "initialize(address,address,bytes)", "init()", "init(address)",
        "init(address,address)", "init(address,address,uint256)",
        "setOwner(address)", "transferOwnership(address)", "setAdmin(address)", "changeAdmin(address)",
        "changeOwner(address)", "setGovernance(address)", "setController(address)", "setOperator(address)",
        "setMinter(address)", "setOracle(address)", "setImplementation(address)", "setPendingAdmin(address)",
        "acceptOwnership()", "acceptAdmin()", "claimOwnership()", "addOwner(address)", "addMinter(address)",
        "grantRole(bytes32,address)", "setAuthority(address)", "rely(address)", "upgradeTo(address)",
        "upgradeToAndCall(address,bytes)", "setFee(uint256)", "setPriceOracle(address)", "kill()", "kill(address)",
        "selfdestruct()", "destroy()", "pause()", "unpause()", "setRouter(address)", "updateOwner(address)",
        "mint(address,uint256)", "mint(address,uint256,bytes)", "mintTo(address,uint256)", "burn(address,uint256)",
        "burnFrom(address,uint256)", "burn(address)", "burn(uint256)", "withdrawAll()", "emergencyWithdraw()",
        "sweep(address)", "sweepToken(address,uint256)", "rescueTokens(address,address,uint256)");

    /// <summary>By which customers take back what they paid in, by the names that most contracts use.</summary>
    public static readonly FrozenSet<Selector> Withdrawals = Set(
        "withdraw()", "withdraw(uint256)", "withdrawAll()", "emergencyWithdraw()", "exit()", "unstake(uint256)",
        "withdraw(address,uint256)", "withdraw(uint256,address)", "withdraw(uint256,address,address)",
        "withdraw(address,uint256,address)", "redeem(uint256)", "redeem(uint256,address)",
        "redeem(uint256,address,address)", "redeemUnderlying(uint256)", "leave(uint256)", "burn(uint256)");

    private static FrozenSet<Selector> Set(params ReadOnlySpan<string> signatures)
    {
        var selectors = new Selector[signatures.Length];
        for (var i = 0; i < selectors.Length; i++)
            selectors[i] = AbiSelector.Of(signatures[i]);
        return selectors.ToFrozenSet();
    }
}
