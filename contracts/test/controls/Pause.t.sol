// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Direction, Scopes} from "../../src/Scopes.sol";
import {Role, TwoPersons} from "../../src/TwoPersons.sol";
import {ControlsTest} from "../base/ControlsTest.sol";

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
        emit EmergencyControls.Paused(pauser, VAULT, Scopes.ALL, NOW + MIN, REASON);
        pause(VAULT, MIN);
    }

    function test_a_pause_stops_no_other_module() public {
        pause(VAULT, MAX);
        vm.assertFalse(controls.isPaused(MARKET));
        vm.assertEq(controls.pausableSeconds(MARKET), MAX);
    }

    function testFuzz_only_a_pauser_pauses(address caller) public {
        vm.assume(caller != pauser && caller != otherPauser);
        bytes32[] memory modules = new bytes32[](0);
        vm.expectRevert(denied(caller, Role.Pauser));
        pauseAs(caller, VAULT, MIN);
        vm.expectRevert(denied(caller, Role.Pauser));
        vm.prank(caller);
        controls.pauseScopes(VAULT, 1, MIN, REASON);
        vm.expectRevert(denied(caller, Role.Pauser));
        vm.prank(caller);
        controls.pauseMany(modules, MIN, REASON);
    }

    function testFuzz_only_recoverers_unpause(address caller) public {
        vm.assume(caller != recoverer && caller != otherRecoverer && caller != thirdRecoverer);
        pause(VAULT, MAX);
        vm.warp(NOW + MIN);
        unpauseAs(recoverer, VAULT);
        vm.expectRevert(denied(caller, Role.Recoverer));
        unpauseAs(caller, VAULT);
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

    function test_two_recoverers_open_a_module_and_say_what_was_cut_short() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MIN);
        vm.assertFalse(unpauseAs(recoverer, VAULT), "one is not enough");
        vm.assertTrue(controls.isPaused(VAULT), "still paused");
        vm.expectEmit(address(controls));
        emit EmergencyControls.Unpaused(otherRecoverer, VAULT, NOW + MAX, REASON);
        vm.assertTrue(unpauseAs(otherRecoverer, VAULT), "two are");
        vm.assertFalse(controls.isPaused(VAULT));
    }

    function test_one_recoverer_cannot_be_both() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MIN);
        unpauseAs(recoverer, VAULT);
        vm.expectPartialRevert(TwoPersons.SamePerson.selector);
        unpauseAs(recoverer, VAULT);
    }

    function test_an_agreement_waits_a_day_to_the_second() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MIN);
        unpauseAs(recoverer, VAULT);
        vm.warp(NOW + MIN + 1 days);
        vm.assertTrue(unpauseAs(otherRecoverer, VAULT), "in the last second");
        vm.warp(NOW + 10 days);
        pause(VAULT, MAX);
        vm.warp(NOW + 10 days + MIN);
        unpauseAs(recoverer, VAULT);
        vm.warp(NOW + 11 days + MIN + 1);
        vm.assertFalse(unpauseAs(otherRecoverer, VAULT), "a second later it is the first again");
    }

    function test_an_agreement_on_one_pause_is_none_on_the_next_of_its_episode() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MIN);
        unpauseAs(recoverer, VAULT);
        pause(VAULT, MAX);
        vm.warp(NOW + 2 * MIN);
        vm.assertFalse(unpauseAs(otherRecoverer, VAULT));
        vm.assertTrue(controls.isPaused(VAULT));
    }

    /// @dev An attacker who holds a pauser could otherwise keep two recoverers from ever agreeing.
    function test_extending_a_pause_does_not_undo_what_a_recoverer_agreed_to() public {
        pause(VAULT, MIN + 1);
        vm.warp(NOW + MIN);
        unpauseAs(recoverer, VAULT);
        pause(VAULT, MAX);
        vm.assertTrue(unpauseAs(otherRecoverer, VAULT));
    }

    function test_N07_a_pause_is_released_neither_in_its_block_nor_by_its_pauser() public {
        pause(VAULT, MAX);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.TooEarly.selector, VAULT, NOW + MIN));
        unpauseAs(recoverer, VAULT);
        vm.warp(NOW + MIN - 1);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.TooEarly.selector, VAULT, NOW + MIN));
        unpauseAs(recoverer, VAULT);
        vm.warp(NOW + MIN);
        vm.expectRevert(denied(pauser, Role.Recoverer));
        unpauseAs(pauser, VAULT);
        unpause(VAULT);
        vm.assertFalse(controls.isPaused(VAULT));
    }

    function test_One_recoverer_does_not_lift_more_than_the_other_agreed_to() public {
        vm.prank(pauser);
        controls.pauseScopes(VAULT, Scopes.one(0, Direction.Exchange), 6 hours, REASON);
        vm.warp(NOW + MIN);
        vm.assertFalse(unpauseAs(recoverer, VAULT));
        pauseAs(otherPauser, VAULT, 1 hours);
        vm.assertFalse(unpauseAs(otherRecoverer, VAULT), "the first agreed to end a narrower pause");
        vm.assertTrue(controls.isPaused(VAULT));
        vm.assertTrue(unpauseAs(recoverer, VAULT));
    }

    function test_a_module_that_was_never_paused_cannot_be_unpaused() public {
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.NotInEpisode.selector, VAULT));
        unpauseAs(recoverer, VAULT);
    }

    function test_a_module_cannot_be_unpaused_twice() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MIN);
        unpause(VAULT);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.NotInEpisode.selector, VAULT));
        unpauseAs(recoverer, VAULT);
    }

    function test_N12_a_pause_of_one_scope_stops_no_other() public {
        uint256 scope = 1 << 8;
        vm.prank(pauser);
        controls.pauseScopes(VAULT, scope, MIN, REASON);
        vm.assertEq(controls.pausedScopes(VAULT), scope);
        vm.prank(pauser);
        controls.pauseScopes(VAULT, 2, MIN, REASON);
        vm.assertEq(controls.pausedScopes(VAULT), scope | 2, "widened");
        vm.assertEq(controls.pausedScopes(MARKET), 0);
        vm.warp(NOW + MIN);
        vm.assertEq(controls.pausedScopes(VAULT), 0, "expired");
    }

    function test_scopes_that_do_not_exist_are_refused() public {
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.NoScope.selector, 0));
        vm.prank(pauser);
        controls.pauseScopes(VAULT, 0, MIN, REASON);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.NoScope.selector, Scopes.ALL + 1));
        vm.prank(pauser);
        controls.pauseScopes(VAULT, Scopes.ALL + 1, MIN, REASON);
    }

    function testFuzz_N14_each_change_says_who_what_until_when_and_why(bytes32 module, bytes32 reason) public {
        vm.expectEmit(address(controls));
        emit EmergencyControls.Paused(pauser, module, Scopes.ALL, NOW + MAX, reason);
        vm.prank(pauser);
        controls.pause(module, MAX, reason);
        vm.warp(NOW + MIN);
        bytes32 deed = keccak256(abi.encode(module, NOW, Scopes.ALL));
        vm.expectEmit(address(controls));
        emit TwoPersons.FirstAgreed(recoverer, deed, NOW + MIN + 1 days);
        vm.prank(recoverer);
        controls.unpause(module, reason);
        vm.assertEq(controls.agreementOn(deed).first, recoverer);
        vm.expectEmit(address(controls));
        emit EmergencyControls.Unpaused(otherRecoverer, module, NOW + MAX, reason);
        vm.prank(otherRecoverer);
        controls.unpause(module, reason);
    }

    function test_N15_a_batch_pauses_all_it_can_and_says_what_it_could_not() public {
        pause("cooling", MIN);
        vm.warp(NOW + MAX);
        bytes32[] memory modules = new bytes32[](3);
        (modules[0], modules[1], modules[2]) = (VAULT, "cooling", MARKET);
        bytes memory refusal =
            abi.encodeWithSelector(EmergencyControls.CoolingDown.selector, bytes32("cooling"), NOW + MAX + COOL_DOWN);
        vm.expectEmit(address(controls));
        emit EmergencyControls.PauseFailed(pauser, "cooling", refusal, REASON);
        vm.prank(pauser);
        vm.assertEq(controls.pauseMany(modules, MIN, REASON), 2);
        vm.assertTrue(controls.isPaused(VAULT));
        vm.assertFalse(controls.isPaused("cooling"));
        vm.assertTrue(controls.isPaused(MARKET));
    }

    function test_N15_a_batch_goes_as_far_as_the_budget_and_no_further() public {
        bytes32[] memory modules = new bytes32[](32);
        for (uint256 i = 0; i < modules.length; i++) {
            modules[i] = bytes32(i + 1);
        }
        vm.prank(pauser);
        vm.assertEq(controls.pauseMany(modules, MAX, REASON), BUDGET / MAX);
        vm.assertTrue(controls.isPaused(bytes32(uint256(3))));
        vm.assertFalse(controls.isPaused(bytes32(uint256(4))));
        vm.assertEq(controls.wordOf(bytes32(uint256(4))), 0);
    }

    function test_a_stranger_is_told_so_by_a_module_that_is_open_too() public {
        vm.expectRevert(denied(stranger, Role.Recoverer));
        unpauseAs(stranger, VAULT);
    }

    function test_N15_a_batch_is_bounded_in_length() public {
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.TooManyModules.selector, 33));
        vm.prank(pauser);
        controls.pauseMany(new bytes32[](33), MIN, REASON);
    }

    function test_a_pause_writes_one_slot_for_the_module_and_two_for_the_budget() public {
        vm.record();
        pause(VAULT, MIN);
        (, bytes32[] memory writes) = vm.accesses(address(controls));
        vm.assertLe(uint256(writes.length), 4);
    }

    function denied(address caller, Role role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(TwoPersons.NotInRole.selector, caller, role);
    }
}
