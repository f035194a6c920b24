// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {MinimalVault} from "../../examples/Minimal.sol";
import {Gate} from "../../src/Gate.sol";
import {PegGate} from "../../src/PegGate.sol";
import {ExampleTest} from "./ExampleTest.sol";

contract MinimalTest is ExampleTest {
    MinimalVault private _vault;

    function setUp() public override {
        super.setUp();
        _vault = new MinimalVault(address(coin), wiring(PegGate(address(0))));
        open(address(_vault), address(coin), 100 * E, UNLIMITED);
        give(coin, alice, address(_vault), 1000 * E);
        vm.prank(alice);
        _vault.deposit(1000 * E);
        skip(1 hours);
        signing.roll(2000);
    }

    function test_What_is_within_the_limit_leaves_directly() public {
        vm.prank(alice);
        vm.assertTrue(_vault.withdraw(100 * E));
        vm.assertEq(coin.balanceOf(alice), 100 * E);
        vm.assertEq(_vault.balanceOf(alice), 900 * E);
    }

    function test_What_is_over_the_limit_waits_in_the_queue_and_is_paid_from_there() public {
        vm.prank(alice);
        vm.assertFalse(_vault.withdraw(101 * E));
        vm.assertEq(_vault.balanceOf(alice), 899 * E);
        skip(BATCH + DELAY + 2 days);
        queue.release(address(_vault), address(coin));
        skip(1 days);
        queue.release(address(_vault), address(coin));
        queue.claim(0);
        vm.assertEq(coin.balanceOf(alice), 101 * E);
    }

    function test_A_pause_stops_both_ways_and_ends_by_itself() public {
        give(coin, bob, address(_vault), 1);
        pause("vault");
        bytes memory paused =
            abi.encodeWithSelector(Gate.ModulePaused.selector, bytes32("vault"), block.timestamp + 1 hours);
        vm.prank(alice);
        vm.expectRevert(paused);
        _vault.withdraw(1);
        vm.prank(bob);
        vm.expectRevert(paused);
        _vault.deposit(1);
        skip(1 hours);
        vm.prank(alice);
        vm.assertTrue(_vault.withdraw(1));
    }

    function test_Nobody_withdraws_more_than_was_received_from_them() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(MinimalVault.BalanceExceeded.selector, 1, 0));
        _vault.withdraw(1);
    }
}
