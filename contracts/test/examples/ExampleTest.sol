// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Brake} from "../base/Brake.sol";

/// @dev The whole brake, as an example is deployed behind it.
abstract contract ExampleTest is Brake {
    uint256 internal constant E = 1e18;

    function setUp() public virtual {
        deployBrake();
    }
}
