// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title DemoDollar: the demo's stablecoin dUSD, made and destroyed only by its {Vault}
///
/// | function | class |
/// |---|---|
/// | mint, burn | neutral here: only the vault calls them, and gates them itself |
/// | setVault | neutral: once, by the deployer |
/// | transfer, transferFrom, approve | neutral |
contract DemoDollar is ERC20 {
    /// @notice The deployer, who names the vault once.
    address public immutable owner;
    /// @notice Who may mint and burn; zero until it is set.
    address public vault;

    event VaultSet(address indexed vault);

    error NotOwner(address caller);
    error NotVault(address caller);
    error VaultIsZero();
    error VaultAlreadySet(address vault);

    constructor() ERC20("Demo Dollar", "dUSD") {
        owner = msg.sender;
    }

    function setVault(address vault_) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        if (vault_ == address(0)) revert VaultIsZero();
        if (vault != address(0)) revert VaultAlreadySet(vault);
        vault = vault_;
        emit VaultSet(vault_);
    }

    function mint(address to, uint256 amount) external {
        if (msg.sender != vault) revert NotVault(msg.sender);
        _mint(to, amount);
    }

    /// @dev Takes no allowance: the vault burns only what its caller redeems.
    function burn(address from, uint256 amount) external {
        if (msg.sender != vault) revert NotVault(msg.sender);
        _burn(from, amount);
    }
}
