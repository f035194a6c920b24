// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

/// @title EmergencyControls: a brake for a protocol, bounded in what it can do even in the wrong hands
///
/// @notice A *module* is any part of a protocol that can be paused on its own; it is named by 32 bytes, e.g.
/// `bytes32("vault")`. EMERGENCY pauses a module for a while, RECOVERY ends the pause early, and without either
/// the pause ends by itself. Modules learn of it through {Guarded}.
///
/// Episodes bound the brake. The first pause of a module starts an episode, which fixes two instants:
///
///     start                      start + max              start + max + cool-down
///     |--- pauses may run here ---|--- no pause possible ---|--- a new episode may start --->
///
/// So in any stretch of (max + cool-down) seconds a module is paused for at most max seconds, however often EMERGENCY
/// calls {pause}. When RECOVERY unpauses, the episode is over and the brake is armed again at once: a false alarm
/// must not leave the protocol without a brake when the real attack follows. RECOVERY may do so until the cool-down
/// has passed, also when the pause has already run out.
///
/// Trust assumptions
/// - EMERGENCY (likely a hot key) can at worst stop the gated functions of a module for max out of every
///   (max + cool-down) seconds. It can neither extend that, nor unpause, nor move anything.
/// - RECOVERY can at worst release the brake. No address ever holds both roles, so one stolen key can neither
///   release its own alarm nor, by ending episodes, hold the brake for ever; the two together can.
/// - Governance (DEFAULT_ADMIN_ROLE) grants and revokes both roles, hence is trusted with both; put it behind a
///   timelock. It cannot change the bounds: they are immutable. Should all members of a role be lost, the worst case
///   is a pause that runs out.
/// - What a pause stops is decided by the modules. Gate what lets value out; never gate what lowers a user's risk.
///
/// A call of {pause} holds a duration and never an instant, so that it can be prepared, simulated and signed long
/// before anyone needs it.
contract EmergencyControls is AccessControl {
    /// @dev What is known of a module, in one storage slot. `startedAt` is 0 when no episode has to be remembered.
    struct Episode {
        uint64 startedAt;
        uint64 pausedUntil;
    }

    /// @notice May pause.
    bytes32 public constant EMERGENCY = keccak256("EMERGENCY");
    /// @notice May end a pause early.
    bytes32 public constant RECOVERY = keccak256("RECOVERY");

    /// @notice No deployment can allow a shorter pause than this: a pause must outlast a few blocks to be one.
    uint64 public constant SHORTEST_PAUSE = 1 minutes;
    /// @notice No deployment can allow a longer pause than this.
    uint64 public constant LONGEST_PAUSE = 30 days;
    /// @notice No deployment can have a shorter cool-down: users need time to leave between two episodes.
    uint64 public constant SHORTEST_COOL_DOWN = 1 hours;
    /// @notice No deployment can have a longer cool-down: during it, the module has no brake.
    uint64 public constant LONGEST_COOL_DOWN = 30 days;

    /// @notice The shortest duration {pause} accepts, in seconds.
    uint64 public immutable minPauseSeconds;
    /// @notice The longest duration {pause} accepts, and the length of an episode, in seconds.
    uint64 public immutable maxPauseSeconds;
    /// @notice How long after an episode's pauses the module cannot be paused again, in seconds.
    uint64 public immutable coolDownSeconds;

    mapping(bytes32 module => Episode) private _episodes;

    /// @notice A module was paused, or a running pause was confirmed or extended within its episode.
    /// @param until the instant from which on the module is open again
    event Paused(address indexed by, bytes32 indexed module, uint64 until, bytes32 reasonCode);

    /// @notice An episode was ended by RECOVERY.
    /// @param until the expiry that was cut short (in the past if the pause had already run out)
    event Unpaused(address indexed by, bytes32 indexed module, uint64 until, bytes32 reasonCode);

    /// @notice Governance, EMERGENCY and RECOVERY must be given.
    error AddressIsZero();
    /// @notice The shortest pause must lie within the hard limits and not exceed the longest.
    error PauseBoundsNotUsable(uint64 minPauseSeconds, uint64 maxPauseSeconds);
    /// @notice The cool-down must lie within the hard limits.
    error CoolDownNotUsable(uint64 coolDownSeconds);
    /// @notice The account already holds the opposite role.
    error RolesNotDisjoint(address account);
    /// @notice The duration must be at least `minPauseSeconds` and at most `maxPauseSeconds`.
    error DurationOutOfBounds(uint64 durationSeconds, uint64 minPauseSeconds, uint64 maxPauseSeconds);
    /// @notice The module's last episode has used up its pauses; the next can start at `armedAt`.
    error CoolingDown(bytes32 module, uint64 armedAt);
    /// @notice The module is neither paused nor cooling down: there is nothing to end.
    error NotInEpisode(bytes32 module);

    /// @param governance grants and revokes the other two roles
    /// @param emergency first member of EMERGENCY
    /// @param recovery first member of RECOVERY, another address than `emergency`
    /// @param minPauseSeconds_ shortest duration of one pause
    /// @param maxPauseSeconds_ longest duration of one pause, and of all pauses of one episode
    /// @param coolDownSeconds_ time without a pause between two episodes
    constructor(
        address governance,
        address emergency,
        address recovery,
        uint64 minPauseSeconds_,
        uint64 maxPauseSeconds_,
        uint64 coolDownSeconds_
    ) {
        if (governance == address(0) || emergency == address(0) || recovery == address(0)) {
            revert AddressIsZero();
        }
        if (
            minPauseSeconds_ < SHORTEST_PAUSE || minPauseSeconds_ > maxPauseSeconds_ || maxPauseSeconds_ > LONGEST_PAUSE
        ) revert PauseBoundsNotUsable(minPauseSeconds_, maxPauseSeconds_);
        if (coolDownSeconds_ < SHORTEST_COOL_DOWN || coolDownSeconds_ > LONGEST_COOL_DOWN) {
            revert CoolDownNotUsable(coolDownSeconds_);
        }
        minPauseSeconds = minPauseSeconds_;
        maxPauseSeconds = maxPauseSeconds_;
        coolDownSeconds = coolDownSeconds_;
        _grantRole(DEFAULT_ADMIN_ROLE, governance);
        _grantRole(EMERGENCY, emergency);
        _grantRole(RECOVERY, recovery);
    }

    /// @notice Pauses `module` for `durationSeconds` from now, or until its episode's last instant if that is earlier.
    /// @dev No pause is shorter than `minPauseSeconds`: too close to its episode's last instant, an open module cannot
    /// be paused any more. Within an episode this may be repeated. It never shortens a running pause: the later expiry
    /// holds, so of two responders who both pull the brake neither undoes the other, and neither call fails.
    /// @param reasonCode says why, for the record; e.g. the hash of an incident's name
    function pause(bytes32 module, uint64 durationSeconds, bytes32 reasonCode) external onlyRole(EMERGENCY) {
        if (durationSeconds < minPauseSeconds || durationSeconds > maxPauseSeconds) {
            revert DurationOutOfBounds(durationSeconds, minPauseSeconds, maxPauseSeconds);
        }
        uint64 instant = uint64(block.timestamp);
        Episode memory episode = _episodes[module];
        if (!_isRemembered(episode)) episode = Episode({startedAt: instant, pausedUntil: 0});

        uint64 lastInstant = episode.startedAt + maxPauseSeconds;
        if (_pausable(episode) == 0) revert CoolingDown(module, lastInstant + coolDownSeconds);

        uint64 until = _earlier(instant + durationSeconds, lastInstant);
        if (until > episode.pausedUntil) {
            episode.pausedUntil = until;
            _episodes[module] = episode;
        }
        emit Paused(msg.sender, module, episode.pausedUntil, reasonCode);
    }

    /// @notice Opens `module` at once and ends its episode, so that EMERGENCY may start a new one at any time.
    /// @param reasonCode says why, for the record
    function unpause(bytes32 module, bytes32 reasonCode) external onlyRole(RECOVERY) {
        Episode memory episode = _episodes[module];
        if (!_isRemembered(episode)) revert NotInEpisode(module);
        delete _episodes[module];
        emit Unpaused(msg.sender, module, episode.pausedUntil, reasonCode);
    }

    /// @notice The instant from which on `module` is open again; in the past (or 0) if it is open now.
    function pausedUntil(bytes32 module) external view returns (uint64) {
        return _episodes[module].pausedUntil;
    }

    /// @notice Whether `module` is paused in this block. At the very second of the expiry it is not.
    function isPaused(bytes32 module) external view returns (bool) {
        return block.timestamp < _episodes[module].pausedUntil;
    }

    /// @notice For how many seconds from now {pause} could keep `module` paused; 0 while it cools down.
    function pausableSeconds(bytes32 module) external view returns (uint64) {
        Episode memory episode = _episodes[module];
        return _isRemembered(episode) ? _pausable(episode) : maxPauseSeconds;
    }

    /// @dev Every grant passes here, also those of the constructor.
    function _grantRole(bytes32 role, address account) internal override returns (bool) {
        if (role == EMERGENCY && hasRole(RECOVERY, account)) revert RolesNotDisjoint(account);
        if (role == RECOVERY && hasRole(EMERGENCY, account)) revert RolesNotDisjoint(account);
        return super._grantRole(role, account);
    }

    /// @dev False before the first episode, after RECOVERY ended the last one, and once its cool-down has passed.
    function _isRemembered(Episode memory episode) private view returns (bool) {
        return episode.startedAt != 0 && block.timestamp < episode.startedAt + maxPauseSeconds + coolDownSeconds;
    }

    /// @dev The seconds left for pauses of a remembered episode. What is open cannot be paused for less than the
    /// shortest pause: so short a one would only seem to be a brake. What is paused already may always be confirmed.
    function _pausable(Episode memory episode) private view returns (uint64) {
        uint64 instant = uint64(block.timestamp);
        uint64 lastInstant = episode.startedAt + maxPauseSeconds;
        if (instant >= lastInstant) return 0;
        uint64 left = lastInstant - instant;
        return instant < episode.pausedUntil || left >= minPauseSeconds ? left : 0;
    }

    function _earlier(uint64 a, uint64 b) private pure returns (uint64) {
        return a < b ? a : b;
    }
}
