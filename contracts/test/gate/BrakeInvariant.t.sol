// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Test} from "../base/Test.sol";
import {Bank} from "./Bank.sol";
import {BrakeHandler} from "./BrakeHandler.sol";

/// @dev What the brake promises as a whole, through the gate. That a user is refused by a pause only, and an exit by
/// nothing, is asserted by the handler at every single call.
contract BrakeInvariantTest is Test {
    BrakeHandler private _handler;
    Bank private _bank;

    function setUp() public {
        _handler = new BrakeHandler();
        _bank = _handler.bank();
    }

    /// @dev All but what the invariants themselves ask.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function excludeSelectors() external view returns (FuzzSelector[] memory excluded) {
        excluded = new FuzzSelector[](1);
        excluded[0].target = address(_handler);
        excluded[0].selectors = new bytes4[](1);
        excluded[0].selectors[0] = BrakeHandler.leaveAll.selector;
    }

    struct FuzzSelector {
        address target;
        bytes4[] selectors;
    }

    /// forge-config: default.invariant.runs = 24
    /// forge-config: default.invariant.depth = 80
    function invariant_what_leaves_the_gate_is_within_the_limits_and_no_role_gains() public view {
        vm.assertEq(bytes(_bank.broken()).length, 0, _bank.broken());
        vm.assertEq(_handler.counted(), _bank.counted(), "used is not what left");
        vm.assertEq(_handler.sum(), _handler.TOTAL(), "tokens came or went");
        vm.assertLe(_bank.total(), _bank.asset().balanceOf(address(_bank)), "accounts are not covered");
        vm.assertEq(_handler.gains(), 0, "the holder of a role gained");
    }

    /// forge-config: default.invariant.runs = 24
    /// forge-config: default.invariant.depth = 80
    /// forge-config: default.invariant.check-interval = 12
    function invariant_with_every_key_dead_everybody_gets_out_all_that_is_theirs() public {
        uint256 state = vm.snapshotState();
        _handler.leaveAll();
        vm.revertToState(state);
    }
}
