// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {Coin, HubTest} from "../base/HubTest.sol";

/// @dev What the limits cost a holder's call: every call is a transaction of its own here, so the storage is cold.
contract OutflowGasTest is HubTest {
    event Gas(string what, uint256 gas);

    Coin private _other;

    /// forge-config: default.isolate = true
    function test_Gas_of_an_absolute_limit() public {
        OutflowLimits.Rule memory first = rule();
        (first.cap, first.floor, first.setOffBlocks) = (1e12, 1e12, 0);
        _measure("absolute", first, 80_000);
    }

    /// forge-config: default.isolate = true
    function test_Gas_of_a_share_of_the_base() public {
        OutflowLimits.Rule memory first = rule();
        (first.cap, first.shareBps, first.setOffBlocks) = (1e12, 1000, 0);
        _measure("share", first, 130_000);
    }

    /// forge-config: default.isolate = true
    function test_Gas_of_everything() public {
        OutflowLimits.Rule memory first = fullRule();
        first.attestAbove = 400_000;
        _measure("everything", first, 170_000);
    }

    function _measure(string memory mode, OutflowLimits.Rule memory first, uint256 most) private {
        _other = new Coin();
        _other.mint(address(vault), 1_000_000);
        list(address(_other), first);
        skip(2 * WINDOW);
        uint256 gas = _consume(mode, "first", 10);
        vm.assertLe(gas, most);
        skip(12);
        vm.assertLe(_consume(mode, "second", 10), gas);
        for (uint256 i = 0; i < 60; i++) {
            skip(12);
            vm.prank(alice);
            (gas,) = vault.consumeGas(address(_other), 10);
        }
        emit Gas(string.concat(mode, ", the 63rd of a window"), gas);
        vm.assertLe(gas, most);
        _consume(mode, "again in the same second", 10);
        skip(2 * WINDOW);
        _consume(mode, "after a quiet window", 10);
        _consume(mode, "not passing", 900_000_000);
        vm.prank(alice);
        emit Gas(string.concat(mode, ", credit first"), vault.creditGas(address(_other), 10));
        vm.prank(alice);
        emit Gas(string.concat(mode, ", credit again"), vault.creditGas(address(_other), 10));
        vm.prank(alice);
        emit Gas("enqueue first", vault.enqueueGas(_other, 10));
        vm.prank(alice);
        emit Gas("enqueue again", vault.enqueueGas(_other, 10));
    }

    function _consume(string memory mode, string memory which, uint256 amount) private returns (uint256 gas) {
        vm.prank(alice);
        (gas,) = vault.consumeGas(address(_other), amount);
        emit Gas(string.concat(mode, ", ", which), gas);
    }
}
