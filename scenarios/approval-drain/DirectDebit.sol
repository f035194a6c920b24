// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title DirectDebit: collects a small fee from everybody who subscribed, for drills
/// @notice One spender takes from many accounts at once, as a thief of allowances does; but each has agreed to the
/// fee, and allowed no more than it.
contract DirectDebit {
    using SafeERC20 for IERC20;

    /// @notice The deployer, who is paid.
    address public immutable payee;
    IERC20 public immutable dollar;
    /// @notice What each subscriber pays.
    uint256 public immutable fee;

    constructor(IERC20 dollar_, uint256 fee_) {
        payee = msg.sender;
        dollar = dollar_;
        fee = fee_;
    }

    function collect(address[] calldata subscribers) external {
        for (uint256 i = 0; i < subscribers.length; i++) {
            dollar.safeTransferFrom(subscribers[i], payee, fee);
        }
    }
}
