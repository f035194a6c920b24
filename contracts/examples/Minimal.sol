// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";

/// @title MinimalVault: keeps one token for its users, behind the brake
///
/// | function | direction |
/// |---|---|
/// | deposit | In |
/// | withdraw | Out |
contract MinimalVault is Gate {
    /// @notice The vault's name in {EmergencyControls}.
    bytes32 public constant MODULE = "vault";

    address public immutable asset;
    mapping(address account => uint256) public balanceOf;

    error BalanceExceeded(uint256 amount, uint256 balance);

    constructor(address asset_, Wiring memory wiring) Gate(wiring) {
        asset = asset_;
    }

    function deposit(uint256 amount) external {
        // What was received is booked, not what was asked for.
        balanceOf[msg.sender] += _take(MODULE, asset, Direction.In, msg.sender, amount);
    }

    /// @return paid false if the amount waits in the queue, for the caller to claim there
    function withdraw(uint256 amount) external returns (bool paid) {
        uint256 balance = balanceOf[msg.sender];
        if (amount > balance) revert BalanceExceeded(amount, balance);
        balanceOf[msg.sender] = balance - amount;
        return _pay(MODULE, asset, Direction.Out, msg.sender, msg.sender, amount);
    }
}
