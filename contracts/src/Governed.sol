// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "./EmergencyControls.sol";
import {Role, TwoPersons} from "./TwoPersons.sol";

/// @title Governed: what asks {EmergencyControls} who its caller is
abstract contract Governed is TwoPersons {
    /// @notice Where the roles are. Fixed for good: who could replace it would hold every role.
    EmergencyControls public immutable controls;

    /// @notice There is no contract at the address given.
    error NotDeployed(address where);

    /// @dev Not named onlyRole, so that a protocol can inherit OpenZeppelin's AccessControl beside this.
    modifier onlyBy(Role role) {
        _requireRole(role);
        _;
    }

    constructor(EmergencyControls controls_) {
        _requireDeployed(address(controls_));
        controls = controls_;
    }

    function _roleHeldBy(address account) internal view override returns (Role) {
        return controls.roleOf(account);
    }

    function _requireDeployed(address where) internal view {
        if (where.code.length == 0) revert NotDeployed(where);
    }
}
