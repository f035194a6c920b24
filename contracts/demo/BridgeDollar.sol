// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title BridgeDollar: bUSD, which stands for dollars locked on another chain; made and destroyed by its bridge alone
///
/// | function | class |
/// |---|---|
/// | mint, burn | neutral here: only the bridge calls them, and gates them itself |
/// | transfer, transferFrom, approve | neutral |
contract BridgeDollar is ERC20 {
    /// @notice The deployer, who alone may mint and burn.
    address public immutable bridge;

    error NotBridge(address caller);

    modifier onlyBridge() {
        if (msg.sender != bridge) revert NotBridge(msg.sender);
        _;
    }

    constructor() ERC20("Bridge Dollar", "bUSD") {
        bridge = msg.sender;
    }

    function mint(address to, uint256 amount) external onlyBridge {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external onlyBridge {
        _burn(from, amount);
    }
}
