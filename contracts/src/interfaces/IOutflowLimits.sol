// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

/// @notice What {Gate} asks of the limits. The caller is the holder whose counters are meant.
interface IOutflowLimits {
    function credit(address asset, address account, uint256 amount) external;

    /// @param tighter what the limit in force is divided by; 0 lets nothing pass
    function consume(address asset, address account, uint256 amount, bytes4 selector, uint256 tighter)
        external
        returns (bool passes);
}
