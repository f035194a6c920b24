// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";

/// @title ISaver: what a contract with savings implements to hear of payments
interface ISaver {
    function onPaid(uint256 amount) external;
}

/// @title Savings: keeps dollars for accounts and tells contracts among them when they were paid
///
/// THE DELIBERATE MISTAKE: {withdraw} pays and calls the receiver before it writes down that it paid. A receiver that
/// withdraws again from within the call is paid again, out of what others saved. The gate is locked while tokens move,
/// and no longer when the receiver is told.
/// Never copy this: write down first, call last.
///
/// | function | direction |
/// |---|---|
/// | withdraw | Out |
/// | save | In |
contract Savings is Gate {
    /// @notice Paused together with the vault.
    bytes32 public constant MODULE = "vault";

    IERC20 public immutable dollar;

    mapping(address account => uint256) public saved;

    event Saved(address indexed account, uint256 amount);
    event Paid(address indexed account, uint256 amount);

    error SavingsExceeded(uint256 amount, uint256 saved);

    constructor(IERC20 dollar_, Wiring memory wiring) Gate(wiring) {
        dollar = dollar_;
    }

    function save(uint256 amount) external {
        saved[msg.sender] += amount;
        _take(MODULE, address(dollar), Direction.In, msg.sender, amount);
        emit Saved(msg.sender, amount);
    }

    /// @notice Pays the caller out of what it saved (see the mistake above).
    function withdraw(uint256 amount) external {
        uint256 before = saved[msg.sender];
        if (amount > before) revert SavingsExceeded(amount, before);
        bool paid = _pay(MODULE, address(dollar), Direction.Out, msg.sender, msg.sender, amount);
        emit Paid(msg.sender, amount);
        if (paid && msg.sender.code.length > 0) ISaver(msg.sender).onPaid(amount);
        saved[msg.sender] = before - amount;
    }
}
