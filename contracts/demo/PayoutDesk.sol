// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EmergencyControls} from "../src/EmergencyControls.sol";
import {Guarded} from "../src/Guarded.sol";

/// @title PayoutDesk: pays dollars out to customers, each time up to a limit, by the word of one key
///
/// THE DELIBERATE MISTAKE: the limit is one of a single payment, and nothing bounds their sum. Whoever has the key
/// empties the desk in many small steps.
/// Never copy this: bound what leaves within an hour and a day, too.
///
/// | function | class |
/// |---|---|
/// | pay | value out, gated |
/// | fund | neutral: value comes in |
contract PayoutDesk is Guarded {
    using SafeERC20 for IERC20;

    /// @notice Paused together with the vault.
    bytes32 public constant MODULE = "vault";
    /// @notice The most that one payment may be.
    uint256 public constant LIMIT = 100_000e18;

    IERC20 public immutable dollar;
    /// @notice The one key that pays.
    address public immutable operator;

    event Funded(address indexed account, uint256 amount);
    event PaidOut(address indexed to, uint256 amount);

    error NotOperator(address caller);
    error LimitExceeded(uint256 amount);

    constructor(IERC20 dollar_, address operator_, EmergencyControls controls_) Guarded(controls_) {
        dollar = dollar_;
        operator = operator_;
    }

    function fund(uint256 amount) external {
        dollar.safeTransferFrom(msg.sender, address(this), amount);
        emit Funded(msg.sender, amount);
    }

    function pay(address to, uint256 amount) external whenOpen(MODULE) {
        if (msg.sender != operator) revert NotOperator(msg.sender);
        if (amount > LIMIT) revert LimitExceeded(amount);
        dollar.safeTransfer(to, amount);
        emit PaidOut(to, amount);
    }
}
