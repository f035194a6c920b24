// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

/// @notice What {Gate} asks of the migrations: reverts unless exactly this was announced for the caller and is due.
interface IMigrations {
    function consume(address asset, address to, uint256 amount) external;
}
