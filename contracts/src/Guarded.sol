// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {EmergencyControls} from "./EmergencyControls.sol";

/// @title Guarded: what a protocol inherits to have {EmergencyControls} as its brake
/// @notice Put {whenOpen} on every function that lets value out or creates it. Leave it off what lowers a user's
/// risk (repay, add collateral, claim): a pause must protect users, not trap them.
abstract contract Guarded {
    /// @notice Where this contract asks whether it is paused. Fixed for good: who could replace it could unpause.
    EmergencyControls public immutable controls;

    /// @notice The module is paused; it opens at `until`.
    error ModulePaused(bytes32 module, uint64 until);
    /// @notice There is no contract at the address given for the controls.
    error ControlsNotDeployed(address controls);

    constructor(EmergencyControls controls_) {
        if (address(controls_).code.length == 0) revert ControlsNotDeployed(address(controls_));
        controls = controls_;
    }

    /// @notice Lets the call through only while `module` is not paused.
    modifier whenOpen(bytes32 module) {
        _requireOpen(module);
        _;
    }

    function _requireOpen(bytes32 module) private view {
        uint64 until = controls.pausedUntil(module);
        if (block.timestamp < until) revert ModulePaused(module, until);
    }
}
