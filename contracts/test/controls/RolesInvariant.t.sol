// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Role} from "../../src/TwoPersons.sol";
import {ControlsTest} from "../base/ControlsTest.sol";
import {Test} from "../base/Test.sol";

/// @dev Anybody of ten tries anything that touches roles, pauses and lifts. What a role should be able to do is written
/// down here a second time; a call that succeeds without that right is a failure.
contract RolesHandler is Test {
    EmergencyControls private immutable _controls;
    address[] private _accounts;
    /// @dev What governance offered, and to whom; only that can be taken.
    mapping(address account => Role) private _offered;
    mapping(address account => Role) public expected;

    constructor(EmergencyControls controls, address[] memory people) {
        (_controls, _accounts) = (controls, people);
        for (uint256 i = 0; i < people.length; i++) {
            expected[people[i]] = controls.roleOf(people[i]);
        }
    }

    function offer(uint256 by, uint256 to, uint256 role, bool byGovernor) external {
        (address sender, address account) = (byGovernor ? governor() : pick(by), pick(to));
        Role offered = Role(role % 7);
        vm.prank(sender);
        try _controls.offerRole(account, offered) {
            vm.assertTrue(expected[sender] == Role.Governance, "offered without right");
            vm.assertTrue(expected[account] == Role.None, "offered to a holder");
            _offered[account] = offered;
        } catch {}
    }

    function accept(uint256 by, uint256 role, bool asOffered) external {
        address sender = pick(by);
        Role wanted = asOffered ? _offered[sender] : Role(role % 7);
        vm.prank(sender);
        try _controls.acceptRole(wanted) {
            vm.assertTrue(wanted != Role.None && _offered[sender] == wanted, "taken though not offered");
            expected[sender] = wanted;
            _offered[sender] = Role.None;
        } catch {}
    }

    function withdraw(uint256 by, uint256 to) external {
        (address sender, address account) = (pick(by), pick(to));
        vm.prank(sender);
        try _controls.withdrawOffer(account) {
            vm.assertTrue(expected[sender] == Role.Governance, "withdrawn without right");
            _offered[account] = Role.None;
        } catch {}
    }

    function remove(uint256 by, uint256 from, bool byGovernor) external {
        (address sender, address account) = (byGovernor ? governor() : pick(by), pick(from));
        vm.prank(sender);
        try _controls.removeFromRole(account) {
            vm.assertTrue(expected[sender] == Role.Governance, "removed without right");
            expected[account] = Role.None;
        } catch {}
    }

    function leave(uint256 by) external {
        address sender = pick(by);
        vm.prank(sender);
        try _controls.leaveRole() {
            expected[sender] = Role.None;
        } catch {}
    }

    function pause(uint256 by, uint256 module, bool many) external {
        (address sender, bytes32 name) = (pick(by), bytes32(module % 3 + 1));
        uint64 duration = _controls.maxPauseSeconds();
        bytes32[] memory modules = new bytes32[](1);
        modules[0] = name;
        bool wasPaused = _controls.isPaused(name);
        vm.prank(sender);
        if (many) {
            try _controls.pauseMany(modules, duration, "") {} catch {}
        } else {
            try _controls.pause(name, duration, "") {} catch {}
        }
        if (!wasPaused && _controls.isPaused(name)) {
            vm.assertTrue(expected[sender] == Role.Pauser, "paused without right");
        }
    }

    function lift(uint256 by, uint256 module) external {
        (address sender, bytes32 name) = (pick(by), bytes32(module % 3 + 1));
        vm.prank(sender);
        try _controls.unpause(name, "") {
            vm.assertTrue(expected[sender] == Role.Recoverer, "lifted without right");
        } catch {}
    }

    function wait(uint256 duration) external {
        vm.warp(block.timestamp + within(duration, 1, 2 days));
    }

    function accounts() external view returns (address[] memory) {
        return _accounts;
    }

    function governor() private view returns (address) {
        return _controls.membersOf(Role.Governance)[0];
    }

    function pick(uint256 account) private view returns (address) {
        return _accounts[account % _accounts.length];
    }
}

/// forge-config: default.invariant.runs = 24
contract RolesInvariantTest is ControlsTest {
    RolesHandler private handler;

    function setUp() public override {
        super.setUp();
        address[] memory accounts = new address[](10);
        (accounts[0], accounts[1], accounts[2]) = (governance, pauser, otherPauser);
        (accounts[3], accounts[4], accounts[5]) = (recoverer, otherRecoverer, thirdRecoverer);
        (accounts[6], accounts[7], accounts[8], accounts[9]) = (risk, attester, stranger, person("another"));
        handler = new RolesHandler(controls, accounts);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_no_role_escalates() public view {
        address[] memory accounts = handler.accounts();
        for (uint256 i = 0; i < accounts.length; i++) {
            vm.assertTrue(controls.roleOf(accounts[i]) == handler.expected(accounts[i]));
        }
    }

    function invariant_each_holder_is_a_member_of_its_role_and_of_no_other() public view {
        uint256 holders;
        address[] memory accounts = handler.accounts();
        for (uint256 i = 0; i < accounts.length; i++) {
            if (controls.roleOf(accounts[i]) != Role.None) holders++;
        }
        uint256 listed;
        for (uint256 role = 1; role <= uint256(type(Role).max); role++) {
            address[] memory all = controls.membersOf(Role(role));
            listed += all.length;
            for (uint256 i = 0; i < all.length; i++) {
                vm.assertTrue(controls.roleOf(all[i]) == Role(role));
            }
        }
        vm.assertEq(listed, holders);
    }

    function invariant_governance_pausers_and_recoverers_never_run_out() public view {
        vm.assertGe(controls.membersOf(Role.Governance).length, 1, "governance");
        vm.assertGe(controls.membersOf(Role.Pauser).length, 1, "pausers");
        vm.assertGe(controls.membersOf(Role.Recoverer).length, 2, "recoverers");
    }

    function invariant_nobody_is_locked_for_longer_than_a_pause() public {
        uint256 instant = block.timestamp;
        vm.warp(instant + MAX);
        for (uint256 i = 1; i <= 3; i++) {
            vm.assertFalse(controls.isPaused(bytes32(i)));
        }
        vm.warp(instant);
    }
}
