// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title HonestFlashBorrower: takes a large flash loan and harms nobody, for drills
/// @notice Shows a large sum for the length of a transaction and gives it back, with the fee from its own balance.
/// No trade, no price moved, no gain: whoever raises an attack alarm here alarms at the size of a loan alone.
contract HonestFlashBorrower is IERC3156FlashBorrower {
    using SafeERC20 for IERC20;

    IERC3156FlashLender public immutable lender;

    /// @notice This contract held `amount` of `token` for a moment.
    event SolvencyShown(address indexed token, uint256 amount);

    error LoanNotOurs(address lender, address initiator);

    constructor(IERC3156FlashLender lender_) {
        lender = lender_;
    }

    function showSolvency(address token, uint256 amount) external {
        lender.flashLoan(this, token, amount, "");
    }

    /// @inheritdoc IERC3156FlashBorrower
    function onFlashLoan(address initiator, address token, uint256 amount, uint256 fee, bytes calldata)
        external
        returns (bytes32)
    {
        if (msg.sender != address(lender) || initiator != address(this)) {
            revert LoanNotOurs(msg.sender, initiator);
        }
        emit SolvencyShown(token, IERC20(token).balanceOf(address(this)));
        IERC20(token).forceApprove(address(lender), amount + fee);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }
}
