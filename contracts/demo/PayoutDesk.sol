// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";

/// @title PayoutDesk: pays dollars out to customers, each time up to a limit, by the word of one key
///
/// THE DELIBERATE MISTAKE: its own limit is one of a single payment, and does not bound their sum. Whoever has the key
/// pays itself in many small steps, as far as the gate lets it.
/// Never copy this: bound what a key pays within an hour and a day, too.
///
/// | function | direction |
/// |---|---|
/// | pay | Out |
/// | fund | In |
contract PayoutDesk is Gate {
    /// @notice Paused together with the vault.
    bytes32 public constant MODULE = "vault";
    /// @notice The most that one payment may be.
    uint256 public constant LIMIT = 100_000e18;

    IERC20 public immutable dollar;
    /// @notice The one key that pays.
    address public immutable operator;

    event Funded(address indexed account, uint256 amount);
    event PaidOut(address indexed to, uint256 amount);

    error NotOperator(address caller);
    error LimitExceeded(uint256 amount);

    constructor(IERC20 dollar_, address operator_, Wiring memory wiring) Gate(wiring) {
        dollar = dollar_;
        operator = operator_;
    }

    function fund(uint256 amount) external {
        _take(MODULE, address(dollar), Direction.In, msg.sender, amount);
        emit Funded(msg.sender, amount);
    }

    function pay(address to, uint256 amount) external {
        if (msg.sender != operator) revert NotOperator(msg.sender);
        if (amount > LIMIT) revert LimitExceeded(amount);
        _pay(MODULE, address(dollar), Direction.Out, msg.sender, to, amount);
        emit PaidOut(to, amount);
    }
}
