// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ControlsTest} from "../base/ControlsTest.sol";

/// @dev The cheat codes that look into storage.
interface Storage {
    function load(address target, bytes32 slot) external view returns (bytes32);
    function store(address target, bytes32 slot, bytes32 value) external;
}

/// @dev `tocsin contracts check` pauses a module by an override of this slot, in a call that changes nothing.
contract WordSlotTest is ControlsTest {
    uint256 private constant SLOT = 8;
    Storage private constant RAW = Storage(address(uint160(uint256(keccak256("hevm cheat code")))));

    function test_The_word_of_a_module_lies_where_the_deployment_check_writes_it() public {
        bytes32 slot = keccak256(abi.encode(VAULT, SLOT));
        pause(VAULT, 2 hours);
        vm.assertEq(uint256(RAW.load(address(controls), slot)), controls.wordOf(VAULT));
        vm.assertGt(controls.wordOf(VAULT), 0);
        RAW.store(address(controls), slot, bytes32(uint256(NOW + 5 hours)));
        vm.assertEq(controls.pausedUntil(VAULT), NOW + 5 hours);
    }
}
