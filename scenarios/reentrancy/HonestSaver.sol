// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ISaver, Savings} from "../../contracts/demo/Savings.sol";

/// @title HonestSaver: saves, is called back when it is paid, and takes nothing that is not its own, for drills
/// @notice Whoever raises an attack alarm here alarms at the call back alone.
contract HonestSaver is ISaver {
    using SafeERC20 for IERC20;

    /// @notice The deployer, whose money it is.
    address public immutable owner;
    Savings public immutable savings;
    IERC20 public immutable dollar;

    event Received(uint256 amount);

    error NotOwner(address caller);
    error NotSavings(address caller);

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    constructor(Savings savings_) {
        owner = msg.sender;
        savings = savings_;
        dollar = savings_.dollar();
    }

    /// @notice Saves all this contract has.
    function save() external {
        uint256 amount = dollar.balanceOf(address(this));
        dollar.forceApprove(address(savings), amount);
        savings.save(amount);
    }

    function withdraw(uint256 amount, address to) external onlyOwner {
        savings.withdraw(amount);
        dollar.safeTransfer(to, amount);
    }

    /// @inheritdoc ISaver
    function onPaid(uint256 amount) external {
        if (msg.sender != address(savings)) revert NotSavings(msg.sender);
        emit Received(amount);
    }
}
