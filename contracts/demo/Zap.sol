// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";

/// @title Zap: does with its users' dollars in one call what would take them several
///
/// THE DELIBERATE MISTAKE: {zap} calls whatever contract with whatever data it is given, in its own name. Users have
/// allowed it to take their dollars, so anyone can have it take them.
/// Never copy this: a contract that holds allowances calls nothing but what it knows.
///
/// | function | direction |
/// |---|---|
/// | zap | Exchange; In for what it takes, Out for what is left |
///
/// The gate counts what passes through this contract. What others take with its allowances it never sees, and no limit
/// can bound it: only a pause stops it.
contract Zap is Gate {
    using SafeERC20 for IERC20;

    /// @notice Paused together with the market.
    bytes32 public constant MODULE = "market";

    IERC20 public immutable dollar;

    event Zapped(address indexed account, uint256 amount, address indexed target);

    constructor(IERC20 dollar_, Wiring memory wiring) Gate(wiring) {
        dollar = dollar_;
    }

    /// @notice Takes `amount` of the caller's dollars, allows `target` to take them, and calls it (see the mistake
    /// above). What is left comes back.
    function zap(uint256 amount, address target, bytes calldata data) external {
        _gate(msg.sender, MODULE, address(dollar), Direction.Exchange, 0);
        if (amount > 0) _take(MODULE, address(dollar), Direction.In, msg.sender, amount);
        if (target != address(dollar)) dollar.forceApprove(target, amount);
        Address.functionCall(target, data);
        uint256 left = dollar.balanceOf(address(this));
        if (left > 0) _pay(MODULE, address(dollar), Direction.Out, msg.sender, msg.sender, left);
        emit Zapped(msg.sender, amount, target);
    }
}
