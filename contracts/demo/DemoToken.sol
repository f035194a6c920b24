// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title DemoToken: a token of which the deployer makes as much as the demo needs
/// @notice Stands for the reserve dollar (rUSD, 6 decimals) and for the collateral (GEM, 18 decimals).
///
/// | function | class |
/// |---|---|
/// | mint | neutral: the deployer's, outside the protocol that is guarded |
/// | transfer, transferFrom, approve | neutral |
contract DemoToken is ERC20 {
    /// @notice The deployer, who alone may mint.
    address public immutable owner;
    uint8 private immutable _decimals;

    error NotOwner(address caller);

    constructor(string memory name_, string memory symbol_, uint8 decimals_) ERC20(name_, symbol_) {
        owner = msg.sender;
        _decimals = decimals_;
    }

    function mint(address to, uint256 amount) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _mint(to, amount);
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }
}
