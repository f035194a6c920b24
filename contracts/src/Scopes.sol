// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

/// @notice What a movement of value does, seen from the contract that holds the value.
///
/// The first seven can be paused, each by itself. The last three lower somebody's risk or pay what is already theirs:
/// they have no bit, so nobody can pause them.
enum Direction {
    In,
    Out,
    Mint,
    Redeem,
    Borrow,
    Exchange,
    Liquidate,
    Repay,
    AddCollateral,
    Claim
}

/// @title Scopes: which movements of a module are paused, as bits of one word
///
/// @notice A module is paused until one instant, and that pause covers some of its scopes. A scope is an asset of the
/// module, by its slot (0 to 18), together with a {Direction} that can be paused.
///
///     bit   0 ..  39   pausedUntil   seconds since 1970
///     bit  40 ..  79   pausedAt      when the module was last open and became paused
///     bit  80 .. 119   startedAt     of the episode; 0 where none has to be remembered
///     bit 120 .. 252   scopes        bit 120 + 7 * slot + direction
library Scopes {
    /// @notice How many directions can be paused.
    uint256 internal constant PAUSABLE = 7;
    /// @notice How many assets a module can tell apart.
    uint256 internal constant SLOTS = 19;
    /// @notice Every direction of every asset.
    uint256 internal constant ALL = (1 << (PAUSABLE * SLOTS)) - 1;

    /// @notice {Direction.Liquidate} of every asset.
    uint256 internal constant LIQUIDATIONS = ALL / ((1 << PAUSABLE) - 1) << uint256(Direction.Liquidate);

    uint256 private constant PAUSED_AT = 40;
    uint256 private constant STARTED_AT = 80;
    uint256 private constant BITS = 120;
    uint256 private constant INSTANT = type(uint40).max;

    /// @notice The module tells apart 19 assets only.
    error SlotOutOfRange(uint256 slot);
    /// @notice This direction is an exit: it cannot be paused.
    error ExitNotPausable(Direction direction);

    /// @notice The scope of one direction of one asset.
    function one(uint256 slot, Direction direction) internal pure returns (uint256) {
        if (slot >= SLOTS) revert SlotOutOfRange(slot);
        if (isExit(direction)) revert ExitNotPausable(direction);
        return 1 << (PAUSABLE * slot + uint256(direction));
    }

    /// @notice True for what nobody can pause.
    function isExit(Direction direction) internal pure returns (bool) {
        return uint256(direction) >= PAUSABLE;
    }

    function pack(uint256 startedAt_, uint256 pausedAt_, uint256 pausedUntil_, uint256 scopes_)
        internal
        pure
        returns (uint256)
    {
        return pausedUntil_ | pausedAt_ << PAUSED_AT | startedAt_ << STARTED_AT | scopes_ << BITS;
    }

    function pausedUntil(uint256 word) internal pure returns (uint64) {
        return uint64(word & INSTANT);
    }

    function pausedAt(uint256 word) internal pure returns (uint64) {
        return uint64(word >> PAUSED_AT & INSTANT);
    }

    function startedAt(uint256 word) internal pure returns (uint64) {
        return uint64(word >> STARTED_AT & INSTANT);
    }

    function scopes(uint256 word) internal pure returns (uint256) {
        return word >> BITS;
    }
}
