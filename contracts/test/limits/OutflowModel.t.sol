// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {Coin, HubTest} from "../base/HubTest.sol";

/// @dev What OutflowLimits says it does, remembered in full and added up from the start each time.
contract BruteForce {
    struct Outflow {
        uint256 at;
        uint256 counted;
    }

    struct Seen {
        uint256 at;
        uint256 least;
        uint256 last;
    }

    struct Batch {
        uint256 amount;
        uint256 firstBlock;
    }

    uint256 private immutable _window;
    uint256 private immutable _setOffBlocks;
    Outflow[] public outflows;
    Seen[] private _seen;
    mapping(address account => Batch) private _batches;

    constructor(uint256 window, uint256 setOffBlocks, uint256 held) {
        (_window, _setOffBlocks) = (window, setOffBlocks);
        _seen.push(Seen(block.timestamp, 0, held));
    }

    function deposited(address account, uint256 amount) external {
        Batch storage batch = _batches[account];
        if (block.number >= batch.firstBlock + _setOffBlocks) (batch.amount, batch.firstBlock) = (0, block.number);
        batch.amount += amount;
    }

    function setOff(address account, uint256 amount) external returns (uint256 counted) {
        uint256 off = creditOf(account);
        if (off > amount) off = amount;
        _batches[account].amount -= off;
        return amount - off;
    }

    function left(uint256 counted) external {
        outflows.push(Outflow(block.timestamp, counted));
    }

    function see(uint256 least, uint256 last) external {
        _seen.push(Seen(block.timestamp, least, last));
    }

    function creditOf(address account) public view returns (uint256) {
        Batch storage batch = _batches[account];
        return block.number >= batch.firstBlock + _setOffBlocks ? 0 : batch.amount;
    }

    /// @dev The sum over (t - W, t].
    function used() external view returns (uint256 sum) {
        for (uint256 i = 0; i < outflows.length; i++) {
            if (outflows[i].at + _window > block.timestamp) sum += outflows[i].counted;
        }
    }

    /// @dev The least of what stood when the last full epoch began, and of all seen since, and of what is held.
    function base(uint256 held) external view returns (uint256 least) {
        uint256 from = (block.timestamp / _window - 1) * _window;
        least = held;
        for (uint256 i = 0; i < _seen.length; i++) {
            if (_seen[i].at >= from) {
                if (_seen[i].least < least) least = _seen[i].least;
            } else if (i + 1 == _seen.length || _seen[i + 1].at >= from) {
                if (_seen[i].last < least) least = _seen[i].last;
            }
        }
    }

    function count() external view returns (uint256) {
        return outflows.length;
    }
}

contract OutflowModelTest is HubTest {
    uint256 private constant STEPS = 40;
    BruteForce private _model;
    uint256 private _random;

    function rule() internal pure override returns (OutflowLimits.Rule memory usual) {
        usual = super.rule();
        (usual.cap, usual.floor, usual.shareBps) = (150_000, 500, 1000);
    }

    function test_The_contract_counts_as_one_who_remembers_everything(uint256 seed) public {
        _random = seed;
        _model = new BruteForce(WINDOW, 5, coin.balanceOf(address(vault)));
        if (seed % 4 != 0) skip(2 * WINDOW);
        for (uint256 i = 0; i < STEPS; i++) {
            _compare();
            _step();
        }
        _compare();
    }

    function _step() private {
        address account = address(uint160(0x1000 + _next(3)));
        uint256 what = _next(10);
        if (what < 4) return _withdraw(account);
        if (what < 6) return _deposit(account);
        if (what == 6) return coin.mint(address(vault), _next(500_000));
        if (what == 7) return coin.burn(address(vault), _next(coin.balanceOf(address(vault)) / 4));
        if (what == 8) signing.roll(block.number + _next(4));
        _pass();
    }

    /// @dev Often to the very second at which something leaves the window, or to one beside it.
    function _pass() private {
        uint256 instant = block.timestamp;
        uint256 how = _next(6);
        if (how == 0) instant += _next(WINDOW / 3);
        if (how == 1) instant = (instant / WINDOW + 1) * WINDOW - _next(2);
        if (how == 2) instant += WINDOW - 1 + _next(3);
        if (how > 2 && _model.count() != 0) {
            (uint256 at,) = _model.outflows(_next(_model.count()));
            instant = at + WINDOW + _next(3) - 1;
        }
        if (instant > block.timestamp) vm.warp(instant);
    }

    function _deposit(address account) private {
        uint256 amount = 1 + _next(100_000);
        uint256 held = coin.balanceOf(address(vault));
        deposit(account, amount);
        _model.deposited(account, amount);
        _model.see(held, held + amount);
    }

    function _withdraw(address account) private {
        uint256 held = coin.balanceOf(address(vault));
        uint256 divisor = 1 + _next(10) / 8;
        uint256 most = _limitOf(_model.base(held)) / divisor;
        uint256 used_ = _model.used();
        uint256 free = (most > used_ ? most - used_ : 0) + _model.creditOf(account);
        uint256 amount = _next(3) == 0 ? free + _next(3) : _next(2 * free + 2);
        if (amount > held) amount = held;
        if (amount == 0) return;
        vault.tightenBy(divisor);
        bool passes = withdraw(account, amount);
        vm.assertTrue(passes == (amount <= free || amount <= _model.creditOf(account)), "passes wrongly, or not");
        if (passes) _model.left(_model.setOff(account, amount));
        _model.see(held - amount, held - amount);
    }

    function _compare() private view {
        uint256 held = coin.balanceOf(address(vault));
        vm.assertEq(used(), _model.used(), "used");
        vm.assertEq(base(), _model.base(held), "base");
        vm.assertEq(limit(), _limitOf(_model.base(held)), "limit");
        for (uint160 i = 0; i < 3; i++) {
            address account = address(0x1000 + i);
            vm.assertEq(limits.creditOf(address(vault), address(coin), account), _model.creditOf(account), "credit");
        }
    }

    function _limitOf(uint256 base_) private pure returns (uint256 most) {
        most = base_ / 10;
        if (most < 500) most = 500;
        if (most > 150_000) most = 150_000;
    }

    function _next(uint256 below) private returns (uint256) {
        _random = uint256(keccak256(abi.encode(_random)));
        return below == 0 ? 0 : _random % below;
    }
}
