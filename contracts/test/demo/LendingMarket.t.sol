// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {LendingMarket} from "../../demo/LendingMarket.sol";
import {IUniswapV2Pair} from "../../demo/interfaces/IUniswapV2.sol";
import {Direction, Scopes} from "../../src/Scopes.sol";
import {DemoTest} from "../base/DemoTest.sol";

/// @dev A pair with fixed reserves, for both orders of the tokens: the real one orders them by address.
contract FixedPair is IUniswapV2Pair {
    address public immutable token0;
    address public immutable token1;
    uint112 private immutable _reserve0;
    uint112 private immutable _reserve1;

    constructor(address token0_, address token1_, uint112 reserve0, uint112 reserve1) {
        (token0, token1, _reserve0, _reserve1) = (token0_, token1_, reserve0, reserve1);
    }

    function getReserves() external view returns (uint112, uint112, uint32) {
        return (_reserve0, _reserve1, 0);
    }
}

/// @dev The market in calm times, and which of its functions a pause stops.
contract LendingMarketTest is DemoTest {
    function setUp() public override {
        super.setUp();
        addCollateral(borrower, 100e18);
        give(borrower, 10_000e18);
        vm.prank(borrower);
        dollar.approve(address(market), type(uint256).max);
    }

    function test_the_price_of_gem_is_the_pairs_spot_price() public view {
        vm.assertEq(market.gemPrice(), 10e18);
    }

    function test_the_price_does_not_depend_on_the_order_of_the_tokens() public {
        FixedPair gemFirst = new FixedPair(address(gem), address(dollar), 4e18, 10e18);
        FixedPair dollarFirst = new FixedPair(address(dollar), address(gem), 10e18, 4e18);
        vm.assertEq(new LendingMarket(dollar, gem, gemFirst, wiring()).gemPrice(), 2.5e18);
        vm.assertEq(new LendingMarket(dollar, gem, dollarFirst, wiring()).gemPrice(), 2.5e18);
    }

    function test_up_to_70_percent_of_the_collateral_can_be_borrowed() public {
        vm.assertEq(market.borrowLimit(borrower), 700e18);
        vm.expectRevert(abi.encodeWithSelector(LendingMarket.BorrowLimitExceeded.selector, 700e18 + 1, 700e18));
        borrow(borrower, 700e18 + 1);
        vm.expectEmit(address(market));
        emit LendingMarket.Borrowed(borrower, 700e18);
        borrow(borrower, 700e18);
        vm.assertEq(market.debt(borrower), 700e18);
        vm.assertEq(market.cash(), 6_000_000e18 - 700e18);
    }

    function test_collateral_leaves_only_as_far_as_the_rest_covers_the_debt() public {
        borrow(borrower, 350e18);
        vm.startPrank(borrower);
        vm.expectRevert(abi.encodeWithSelector(LendingMarket.CollateralExceeded.selector, 101e18, 100e18));
        market.removeCollateral(101e18);
        vm.expectPartialRevert(LendingMarket.BorrowLimitExceeded.selector);
        market.removeCollateral(50e18 + 1);
        market.removeCollateral(50e18);
        market.repay(350e18);
        market.removeCollateral(50e18);
        vm.assertEq(gem.balanceOf(borrower), 100e18);
    }

    function test_suppliers_take_back_what_is_not_lent_out() public {
        borrow(borrower, 700e18);
        vm.startPrank(supplier);
        vm.expectRevert(abi.encodeWithSelector(LendingMarket.SupplyExceeded.selector, 6_000_001e18, 6_000_000e18));
        market.withdraw(6_000_001e18);
        vm.expectRevert(abi.encodeWithSelector(LendingMarket.CashExceeded.selector, 6_000_000e18, 5_999_300e18));
        market.withdraw(6_000_000e18);
        market.withdraw(5_999_300e18);
        vm.assertEq(dollar.balanceOf(supplier), 5_999_300e18);
    }

    function test_nobody_borrows_more_than_the_market_has() public {
        addCollateral(borrower, 1_000_000e18);
        vm.expectRevert(abi.encodeWithSelector(LendingMarket.CashExceeded.selector, 6_000_001e18, 6_000_000e18));
        borrow(borrower, 6_000_001e18);
    }

    function test_repaying_more_than_the_debt_takes_only_the_debt() public {
        borrow(borrower, 700e18);
        vm.expectEmit(address(market));
        emit LendingMarket.Repaid(borrower, 700e18);
        vm.prank(borrower);
        market.repay(5_000e18);
        vm.assertEq(market.debt(borrower), 0);
        vm.assertEq(dollar.balanceOf(borrower), 10_000e18);
    }

    function test_suppliers_earn_2_percent_a_year() public {
        give(address(market), 200_000e18);
        vm.warp(NOW + 365 days);
        vm.assertEq(market.interest(supplier), 120_000e18);
        vm.startPrank(supplier);
        vm.expectEmit(address(market));
        emit LendingMarket.Claimed(supplier, 120_000e18);
        market.claim();
        market.claim();
        vm.assertEq(dollar.balanceOf(supplier), 120_000e18);
        vm.assertEq(market.interestFund(), 80_000e18);
    }

    function test_interest_is_paid_only_from_dollars_given_for_it() public {
        vm.warp(NOW + 365 days);
        vm.prank(supplier);
        market.claim();
        vm.assertEq(dollar.balanceOf(supplier), 0);
        give(address(market), 50_000e18);
        vm.prank(supplier);
        market.claim();
        vm.assertEq(dollar.balanceOf(supplier), 50_000e18);
        vm.assertEq(market.interest(supplier), 70_000e18, "the rest stays owed");
    }

    function test_a_pause_stops_what_lets_value_out() public {
        borrow(borrower, 100e18);
        pause(MARKET, MIN);
        expectModulePaused(MARKET, NOW + MIN);
        borrow(borrower, 1);
        expectModulePaused(MARKET, NOW + MIN);
        vm.prank(borrower);
        market.removeCollateral(1);
        expectModulePaused(MARKET, NOW + MIN);
        vm.prank(supplier);
        market.withdraw(1);
    }

    function test_a_pause_takes_no_new_supplies_but_one_of_what_leaves_does() public {
        pause(MARKET, MIN);
        give(stranger, 5e18);
        vm.startPrank(stranger);
        dollar.approve(address(market), 5e18);
        expectModulePaused(MARKET, NOW + MIN);
        market.supply(5e18);
        vm.warp(NOW + MIN);
        vm.stopPrank();
        vm.prank(pauser);
        controls.pauseScopes(MARKET, Scopes.one(0, Direction.Borrow) | Scopes.one(0, Direction.Out), MIN, REASON);
        expectModulePaused(MARKET, NOW + 2 * MIN);
        borrow(borrower, 1);
        vm.prank(stranger);
        market.supply(5e18);
        vm.assertEq(market.supplied(stranger), 5e18);
    }

    function test_dollars_and_gems_are_paused_apart() public {
        uint256 gems = Scopes.one(1, Direction.Out);
        vm.prank(pauser);
        controls.pauseScopes(MARKET, gems, MIN, REASON);
        vm.prank(supplier);
        market.withdraw(1);
        expectModulePaused(MARKET, NOW + MIN);
        vm.prank(borrower);
        market.removeCollateral(1);
    }

    function test_a_pause_stops_no_exit() public {
        borrow(borrower, 700e18);
        give(address(market), 1_000e18);
        pause(MARKET, MAX);
        vm.warp(NOW + 1 hours);

        vm.prank(borrower);
        market.repay(300e18);
        vm.assertEq(market.debt(borrower), 400e18);
        addCollateral(borrower, 1e18);
        vm.assertEq(market.collateral(borrower), 101e18);
        vm.prank(supplier);
        market.claim();
        vm.assertGt(dollar.balanceOf(supplier), 0);
    }

    function test_value_flows_again_at_the_second_the_pause_ends() public {
        pause(MARKET, MIN);
        vm.warp(NOW + MIN - 1);
        expectModulePaused(MARKET, NOW + MIN);
        borrow(borrower, 1e18);
        vm.warp(NOW + MIN);
        borrow(borrower, 1e18);
    }

    function test_value_flows_again_when_two_recoverers_unpause() public {
        pause(MARKET, MAX);
        vm.warp(NOW + MIN);
        unpause(MARKET);
        borrow(borrower, 1e18);
    }

    function test_a_pause_of_the_vault_leaves_the_market_open() public {
        pause(VAULT, MIN);
        borrow(borrower, 1e18);
    }

    function test_a_pair_of_other_tokens_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(LendingMarket.PairNotOfThisMarket.selector, pair));
        new LendingMarket(dollar, reserve, pair, wiring());
        vm.expectRevert(abi.encodeWithSelector(LendingMarket.PairNotOfThisMarket.selector, pair));
        new LendingMarket(reserve, gem, pair, wiring());
    }
}
