// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {Heartbeats} from "./Heartbeats.sol";
import {Role} from "./TwoPersons.sol";
import {Scopes} from "./Scopes.sol";

/// @title EmergencyControls: a brake for a protocol, bounded in what it can do even in the wrong hands
///
/// @notice A *module* is any part of a protocol that can be paused on its own; it is named by 32 bytes, e.g.
/// `bytes32("vault")`. A pauser pauses a module, or some of its {Scopes}, for a while; the pause ends by itself, or
/// early when two recoverers agree. What moves value asks through {Gate}.
///
/// Episodes bound the brake. The first pause of a module starts an episode, which fixes two instants:
///
///     start                      start + max              start + max + cool-down
///     |--- pauses may run here ---|--- no pause possible ---|--- a new episode may start --->
///
/// So in any stretch of (max + cool-down) seconds a module is paused for at most max seconds, however often pausers
/// call {pause}. When two recoverers lift a pause, the episode is over and the brake is armed again at once: a false
/// alarm must not leave the protocol without a brake when the real attack follows. What one pauser can do of that is
/// bounded by its budget: the seconds of pause that it adds in any `budgetWindowSeconds`, over all modules, are at
/// most `budgetSeconds`. What a lift cuts short is not given back to it. A second counts when the pause is called, and
/// runs within max of that; so what runs in any window was added in two, and is at most twice the budget.
///
/// Liquidations that a pause stopped stay stopped for `graceSeconds` after it, so that users can repay first: the
/// grace is shorter than the cool-down, and a later pause that leaves liquidations out does not end it.
///
/// Trust assumptions
/// - A pauser (likely a hot key) can at worst stop what can be paused of a module for max out of every
///   (max + cool-down) seconds, and of all modules together for its budget. It cannot stop an exit, unpause, or move
///   anything, and it loses its power when its heartbeat stops.
/// - One recoverer can do nothing. Two can release the brake, once the shortest pause has passed. An address holds one
///   role, so no key can release its own alarm.
/// - Governance gives and takes roles, hence is trusted with all of them. It cannot change the bounds: they are
///   immutable. Should all members of a role be lost, the worst case is a pause that runs out.
///
/// A call of {pause} holds a duration and never an instant, so that it can be prepared, simulated and signed long
/// before anyone needs it.
contract EmergencyControls is Heartbeats {
    using RateLimiter for RateLimiter.SlidingWindow;
    using Scopes for uint256;

    /// @param minPauseSeconds the shortest duration {pause} accepts; no pause is lifted before
    /// @param maxPauseSeconds the longest duration {pause} accepts, and the length of an episode
    /// @param coolDownSeconds how long after an episode's pauses the module cannot be paused again
    /// @param budgetSeconds of pause that one pauser can add in any window
    /// @param budgetWindowSeconds the length of that window
    /// @param heartbeatSeconds how long a beat keeps a pauser alive
    /// @param graceSeconds how long after a pause liquidations stay stopped, for users to repay first
    struct Bounds {
        uint64 minPauseSeconds;
        uint64 maxPauseSeconds;
        uint64 coolDownSeconds;
        uint64 budgetSeconds;
        uint64 budgetWindowSeconds;
        uint64 heartbeatSeconds;
        uint64 graceSeconds;
    }

    /// @param pausers,recoverers,risk,attesters,responders may be empty but for pausers (1) and recoverers (2)
    struct Members {
        address[] governance;
        address[] pausers;
        address[] recoverers;
        address[] risk;
        address[] attesters;
        address[] responders;
    }

    /// @notice No deployment can allow a shorter pause than this: a pause must outlast a few blocks to be one.
    uint64 public constant SHORTEST_PAUSE = 1 minutes;
    /// @notice No deployment can allow a longer pause than this.
    uint64 public constant LONGEST_PAUSE = 30 days;
    /// @notice No deployment can have a shorter cool-down: users need time to leave between two episodes.
    uint64 public constant SHORTEST_COOL_DOWN = 1 hours;
    /// @notice No deployment can have a longer cool-down: during it, the module has no brake.
    uint64 public constant LONGEST_COOL_DOWN = 30 days;
    /// @notice No deployment can keep liquidations stopped for longer after a pause: bad debt grows meanwhile.
    uint64 public constant LONGEST_GRACE = 1 days;
    /// @notice No deployment can count a pauser's budget over more than this.
    uint64 public constant LONGEST_BUDGET_WINDOW = 365 days;
    /// @notice How many modules one call can pause.
    uint256 public constant MOST_MODULES = 32;

    uint64 public immutable minPauseSeconds;
    uint64 public immutable maxPauseSeconds;
    uint64 public immutable coolDownSeconds;
    uint64 public immutable graceSeconds;

    /// @notice What is known of a module, in one slot, as {Scopes} packs it.
    mapping(bytes32 module => uint256) public wordOf;

    RateLimiter.SlidingWindow private _budget;

    /// @notice A module was paused, or a running pause was confirmed, widened or extended within its episode.
    /// @param scopes all that is paused now, as bits
    /// @param until the instant from which on the module is open again
    event Paused(address indexed by, bytes32 indexed module, uint256 scopes, uint64 until, bytes32 reasonCode);

    /// @notice One of many modules could not be paused; the others were tried all the same.
    /// @param refusal the error that {pause} would have reverted with
    event PauseFailed(address indexed by, bytes32 indexed module, bytes refusal, bytes32 reasonCode);

    /// @notice An episode was ended by two recoverers; `by` is the second.
    /// @param until the expiry that was cut short (in the past if the pause had already run out)
    event Unpaused(address indexed by, bytes32 indexed module, uint64 until, bytes32 reasonCode);

    /// @notice The shortest pause must lie within the hard limits and not exceed the longest.
    error PauseBoundsNotUsable(uint64 minPauseSeconds, uint64 maxPauseSeconds);
    error CoolDownNotUsable(uint64 coolDownSeconds);
    /// @notice A grace is shorter than the cool-down, or liquidations could be stopped for ever.
    error GraceNotUsable(uint64 graceSeconds);
    /// @notice A budget covers at least the longest pause, and its window is longer.
    error BudgetNotUsable(uint64 budgetSeconds, uint64 budgetWindowSeconds);
    /// @notice It takes one of governance, one pauser and two recoverers.
    error MembersMissing(Role role);
    error DurationOutOfBounds(uint64 durationSeconds, uint64 minPauseSeconds, uint64 maxPauseSeconds);
    error NoScope(uint256 scopes);
    error TooManyModules(uint256 modules);
    /// @notice The module's last episode has used up its pauses; the next can start at `armedAt`.
    error CoolingDown(bytes32 module, uint64 armedAt);
    /// @notice The pauser has that many seconds of pause left at present.
    error BudgetExceeded(address pauser, uint64 neededSeconds, uint64 leftSeconds);
    /// @notice The module is neither paused nor cooling down: there is nothing to end.
    error NotInEpisode(bytes32 module);
    /// @notice A pause holds for at least `minPauseSeconds`.
    error TooEarly(bytes32 module, uint64 liftableAt);

    constructor(Members memory members, Bounds memory bounds)
        EIP712("Tocsin EmergencyControls", "1")
        Heartbeats(bounds.heartbeatSeconds)
    {
        _requireUsable(bounds);
        minPauseSeconds = bounds.minPauseSeconds;
        maxPauseSeconds = bounds.maxPauseSeconds;
        coolDownSeconds = bounds.coolDownSeconds;
        graceSeconds = bounds.graceSeconds;
        _budget.updateSettings(uint48(bounds.budgetWindowSeconds), bounds.budgetSeconds);
        if (members.governance.length == 0) revert MembersMissing(Role.Governance);
        if (members.pausers.length == 0) revert MembersMissing(Role.Pauser);
        if (members.recoverers.length < 2) revert MembersMissing(Role.Recoverer);
        _takeAll(members.governance, Role.Governance);
        _takeAll(members.pausers, Role.Pauser);
        _takeAll(members.recoverers, Role.Recoverer);
        _takeAll(members.risk, Role.Risk);
        _takeAll(members.attesters, Role.Attester);
        _takeAll(members.responders, Role.Responder);
    }

    /// @notice Pauses all that can be paused of `module`.
    function pause(bytes32 module, uint64 durationSeconds, bytes32 reasonCode) external {
        _pauseOrRevert(module, Scopes.ALL, durationSeconds, reasonCode);
    }

    /// @notice Pauses some scopes of `module`, beside those that are paused already.
    function pauseScopes(bytes32 module, uint256 scopes, uint64 durationSeconds, bytes32 reasonCode) external {
        if (scopes == 0 || scopes > Scopes.ALL) revert NoScope(scopes);
        _pauseOrRevert(module, scopes, durationSeconds, reasonCode);
    }

    /// @notice Pauses all that can be paused of each module, in the order given for as long as the budget lasts. One
    /// that cannot be paused keeps none of the others open.
    /// @return paused how many were paused
    function pauseMany(bytes32[] calldata modules, uint64 durationSeconds, bytes32 reasonCode)
        external
        returns (uint256 paused)
    {
        if (modules.length > MOST_MODULES) revert TooManyModules(modules.length);
        _requireCanPause(durationSeconds);
        for (uint256 i = 0; i < modules.length; i++) {
            bytes memory refusal = _pause(modules[i], Scopes.ALL, durationSeconds, reasonCode);
            if (refusal.length == 0) paused++;
            else emit PauseFailed(msg.sender, modules[i], refusal, reasonCode);
        }
    }

    /// @notice Opens `module` at once and ends its episode, when two recoverers agree: the first call says so, that of
    /// another recoverer within a day does it. Both mean the same pause of the same scopes: a later or wider one takes
    /// two again. Not before the shortest pause has passed: what one block pauses, the same block cannot release.
    /// @return done true if this was the second
    function unpause(bytes32 module, bytes32 reasonCode) external returns (bool done) {
        _requireRole(Role.Recoverer);
        uint256 word = wordOf[module];
        if (!_isRemembered(word)) revert NotInEpisode(module);
        uint64 liftableAt = word.pausedAt() + minPauseSeconds;
        if (block.timestamp < liftableAt) revert TooEarly(module, liftableAt);
        if (!_agreed(keccak256(abi.encode(module, word.pausedAt(), word.scopes())), Role.Recoverer)) return false;
        uint64 until = word.pausedUntil();
        wordOf[module] = Scopes.pack(0, 0, _earlier(until, uint64(block.timestamp)), word.scopes());
        emit Unpaused(msg.sender, module, until, reasonCode);
        return true;
    }

    /// @notice The instant from which on `module` is open again; in the past (or 0) if it is open now.
    function pausedUntil(bytes32 module) external view returns (uint64) {
        return wordOf[module].pausedUntil();
    }

    /// @notice Whether anything of `module` is paused in this block. At the very second of the expiry it is not.
    function isPaused(bytes32 module) external view returns (bool) {
        return block.timestamp < wordOf[module].pausedUntil();
    }

    /// @notice What of `module` is paused in this block, as bits.
    function pausedScopes(bytes32 module) external view returns (uint256) {
        uint256 word = wordOf[module];
        return block.timestamp < word.pausedUntil() ? word.scopes() : 0;
    }

    /// @notice For how many seconds from now a pauser with budget could keep `module` paused; 0 while it cools down.
    function pausableSeconds(bytes32 module) external view returns (uint64) {
        uint256 word = wordOf[module];
        return _isRemembered(word) ? _pausable(word) : maxPauseSeconds;
    }

    /// @notice How many seconds of pause `pauser` can add at present.
    function budgetLeft(address pauser) public view returns (uint64) {
        return uint64(_budget.available(_keyOf(pauser)));
    }

    /// @notice The budget of every pauser, and the window that it is counted over.
    function budget() external view returns (uint64 budgetSeconds, uint64 budgetWindowSeconds) {
        return (uint64(_budget._limit), uint64(_budget._window));
    }

    function _pauseOrRevert(bytes32 module, uint256 scopes, uint64 durationSeconds, bytes32 reasonCode) private {
        _requireCanPause(durationSeconds);
        bytes memory refusal = _pause(module, scopes, durationSeconds, reasonCode);
        if (refusal.length == 0) return;
        assembly ("memory-safe") {
            revert(add(refusal, 0x20), mload(refusal))
        }
    }

    /// @dev What holds for every module alike.
    function _requireCanPause(uint64 durationSeconds) private view {
        _requireAlive(msg.sender);
        if (durationSeconds < minPauseSeconds || durationSeconds > maxPauseSeconds) {
            revert DurationOutOfBounds(durationSeconds, minPauseSeconds, maxPauseSeconds);
        }
    }

    /// @dev No pause is shorter than `minPauseSeconds`: too close to its episode's last instant, an open module cannot
    /// be paused any more. Within an episode this may be repeated. It never shortens or narrows a running pause: of
    /// two responders who both pull the brake neither undoes the other, and neither call fails.
    /// @return refusal the error to revert with; empty if the module is paused
    function _pause(bytes32 module, uint256 scopes, uint64 durationSeconds, bytes32 reasonCode)
        private
        returns (bytes memory refusal)
    {
        uint64 instant = uint64(block.timestamp);
        uint256 word = wordOf[module];
        if (!_isRemembered(word)) word = Scopes.pack(instant, instant, word.pausedUntil(), word.scopes());
        uint64 lastInstant = word.startedAt() + maxPauseSeconds;
        if (_pausable(word) == 0) {
            return abi.encodeWithSelector(CoolingDown.selector, module, lastInstant + coolDownSeconds);
        }
        (word, refusal) = _spend(word, scopes, _earlier(instant + durationSeconds, lastInstant));
        if (refusal.length != 0) return refusal;
        wordOf[module] = word;
        emit Paused(msg.sender, module, word.scopes(), word.pausedUntil(), reasonCode);
    }

    /// @dev The word with the pause added to what runs, as far as the pauser's budget reaches.
    function _spend(uint256 word, uint256 scopes, uint64 until) private returns (uint256, bytes memory refusal) {
        uint64 instant = uint64(block.timestamp);
        uint64 runsUntil = word.pausedUntil();
        bool isRunning = instant < runsUntil;
        bool isWider = !isRunning || scopes & ~word.scopes() != 0;
        uint64 from = isWider ? instant : runsUntil;
        if (isRunning) (scopes, until) = (scopes | word.scopes(), _later(until, runsUntil));
        else if (instant < runsUntil + graceSeconds) scopes |= word.scopes() & Scopes.LIQUIDATIONS;
        if (until > from) {
            uint64 left = budgetLeft(msg.sender);
            if (until - from > left) {
                uint64 needed = isRunning ? runsUntil - from : minPauseSeconds;
                if (left < needed) {
                    return (word, abi.encodeWithSelector(BudgetExceeded.selector, msg.sender, needed, left));
                }
                until = from + left;
            }
            _budget.consume(_keyOf(msg.sender), until - from);
        }
        return (Scopes.pack(word.startedAt(), isRunning ? word.pausedAt() : instant, until, scopes), "");
    }

    /// @dev False before the first episode, after recoverers ended the last one, and once its cool-down has passed.
    function _isRemembered(uint256 word) private view returns (bool) {
        uint64 startedAt = word.startedAt();
        return startedAt != 0 && block.timestamp < startedAt + maxPauseSeconds + coolDownSeconds;
    }

    /// @dev The seconds left for pauses of a remembered episode. What is open cannot be paused for less than the
    /// shortest pause: so short a one would only seem to be a brake. What is paused already may always be confirmed.
    function _pausable(uint256 word) private view returns (uint64) {
        uint64 instant = uint64(block.timestamp);
        uint64 lastInstant = word.startedAt() + maxPauseSeconds;
        if (instant >= lastInstant) return 0;
        uint64 left = lastInstant - instant;
        return instant < word.pausedUntil() || left >= minPauseSeconds ? left : 0;
    }

    function _requireUsable(Bounds memory bounds) private pure {
        if (
            bounds.minPauseSeconds < SHORTEST_PAUSE || bounds.minPauseSeconds > bounds.maxPauseSeconds
                || bounds.maxPauseSeconds > LONGEST_PAUSE
        ) revert PauseBoundsNotUsable(bounds.minPauseSeconds, bounds.maxPauseSeconds);
        if (bounds.coolDownSeconds < SHORTEST_COOL_DOWN || bounds.coolDownSeconds > LONGEST_COOL_DOWN) {
            revert CoolDownNotUsable(bounds.coolDownSeconds);
        }
        if (
            bounds.budgetSeconds < bounds.maxPauseSeconds || bounds.budgetWindowSeconds <= bounds.budgetSeconds
                || bounds.budgetWindowSeconds > LONGEST_BUDGET_WINDOW
        ) revert BudgetNotUsable(bounds.budgetSeconds, bounds.budgetWindowSeconds);
        if (bounds.graceSeconds > LONGEST_GRACE || bounds.graceSeconds >= bounds.coolDownSeconds) {
            revert GraceNotUsable(bounds.graceSeconds);
        }
    }

    function _keyOf(address pauser) private pure returns (bytes32) {
        return bytes32(uint256(uint160(pauser)));
    }

    function _earlier(uint64 a, uint64 b) private pure returns (uint64) {
        return a < b ? a : b;
    }

    function _later(uint64 a, uint64 b) private pure returns (uint64) {
        return a > b ? a : b;
    }
}
