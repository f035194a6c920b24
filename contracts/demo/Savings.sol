// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EmergencyControls} from "../src/EmergencyControls.sol";
import {Guarded} from "../src/Guarded.sol";

/// @title ISaver: what a contract with savings implements to hear of payments
interface ISaver {
    function onPaid(uint256 amount) external;
}

/// @title Savings: keeps dollars for accounts and tells contracts among them when they were paid
///
/// THE DELIBERATE MISTAKE: {withdraw} pays and calls the receiver before it writes down that it paid. A receiver that
/// withdraws again from within the call is paid again, out of what others saved.
/// Never copy this: write down first, call last.
///
/// | function | class |
/// |---|---|
/// | withdraw | value out, gated |
/// | save | neutral: value comes in |
contract Savings is Guarded {
    using SafeERC20 for IERC20;

    /// @notice Paused together with the vault.
    bytes32 public constant MODULE = "vault";

    IERC20 public immutable dollar;

    mapping(address account => uint256) public saved;

    event Saved(address indexed account, uint256 amount);
    event Paid(address indexed account, uint256 amount);

    error SavingsExceeded(uint256 amount, uint256 saved);

    constructor(IERC20 dollar_, EmergencyControls controls_) Guarded(controls_) {
        dollar = dollar_;
    }

    function save(uint256 amount) external {
        saved[msg.sender] += amount;
        dollar.safeTransferFrom(msg.sender, address(this), amount);
        emit Saved(msg.sender, amount);
    }

    /// @notice Pays the caller out of what it saved (see the mistake above).
    function withdraw(uint256 amount) external whenOpen(MODULE) {
        uint256 before = saved[msg.sender];
        if (amount > before) revert SavingsExceeded(amount, before);
        dollar.safeTransfer(msg.sender, amount);
        emit Paid(msg.sender, amount);
        if (msg.sender.code.length > 0) ISaver(msg.sender).onPaid(amount);
        saved[msg.sender] = before - amount;
    }
}
