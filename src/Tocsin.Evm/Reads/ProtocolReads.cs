using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Evm.Reads;

/// <summary>Reads of standard interfaces, ready to be declared.</summary>
public static class ProtocolReads
{
    private static readonly AbiFunction TotalSupplyFunction = AbiFunction.Parse("totalSupply() returns (uint256)");
    private static readonly AbiFunction BalanceOfFunction = AbiFunction.Parse("balanceOf(address) returns (uint256)");
    private static readonly AbiFunction DecimalsFunction = AbiFunction.Parse("decimals() returns (uint8)");
    private static readonly AbiFunction PausedFunction = AbiFunction.Parse("paused() returns (bool)");
    private static readonly AbiFunction OwnerFunction = AbiFunction.Parse("owner() returns (address)");
    private static readonly AbiFunction HasRoleFunction =
        AbiFunction.Parse("hasRole(bytes32,address) returns (bool)");
    private static readonly AbiFunction ConvertToAssetsFunction =
        AbiFunction.Parse("convertToAssets(uint256) returns (uint256)");

    /// <summary>ERC-20 <c>totalSupply()</c>, in the token's smallest units.</summary>
    public static DeclaredRead<UInt256> TotalSupply(Address token) =>
        DeclaredRead.Call<UInt256>(token, TotalSupplyFunction);

    /// <summary>ERC-20 <c>balanceOf(address)</c>, in the token's smallest units.</summary>
    public static DeclaredRead<UInt256> BalanceOf(Address token, Address account) =>
        DeclaredRead.Call<UInt256>(token, BalanceOfFunction, account);

    /// <summary>ERC-20 <c>decimals()</c>, at most 255 by its type.</summary>
    public static DeclaredRead<UInt256> Decimals(Address token) =>
        DeclaredRead.Call<UInt256>(token, DecimalsFunction);

    /// <summary>
    /// ERC-4626 <c>convertToAssets(uint256)</c>: what so many shares are worth, in smallest units of the asset. One
    /// whole share is <c>10^decimals()</c> of the vault.
    /// </summary>
    public static DeclaredRead<UInt256> ConvertToAssets(Address vault, UInt256 shares) =>
        DeclaredRead.Call<UInt256>(vault, ConvertToAssetsFunction, shares);

    /// <summary>OpenZeppelin <c>Pausable.paused()</c>.</summary>
    public static DeclaredRead<bool> Paused(Address contract) => DeclaredRead.Call<bool>(contract, PausedFunction);

    /// <summary>ERC-173 <c>owner()</c>.</summary>
    public static DeclaredRead<Address> Owner(Address contract) =>
        DeclaredRead.Call<Address>(contract, OwnerFunction);

    /// <summary>OpenZeppelin <c>AccessControl.hasRole(bytes32,address)</c>.</summary>
    public static DeclaredRead<bool> HasRole(Address contract, Hash32 role, Address account) =>
        DeclaredRead.Call<bool>(contract, HasRoleFunction, role.ToArray(), account);

    /// <summary>EIP-1967: <c>keccak256("eip1967.proxy.implementation") - 1</c>.</summary>
    public static DeclaredRead<Address> Implementation(Address proxy) => AddressSlot(
        proxy, Hash32.Parse("0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"));

    /// <summary>EIP-1967: <c>keccak256("eip1967.proxy.beacon") - 1</c>.</summary>
    public static DeclaredRead<Address> Beacon(Address proxy) => AddressSlot(
        proxy, Hash32.Parse("0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50"));

    /// <summary>EIP-1967: <c>keccak256("eip1967.proxy.admin") - 1</c>.</summary>
    public static DeclaredRead<Address> Admin(Address proxy) => AddressSlot(
        proxy, Hash32.Parse("0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103"));

    /// <summary>Slot 0, where a Safe proxy keeps its singleton.</summary>
    public static DeclaredRead<Address> SafeSingleton(Address safe) => AddressSlot(safe, Hash32.Zero);

    // A slot with more than an address in it is not the slot that it was taken for.
    private static DeclaredRead<Address> AddressSlot(Address of, Hash32 place) =>
        new(DeclaredRead.Slot(of, place).Read, result => result.Length == Hash32.ByteCount
            && !result[..^Address.ByteCount].ContainsAnyExcept((byte)0)
                ? new Address(result[^Address.ByteCount..])
                : throw new AbiException("the slot does not hold an address"));
}
