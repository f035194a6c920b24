// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {MinimalVault} from "../../examples/Minimal.sol";
import {Gate} from "../../src/Gate.sol";
import {PegGate} from "../../src/PegGate.sol";
import {CallingCoin} from "../base/HostileTokens.sol";
import {ExampleTest} from "./ExampleTest.sol";

/// @dev Deposits one unit, and has another contract pay the vault while the token calls back.
contract Cuckoo {
    address private _target;
    bytes private _call;

    function nest(MinimalVault vault, address target, bytes calldata call_) external {
        (_target, _call) = (target, call_);
        CallingCoin(vault.asset()).approve(address(vault), 1);
        vault.deposit(1);
    }

    function tokensToSend() external {
        (bool done,) = _target.call(_call);
        require(done, "not paid");
    }
}

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

    function test_Who_deposits_during_a_migration_does_not_get_what_it_brings() public {
        (CallingCoin calling, MinimalVault from, MinimalVault to) = _callingVaults();
        vm.prank(governance);
        migrations.announce(address(from), address(calling), address(to), 2000);
        skip(2 days);
        Cuckoo cuckoo = new Cuckoo();
        calling.mint(address(cuckoo), 1);
        bytes memory migrate = abi.encodeCall(from.migrate, (address(calling), address(to), 2000));
        cuckoo.nest(to, address(from), migrate);
        vm.assertEq(calling.balanceOf(address(to)), 2001);
        vm.assertEq(to.balanceOf(address(cuckoo)), 1);
    }

    function test_Who_deposits_does_not_get_what_expires_in_the_queue_meanwhile() public {
        (CallingCoin calling, MinimalVault from,) = _callingVaults();
        vm.prank(alice);
        vm.assertFalse(from.withdraw(101));
        for (uint256 i = 0; i < 2; i++) {
            skip(BATCH + DELAY + 1 days);
            queue.release(address(from), address(calling));
        }
        skip(EXPIRY);
        Cuckoo cuckoo = new Cuckoo();
        calling.mint(address(cuckoo), 1);
        cuckoo.nest(from, address(queue), abi.encodeCall(queue.expire, (0)));
        vm.assertEq(calling.balanceOf(address(from)), 2001);
        vm.assertEq(from.balanceOf(address(cuckoo)), 1);
    }

    /// @dev Two vaults of a coin that calls back; alice has 2,000 in the first, and 100 a day may leave.
    function _callingVaults() private returns (CallingCoin calling, MinimalVault from, MinimalVault to) {
        calling = new CallingCoin();
        from = new MinimalVault(address(calling), wiring(PegGate(address(0))));
        to = new MinimalVault(address(calling), wiring(PegGate(address(0))));
        open(address(from), address(calling), 100, UNLIMITED);
        open(address(to), address(calling), 100, UNLIMITED);
        give(calling, alice, address(from), 2000);
        vm.prank(alice);
        from.deposit(2000);
        skip(1 hours);
        signing.roll(3000);
    }
}
