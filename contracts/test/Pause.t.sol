// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {EmergencyControls} from "../src/EmergencyControls.sol";
import {ControlsTest} from "./base/ControlsTest.sol";

/// @dev One pause: who may call it, how long it lasts, what it says.
contract PauseTest is ControlsTest {
    function test_a_module_is_open_until_it_is_paused() public view {
        vm.assertFalse(controls.isPaused(VAULT));
        vm.assertEq(controls.pausedUntil(VAULT), 0);
        vm.assertEq(controls.pausableSeconds(VAULT), MAX);
    }

    function test_a_pause_runs_out_by_itself_at_the_second_it_names() public {
        pause(VAULT, MIN);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + MIN);
        vm.warp(NOW + MIN - 1);
        vm.assertTrue(controls.isPaused(VAULT), "one second before");
        vm.warp(NOW + MIN);
        vm.assertFalse(controls.isPaused(VAULT), "at the expiry");
        vm.warp(NOW + MIN + 1);
        vm.assertFalse(controls.isPaused(VAULT), "one second after");
    }

    function test_a_pause_says_who_what_until_when_and_why() public {
        vm.expectEmit(address(controls));
        emit EmergencyControls.Paused(emergency, VAULT, NOW + MIN, REASON);
        pause(VAULT, MIN);
    }

    function test_a_pause_stops_no_other_module() public {
        pause(VAULT, MAX);
        vm.assertFalse(controls.isPaused(MARKET));
        vm.assertEq(controls.pausableSeconds(MARKET), MAX);
    }

    function testFuzz_only_emergency_pauses(address caller) public {
        vm.assume(caller != emergency);
        vm.expectRevert(denied(caller, controls.EMERGENCY()));
        vm.prank(caller);
        controls.pause(VAULT, MIN, REASON);
    }

    function testFuzz_only_recovery_unpauses(address caller) public {
        vm.assume(caller != recovery);
        pause(VAULT, MIN);
        vm.expectRevert(denied(caller, controls.RECOVERY()));
        vm.prank(caller);
        controls.unpause(VAULT, REASON);
    }

    function testFuzz_a_duration_within_the_bounds_is_kept_to_the_second(uint64 duration, bytes32 module) public {
        duration = uint64(within(duration, MIN, MAX));
        pause(module, duration);
        vm.assertEq(controls.pausedUntil(module), NOW + duration);
    }

    function testFuzz_a_duration_out_of_bounds_is_refused_with_the_bounds(uint64 duration) public {
        vm.assume(duration < MIN || duration > MAX);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.DurationOutOfBounds.selector, duration, MIN, MAX));
        pause(VAULT, duration);
    }

    function test_the_bounds_themselves_are_allowed_and_a_second_beyond_is_not() public {
        pause(VAULT, MIN);
        pause(MARKET, MAX);
        vm.expectPartialRevert(EmergencyControls.DurationOutOfBounds.selector);
        pause("other", MIN - 1);
        vm.expectPartialRevert(EmergencyControls.DurationOutOfBounds.selector);
        pause("other", MAX + 1);
    }

    function test_recovery_opens_a_module_at_once_and_says_what_was_cut_short() public {
        pause(VAULT, MAX);
        vm.expectEmit(address(controls));
        emit EmergencyControls.Unpaused(recovery, VAULT, NOW + MAX, REASON);
        unpause(VAULT);
        vm.assertFalse(controls.isPaused(VAULT));
        vm.assertEq(controls.pausedUntil(VAULT), 0);
    }

    function test_a_module_that_was_never_paused_cannot_be_unpaused() public {
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.NotInEpisode.selector, VAULT));
        unpause(VAULT);
    }

    function test_a_module_cannot_be_unpaused_twice() public {
        pause(VAULT, MIN);
        unpause(VAULT);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.NotInEpisode.selector, VAULT));
        unpause(VAULT);
    }

    function test_a_pause_writes_one_storage_slot() public {
        vm.record();
        pause(VAULT, MIN);
        (, bytes32[] memory writes) = vm.accesses(address(controls));
        vm.assertEq(uint256(writes.length), 1);
    }

    function denied(address caller, bytes32 role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, caller, role);
    }
}
