// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Scopes} from "../../src/Scopes.sol";
import {ControlsTest} from "../base/ControlsTest.sol";

/// @dev Many pauses: what keeps a pauser from holding the brake for ever, and what re-arms it.
contract EpisodesTest is ControlsTest {
    function test_pausing_again_extends_within_the_episode() public {
        pause(VAULT, MIN);
        vm.warp(NOW + 30 minutes);
        pause(VAULT, MIN);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + 30 minutes + MIN);
    }

    function test_pausing_again_never_shortens_a_running_pause() public {
        pause(VAULT, MAX);
        vm.warp(NOW + 1);
        vm.expectEmit(address(controls));
        emit EmergencyControls.Paused(pauser, VAULT, Scopes.ALL, NOW + MAX, REASON);
        pause(VAULT, MIN);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + MAX);
    }

    function test_pausing_again_ends_no_later_than_the_episode() public {
        pause(VAULT, MAX - MIN);
        vm.warp(NOW + MAX - MIN - 1);
        pause(VAULT, MAX);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + MAX);
    }

    function test_an_open_module_is_never_paused_for_less_than_the_shortest_pause() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MAX - MIN);
        vm.assertEq(controls.pausableSeconds(VAULT), MIN);
        vm.warp(NOW + MAX - MIN + 1);
        vm.assertEq(controls.pausableSeconds(VAULT), 0);
        expectCoolingDown(VAULT, NOW + MAX + COOL_DOWN);
        pause(VAULT, MIN);
    }

    function test_a_running_pause_may_be_confirmed_to_the_last_second_of_its_episode() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MAX - 1);
        pause(VAULT, MIN);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + MAX);
    }

    function test_a_module_that_opened_may_be_paused_again_within_its_episode() public {
        pause(VAULT, MIN);
        vm.warp(NOW + 2 * MIN);
        vm.assertFalse(controls.isPaused(VAULT));
        vm.assertEq(controls.pausableSeconds(VAULT), MAX - 2 * MIN);
        pause(VAULT, MIN);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + 3 * MIN);
    }

    function test_no_pause_is_possible_from_the_end_of_the_episode_on() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MAX);
        vm.assertEq(controls.pausableSeconds(VAULT), 0);
        expectCoolingDown(VAULT, NOW + MAX + COOL_DOWN);
        pause(VAULT, MIN);
    }

    function test_a_new_episode_starts_at_the_second_the_cool_down_ends() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MAX + COOL_DOWN - 1);
        vm.assertEq(controls.pausableSeconds(VAULT), 0);
        expectCoolingDown(VAULT, NOW + MAX + COOL_DOWN);
        pause(VAULT, MIN);

        vm.warp(NOW + MAX + COOL_DOWN);
        vm.assertEq(controls.pausableSeconds(VAULT), MAX);
        pause(VAULT, MAX);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + 2 * MAX + COOL_DOWN);
    }

    function test_a_short_pause_does_not_bring_the_next_episode_closer() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MIN + COOL_DOWN);
        pause(VAULT, MAX);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + MAX);
    }

    function test_a_false_alarm_that_two_recoverers_end_leaves_the_brake_armed() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MIN);
        unpause(VAULT);
        vm.assertEq(controls.pausableSeconds(VAULT), MAX);
        pause(VAULT, MAX);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + MIN + MAX);
    }

    function test_recoverers_may_re_arm_the_brake_while_it_cools_down() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MAX + COOL_DOWN - 1);
        unpauseAs(recoverer, VAULT);
        vm.expectEmit(address(controls));
        emit EmergencyControls.Unpaused(otherRecoverer, VAULT, NOW + MIN, REASON);
        unpauseAs(otherRecoverer, VAULT);
        pause(VAULT, MIN);
        vm.assertTrue(controls.isPaused(VAULT));
    }

    function test_after_the_cool_down_there_is_nothing_left_to_unpause() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MAX + COOL_DOWN);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.NotInEpisode.selector, VAULT));
        unpauseAs(recoverer, VAULT);
    }

    function test_each_module_has_its_own_episode() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MAX);
        pause(MARKET, MAX);
        vm.assertTrue(controls.isPaused(MARKET));
        vm.assertFalse(controls.isPaused(VAULT));
    }

    function test_N06_pausing_again_does_not_extend_for_ever() public {
        uint256 pausedSeconds;
        for (uint256 i = 0; i < 36; i++) {
            try this.pauseAtOnce() {} catch {}
            vm.warp(block.timestamp + 1 hours);
            if (controls.isPaused(VAULT)) pausedSeconds += 1 hours;
        }
        vm.assertLe(pausedSeconds, MAX);
        vm.assertFalse(controls.isPaused(VAULT));
    }

    function pauseAtOnce() external {
        pause(VAULT, MAX);
    }

    function test_N08_with_every_key_lost_a_pause_ends_by_itself_and_none_follows() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MAX);
        vm.assertFalse(controls.isPaused(VAULT));
        vm.warp(NOW + MAX + COOL_DOWN + HEARTBEAT);
        vm.expectRevert();
        pause(VAULT, MIN);
    }

    function testFuzz_no_sequence_of_pauses_lasts_beyond_the_episode(uint64[8] memory waits, uint64[8] memory durations)
        public
    {
        pause(VAULT, MIN);
        for (uint256 i = 0; i < waits.length; i++) {
            vm.warp(block.timestamp + within(waits[i], 0, MAX / 4));
            if (controls.pausableSeconds(VAULT) == 0) break;
            uint64 before = controls.pausedUntil(VAULT);
            pause(VAULT, uint64(within(durations[i], MIN, MAX)));
            vm.assertLe(controls.pausedUntil(VAULT), NOW + MAX);
            vm.assertGe(controls.pausedUntil(VAULT), before, "shortened");
        }
    }

    function testFuzz_pausable_seconds_is_exactly_what_the_longest_pause_gets(uint64 wait) public {
        pause(VAULT, MIN);
        vm.warp(NOW + within(wait, 0, 2 * (MAX + COOL_DOWN)));
        uint64 possible = controls.pausableSeconds(VAULT);
        if (possible == 0) expectCoolingDown(VAULT, NOW + MAX + COOL_DOWN);
        pause(VAULT, MAX);
        if (possible > 0) vm.assertEq(controls.pausedUntil(VAULT), block.timestamp + possible);
    }
}
