// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {EmergencyControls} from "../src/EmergencyControls.sol";
import {ControlsTest} from "./base/ControlsTest.sol";
import {Test} from "./base/Test.sol";

/// @dev Grants, revokes and renounces roles among five accounts in any order; what is refused is refused silently.
contract RolesHandler is Test {
    EmergencyControls private immutable _controls;
    address private immutable _governance;
    address[5] private _accounts;

    constructor(EmergencyControls controls, address governance, address emergency, address recovery) {
        (_controls, _governance) = (controls, governance);
        _accounts = [governance, emergency, recovery, person("fourth"), person("fifth")];
    }

    function grant(uint256 role, uint256 account) external {
        (bytes32 granted, address to) = (pickRole(role), pick(account));
        vm.prank(_governance);
        try _controls.grantRole(granted, to) {} catch {}
    }

    function revoke(uint256 role, uint256 account) external {
        (bytes32 revoked, address from) = (pickRole(role), pick(account));
        vm.prank(_governance);
        _controls.revokeRole(revoked, from);
    }

    function renounce(uint256 role, uint256 account) external {
        (bytes32 renounced, address by) = (pickRole(role), pick(account));
        vm.prank(by);
        _controls.renounceRole(renounced, by);
    }

    function grantWithoutRight(uint256 role, uint256 by, uint256 account) external {
        (bytes32 granted, address sender, address to) = (pickRole(role), pick(by), pick(account));
        if (sender == _governance) return;
        vm.prank(sender);
        try _controls.grantRole(granted, to) {
            vm.assertTrue(false, "a role was granted by somebody else than governance");
        } catch {}
    }

    function accounts() external view returns (address[5] memory) {
        return _accounts;
    }

    function pick(uint256 account) private view returns (address) {
        return _accounts[account % _accounts.length];
    }

    function pickRole(uint256 role) private view returns (bytes32) {
        return role % 2 == 0 ? _controls.EMERGENCY() : _controls.RECOVERY();
    }
}

contract RolesInvariantTest is ControlsTest {
    RolesHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new RolesHandler(controls, governance, emergency, recovery);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_no_address_ever_holds_both_roles() public view {
        address[5] memory accounts = handler.accounts();
        for (uint256 i = 0; i < accounts.length; i++) {
            bool both = controls.hasRole(controls.EMERGENCY(), accounts[i])
                && controls.hasRole(controls.RECOVERY(), accounts[i]);
            vm.assertFalse(both);
        }
    }
}
