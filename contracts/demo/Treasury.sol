// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";

/// @title Treasury: the protocol's own dollars, spent by whom governance lets spend
///
/// | function | direction |
/// |---|---|
/// | spend | Out |
/// | grantRole, revokeRole | none: governance's, and so only as safe as its votes |
contract Treasury is AccessControl, Gate {
    /// @notice Paused together with the vault.
    bytes32 public constant MODULE = "vault";
    /// @notice May spend.
    bytes32 public constant SPENDER = keccak256("SPENDER");

    IERC20 public immutable dollar;

    event Spent(address indexed by, address indexed to, uint256 amount);

    /// @param governance grants and revokes the right to spend
    constructor(IERC20 dollar_, address governance, Wiring memory wiring) Gate(wiring) {
        dollar = dollar_;
        _grantRole(DEFAULT_ADMIN_ROLE, governance);
    }

    function spend(address to, uint256 amount) external onlyRole(SPENDER) {
        _pay(MODULE, address(dollar), Direction.Out, msg.sender, to, amount);
        emit Spent(msg.sender, to, amount);
    }
}
