// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";
import {RateSource} from "./RateSource.sol";

/// @title YieldDesk: sells and takes back shares at the rate that a {RateSource} tells
///
/// | function | direction |
/// |---|---|
/// | sell | Redeem |
/// | buy | In: what a share costs must not be bought at a wrong rate |
contract YieldDesk is Gate {
    /// @notice Paused together with the vault.
    bytes32 public constant MODULE = "vault";

    IERC20 public immutable dollar;
    RateSource public immutable source;

    mapping(address account => uint256) public shares;

    event Bought(address indexed account, uint256 amount, uint256 shares);
    event Sold(address indexed account, uint256 amount, uint256 shares);

    error SharesExceeded(uint256 amount, uint256 shares);

    constructor(IERC20 dollar_, RateSource source_, Wiring memory wiring) Gate(wiring) {
        dollar = dollar_;
        source = source_;
    }

    function buy(uint256 amount) external {
        uint256 bought = amount * 1e18 / source.rate();
        shares[msg.sender] += bought;
        _take(MODULE, address(dollar), Direction.In, msg.sender, amount);
        emit Bought(msg.sender, amount, bought);
    }

    function sell(uint256 sold) external {
        if (sold > shares[msg.sender]) revert SharesExceeded(sold, shares[msg.sender]);
        shares[msg.sender] -= sold;
        uint256 amount = sold * source.rate() / 1e18;
        _pay(MODULE, address(dollar), Direction.Redeem, msg.sender, msg.sender, amount);
        emit Sold(msg.sender, amount, sold);
    }
}
