// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";
import {DemoDollar} from "./DemoDollar.sol";

/// @title Vault: exchanges the reserve dollar for dUSD and back, at par; back at the market's price where that is lower
/// and the gate asks a peg so configured: who runs first then takes nothing from who stays
///
/// | function | direction |
/// |---|---|
/// | mint | In for the reserve and Mint for dUSD: it creates money; refused over the limit |
/// | redeem | Redeem: it pays the reserve out |
contract Vault is Gate {
    /// @notice The vault's name in {EmergencyControls}.
    bytes32 public constant MODULE = "vault";

    DemoDollar public immutable dollar;
    IERC20 public immutable reserve;
    /// @notice How many of dUSD's smallest units equal one smallest unit of the reserve.
    uint256 public immutable dollarsPerReserve;

    event Minted(address indexed account, uint256 reserveIn, uint256 dollarsOut);
    event Redeemed(address indexed account, uint256 dollarsIn, uint256 reserveOut);

    /// @notice The amount is zero, or less than the reserve's smallest unit.
    error AmountTooSmall(uint256 amount);

    /// @dev Refuses a reserve with more decimals than dUSD by failing on the subtraction.
    constructor(DemoDollar dollar_, IERC20 reserve_, Wiring memory wiring) Gate(wiring) {
        dollar = dollar_;
        reserve = reserve_;
        dollarsPerReserve = 10 ** (dollar_.decimals() - IERC20Metadata(address(reserve_)).decimals());
    }

    /// @notice Takes `reserveIn` of the reserve and makes the same value in dUSD.
    function mint(uint256 reserveIn) external {
        if (reserveIn == 0) revert AmountTooSmall(reserveIn);
        uint256 dollarsOut = _take(MODULE, address(reserve), Direction.In, msg.sender, reserveIn) * dollarsPerReserve;
        _gate(msg.sender, MODULE, address(dollar), Direction.Mint, dollarsOut);
        dollar.mint(msg.sender, dollarsOut);
        emit Minted(msg.sender, reserveIn, dollarsOut);
    }

    /// @notice Destroys dUSD and pays out in the reserve what it is worth.
    /// @dev The reserve is coarser than dUSD. What it cannot express stays with the caller instead of being lost.
    function redeem(uint256 dollarsIn) external {
        uint256 atPar = dollarsIn / dollarsPerReserve;
        uint256 reserveOut = atPar * _redeemPrice() / 1e18;
        if (reserveOut == 0) revert AmountTooSmall(dollarsIn);
        uint256 burned = atPar * dollarsPerReserve;
        dollar.burn(msg.sender, burned);
        _pay(MODULE, address(reserve), Direction.Redeem, msg.sender, msg.sender, reserveOut);
        emit Redeemed(msg.sender, burned, reserveOut);
    }

    function _slotOf(address asset) internal view override returns (uint256) {
        return asset == address(reserve) ? 1 : 0;
    }
}
