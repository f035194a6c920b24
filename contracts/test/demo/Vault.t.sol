// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {DemoDollar} from "../../demo/DemoDollar.sol";
import {DemoToken} from "../../demo/DemoToken.sol";
import {Vault} from "../../demo/Vault.sol";
import {Gate} from "../../src/Gate.sol";
import {Governed} from "../../src/Governed.sol";
import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {DemoTest} from "../base/DemoTest.sol";

/// @dev The stablecoin's vault: par in both directions, and nothing either way while it is paused.
contract VaultTest is DemoTest {
    function setUp() public override {
        super.setUp();
        reserve.mint(borrower, 1_000e6);
        vm.prank(borrower);
        reserve.approve(address(vault), type(uint256).max);
    }

    function test_a_reserve_dollar_becomes_a_dollar_and_back() public {
        vm.startPrank(borrower);
        vm.expectEmit(address(vault));
        emit Vault.Minted(borrower, 1_000e6, 1_000e18);
        vault.mint(1_000e6);
        vm.assertEq(dollar.balanceOf(borrower), 1_000e18);
        vm.expectEmit(address(vault));
        emit Vault.Redeemed(borrower, 1_000e18, 1_000e6);
        vault.redeem(1_000e18);
        vm.assertEq(reserve.balanceOf(borrower), 1_000e6);
        vm.assertEq(dollar.balanceOf(borrower), 0);
    }

    function testFuzz_what_the_reserve_cannot_express_stays_with_the_caller(uint256 dollars) public {
        dollars = within(dollars, 1e12, 1_000e18);
        vm.startPrank(borrower);
        vault.mint(1_000e6);
        vault.redeem(dollars);
        uint256 paid = reserve.balanceOf(borrower);
        vm.assertEq(paid, dollars / 1e12);
        vm.assertEq(dollar.balanceOf(borrower), 1_000e18 - paid * 1e12);
    }

    function test_an_amount_below_the_smallest_unit_is_refused() public {
        vm.startPrank(borrower);
        vault.mint(1_000e6);
        vm.expectRevert(abi.encodeWithSelector(Vault.AmountTooSmall.selector, 1e12 - 1));
        vault.redeem(1e12 - 1);
        vm.expectRevert(abi.encodeWithSelector(Vault.AmountTooSmall.selector, 0));
        vault.mint(0);
    }

    function test_while_paused_it_neither_makes_dollars_nor_pays_out() public {
        vm.prank(borrower);
        vault.mint(500e6);
        pause(VAULT, MIN);
        vm.startPrank(borrower);
        expectModulePaused(VAULT, NOW + MIN);
        vault.mint(500e6);
        expectModulePaused(VAULT, NOW + MIN);
        vault.redeem(500e18);

        vm.warp(NOW + MIN - 1);
        expectModulePaused(VAULT, NOW + MIN);
        vault.redeem(500e18);
        vm.warp(NOW + MIN);
        vault.redeem(500e18);
        vault.mint(500e6);
    }

    function test_a_pause_of_the_market_leaves_it_open() public {
        pause(MARKET, MIN);
        vm.prank(borrower);
        vault.mint(500e6);
    }

    function test_only_the_vault_makes_and_destroys_dollars() public {
        vm.expectRevert(abi.encodeWithSelector(DemoDollar.NotVault.selector, address(this)));
        dollar.mint(address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(DemoDollar.NotVault.selector, address(this)));
        dollar.burn(supplier, 1);
    }

    function test_the_vault_is_set_once_and_by_the_deployer() public {
        vm.expectRevert(abi.encodeWithSelector(DemoDollar.VaultAlreadySet.selector, address(vault)));
        dollar.setVault(stranger);
        DemoDollar another = new DemoDollar();
        vm.expectRevert(DemoDollar.VaultIsZero.selector);
        another.setVault(address(0));
        vm.expectRevert(abi.encodeWithSelector(DemoDollar.NotOwner.selector, stranger));
        vm.prank(stranger);
        another.setVault(stranger);
    }

    function test_only_the_deployer_mints_a_demo_token() public {
        vm.expectRevert(abi.encodeWithSelector(DemoToken.NotOwner.selector, stranger));
        vm.prank(stranger);
        reserve.mint(stranger, 1);
    }

    function test_a_guarded_contract_needs_deployed_controls() public {
        Gate.Wiring memory wired = wiring();
        wired.controls = EmergencyControls(stranger);
        vm.expectRevert(abi.encodeWithSelector(Governed.NotDeployed.selector, stranger));
        new Vault(dollar, reserve, wired);
    }
}
