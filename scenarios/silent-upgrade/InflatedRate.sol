// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {RateSource} from "../../contracts/demo/RateSource.sol";

/// @title InflatedRate: the code that a thief puts behind the demo's rate, for drills
/// @notice All is as before, but a share is worth five times as much.
contract InflatedRate is RateSource {
    function rate() external view override returns (uint256) {
        return _rate * 5;
    }
}
