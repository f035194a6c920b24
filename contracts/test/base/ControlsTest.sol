// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Test} from "./Test.sol";

/// @dev Emergency controls with one member a role, at a known instant.
abstract contract ControlsTest is Test {
    uint64 internal constant NOW = 1_800_000_000;
    uint64 internal constant MIN = 1 hours;
    uint64 internal constant MAX = 1 days;
    uint64 internal constant COOL_DOWN = 12 hours;
    bytes32 internal constant VAULT = "vault";
    bytes32 internal constant MARKET = "market";
    bytes32 internal constant REASON = keccak256("drill");

    address internal governance = person("governance");
    address internal emergency = person("emergency");
    address internal recovery = person("recovery");
    address internal stranger = person("stranger");
    EmergencyControls internal controls;

    function setUp() public virtual {
        vm.warp(NOW);
        controls = new EmergencyControls(governance, emergency, recovery, MIN, MAX, COOL_DOWN);
    }

    function pause(bytes32 module, uint64 durationSeconds) internal {
        vm.prank(emergency);
        controls.pause(module, durationSeconds, REASON);
    }

    function unpause(bytes32 module) internal {
        vm.prank(recovery);
        controls.unpause(module, REASON);
    }

    function expectCoolingDown(bytes32 module, uint64 armedAt) internal {
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.CoolingDown.selector, module, armedAt));
    }
}
