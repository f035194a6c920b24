// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

/// @notice What {Gate} asks of the peg.
interface IPegGate {
    function grade() external view returns (uint8);

    function tightenFactor() external view returns (uint256);

    function redeemPrice() external view returns (uint256);

    function lowerOfParAndMarket() external view returns (bool);
}
