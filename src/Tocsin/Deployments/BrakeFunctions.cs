using Tocsin.Evm.Abi;

namespace Tocsin.Deployments;

/// <summary>What the check asks of the contracts of contracts/src, of Safes, timelocks and feeds.</summary>
internal static class BrakeFunctions
{
    /// <summary>The slot of <c>EmergencyControls.wordOf</c>; contracts/test/examples/WordSlot.t.sol holds it.</summary>
    public const ulong WordSlot = 8;

    public static readonly AbiFunction WordOf = AbiFunction.Parse("wordOf(bytes32) returns (uint256)");
    public static readonly AbiFunction MembersOf = AbiFunction.Parse("membersOf(uint8) returns (address[])");
    public static readonly AbiFunction AliveUntil = AbiFunction.Parse("aliveUntil(address) returns (uint64)");
    public static readonly AbiFunction BudgetLeft = AbiFunction.Parse("budgetLeft(address) returns (uint64)");
    public static readonly AbiFunction Budget = AbiFunction.Parse("budget() returns (uint64, uint64)");
    public static readonly AbiFunction Pause = AbiFunction.Parse("pause(bytes32, uint64, bytes32)");

    public static readonly AbiFunction RuleOf = AbiFunction.Parse(
        "ruleOf(address, address) returns ((uint128 cap, uint128 floor, uint128 single, uint128 perAccount, "
        + "uint128 attestAbove, uint16 shareBps, uint32 windowSeconds, uint32 accountWindowSeconds, "
        + "uint16 setOffBlocks))");
    public static readonly AbiFunction LimitOf = AbiFunction.Parse("limitOf(address, address) returns (uint256)");
    public static readonly AbiFunction BaseOf = AbiFunction.Parse("baseOf(address, address) returns (uint256)");
    public static readonly AbiFunction LineOf = AbiFunction.Parse("lineOf(address, address) returns (uint32)");
    public static readonly AbiFunction LineRuleOf = AbiFunction.Parse(
        "ruleOf(address, address) returns ((uint128 releaseCap, uint128 cancelCap, uint32 windowSeconds))");
    public static readonly AbiFunction BalanceOf = AbiFunction.Parse("balanceOf(address) returns (uint256)");

    public static readonly AbiFunction LooseningOf = AbiFunction.Parse(
        "looseningOf(bytes32) returns (bytes32 hash, uint64 dueAt, uint64 expiresAt)");
    public static readonly AbiFunction AnnouncedAs = AbiFunction.Parse(
        "announcedAs(bytes32) returns (uint64 dueAt, uint64 expiresAt, uint64 number)");
    public static readonly AbiEvent MigrationAnnounced = AbiEvent.Parse(
        "MigrationAnnounced(address indexed by, address indexed holder, address indexed asset, address to, "
        + "uint256 amount, uint64 dueAt, uint64 expiresAt)");

    public static readonly AbiFunction Grade = AbiFunction.Parse("grade() returns (uint8)");
    public static readonly AbiFunction Settings = AbiFunction.Parse(
        "settings() returns ((uint16 tightenBps, uint16 stopMintBps, uint16 stopParBps, uint16 queueBps, "
        + "uint16 tightenAboveBps, uint16 stopMintAboveBps, uint16 factor, uint8 quorum, uint8 blindGrade, "
        + "bool lowerOfParAndMarket))");
    public static readonly AbiFunction Sources = AbiFunction.Parse(
        "sources() returns ((address feed, uint8 decimals, uint32 maxAgeSeconds)[])");
    public static readonly AbiFunction LatestRound = AbiFunction.Parse(
        "latestRoundData() returns (uint80, int256, uint256, uint256, uint80)");
    public static readonly AbiFunction Decimals = AbiFunction.Parse("decimals() returns (uint8)");
    public static readonly AbiFunction Aggregator = AbiFunction.Parse("aggregator() returns (address)");

    public static readonly AbiFunction Owners = AbiFunction.Parse("getOwners() returns (address[])");
    public static readonly AbiFunction Threshold = AbiFunction.Parse("getThreshold() returns (uint256)");
    public static readonly AbiFunction MinDelay = AbiFunction.Parse("getMinDelay() returns (uint256)");

    public static readonly AbiError ModulePaused = AbiError.Parse("ModulePaused(bytes32 module, uint64 until)");

    /// <summary>The errors that a probe may meet, for their words.</summary>
    public static readonly ValueList<AbiError> Errors =
    [
        ModulePaused,
        AbiError.Parse("NotInRole(address account, uint8 needed)"),
        AbiError.Parse("PauserIsDead(address pauser, uint64 aliveUntil)"),
        AbiError.Parse("CoolingDown(bytes32 module, uint64 armedAt)"),
        AbiError.Parse("BudgetExceeded(address pauser, uint64 neededSeconds, uint64 leftSeconds)"),
        AbiError.Parse("MintStopped(address asset, uint8 grade)"),
        AbiError.Parse("MintLimited(address asset, uint256 amount)"),
        AbiError.Parse("RedeemStopped(address asset, uint8 grade)"),
        AbiError.Parse("LineNotOpen(address holder, address asset)"),
        AbiError.Parse("ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)"),
        AbiError.Parse("ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)"),
    ];

    /// <summary>A getter without parameters.</summary>
    public static AbiFunction Getter(string name, string type) => AbiFunction.Parse($"{name}() returns ({type})");
}
