// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @notice Stops with a pause, and has a function that does not. What the adapters for OpenZeppelin are tested on.
abstract contract Work is Pausable {
    uint256 public done;

    function work() external whenNotPaused {
        done++;
    }

    function workUnguarded() external {
        done++;
    }
}

/// @notice As the wizard writes it for roles.
contract RolePausable is Work, AccessControl {
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    constructor(address admin) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }
}

/// @notice As the wizard writes it for an owner.
contract OwnerPausable is Work, Ownable {
    constructor(address owner) Ownable(owner) {}

    function pause() external onlyOwner {
        _pause();
    }
}

/// @notice As the wizard writes it for an access manager.
contract ManagedPausable is Work, AccessManaged {
    constructor(address manager) AccessManaged(manager) {}

    function pause() external restricted {
        _pause();
    }
}
