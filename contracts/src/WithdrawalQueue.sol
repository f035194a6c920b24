// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EmergencyControls} from "./EmergencyControls.sol";
import {Governed} from "./Governed.sol";
import {Loosening} from "./Loosening.sol";
import {Role} from "./TwoPersons.sol";
import {IWithdrawalQueue} from "./interfaces/IWithdrawalQueue.sol";

/// @title WithdrawalQueue: what did not pass the limits leaves later, in turn, and pro rata
///
/// @notice A *line* is one asset of one holder, opened by governance with a rule. What a holder pays in for an account
/// is an entry of the batch of its time (`batchSeconds` long). Batches of a line follow one another:
///
///     batch opens        batch closes           matures
///     |-- entries join --|---- delaySeconds ----|-- released, oldest batch first, releaseCap in any window --> filled
///     |------- two recoverers may cancel -------|                                 filled + expirySeconds --> expires
///
/// Of a batch that is released in part, each entry can claim that same part. Anyone may release, claim for an account
/// and expire; nothing of that can be paused.
///
/// What is guaranteed, for each line: whenever something is released, at an instant t, what was released in (t - W, t],
/// itself included, is at most the releaseCap in force. Claims pay no more than what was released. So together with
/// {OutflowLimits}, no more than both limits leaves a holder for its users in any W, not counting claims of what was
/// released before. And nobody waits for ever: the batch before which n of the asset are queued is filled by a release
/// in each of n / releaseCap windows after it matured, where risk can bring releaseCap down to a tenth at most.
///
/// The escrow of an asset is one. When it holds less than is owed (a rebase down, a fee on what is held), claims are
/// paid in that proportion, and entries that come later do not bear it. More than is owed is a cushion for that.
///
/// Trust assumptions
/// - Governance opens lines, once for each, and can loosen a rule after a delay in public. It cannot take an entry.
/// - Two recoverers can send entries back to the holder, never elsewhere, before they mature, and `cancelCap` of a line
///   in any window. One can do nothing.
/// - A stolen risk key can at worst bring releaseCap down to a tenth of what governance last set.
/// - A holder whose line is open is trusted to say for whom it pays. It can only add entries, with tokens of its own.
/// - An account that cannot be paid (blacklisted, for instance) stops nobody else. It may {redirect} its entry; what
///   nobody has claimed long after it could goes back to the holder.
contract WithdrawalQueue is IWithdrawalQueue, Loosening, ReentrancyGuardTransient {
    using RateLimiter for RateLimiter.SlidingWindow;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @param batchSeconds how long entries join one batch
    /// @param delaySeconds between the closing of a batch and its maturity
    /// @param expirySeconds after which the unclaimed rest of a filled batch can go back
    struct Times {
        uint32 batchSeconds;
        uint32 delaySeconds;
        uint32 expirySeconds;
    }

    /// @param releaseCap released in any window, never 0
    /// @param cancelCap cancelled in any window
    /// @param windowSeconds set once
    struct Rule {
        uint128 releaseCap;
        uint128 cancelCap;
        uint32 windowSeconds;
    }

    struct Entry {
        address account;
        uint32 line;
        uint64 batch;
        uint128 amount;
        uint128 claimed;
    }

    struct Batch {
        uint128 total;
        uint128 released;
        uint64 maturesAt;
        uint64 filledAt;
    }

    struct Line {
        address holder;
        address asset;
        uint64 head;
        Rule rule;
        uint128 granted;
        Batch[] batches;
        RateLimiter.SlidingWindow releases;
        RateLimiter.SlidingWindow cancels;
    }

    uint32 public constant SHORTEST_BATCH = 1 minutes;
    uint32 public constant LONGEST_BATCH = 1 days;
    /// @notice No deployment can have a shorter delay: somebody must have the time to look at an entry.
    uint32 public constant SHORTEST_DELAY = 1 hours;
    uint32 public constant LONGEST_DELAY = 14 days;
    uint32 public constant SHORTEST_EXPIRY = 180 days;
    uint32 public constant LONGEST_EXPIRY = 3650 days;
    uint32 public constant SHORTEST_WINDOW = 1 hours;
    uint32 public constant LONGEST_WINDOW = 30 days;
    /// @notice Risk cannot tighten a release below this part of what governance last set.
    uint256 public constant TIGHTEST_PART = 10;
    /// @notice How many batches one call of {release} goes through at most.
    uint256 public constant BATCHES_A_CALL = 16;

    uint32 public immutable batchSeconds;
    uint32 public immutable delaySeconds;
    uint32 public immutable expirySeconds;

    /// @notice What is owed of an asset to all entries, unclaimed.
    mapping(address asset => uint256) public owedOf;
    /// @notice The number of a line; 0 if it is not open.
    mapping(address holder => mapping(address asset => uint32)) public lineOf;

    Entry[] private _entries;
    Line[] private _lines;

    event Queued(
        uint256 indexed id,
        address indexed account,
        address indexed asset,
        address holder,
        uint256 amount,
        uint256 batch,
        uint64 maturesAt
    );
    event Released(address indexed holder, address indexed asset, uint256 indexed batch, uint256 amount, bool filled);
    /// @param amount of the entry
    /// @param paid less than amount if the escrow is short
    event Claimed(uint256 indexed id, address indexed account, uint256 amount, uint256 paid);
    event Redirected(uint256 indexed id, address indexed from, address indexed to);
    event Cancelled(address indexed by, uint256 indexed id, uint256 amount, bytes32 reasonCode);
    /// @notice The entry has matured, is empty, or more than what can still be cancelled in this window.
    event NotCancelled(address indexed by, uint256 indexed id, bytes32 reasonCode);
    event Expired(uint256 indexed id, uint256 amount);
    /// @notice A rule is in force: the first one, a tighter or a looser one.
    event RuleSet(
        address indexed by, address indexed holder, address indexed asset, Rule rule, bool tightened, bytes32 reasonCode
    );
    /// @notice A rule waits, see {LooseningScheduled} of the same key.
    event RuleScheduled(bytes32 indexed key, address indexed holder, address indexed asset, Rule rule);

    error TimesNotUsable(Times times);
    error RuleNotUsable();
    error RuleExists(address holder, address asset);
    error LineNotOpen(address holder, address asset);
    error WindowIsFixed(uint32 windowSeconds);
    error NotTighter();
    error AddressIsZero();
    error NothingReceived(address asset);
    /// @notice The asset says that the whole escrow is gone: what is paid in or claimed now would be lost.
    error EscrowIsEmpty(address asset);
    error NoSuchEntry(uint256 id);
    error NotYours(uint256 id);
    error NothingToClaim(uint256 id);
    error NotExpired(uint256 id);

    constructor(EmergencyControls controls_, uint64 looseningDelaySeconds_, Times memory times)
        Governed(controls_)
        Loosening(looseningDelaySeconds_)
    {
        if (
            times.batchSeconds < SHORTEST_BATCH || times.batchSeconds > LONGEST_BATCH
                || times.delaySeconds < SHORTEST_DELAY || times.delaySeconds > LONGEST_DELAY
                || times.expirySeconds < SHORTEST_EXPIRY || times.expirySeconds > LONGEST_EXPIRY
        ) revert TimesNotUsable(times);
        batchSeconds = times.batchSeconds;
        delaySeconds = times.delaySeconds;
        expirySeconds = times.expirySeconds;
        _lines.push();
    }

    /// @notice Fetches `amount` of `asset` from the caller, a holder that has approved it, for `account` to claim
    /// later. What arrives is measured here, and is what counts.
    function enqueue(address asset, address account, uint256 amount) external nonReentrant returns (uint256 id) {
        uint32 number = lineOf[msg.sender][asset];
        if (number == 0) revert LineNotOpen(msg.sender, asset);
        if (account == address(0)) revert AddressIsZero();
        uint128 share = _fetch(asset, amount);
        Line storage line = _lines[number];
        uint256 batch = _openBatch(line);
        line.batches[batch].total += share;
        id = _entries.length;
        _entries.push(Entry(account, number, uint64(batch), share, 0));
        emit Queued(id, account, asset, msg.sender, share, batch, line.batches[batch].maturesAt);
    }

    /// @notice Releases what the line's cap allows to its oldest batches that have matured. Anyone may.
    function release(address holder, address asset) external returns (uint256 released) {
        Line storage line = _requireLine(holder, asset);
        uint256 left = line.releases.available(0);
        uint64 head = line.head;
        for (uint256 i = 0; i < BATCHES_A_CALL && head < line.batches.length; i++) {
            Batch storage batch = line.batches[head];
            if (block.timestamp < batch.maturesAt) break;
            uint128 amount = uint128(Math.min(left - released, batch.total - batch.released));
            batch.released += amount;
            released += amount;
            bool filled = batch.released == batch.total;
            if (filled) batch.filledAt = uint64(block.timestamp);
            if (amount != 0) emit Released(holder, asset, head, amount, filled);
            if (!filled) break;
            head++;
        }
        line.head = head;
        line.releases.consume(0, released);
    }

    /// @notice Pays to an entry's account what was released of it and not claimed yet. Anyone may.
    function claim(uint256 id) external nonReentrant returns (uint256 paid) {
        Entry storage entry = _requireEntry(id);
        Line storage line = _lines[entry.line];
        uint128 amount = _claimable(entry, line);
        if (amount == 0) revert NothingToClaim(id);
        entry.claimed += amount;
        paid = _pay(line.asset, entry.account, amount);
        emit Claimed(id, entry.account, amount, paid);
    }

    /// @notice Lets an entry of the caller be paid to another account.
    function redirect(uint256 id, address to) external {
        Entry storage entry = _requireEntry(id);
        if (msg.sender != entry.account) revert NotYours(id);
        if (to == address(0)) revert AddressIsZero();
        entry.account = to;
        emit Redirected(id, msg.sender, to);
    }

    /// @notice Sends entries that have not matured back to their holder, when two recoverers agree on the same list:
    /// the first call says so, that of another recoverer within a day does it. What cannot be cancelled is left out.
    /// @return done true if this was the second
    function cancel(uint256[] calldata ids, bytes32 reasonCode) external nonReentrant returns (bool done) {
        if (!_agreed(keccak256(abi.encode(ids)), Role.Recoverer)) return false;
        for (uint256 i = 0; i < ids.length; i++) {
            _cancel(ids[i], reasonCode);
        }
        return true;
    }

    /// @notice Sends the unclaimed rest of an entry back to its holder, long after it could be claimed. Anyone may.
    function expire(uint256 id) external nonReentrant {
        Entry storage entry = _requireEntry(id);
        Line storage line = _lines[entry.line];
        uint64 filledAt = line.batches[entry.batch].filledAt;
        if (filledAt == 0 || block.timestamp < filledAt + expirySeconds) revert NotExpired(id);
        uint128 amount = entry.amount - entry.claimed;
        if (amount == 0) revert NothingToClaim(id);
        entry.claimed = entry.amount;
        _pay(line.asset, line.holder, amount);
        emit Expired(id, amount);
    }

    /// @notice Opens a line with its first rule.
    function setRule(address holder, address asset, Rule calldata rule, bytes32 reasonCode)
        external
        onlyBy(Role.Governance)
    {
        if (lineOf[holder][asset] != 0) revert RuleExists(holder, asset);
        lineOf[holder][asset] = _lines.length.toUint32();
        Line storage line = _lines.push();
        (line.holder, line.asset) = (holder, asset);
        _put(line, rule, false, reasonCode);
    }

    /// @notice Lowers a line's releaseCap at once, to a tenth of what governance last set at most.
    function tighten(address holder, address asset, uint128 releaseCap, bytes32 reasonCode) external {
        Role role = controls.roleOf(msg.sender);
        if (role != Role.Risk && role != Role.Governance) revert NotInRole(msg.sender, Role.Risk);
        Line storage line = _requireLine(holder, asset);
        Rule memory rule = line.rule;
        if (releaseCap > rule.releaseCap || releaseCap * TIGHTEST_PART < line.granted) revert NotTighter();
        _dropLoosening(keyOf(holder, asset));
        rule.releaseCap = releaseCap;
        _put(line, rule, true, reasonCode);
    }

    /// @notice Schedules any other rule, by governance. What recoverers can cancel changes in this way only.
    function scheduleLoosening(address holder, address asset, Rule calldata rule) external {
        Line storage line = _requireLine(holder, asset);
        if (rule.windowSeconds != line.rule.windowSeconds) revert WindowIsFixed(line.rule.windowSeconds);
        if (rule.releaseCap == 0) revert RuleNotUsable();
        _scheduleLoosening(keyOf(holder, asset), keccak256(abi.encode(rule)));
        emit RuleScheduled(keyOf(holder, asset), holder, asset, rule);
    }

    /// @notice Puts a scheduled rule that is due in force. Anyone may.
    function loosen(address holder, address asset, Rule calldata rule) external {
        _takeLoosening(keyOf(holder, asset), keccak256(abi.encode(rule)));
        _put(_requireLine(holder, asset), rule, false, 0);
    }

    /// @notice What a scheduled rule is known by.
    function keyOf(address holder, address asset) public pure returns (bytes32) {
        return keccak256(abi.encode(holder, asset));
    }

    function ruleOf(address holder, address asset) external view returns (Rule memory) {
        return _lines[lineOf[holder][asset]].rule;
    }

    /// @notice How many entries there have been; their ids are all below.
    function entries() external view returns (uint256) {
        return _entries.length;
    }

    function entryOf(uint256 id) external view returns (Entry memory entry, address holder, address asset) {
        entry = _requireEntry(id);
        (holder, asset) = (_lines[entry.line].holder, _lines[entry.line].asset);
    }

    function batchOf(uint256 id) external view returns (Batch memory) {
        Entry storage entry = _requireEntry(id);
        return _lines[entry.line].batches[entry.batch];
    }

    /// @notice What {claim} would take off an entry; it pays that, or its part of a short escrow.
    function claimable(uint256 id) external view returns (uint256) {
        Entry storage entry = _requireEntry(id);
        return _claimable(entry, _lines[entry.line]);
    }

    /// @notice What {release} can still release in this window, and two recoverers cancel.
    function available(address holder, address asset) external view returns (uint256 releases, uint256 cancels) {
        Line storage line = _requireLine(holder, asset);
        return (line.releases.available(0), line.cancels.available(0));
    }

    /// @dev Fetches and measures. While the escrow is short, a new entry gets the share of what is owed that is worth
    /// what it paid in.
    function _fetch(address asset, uint256 amount) private returns (uint128 share) {
        uint256 before = IERC20(asset).balanceOf(address(this));
        uint256 owed = owedOf[asset];
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = Math.min(amount, Math.saturatingSub(IERC20(asset).balanceOf(address(this)), before));
        if (received == 0) revert NothingReceived(asset);
        if (owed != 0 && before == 0) revert EscrowIsEmpty(asset);
        share = (before < owed ? Math.mulDiv(received, owed, before) : received).toUint128();
        owedOf[asset] = owed + share;
    }

    /// @dev Pays `amount` of what is owed, or its part of what is there.
    function _pay(address asset, address to, uint128 amount) private returns (uint256 paid) {
        uint256 owed = owedOf[asset];
        uint256 held = IERC20(asset).balanceOf(address(this));
        paid = held < owed ? Math.mulDiv(amount, held, owed) : amount;
        if (paid == 0) revert EscrowIsEmpty(asset);
        owedOf[asset] = owed - amount;
        IERC20(asset).safeTransfer(to, paid);
    }

    function _openBatch(Line storage line) private returns (uint256 batch) {
        uint64 maturesAt = uint64((block.timestamp / batchSeconds + 1) * batchSeconds + delaySeconds);
        uint256 count = line.batches.length;
        if (count != 0 && line.batches[count - 1].maturesAt == maturesAt) return count - 1;
        line.batches.push().maturesAt = maturesAt;
        return count;
    }

    function _cancel(uint256 id, bytes32 reasonCode) private {
        Entry storage entry = _requireEntry(id);
        Line storage line = _lines[entry.line];
        Batch storage batch = line.batches[entry.batch];
        uint128 amount = entry.amount;
        if (amount == 0 || block.timestamp >= batch.maturesAt || !line.cancels.tryConsume(0, amount)) {
            emit NotCancelled(msg.sender, id, reasonCode);
            return;
        }
        entry.amount = 0;
        batch.total -= amount;
        _pay(line.asset, line.holder, amount);
        emit Cancelled(msg.sender, id, amount, reasonCode);
    }

    function _put(Line storage line, Rule memory rule, bool tightened, bytes32 reasonCode) private {
        if (rule.releaseCap == 0 || rule.windowSeconds < SHORTEST_WINDOW || rule.windowSeconds > LONGEST_WINDOW) {
            revert RuleNotUsable();
        }
        line.rule = rule;
        if (!tightened) line.granted = rule.releaseCap;
        line.releases.updateSettings(rule.windowSeconds, rule.releaseCap);
        line.cancels.updateSettings(rule.windowSeconds, rule.cancelCap);
        emit RuleSet(msg.sender, line.holder, line.asset, rule, tightened, reasonCode);
    }

    function _claimable(Entry storage entry, Line storage line) private view returns (uint128) {
        Batch storage batch = line.batches[entry.batch];
        if (entry.amount == 0 || batch.released == 0) return 0;
        return uint128(Math.mulDiv(entry.amount, batch.released, batch.total)) - entry.claimed;
    }

    function _requireEntry(uint256 id) private view returns (Entry storage) {
        if (id >= _entries.length) revert NoSuchEntry(id);
        return _entries[id];
    }

    function _requireLine(address holder, address asset) private view returns (Line storage) {
        uint32 number = lineOf[holder][asset];
        if (number == 0) revert LineNotOpen(holder, asset);
        return _lines[number];
    }
}
