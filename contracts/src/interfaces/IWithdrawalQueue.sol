// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

/// @notice What {Gate} asks of the queue.
interface IWithdrawalQueue {
    /// @notice Takes `amount` from the caller, who has approved it, and keeps it for `account`.
    function enqueue(address asset, address account, uint256 amount) external returns (uint256 id);
}
