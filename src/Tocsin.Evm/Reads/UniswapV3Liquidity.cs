using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Evm.Reads;

/// <summary>How much liquidity of a Uniswap V3 pool meets trades at the price of now.</summary>
public static class UniswapV3Liquidity
{
    private static readonly AbiFunction Liquidity = AbiFunction.Parse("liquidity() returns (uint128)");

    /// <summary><c>IUniswapV3PoolState.liquidity()</c>, a measure of its own and no amount of either token.</summary>
    public static DeclaredRead<UInt256> Of(Address pool) => DeclaredRead.Call<UInt256>(pool, Liquidity);
}
