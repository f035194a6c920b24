using System.Collections.Frozen;
using Tocsin.Chains;

namespace Tocsin.Detection;

/// <summary>What a log tells us, by its first topic.</summary>
internal enum EventKind
{
    Transfer,
    PoolSync,
    PoolSwap,
    OtherSwap,
    LoanAaveV2,
    LoanAaveV3,
    LoanBalancerOrMaker,
    LoanMorpho,
    LoanUniswapV3,
}

/// <summary>First topics (Keccak-256 of the signature in the comment) of the events that are read.</summary>
internal static class Topics
{
    // Transfer(address,address,uint256), ERC-20
    public static readonly Hash32 Transfer =
        Hash32.Parse("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

    // Sync(uint112,uint112), Uniswap V2 pair
    public static readonly Hash32 PoolSync =
        Hash32.Parse("0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1");

    // Swap(address,uint256,uint256,uint256,uint256,address), Uniswap V2 pair
    public static readonly Hash32 PoolSwap =
        Hash32.Parse("0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822");

    // Swap(address,address,int256,int256,uint160,uint128,int24), Uniswap V3 pool
    public static readonly Hash32 SwapUniswapV3 =
        Hash32.Parse("0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67");

    // Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24), Uniswap V4 pool manager
    public static readonly Hash32 SwapUniswapV4 =
        Hash32.Parse("0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f");

    // Swap(bytes32,address,address,uint256,uint256), Balancer V2 vault
    public static readonly Hash32 SwapBalancerV2 =
        Hash32.Parse("0x2170c741c41531aec20e7c107c24eecfdd15e69c9bb0a8dd37b1840b9e0b207b");

    // Swap(address,address,address,uint256,uint256,uint256,uint256), Balancer V3 vault
    public static readonly Hash32 SwapBalancerV3 =
        Hash32.Parse("0x0874b2d545cb271cdbda4e093020c452328b24af12382ed62c4d00f5c26709db");

    // FlashLoan(address,address,address,uint256,uint256,uint16), Aave V2
    public static readonly Hash32 LoanAaveV2 =
        Hash32.Parse("0x631042c832b07452973831137f2d73e395028b44b250dedc5abb0ee766e168ac");

    // FlashLoan(address,address,address,uint256,uint8,uint256,uint16), Aave V3
    public static readonly Hash32 LoanAaveV3 =
        Hash32.Parse("0xefefaba5e921573100900a3ad9cf29f222d995fb3b6045797eaea7521bd8d6f0");

    // FlashLoan(address,address,uint256,uint256), Balancer V2 with two indexed, Maker's dss-flash with one
    public static readonly Hash32 LoanBalancerOrMaker =
        Hash32.Parse("0x0d7d75e01ab95780d3cd1c8ec0dd6c2ce19e3a20427eec8bf53283b6fb8e95f0");

    // FlashLoan(address,address,uint256), Morpho Blue
    public static readonly Hash32 LoanMorpho =
        Hash32.Parse("0xc76f1b4fe4396ac07a9fa55a415d4ca430e72651d37d3401f3bed7cb13fc4f12");

    // Flash(address,address,uint256,uint256,uint256,uint256), Uniswap V3 pool
    public static readonly Hash32 LoanUniswapV3 =
        Hash32.Parse("0xbdbdb71d7860376ba52b25a5028beea23581364a40522f6bcfb86bb1f2dca633");

    // Withdrawal(address,bytes32,address,uint256), Tornado Cash pool; the recipient is the first word of the data
    public static readonly Hash32 MixerWithdrawal =
        Hash32.Parse("0xe9e508bad6d4c3227e881ca19068f099da81b5164dd6d62b2eaf1e8bc6c34931");

    // Deposit(bytes32,uint32,uint256), Tornado Cash pool
    public static readonly Hash32 MixerDeposit =
        Hash32.Parse("0xa945e51eec50ab98c161376f0db4cf2aeba3ec92755fe2fcd388bdbbb80ff196");

    private static readonly FrozenDictionary<Hash32, EventKind> Kinds = new Dictionary<Hash32, EventKind>
    {
        [Transfer] = EventKind.Transfer,
        [PoolSync] = EventKind.PoolSync,
        [PoolSwap] = EventKind.PoolSwap,
        [SwapUniswapV3] = EventKind.OtherSwap,
        [SwapUniswapV4] = EventKind.OtherSwap,
        [SwapBalancerV2] = EventKind.OtherSwap,
        [SwapBalancerV3] = EventKind.OtherSwap,
        [LoanAaveV2] = EventKind.LoanAaveV2,
        [LoanAaveV3] = EventKind.LoanAaveV3,
        [LoanBalancerOrMaker] = EventKind.LoanBalancerOrMaker,
        [LoanMorpho] = EventKind.LoanMorpho,
        [LoanUniswapV3] = EventKind.LoanUniswapV3,
    }.ToFrozenDictionary();

    public static bool TryKind(Hash32 topic, out EventKind kind) => Kinds.TryGetValue(topic, out kind);
}
