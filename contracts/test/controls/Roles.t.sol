// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Heartbeats} from "../../src/Heartbeats.sol";
import {Roles} from "../../src/Roles.sol";
import {Role, TwoPersons} from "../../src/TwoPersons.sol";
import {ControlsTest} from "../base/ControlsTest.sol";

/// @dev Who may hold what, and which deployments are refused.
contract RolesTest is ControlsTest {
    function test_N07_no_address_holds_two_roles() public {
        for (uint256 role = 1; role <= uint256(type(Role).max); role++) {
            vm.expectRevert(abi.encodeWithSelector(Roles.RolesNotDisjoint.selector, pauser, Role.Pauser));
            offer(pauser, Role(role));
        }
    }

    function test_an_offer_made_before_cannot_add_a_second_role() public {
        offer(stranger, Role.Pauser);
        accept(stranger, Role.Pauser);
        vm.expectRevert(abi.encodeWithSelector(Roles.NothingOffered.selector, stranger, Role.Pauser));
        accept(stranger, Role.Pauser);
    }

    function test_a_role_is_held_only_once_it_is_accepted_and_only_the_one_offered() public {
        offer(stranger, Role.Recoverer);
        vm.assertTrue(controls.roleOf(stranger) == Role.None);
        vm.expectRevert(abi.encodeWithSelector(Roles.NothingOffered.selector, stranger, Role.Governance));
        accept(stranger, Role.Governance);
        accept(stranger, Role.Recoverer);
        vm.assertTrue(controls.roleOf(stranger) == Role.Recoverer);
        vm.assertEq(uint256(controls.membersOf(Role.Recoverer).length), 4);
    }

    function test_an_offer_ends_after_a_week_to_the_second() public {
        offer(stranger, Role.Risk);
        vm.warp(NOW + 7 days + 1);
        vm.expectPartialRevert(Roles.NothingOffered.selector);
        accept(stranger, Role.Risk);
        vm.warp(NOW + 7 days);
        accept(stranger, Role.Risk);
    }

    function test_an_offer_can_be_withdrawn() public {
        offer(stranger, Role.Risk);
        vm.prank(governance);
        controls.withdrawOffer(stranger);
        vm.expectPartialRevert(Roles.NothingOffered.selector);
        accept(stranger, Role.Risk);
    }

    function test_a_governor_that_is_removed_leaves_no_accomplice_behind() public {
        address stolen = person("stolen");
        offer(stolen, Role.Governance);
        accept(stolen, Role.Governance);
        vm.prank(stolen);
        controls.offerRole(stranger, Role.Governance);
        vm.prank(governance);
        controls.removeFromRole(stolen);
        vm.expectPartialRevert(Roles.NothingOffered.selector);
        accept(stranger, Role.Governance);
    }

    function test_nobody_accepts_what_nobody_offered() public {
        for (uint256 role = 0; role <= uint256(type(Role).max); role++) {
            vm.expectRevert(abi.encodeWithSelector(Roles.NothingOffered.selector, stranger, Role(role)));
            accept(stranger, Role(role));
        }
    }

    function test_N08_the_last_member_of_a_role_can_neither_leave_nor_be_removed() public {
        expectLast(governance, Role.Governance);
        leave(governance);
        leave(otherPauser);
        expectLast(pauser, Role.Pauser);
        leave(pauser);
        expectLast(pauser, Role.Pauser);
        remove(pauser);
        expectLast(risk, Role.Risk);
        remove(risk);
    }

    function test_N08_there_are_always_two_recoverers_since_it_takes_two() public {
        leave(thirdRecoverer);
        expectLast(otherRecoverer, Role.Recoverer);
        leave(otherRecoverer);
        expectLast(recoverer, Role.Recoverer);
        remove(recoverer);
    }

    function test_the_agreement_of_an_ex_member_is_void() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MIN);
        unpauseAs(recoverer, VAULT);
        remove(recoverer);
        vm.assertFalse(unpauseAs(otherRecoverer, VAULT), "the first again");
        vm.assertTrue(controls.isPaused(VAULT));
        vm.assertTrue(unpauseAs(thirdRecoverer, VAULT));
    }

    function test_an_account_may_change_sides_once_it_has_lost_its_role() public {
        remove(pauser);
        offer(pauser, Role.Recoverer);
        accept(pauser, Role.Recoverer);
        vm.expectRevert(abi.encodeWithSelector(TwoPersons.NotInRole.selector, pauser, Role.Pauser));
        pause(VAULT, MIN);
    }

    function testFuzz_only_governance_offers_withdraws_and_removes(address caller) public {
        vm.assume(caller != governance);
        bytes memory denied = abi.encodeWithSelector(TwoPersons.NotInRole.selector, caller, Role.Governance);
        vm.expectRevert(denied);
        vm.prank(caller);
        controls.offerRole(stranger, Role.Pauser);
        vm.expectRevert(denied);
        vm.prank(caller);
        controls.withdrawOffer(stranger);
        vm.expectRevert(denied);
        vm.prank(caller);
        controls.removeFromRole(otherPauser);
    }

    function test_no_role_and_no_address_are_offered_or_left() public {
        vm.expectRevert(Roles.RoleIsNone.selector);
        offer(stranger, Role.None);
        vm.expectRevert(Roles.AddressIsZero.selector);
        offer(address(0), Role.Risk);
        vm.expectRevert(abi.encodeWithSelector(Roles.HoldsNoRole.selector, stranger));
        leave(stranger);
        vm.expectRevert(abi.encodeWithSelector(Roles.HoldsNoRole.selector, stranger));
        remove(stranger);
    }

    function test_N14_each_change_of_roles_says_who_and_what() public {
        vm.expectEmit(address(controls));
        emit Roles.RoleOffered(governance, stranger, Role.Risk, NOW + 7 days);
        offer(stranger, Role.Risk);
        vm.expectEmit(address(controls));
        emit Roles.RoleTaken(stranger, Role.Risk);
        accept(stranger, Role.Risk);
        vm.expectEmit(address(controls));
        emit Roles.RoleLeft(governance, stranger, Role.Risk);
        remove(stranger);
    }

    function test_missing_or_twofold_members_are_refused_at_deployment() public {
        EmergencyControls.Members memory all = members();
        all.recoverers[1] = pauser;
        vm.expectRevert(abi.encodeWithSelector(Roles.RolesNotDisjoint.selector, pauser, Role.Pauser));
        new EmergencyControls(all, bounds());
        all.recoverers = new address[](1);
        all.recoverers[0] = recoverer;
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.MembersMissing.selector, Role.Recoverer));
        new EmergencyControls(all, bounds());
        all.pausers = new address[](0);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.MembersMissing.selector, Role.Pauser));
        new EmergencyControls(all, bounds());
        all.governance = new address[](0);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.MembersMissing.selector, Role.Governance));
        new EmergencyControls(all, bounds());
        all = members();
        all.risk[0] = address(0);
        vm.expectRevert(Roles.AddressIsZero.selector);
        new EmergencyControls(all, bounds());
    }

    function test_bounds_beyond_the_hard_limits_are_refused() public {
        bytes4 pauses = EmergencyControls.PauseBoundsNotUsable.selector;
        refused(pauses, 1 minutes - 1, MAX, COOL_DOWN, BUDGET, WINDOW, HEARTBEAT, GRACE);
        refused(pauses, MAX + 1, MAX, COOL_DOWN, BUDGET, WINDOW, HEARTBEAT, GRACE);
        refused(pauses, MIN, 30 days + 1, COOL_DOWN, 31 days, 60 days, HEARTBEAT, GRACE);
        bytes4 coolDown = EmergencyControls.CoolDownNotUsable.selector;
        refused(coolDown, MIN, MAX, 1 hours - 1, BUDGET, WINDOW, HEARTBEAT, 0);
        refused(coolDown, MIN, MAX, 30 days + 1, BUDGET, WINDOW, HEARTBEAT, GRACE);
        bytes4 budget = EmergencyControls.BudgetNotUsable.selector;
        refused(budget, MIN, MAX, COOL_DOWN, MAX - 1, WINDOW, HEARTBEAT, GRACE);
        refused(budget, MIN, MAX, COOL_DOWN, BUDGET, BUDGET, HEARTBEAT, GRACE);
        refused(budget, MIN, MAX, COOL_DOWN, BUDGET, 365 days + 1, HEARTBEAT, GRACE);
        refused(Heartbeats.HeartbeatNotUsable.selector, MIN, MAX, COOL_DOWN, BUDGET, WINDOW, 1 days - 1, GRACE);
        refused(Heartbeats.HeartbeatNotUsable.selector, MIN, MAX, COOL_DOWN, BUDGET, WINDOW, 365 days + 1, GRACE);
        bytes4 grace = EmergencyControls.GraceNotUsable.selector;
        refused(grace, MIN, MAX, 2 days, BUDGET, WINDOW, HEARTBEAT, 1 days + 1);
        refused(grace, MIN, MAX, COOL_DOWN, BUDGET, WINDOW, HEARTBEAT, COOL_DOWN);
        new EmergencyControls(
            members(), EmergencyControls.Bounds(1 minutes, 30 days, 30 days, 30 days, 365 days, 1 days, 1 days)
        );
    }

    function refused(bytes4 error, uint64 a, uint64 b, uint64 c, uint64 d, uint64 e, uint64 f, uint64 g) private {
        vm.expectPartialRevert(error);
        new EmergencyControls(members(), EmergencyControls.Bounds(a, b, c, d, e, f, g));
    }

    function offer(address account, Role role) private {
        vm.prank(governance);
        controls.offerRole(account, role);
    }

    function accept(address account, Role role) private {
        vm.prank(account);
        controls.acceptRole(role);
    }

    function leave(address account) private {
        vm.prank(account);
        controls.leaveRole();
    }

    function remove(address account) private {
        vm.prank(governance);
        controls.removeFromRole(account);
    }

    function expectLast(address account, Role role) private {
        vm.expectRevert(abi.encodeWithSelector(Roles.LastOfRole.selector, account, role));
    }
}
