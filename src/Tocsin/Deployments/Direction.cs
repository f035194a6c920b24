namespace Tocsin.Deployments;

/// <summary>What a movement of value does, seen from the contract that holds the value; as contracts/src/Scopes.sol
/// has it.</summary>
internal enum Direction
{
    In,
    Out,
    Mint,
    Redeem,
    Borrow,
    Exchange,
    Liquidate,

    /// <summary>From here on nobody can pause it.</summary>
    Repay,
    AddCollateral,
    Claim,
}

internal static class Directions
{
    /// <summary>True for what lowers somebody's risk or pays what is already theirs.</summary>
    public static bool IsExit(this Direction direction) => direction >= Direction.Repay;
}
