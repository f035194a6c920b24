// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EmergencyControls} from "./EmergencyControls.sol";
import {Governed} from "./Governed.sol";
import {Direction, Scopes} from "./Scopes.sol";
import {IMigrations} from "./interfaces/IMigrations.sol";
import {IOutflowLimits} from "./interfaces/IOutflowLimits.sol";
import {IPegGate} from "./interfaces/IPegGate.sol";
import {IWithdrawalQueue} from "./interfaces/IWithdrawalQueue.sol";

/// @title Gate: the one function that every movement of value passes
///
/// @notice A protocol inherits this and moves tokens with {_take} and {_pay} only; what it mints or moves by other
/// means passes {_gate} first. What is over a limit goes to the queue, hence no honest exit fails.
///
///   | direction                     | paused?          | limit           | over the limit | peg                      |
///   |-------------------------------|------------------|-----------------|----------------|--------------------------|
///   | In                            | refused          | adds credit     | -              | -                        |
///   | Repay, AddCollateral          | cannot be paused | adds credit     | -              | -                        |
///   | Out, Borrow                   | refused          | counts          | queue          | tightens, then queue     |
///   | Redeem                        | refused          | counts          | queue          | the same; no more at par |
///   | Exchange                      | refused          | counts          | queue          | -                        |
///   | Liquidate                     | refused, + grace | counts          | queue          | -                        |
///   | Claim                         | cannot be paused | counts          | queue          | -                        |
///   | Mint                          | refused          | counts          | refused        | stops                    |
///
/// Trust assumptions
/// - The controls, limits, queue, peg and migrations are fixed at deployment and trusted: none of them is asked for
///   anything but what is above, and of these only the migrations can cause a payment, which governance announced.
/// - The protocol is trusted to name its callers, modules, directions and amounts truly.
/// - Tokens are not trusted: receipts are measured, and while one is called no value can move ({movesValue} tells
///   others, whose reading of this contract could be wrong at that moment).
abstract contract Gate is Governed {
    using SafeERC20 for IERC20;
    using Scopes for uint256;
    using TransientSlot for *;

    /// @param peg zero if the protocol has no pegged coin
    struct Wiring {
        EmergencyControls controls;
        IOutflowLimits limits;
        IWithdrawalQueue queue;
        IPegGate peg;
        IMigrations migrations;
    }

    /// @dev Grades of {PegGate}: from each on, what it says is in force, beside that of the lower ones.
    uint8 private constant TIGHTEN = 1;
    uint8 private constant STOP_MINT = 2;
    uint8 private constant STOP_PAR = 3;
    uint8 private constant QUEUE = 4;

    /// @dev keccak256("tocsin.gate.moves-value")
    bytes32 private constant LOCK = keccak256("tocsin.gate.moves-value");

    IOutflowLimits public immutable limits;
    IWithdrawalQueue public immutable queue;
    IPegGate public immutable peg;
    IMigrations public immutable migrations;
    uint64 private immutable _graceSeconds;

    /// @notice Tokens left that governance had announced would.
    event Migrated(address indexed by, address indexed asset, address indexed to, uint256 amount);

    error ModulePaused(bytes32 module, uint64 until);
    error MintStopped(address asset, uint8 grade);
    error MintLimited(address asset, uint256 amount);
    /// @notice The coin is not worth its par at present.
    error RedeemStopped(address asset, uint8 grade);
    /// @notice Value moves already: a token has called back.
    error Reentered();
    /// @notice This direction brings nothing in.
    error NotTakenIn(Direction direction);
    /// @notice This direction pays nothing out.
    error NotPaidOut(Direction direction);

    modifier locked() {
        if (movesValue()) revert Reentered();
        LOCK.asBoolean().tstore(true);
        _;
        LOCK.asBoolean().tstore(false);
    }

    constructor(Wiring memory wiring) Governed(wiring.controls) {
        _requireDeployed(address(wiring.limits));
        _requireDeployed(address(wiring.queue));
        _requireDeployed(address(wiring.migrations));
        if (address(wiring.peg) != address(0)) _requireDeployed(address(wiring.peg));
        limits = wiring.limits;
        queue = wiring.queue;
        peg = wiring.peg;
        migrations = wiring.migrations;
        _graceSeconds = wiring.controls.graceSeconds();
    }

    /// @notice Pays out what governance announced in {migrations}, once that is due. Anyone may call it.
    function migrate(address asset, address to, uint256 amount) external locked {
        migrations.consume(asset, to, amount);
        emit Migrated(msg.sender, asset, to, amount);
        IERC20(asset).safeTransfer(to, amount);
    }

    /// @notice True while tokens are moved. What this contract says of its own value may be wrong then.
    function movesValue() public view returns (bool) {
        return LOCK.asBoolean().tload();
    }

    /// @dev Every movement of value passes here.
    /// @param caller whose value it is: its limits count, and its credit
    /// @param amount what really comes in, or what is to leave
    /// @return passes false if the amount must not leave directly: it goes to the queue
    function _gate(address caller, bytes32 module, address asset, Direction direction, uint256 amount)
        internal
        returns (bool passes)
    {
        _requireOpen(module, asset, direction);
        if (_bringsIn(direction)) {
            limits.credit(asset, caller, amount);
            return true;
        }
        uint256 tighter = 1;
        if (_isPegged(direction)) {
            uint8 grade = peg.grade();
            if (direction == Direction.Mint && grade >= STOP_MINT) revert MintStopped(asset, grade);
            if (direction == Direction.Redeem && grade >= STOP_PAR && !peg.lowerOfParAndMarket()) {
                revert RedeemStopped(asset, grade);
            }
            if (grade >= QUEUE) return false;
            if (grade >= TIGHTEN) tighter = peg.tightenFactor();
        }
        passes = limits.consume(asset, caller, amount, msg.sig, tighter);
        if (!passes && direction == Direction.Mint) revert MintLimited(asset, amount);
    }

    /// @dev Takes tokens in. What is received counts as the credit of who paid it.
    /// @return received by how much the balance grew, whatever the token says, and never more than was asked for: a
    /// payer whom the token calls can have others pay in meanwhile (a migration, what expires in the queue)
    function _take(bytes32 module, address asset, Direction direction, address from, uint256 amount)
        internal
        locked
        returns (uint256 received)
    {
        if (!_bringsIn(direction)) revert NotTakenIn(direction);
        uint256 before = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(from, address(this), amount);
        received = Math.min(amount, IERC20(asset).balanceOf(address(this)) - before);
        _gate(from, module, asset, direction, received);
    }

    /// @dev Pays tokens to `to`, or puts them into the queue for `to`.
    /// @param account whose value it was: its limits count
    /// @return paid false if the queue has the tokens
    function _pay(bytes32 module, address asset, Direction direction, address account, address to, uint256 amount)
        internal
        locked
        returns (bool paid)
    {
        if (_bringsIn(direction) || direction == Direction.Mint) revert NotPaidOut(direction);
        paid = _gate(account, module, asset, direction, amount);
        if (paid) {
            IERC20(asset).safeTransfer(to, amount);
        } else if (amount != 0) {
            IERC20(asset).forceApprove(address(queue), amount);
            queue.enqueue(asset, to, amount);
        }
    }

    /// @dev What one coin is redeemed at: 1e18 is par, and never more.
    function _redeemPrice() internal view returns (uint256) {
        if (address(peg) == address(0) || !peg.lowerOfParAndMarket()) return 1e18;
        uint256 price = peg.redeemPrice();
        return price < 1e18 ? price : 1e18;
    }

    /// @dev Which of the 19 assets that a module can tell apart this is. Overridden by a protocol of several assets.
    function _slotOf(address) internal view virtual returns (uint256) {
        return 0;
    }

    /// @dev One storage read of the controls, and none for an exit.
    function _requireOpen(bytes32 module, address asset, Direction direction) private view {
        if (Scopes.isExit(direction)) return;
        uint256 word = controls.wordOf(module);
        uint64 until = word.pausedUntil();
        if (direction == Direction.Liquidate) until += _graceSeconds;
        if (block.timestamp >= until) return;
        if (word.scopes() & Scopes.one(_slotOf(asset), direction) != 0) revert ModulePaused(module, until);
    }

    function _isPegged(Direction direction) private view returns (bool) {
        if (address(peg) == address(0)) return false;
        return direction == Direction.Mint || direction == Direction.Redeem || direction == Direction.Out
            || direction == Direction.Borrow;
    }

    function _bringsIn(Direction direction) private pure returns (bool) {
        return direction == Direction.In || direction == Direction.Repay || direction == Direction.AddCollateral;
    }
}
