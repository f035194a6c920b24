// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Attestations} from "./Attestations.sol";
import {EmergencyControls} from "./EmergencyControls.sol";
import {Governed} from "./Governed.sol";
import {Loosening} from "./Loosening.sol";
import {Role} from "./TwoPersons.sol";
import {IOutflowLimits} from "./interfaces/IOutflowLimits.sol";

/// @title OutflowLimits: how much of an asset may leave a protocol directly, counted so that nobody needs to watch
///
/// @notice A *holder* is a contract that holds value and reports each movement here before it pays ({consume}) and
/// after it was paid ({credit}). It can only ever touch its own books: they are keyed by the caller. What does not
/// pass is not refused: the holder pays it through {WithdrawalQueue}.
///
/// *Counted outflow* is what is consumed less the set-off: what the same account brought in, and has not set off yet,
/// during the last `setOffBlocks` blocks. (One batch an account: it expires that many blocks after its first deposit.)
/// So who brings value in and takes it out again, with a flash loan for instance, neither uses up what others may take
/// nor is hindered.
///
/// *Base* is what the holder has surely held: the least value seen since the beginning of the last full epoch, an
/// epoch being `windowSeconds` long. It falls at once and rises only to what stood for a whole epoch, so no deposit,
/// donation or rebase of the moment raises a limit.
///
/// *Limit in force* is min(cap, max(floor, base * share)), divided by what the peg's gate asks.
///
/// What is guaranteed, for each holder and asset, over all callers and accounts and however the outflow is split:
///
///     whenever a movement with a counted part is let pass, at an instant t, the counted outflow of (t - W, t],
///     itself included, is at most the limit in force at that movement; unattested, it is at most `attestAbove` too;
///     and the counted outflow of its transaction up to it is at most `single`, divided by what the peg's gate asks.
///
/// Hence in every stretch of W seconds counted outflow is at most the greatest limit in force in it. What left at
/// exactly t - W counts no longer at t. A limit that falls (base, tightening) takes back nothing that has left, and
/// lets nothing pass until the window fits below it. Value held can fall by more than counted outflow within a window:
/// by what was brought in up to `setOffBlocks` blocks before it, and by what the queue took, which releases it under a
/// limit of its own. An account's own limit is a bucket: up to twice `perAccount` can leave within its window.
///
/// Trust assumptions
/// - The holder reports every movement, its true account and measured amounts ({Gate} does).
/// - Governance writes the first rule at once and can loosen it after a delay in public. No account is exempt.
/// - A stolen risk key can at worst bring every limit down to a tenth of what governance last set, and keep it there
///   while it holds the role. A stolen attester can at worst let pass what the other limits let pass. Without any
///   attester what is above `attestAbove` queues.
/// - An asset that lies about balances harms its own limit only, and that never beyond its cap.
/// - Credit is an account's own, so who uses two accounts (pays in with one, withdraws with the other) is counted in
///   full and can use up the window for others, whose exits then queue. So can one account that takes first and
///   brings back after, in one transaction even: borrows and repays, mints and redeems. `single` and `perAccount` slow
///   both down.
/// - What a holder mints is consumed here too, as if it left what is held, and lowers the base: no share (`shareBps` 0)
///   for an asset that its holder mints.
contract OutflowLimits is IOutflowLimits, Loosening, Attestations {
    using RateLimiter for RateLimiter.RefillingBucket;
    using RateLimiter for RateLimiter.SlidingWindow;
    using SlotDerivation for bytes32;
    using TransientSlot for *;

    /// @param cap above which the limit never is
    /// @param floor below which the limit is not, however little is held
    /// @param single outflow of one transaction
    /// @param perAccount outflow of one account at once, refilled over `accountWindowSeconds`; `UNLIMITED` for no such
    /// limit
    /// @param attestAbove outflow of the window above which only attested movements pass; `UNLIMITED` for never
    /// @param shareBps of the base, in hundredths of a percent
    /// @param windowSeconds set once: history counted over one length must not be read over another
    /// @param setOffBlocks during which a deposit can be set off, that of the deposit included; 0 for never
    struct Rule {
        uint128 cap;
        uint128 floor;
        uint128 single;
        uint128 perAccount;
        uint128 attestAbove;
        uint16 shareBps;
        uint32 windowSeconds;
        uint32 accountWindowSeconds;
        uint16 setOffBlocks;
    }

    /// @notice Why a movement did not pass.
    enum Reason {
        NoRule,
        Single,
        Window,
        Account,
        NotAttested
    }

    struct Credit {
        uint128 amount;
        uint64 expiresAfterBlock;
    }

    /// @dev The least value of the epoch before, and of `epoch` so far; and the value after the last movement, which
    /// stands until the next.
    struct Observed {
        uint128 leastBefore;
        uint128 least;
        uint128 last;
        uint64 epoch;
    }

    struct Book {
        Rule rule;
        Rule granted;
        Observed observed;
        RateLimiter.SlidingWindow window;
        RateLimiter.RefillingBucket accounts;
        mapping(address account => Credit) credits;
    }

    uint128 public constant UNLIMITED = type(uint128).max;
    uint32 public constant SHORTEST_WINDOW = 1 hours;
    uint32 public constant LONGEST_WINDOW = 30 days;
    uint16 public constant MOST_SET_OFF_BLOCKS = 7200;
    /// @notice Risk cannot tighten anything below this part of what governance last set.
    uint256 public constant TIGHTEST_PART = 10;
    uint256 private constant BPS = 10_000;
    /// @dev For a balance of an asset that would use up all there is.
    uint256 private constant BALANCE_GAS = 200_000;
    bytes32 private constant SPENT = keccak256("tocsin.OutflowLimits.spent");

    mapping(address holder => mapping(address asset => Book)) private _books;

    /// @notice A rule is in force: the first one, a tighter or a looser one.
    event RuleSet(
        address indexed by, address indexed holder, address indexed asset, Rule rule, bool tightened, bytes32 reasonCode
    );
    /// @notice A rule waits, see {LooseningScheduled} of the same key.
    event RuleScheduled(bytes32 indexed key, address indexed holder, address indexed asset, Rule rule);
    /// @notice A movement did not pass; nothing was consumed.
    /// @param used counted outflow of what tripped (the window, unless `reason` says otherwise)
    event LimitTripped(
        address indexed holder,
        address indexed asset,
        address indexed account,
        Reason reason,
        uint256 amount,
        uint256 used,
        uint256 limit
    );
    error RuleExists(address holder, address asset);
    error NoRule(address holder, address asset);
    /// @notice The rule contradicts itself or the hard bounds.
    error RuleNotUsable();
    /// @notice The length of the window is fixed by the first rule.
    error WindowIsFixed(uint32 windowSeconds);
    /// @notice Tightening can loosen nothing, and goes no lower than a tenth of what governance last set.
    error NotTighter();
    constructor(EmergencyControls controls_, uint64 looseningDelaySeconds_)
        Attestations("Tocsin OutflowLimits")
        Governed(controls_)
        Loosening(looseningDelaySeconds_)
    {}

    /// @notice Notes that `account` has brought `amount` of `asset` in. To be called by the holder, once it was paid.
    function credit(address asset, address account, uint256 amount) external {
        Book storage book = _books[msg.sender][asset];
        uint16 setOffBlocks = book.rule.setOffBlocks;
        if (book.rule.shareBps != 0) {
            uint256 held = _balanceOf(asset, msg.sender);
            _observe(book, Math.saturatingSub(held, amount), held);
        }
        if (setOffBlocks == 0 || amount == 0) return;
        Credit memory batch = book.credits[account];
        if (block.number > batch.expiresAfterBlock) {
            batch = Credit(0, uint64(block.number) + setOffBlocks - 1);
        }
        batch.amount = _clamp(Math.saturatingAdd(batch.amount, amount));
        book.credits[account] = batch;
    }

    /// @notice Whether `account` may take `amount` of `asset` out directly. If so, it is consumed; if not, nothing is.
    /// To be called by the holder before it pays.
    /// @param selector of the function that `account` called
    /// @param tighter by what the limits are divided; 1 for nothing, 0 lets nothing pass
    function consume(address asset, address account, uint256 amount, bytes4 selector, uint256 tighter)
        external
        returns (bool passes)
    {
        if (amount == 0) return true;
        Book storage book = _books[msg.sender][asset];
        Rule memory rule = book.rule;
        if (rule.windowSeconds == 0) {
            emit LimitTripped(msg.sender, asset, account, Reason.NoRule, amount, 0, 0);
            return false;
        }
        uint256 base;
        if (rule.shareBps != 0) {
            uint256 held = _balanceOf(asset, msg.sender);
            base = _base(book.observed, rule.windowSeconds, held);
            uint256 left = Math.saturatingSub(held, amount);
            _observe(book, left, left);
        }
        uint256 setOff = Math.min(amount, _creditOf(book, account));
        if (amount > setOff) {
            uint256 counted = amount - setOff;
            if (!_consume(book, rule, Movement(asset, account, amount, counted, base, tighter, selector))) {
                return false;
            }
        }
        if (setOff != 0) book.credits[account].amount -= uint128(setOff);
        return true;
    }

    /// @notice Sets the first rule of an asset of a holder, at once: before it, nothing passes directly.
    function setRule(address holder, address asset, Rule calldata rule, bytes32 reasonCode)
        external
        onlyBy(Role.Governance)
    {
        Book storage book = _books[holder][asset];
        if (book.rule.windowSeconds != 0) revert RuleExists(holder, asset);
        book.window.updateSettings(rule.windowSeconds, type(uint208).max);
        _setAnew(book, holder, asset, rule, reasonCode);
    }

    /// @notice Tightens a rule at once. No field may be looser than now, none tighter than a tenth of what governance
    /// last set, and the lengths of the windows stay.
    function tighten(address holder, address asset, Rule calldata rule, bytes32 reasonCode) external {
        Role role = controls.roleOf(msg.sender);
        if (role != Role.Risk && role != Role.Governance) revert NotInRole(msg.sender, Role.Risk);
        Book storage book = _books[holder][asset];
        _requireUsable(rule);
        _requireTighter(rule, book.rule, book.granted);
        _dropLoosening(keyOf(holder, asset));
        book.rule = rule;
        book.accounts.updateSettings(rule.accountWindowSeconds, rule.perAccount);
        emit RuleSet(msg.sender, holder, asset, rule, true, reasonCode);
    }

    /// @notice Schedules any other rule, by governance.
    function scheduleLoosening(address holder, address asset, Rule calldata rule) external {
        Rule storage present_ = _books[holder][asset].rule;
        if (present_.windowSeconds == 0) revert NoRule(holder, asset);
        if (rule.windowSeconds != present_.windowSeconds) revert WindowIsFixed(present_.windowSeconds);
        _requireUsable(rule);
        _scheduleLoosening(keyOf(holder, asset), keccak256(abi.encode(rule)));
        emit RuleScheduled(keyOf(holder, asset), holder, asset, rule);
    }

    /// @notice Puts a scheduled rule that is due in force. Anyone may.
    function loosen(address holder, address asset, Rule calldata rule) external {
        _takeLoosening(keyOf(holder, asset), keccak256(abi.encode(rule)));
        _setAnew(_books[holder][asset], holder, asset, rule, 0);
    }

    /// @notice What a scheduled rule is known by.
    function keyOf(address holder, address asset) public pure returns (bytes32) {
        return keccak256(abi.encode(holder, asset));
    }

    /// @notice The rule in force; all 0 if there is none.
    function ruleOf(address holder, address asset) external view returns (Rule memory) {
        return _books[holder][asset].rule;
    }

    /// @notice What governance last set: a tenth of it is the tightest.
    function grantedOf(address holder, address asset) external view returns (Rule memory) {
        return _books[holder][asset].granted;
    }

    /// @notice The value that the share is of, see above.
    function baseOf(address holder, address asset) public view returns (uint256) {
        Book storage book = _books[holder][asset];
        if (book.rule.shareBps == 0) return 0;
        return _base(book.observed, book.rule.windowSeconds, _balanceOf(asset, holder));
    }

    /// @notice The limit in force for a movement at present, while the peg's gate asks for nothing.
    function limitOf(address holder, address asset) public view returns (uint256) {
        return _limit(_books[holder][asset].rule, baseOf(holder, asset), 1);
    }

    /// @notice Counted outflow of the last `windowSeconds`, the instant that long ago excluded.
    function usedOf(address holder, address asset) public view returns (uint256) {
        return _books[holder][asset].window.used(0);
    }

    /// @notice What `account` can still set off in this block.
    function creditOf(address holder, address asset, address account) public view returns (uint256) {
        return _creditOf(_books[holder][asset], account);
    }

    /// @notice What `account` could take out directly now, in one movement of a transaction of its own, unattested.
    function remaining(address holder, address asset, address account) external view returns (uint256) {
        Book storage book = _books[holder][asset];
        Rule memory rule = book.rule;
        if (rule.windowSeconds == 0) return 0;
        uint256 most = Math.min(_limit(rule, baseOf(holder, asset), 1), rule.attestAbove);
        most = Math.saturatingSub(most, usedOf(holder, asset));
        most = Math.min(most, Math.saturatingSub(rule.single, _spent(holder, asset).tload()));
        if (rule.perAccount != UNLIMITED) most = Math.min(most, book.accounts.available(_accountKey(account)));
        return most + _creditOf(book, account);
    }

    struct Movement {
        address asset;
        address account;
        uint256 amount;
        uint256 counted;
        uint256 base;
        uint256 tighter;
        bytes4 selector;
    }

    /// @dev All checks first: what does not pass leaves no trace but an event.
    function _consume(Book storage book, Rule memory rule, Movement memory movement) private returns (bool) {
        uint256 counted = movement.counted;
        TransientSlot.Uint256Slot spentSlot = _spent(msg.sender, movement.asset);
        uint256 spent = spentSlot.tload();
        uint256 single = movement.tighter == 0 ? 0 : rule.single / movement.tighter;
        if (counted > Math.saturatingSub(single, spent)) return _trip(movement, Reason.Single, spent, single);

        uint256 used = book.window.used(0);
        uint256 limit = _limit(rule, movement.base, movement.tighter);
        if (counted > Math.saturatingSub(limit, used)) return _trip(movement, Reason.Window, used, limit);

        if (rule.perAccount != UNLIMITED) {
            (uint256 drawn, uint256 available) = book.accounts.state(_accountKey(movement.account));
            if (counted > available) return _trip(movement, Reason.Account, drawn, rule.perAccount);
        }
        if (
            used + counted > rule.attestAbove
                && !_useAttestation(movement.asset, movement.account, movement.selector, movement.amount)
        ) return _trip(movement, Reason.NotAttested, used, rule.attestAbove);

        spentSlot.tstore(spent + counted);
        book.window.consume(0, counted);
        if (rule.perAccount != UNLIMITED) book.accounts.consume(_accountKey(movement.account), counted);
        return true;
    }

    function _trip(Movement memory movement, Reason reason, uint256 used, uint256 limit) private returns (bool) {
        emit LimitTripped(msg.sender, movement.asset, movement.account, reason, movement.amount, used, limit);
        return false;
    }

    /// @dev A movement lowers the least value seen; in a new epoch, what stood at its beginning counts as seen.
    function _observe(Book storage book, uint256 least, uint256 last) private {
        Observed memory observed = _rolled(book.observed, book.rule.windowSeconds);
        observed.least = _clamp(Math.min(observed.least, least));
        observed.last = _clamp(last);
        book.observed = observed;
    }

    /// @dev The observations as of the present epoch. In epochs without a movement, the last value stood.
    function _rolled(Observed memory observed, uint256 windowSeconds) private view returns (Observed memory) {
        uint64 epoch = uint64(block.timestamp / windowSeconds);
        if (epoch != observed.epoch) {
            observed.leastBefore = epoch == observed.epoch + 1 ? observed.least : observed.last;
            (observed.least, observed.epoch) = (observed.last, epoch);
        }
        return observed;
    }

    function _base(Observed memory observed, uint256 windowSeconds, uint256 held) private view returns (uint256) {
        observed = _rolled(observed, windowSeconds);
        return Math.min(held, Math.min(observed.leastBefore, observed.least));
    }

    /// @dev Puts a rule of governance in force. Observations of a time when none were needed are old: they begin anew.
    function _setAnew(Book storage book, address holder, address asset, Rule calldata rule, bytes32 reasonCode)
        private
    {
        _requireUsable(rule);
        if (book.rule.shareBps == 0 && rule.shareBps != 0) {
            uint64 epoch = uint64(block.timestamp / rule.windowSeconds);
            book.observed = Observed(0, 0, _clamp(_balanceOf(asset, holder)), epoch);
        }
        (book.rule, book.granted) = (rule, rule);
        book.accounts.updateSettings(rule.accountWindowSeconds, rule.perAccount);
        emit RuleSet(msg.sender, holder, asset, rule, false, reasonCode);
    }

    function _limit(Rule memory rule, uint256 base, uint256 tighter) private pure returns (uint256) {
        if (tighter == 0) return 0;
        return Math.min(rule.cap, Math.max(rule.floor, Math.mulDiv(base, rule.shareBps, BPS))) / tighter;
    }

    function _creditOf(Book storage book, address account) private view returns (uint256) {
        Credit storage batch = book.credits[account];
        return block.number > batch.expiresAfterBlock ? 0 : batch.amount;
    }

    /// @dev 0 for an asset that does not say: a balance that cannot be read must not stop what is paid.
    function _balanceOf(address asset, address holder) private view returns (uint256 held) {
        bytes memory question = abi.encodeCall(IERC20.balanceOf, (holder));
        bool answered;
        assembly ("memory-safe") {
            answered := staticcall(BALANCE_GAS, asset, add(question, 32), mload(question), 0, 32)
            answered := and(answered, gt(returndatasize(), 31))
            if answered { held := mload(0) }
        }
    }

    function _spent(address holder, address asset) private pure returns (TransientSlot.Uint256Slot) {
        return SPENT.deriveMapping(holder).deriveMapping(asset).asUint256();
    }

    function _accountKey(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    function _clamp(uint256 value) private pure returns (uint128) {
        return uint128(Math.min(value, type(uint128).max));
    }

    function _requireUsable(Rule calldata rule) private pure {
        if (
            rule.floor > rule.cap || rule.shareBps > BPS || rule.setOffBlocks > MOST_SET_OFF_BLOCKS
                || rule.windowSeconds < SHORTEST_WINDOW || rule.windowSeconds > LONGEST_WINDOW
                || rule.accountWindowSeconds < SHORTEST_WINDOW || rule.accountWindowSeconds > LONGEST_WINDOW
        ) revert RuleNotUsable();
    }

    function _requireTighter(Rule calldata rule, Rule storage now_, Rule storage granted) private view {
        bool tighter = rule.windowSeconds == now_.windowSeconds
            && rule.accountWindowSeconds == now_.accountWindowSeconds && _isBetween(rule.cap, now_.cap, granted.cap)
            && _isBetween(rule.floor, now_.floor, granted.floor) && _isBetween(rule.single, now_.single, granted.single)
            && _isBetween(rule.perAccount, now_.perAccount, granted.perAccount)
            && _isBetween(rule.attestAbove, now_.attestAbove, granted.attestAbove)
            && _isBetween(rule.shareBps, now_.shareBps, granted.shareBps)
            && _isBetween(rule.setOffBlocks, now_.setOffBlocks, granted.setOffBlocks);
        if (!tighter) revert NotTighter();
    }

    function _isBetween(uint256 value, uint256 most, uint256 granted) private pure returns (bool) {
        return value <= most && value * TIGHTEST_PART >= granted;
    }
}
