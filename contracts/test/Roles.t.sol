// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {EmergencyControls} from "../src/EmergencyControls.sol";
import {ControlsTest} from "./base/ControlsTest.sol";

/// @dev Who may hold what, and which deployments are refused.
contract RolesTest is ControlsTest {
    function test_emergency_cannot_become_recovery() public {
        bytes32 role = controls.RECOVERY();
        expectNotDisjoint(emergency);
        vm.prank(governance);
        controls.grantRole(role, emergency);
    }

    function test_recovery_cannot_become_emergency() public {
        bytes32 role = controls.EMERGENCY();
        expectNotDisjoint(recovery);
        vm.prank(governance);
        controls.grantRole(role, recovery);
    }

    function test_an_account_may_change_sides_once_it_has_lost_its_role() public {
        (bytes32 from, bytes32 to) = (controls.EMERGENCY(), controls.RECOVERY());
        vm.startPrank(governance);
        controls.revokeRole(from, emergency);
        controls.grantRole(to, emergency);
        vm.stopPrank();
        vm.assertFalse(controls.hasRole(from, emergency));
        vm.assertTrue(controls.hasRole(to, emergency));
    }

    function test_a_revoked_key_can_pause_no_more() public {
        bytes32 role = controls.EMERGENCY();
        vm.prank(governance);
        controls.revokeRole(role, emergency);
        vm.expectRevert();
        pause(VAULT, MIN);
    }

    function testFuzz_only_governance_grants_roles(address caller, bool which) public {
        vm.assume(caller != governance);
        bytes32 role = which ? controls.EMERGENCY() : controls.RECOVERY();
        vm.expectRevert();
        vm.prank(caller);
        controls.grantRole(role, caller);
    }

    function test_one_address_for_both_roles_is_refused_at_deployment() public {
        expectNotDisjoint(emergency);
        new EmergencyControls(governance, emergency, emergency, MIN, MAX, COOL_DOWN);
    }

    function test_a_missing_address_is_refused_at_deployment() public {
        vm.expectRevert(EmergencyControls.AddressIsZero.selector);
        new EmergencyControls(address(0), emergency, recovery, MIN, MAX, COOL_DOWN);
        vm.expectRevert(EmergencyControls.AddressIsZero.selector);
        new EmergencyControls(governance, address(0), recovery, MIN, MAX, COOL_DOWN);
        vm.expectRevert(EmergencyControls.AddressIsZero.selector);
        new EmergencyControls(governance, emergency, address(0), MIN, MAX, COOL_DOWN);
    }

    function test_the_hard_limits_themselves_can_be_deployed() public {
        new EmergencyControls(governance, emergency, recovery, 1 minutes, 30 days, 1 hours);
        new EmergencyControls(governance, emergency, recovery, 30 days, 30 days, 30 days);
    }

    function test_pause_bounds_beyond_the_hard_limits_or_crossed_are_refused() public {
        expectBoundsRefused(1 minutes - 1, MAX);
        expectBoundsRefused(0, 0);
        expectBoundsRefused(MIN, 30 days + 1);
        expectBoundsRefused(MAX + 1, MAX);
        expectBoundsRefused(MIN, type(uint64).max);
    }

    function test_a_cool_down_beyond_the_hard_limits_is_refused() public {
        expectCoolDownRefused(0);
        expectCoolDownRefused(1 hours - 1);
        expectCoolDownRefused(30 days + 1);
        expectCoolDownRefused(type(uint64).max);
    }

    function expectNotDisjoint(address account) private {
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.RolesNotDisjoint.selector, account));
    }

    function expectBoundsRefused(uint64 min, uint64 max) private {
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.PauseBoundsNotUsable.selector, min, max));
        new EmergencyControls(governance, emergency, recovery, min, max, COOL_DOWN);
    }

    function expectCoolDownRefused(uint64 coolDown) private {
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.CoolDownNotUsable.selector, coolDown));
        new EmergencyControls(governance, emergency, recovery, MIN, MAX, coolDown);
    }
}
