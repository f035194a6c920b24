// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EmergencyControls} from "../src/EmergencyControls.sol";
import {Guarded} from "../src/Guarded.sol";

/// @title Treasury: the protocol's own dollars, spent by whom governance lets spend
///
/// | function | class |
/// |---|---|
/// | spend | value out, gated |
/// | grantRole, revokeRole | governance's, and so only as safe as its votes |
contract Treasury is AccessControl, Guarded {
    using SafeERC20 for IERC20;

    /// @notice Paused together with the vault.
    bytes32 public constant MODULE = "vault";
    /// @notice May spend.
    bytes32 public constant SPENDER = keccak256("SPENDER");

    IERC20 public immutable dollar;

    event Spent(address indexed by, address indexed to, uint256 amount);

    /// @param governance grants and revokes the right to spend
    constructor(IERC20 dollar_, address governance, EmergencyControls controls_) Guarded(controls_) {
        dollar = dollar_;
        _grantRole(DEFAULT_ADMIN_ROLE, governance);
    }

    function spend(address to, uint256 amount) external onlyRole(SPENDER) whenOpen(MODULE) {
        dollar.safeTransfer(to, amount);
        emit Spent(msg.sender, to, amount);
    }
}
