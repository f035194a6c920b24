// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Gate} from "../../src/Gate.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {Direction} from "../../src/Scopes.sol";

/// @dev A bank behind the real gate, with a hole: whoever asks is paid of what belongs to no account. Every payment is
/// held, at the gate, to what the limits promise: {broken} says which promise did not hold.
contract Bank is Gate {
    struct Paid {
        uint256 at;
        uint256 counted;
    }

    struct Deposited {
        uint256 inBlock;
        uint256 unused;
    }

    bytes32 public constant MODULE = "bank";

    IERC20 public immutable asset;
    mapping(address account => uint256) public balanceOf;
    uint256 public total;
    string public broken;

    Paid[] private _paid;
    mapping(address account => Deposited[]) private _deposited;
    uint256 private transient _spent;

    constructor(IERC20 asset_, Wiring memory wiring) Gate(wiring) {
        asset = asset_;
    }

    function deposit(Direction direction, uint256 amount) external {
        uint256 received = _take(MODULE, address(asset), direction, msg.sender, amount);
        balanceOf[msg.sender] += received;
        total += received;
        _deposited[msg.sender].push(Deposited(block.number, received));
    }

    function withdraw(Direction direction, uint256 amount, address to) external returns (bool) {
        _debit(amount);
        return _out(direction, to, amount);
    }

    /// @dev At par or at the market; what is not paid of the par is the bank's.
    function redeem(uint256 amount) external returns (bool) {
        _debit(amount);
        return _out(Direction.Redeem, msg.sender, amount * _redeemPrice() / 1e18);
    }

    /// @dev The hole.
    function drain(Direction direction, uint256 amount) external returns (bool) {
        require(amount <= surplus(), "of no account");
        return _out(direction, msg.sender, amount);
    }

    /// @dev What belongs to no account.
    function surplus() public view returns (uint256) {
        return asset.balanceOf(address(this)) - total;
    }

    /// @dev The sum that the guarantee speaks of.
    function counted() public view returns (uint256 sum) {
        uint256 window = _rule().windowSeconds;
        for (uint256 i = _paid.length; i > 0 && _paid[i - 1].at + window > block.timestamp; i--) {
            sum += _paid[i - 1].counted;
        }
    }

    function lastPaidAt(uint256 which) external view returns (uint256) {
        return _paid.length == 0 ? 0 : _paid[which % _paid.length].at;
    }

    function _out(Direction direction, address to, uint256 amount) private returns (bool paid) {
        OutflowLimits books = OutflowLimits(address(limits));
        uint256 credit = books.creditOf(address(this), address(asset), msg.sender);
        uint256 divisor = _divisor(direction);
        uint256 most = books.limitOf(address(this), address(asset)) / divisor;
        paid = _pay(MODULE, address(asset), direction, msg.sender, to, amount);
        if (!paid) return false;
        uint256 setOff = Math.min(credit, amount);
        if (!_hasBroughtIn(msg.sender, setOff)) broken = "more set off than the account brought in of late";
        uint256 counted_ = amount - setOff;
        if (counted_ == 0) return true;
        _paid.push(Paid(block.timestamp, counted_));
        _spent += counted_;
        if (counted() > most) broken = "more counted in the window than the limit in force";
        if (_spent > _rule().single / divisor) broken = "more counted in a transaction than the single limit";
    }

    /// @dev Whether the account's deposits of the last blocks cover that much yet, which is used up.
    function _hasBroughtIn(address account, uint256 amount) private returns (bool) {
        Deposited[] storage deposited = _deposited[account];
        uint256 blocks = _rule().setOffBlocks;
        for (uint256 i = 0; i < deposited.length && amount > 0; i++) {
            if (deposited[i].inBlock + blocks <= block.number) continue;
            uint256 used = Math.min(amount, deposited[i].unused);
            deposited[i].unused -= used;
            amount -= used;
        }
        return amount == 0;
    }

    function _divisor(Direction direction) private view returns (uint256) {
        bool isPegged = direction == Direction.Out || direction == Direction.Redeem || direction == Direction.Borrow;
        return isPegged && peg.grade() != 0 ? peg.tightenFactor() : 1;
    }

    function _rule() private view returns (OutflowLimits.Rule memory) {
        return OutflowLimits(address(limits)).ruleOf(address(this), address(asset));
    }

    function _debit(uint256 amount) private {
        balanceOf[msg.sender] -= amount;
        total -= amount;
    }
}

/// @dev Lends anything within a call.
contract Lender {
    IERC20 private immutable _asset;

    constructor(IERC20 asset) {
        _asset = asset;
    }

    function lend(uint256 amount, bytes calldata call) external {
        uint256 before = _asset.balanceOf(address(this));
        require(_asset.transfer(msg.sender, amount), "not lent");
        (bool done,) = msg.sender.call(call);
        require(done && _asset.balanceOf(address(this)) >= before, "not given back");
    }
}

/// @dev Does many things in one transaction, with a flash loan and a mate. A step is a number: what, and how much.
contract Thief {
    Bank private immutable _bank;
    Lender private immutable _lender;

    constructor(Bank bank, Lender lender) {
        (_bank, _lender) = (bank, lender);
        bank.asset().approve(address(bank), type(uint256).max);
    }

    function attack(uint256 loan, uint256[] calldata steps, Thief mate, uint256[] calldata matesSteps) external {
        _lender.lend(loan, abi.encodeCall(Thief.withLoan, (loan, steps, mate, matesSteps)));
    }

    function withLoan(uint256 loan, uint256[] calldata steps, Thief mate, uint256[] calldata matesSteps) external {
        run(steps);
        mate.run(matesSteps);
        IERC20 asset = _bank.asset();
        uint256 held = asset.balanceOf(address(this));
        if (held < loan) _bank.withdraw(Direction.Out, loan - held, address(this));
        asset.transfer(address(_lender), loan);
    }

    function run(uint256[] calldata steps) public {
        for (uint256 i = 0; i < steps.length; i++) {
            _step(steps[i] % 4, steps[i] >> 8);
        }
    }

    function _step(uint256 what, uint256 number) private {
        Direction outward = [Direction.Out, Direction.Borrow, Direction.Exchange, Direction.Liquidate][number % 4];
        uint256 amount = (number >> 8) % (number % 3 == 0 ? 200_000 : 12_000);
        if (what == 0) {
            amount = Math.min(amount, _bank.asset().balanceOf(address(this)));
            try _bank.deposit([Direction.In, Direction.Repay, Direction.AddCollateral][number % 3], amount) {} catch {}
        } else if (what == 1) {
            amount = Math.min(amount, _bank.balanceOf(address(this)));
            try _bank.withdraw(outward, amount, address(this)) {} catch {}
        } else {
            try _bank.drain(outward, Math.min(amount, _bank.surplus())) {} catch {}
        }
    }
}
