// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";

/// @title RateSource: what one share of the {YieldDesk} is worth; runs behind a proxy (ERC-1967)
///
/// THE DELIBERATE MISTAKE: {replaceCode} writes the proxy's implementation and says nothing of it. Whoever reads events
/// to learn of upgrades learns nothing.
/// Never copy this: upgrade by ERC1967Utils, which writes Upgraded, and behind a timelock.
///
/// | function | class |
/// |---|---|
/// | accrue | the keeper's, bounded to a thousandth at a time |
/// | replaceCode | the keeper's, and bounded by nothing |
contract RateSource {
    /// @notice A rate may rise by so much at once, in hundredths of a percent.
    uint256 public constant RISE_BASIS_POINTS = 10;
    bytes32 private constant IMPLEMENTATION_SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    address public keeper;
    uint256 internal _rate;

    event Accrued(uint256 rate);

    error NotKeeper(address caller);
    error AlreadySetUp(address keeper);

    modifier onlyKeeper() {
        if (msg.sender != keeper) revert NotKeeper(msg.sender);
        _;
    }

    /// @notice Once, by the proxy's constructor.
    function setUp(address keeper_) external {
        if (keeper != address(0)) revert AlreadySetUp(keeper);
        keeper = keeper_;
        _rate = 1e18;
    }

    /// @notice Raises the rate by a thousandth.
    function accrue() external onlyKeeper {
        _rate += _rate * RISE_BASIS_POINTS / 10_000;
        emit Accrued(_rate);
    }

    /// @notice Has the proxy run other code from now on (see the mistake above).
    function replaceCode(address implementation) external onlyKeeper {
        StorageSlot.getAddressSlot(IMPLEMENTATION_SLOT).value = implementation;
    }

    /// @notice Dollars for one share, with 18 decimals.
    function rate() external view virtual returns (uint256) {
        return _rate;
    }
}
