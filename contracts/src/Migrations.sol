// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "./EmergencyControls.sol";
import {Governed} from "./Governed.sol";
import {Role} from "./TwoPersons.sol";
import {IMigrations} from "./interfaces/IMigrations.sol";

/// @title Migrations: value that leaves a holder by decree, seen coming for days
///
/// @notice Governance announces that so much of an asset will go from a holder to an address. After `delaySeconds`
/// anyone lets the holder carry it out, once and to the last unit, by its own `migrate`, which calls {consume}. What
/// was not carried out within `OPEN_SECONDS` has to be announced anew.
///
/// Trust assumptions
/// - Governance can announce to move anything anywhere, but everybody sees it coming for the length of the delay, can
///   leave meanwhile, and two recoverers can cancel it.
/// - Two recoverers can cancel every migration, hence keep value where it is. They cannot move it.
/// - A holder is trusted with its own value only: what it consumes was announced for itself.
contract Migrations is IMigrations, Governed {
    struct Announced {
        uint64 dueAt;
        uint64 expiresAt;
        /// Of the announcement, so that agreement to cancel one does not count for the next that is like it.
        uint64 number;
    }

    uint64 public constant SHORTEST_DELAY = 2 days;
    /// @notice No deployment can have a longer delay: what has to leave a broken contract must get out in time.
    uint64 public constant LONGEST_DELAY = 60 days;
    /// @notice For how long a migration that is due can be carried out, in seconds.
    uint64 public constant OPEN_SECONDS = 7 days;

    uint64 public immutable delaySeconds;

    /// @notice What is announced, by {keyOf}; `dueAt` is 0 where nothing is.
    mapping(bytes32 key => Announced) public announcedAs;

    uint64 private _count;

    event MigrationAnnounced(
        address indexed by,
        address indexed holder,
        address indexed asset,
        address to,
        uint256 amount,
        uint64 dueAt,
        uint64 expiresAt
    );
    event MigrationCancelled(address indexed by, bytes32 indexed key, bytes32 reasonCode);
    event MigrationConsumed(address indexed holder, address indexed asset, address indexed to, uint256 amount);

    error DelayNotUsable(uint64 delaySeconds);
    error AddressIsZero();
    error AmountIsZero();
    /// @notice The same migration waits already; cancel it first.
    error AlreadyAnnounced(bytes32 key);
    /// @notice Not this amount of this asset, from this holder to this address.
    error NotAnnounced(bytes32 key);
    error NotDue(bytes32 key, uint64 dueAt);
    error MigrationHasExpired(bytes32 key, uint64 expiresAt);

    constructor(EmergencyControls controls_, uint64 delaySeconds_) Governed(controls_) {
        if (delaySeconds_ < SHORTEST_DELAY || delaySeconds_ > LONGEST_DELAY) revert DelayNotUsable(delaySeconds_);
        delaySeconds = delaySeconds_;
    }

    /// @notice Announces that `amount` of `asset` goes from `holder` to `to`.
    function announce(address holder, address asset, address to, uint256 amount) external onlyBy(Role.Governance) {
        if (holder == address(0) || asset == address(0) || to == address(0)) revert AddressIsZero();
        if (amount == 0) revert AmountIsZero();
        bytes32 key = keyOf(holder, asset, to, amount);
        if (announcedAs[key].dueAt != 0 && block.timestamp <= announcedAs[key].expiresAt) {
            revert AlreadyAnnounced(key);
        }
        uint64 dueAt = uint64(block.timestamp) + delaySeconds;
        announcedAs[key] = Announced(dueAt, dueAt + OPEN_SECONDS, ++_count);
        emit MigrationAnnounced(msg.sender, holder, asset, to, amount, dueAt, dueAt + OPEN_SECONDS);
    }

    /// @notice Cancels what is announced: governance alone, or two recoverers.
    /// @return done false if this was the first of two
    function cancel(bytes32 key, bytes32 reasonCode) external returns (bool done) {
        Announced memory announced = announcedAs[key];
        if (announced.dueAt == 0) revert NotAnnounced(key);
        if (controls.roleOf(msg.sender) != Role.Governance) {
            if (!_agreed(keccak256(abi.encode(key, announced.number)), Role.Recoverer)) return false;
        }
        delete announcedAs[key];
        emit MigrationCancelled(msg.sender, key, reasonCode);
        return true;
    }

    /// @notice Uses up what was announced for the caller, which then moves exactly that. Reverts if it may not.
    function consume(address asset, address to, uint256 amount) external {
        bytes32 key = keyOf(msg.sender, asset, to, amount);
        Announced memory announced = announcedAs[key];
        if (announced.dueAt == 0) revert NotAnnounced(key);
        if (block.timestamp < announced.dueAt) revert NotDue(key, announced.dueAt);
        if (block.timestamp > announced.expiresAt) revert MigrationHasExpired(key, announced.expiresAt);
        delete announcedAs[key];
        emit MigrationConsumed(msg.sender, asset, to, amount);
    }

    /// @notice What a migration is known by.
    function keyOf(address holder, address asset, address to, uint256 amount) public pure returns (bytes32) {
        return keccak256(abi.encode(holder, asset, to, amount));
    }
}
