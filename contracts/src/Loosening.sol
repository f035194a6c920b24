// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Governed} from "./Governed.sol";
import {Role} from "./TwoPersons.sol";

/// @title Loosening: what may be tightened at once is loosened only after a delay
///
/// @notice Governance schedules a change, known here by a key (what it changes) and a hash (to what). It is due after
/// `looseningDelaySeconds` and can then be carried out by anyone for `LOOSENING_OPEN_SECONDS`. Until then governance
/// or risk can cancel it, and every tightening of the same key cancels it too: a change that was scheduled on a quiet
/// day must not come due in the middle of an attack.
///
/// Trust assumptions
/// - Governance can loosen anything within the bounds of the contract that inherits this, but everybody sees it coming
///   for the length of the delay.
/// - A stolen risk key can keep things as tight as they are for as long as governance leaves it the role.
abstract contract Loosening is Governed {
    struct Scheduled {
        bytes32 hash;
        uint64 dueAt;
        uint64 expiresAt;
    }

    uint64 public constant SHORTEST_LOOSENING_DELAY = 1 days;
    /// @notice No deployment can have a longer delay: a limit that proves too tight must be curable.
    uint64 public constant LONGEST_LOOSENING_DELAY = 30 days;
    /// @notice For how long a change that is due can be carried out, in seconds.
    uint64 public constant LOOSENING_OPEN_SECONDS = 7 days;

    uint64 public immutable looseningDelaySeconds;

    /// @notice The change that waits for a key; hash 0 if none does.
    mapping(bytes32 key => Scheduled) public looseningOf;

    event LooseningScheduled(address indexed by, bytes32 indexed key, bytes32 hash, uint64 dueAt, uint64 expiresAt);
    event LooseningCancelled(address indexed by, bytes32 indexed key, bytes32 hash);
    event LooseningDone(address indexed by, bytes32 indexed key, bytes32 hash);

    error LooseningDelayNotUsable(uint64 looseningDelaySeconds);
    /// @notice No such change is scheduled.
    error NothingScheduled(bytes32 key, bytes32 hash);
    error NotDue(bytes32 key, uint64 dueAt);
    error LooseningHasExpired(bytes32 key, uint64 expiresAt);

    constructor(uint64 looseningDelaySeconds_) {
        if (looseningDelaySeconds_ < SHORTEST_LOOSENING_DELAY || looseningDelaySeconds_ > LONGEST_LOOSENING_DELAY) {
            revert LooseningDelayNotUsable(looseningDelaySeconds_);
        }
        looseningDelaySeconds = looseningDelaySeconds_;
    }

    /// @notice Cancels the change that waits for `key`.
    function cancelLoosening(bytes32 key) external {
        Role role = controls.roleOf(msg.sender);
        if (role != Role.Governance && role != Role.Risk) revert NotInRole(msg.sender, Role.Risk);
        if (looseningOf[key].hash == 0) revert NothingScheduled(key, 0);
        _dropLoosening(key);
    }

    /// @dev Schedules a change, in place of any other of the same key.
    function _scheduleLoosening(bytes32 key, bytes32 hash) internal onlyBy(Role.Governance) {
        _dropLoosening(key);
        uint64 dueAt = uint64(block.timestamp) + looseningDelaySeconds;
        looseningOf[key] = Scheduled(hash, dueAt, dueAt + LOOSENING_OPEN_SECONDS);
        emit LooseningScheduled(msg.sender, key, hash, dueAt, dueAt + LOOSENING_OPEN_SECONDS);
    }

    /// @dev Takes a change that is due off the list, or reverts. The caller carries it out.
    function _takeLoosening(bytes32 key, bytes32 hash) internal {
        Scheduled memory scheduled = looseningOf[key];
        if (hash == 0 || scheduled.hash != hash) revert NothingScheduled(key, hash);
        if (block.timestamp < scheduled.dueAt) revert NotDue(key, scheduled.dueAt);
        if (block.timestamp > scheduled.expiresAt) revert LooseningHasExpired(key, scheduled.expiresAt);
        delete looseningOf[key];
        emit LooseningDone(msg.sender, key, hash);
    }

    /// @dev To be called by every tightening of `key`.
    function _dropLoosening(bytes32 key) internal {
        bytes32 hash = looseningOf[key].hash;
        if (hash == 0) return;
        delete looseningOf[key];
        emit LooseningCancelled(msg.sender, key, hash);
    }
}
