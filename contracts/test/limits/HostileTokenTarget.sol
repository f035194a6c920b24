// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {BrokenVault, Coin} from "../base/HubTest.sol";

/// @dev Takes more while it is being paid.
contract HostileTokenTarget {
    BrokenVault private immutable _vault;
    OutflowLimits private immutable _limits;
    Coin private immutable _coin;
    uint256 private _amount;
    uint256 public calls;
    uint256 public seenRemaining;

    constructor(BrokenVault vault, OutflowLimits limits, Coin coin) {
        (_vault, _limits, _coin) = (vault, limits, coin);
    }

    function drain(uint256 amount) external {
        _amount = amount;
        _vault.withdraw(_coin, amount);
    }

    function tokensReceived() external {
        if (calls++ == 0) seenRemaining = _limits.remaining(address(_vault), address(_coin), address(this));
        if (calls < 8) _vault.withdraw(_coin, _amount);
    }
}
