// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {FlashLoanAttacker} from "../../../scenarios/flash-loan/FlashLoanAttacker.sol";
import {DemoTest} from "../base/DemoTest.sol";

/// @dev The attack of the demo, whole: it pays while the market is open, and not at all once it is paused.
contract FlashLoanAttackTest is DemoTest {
    uint256 private constant LOAN = 4_000_000e18;
    uint256 private constant GEMS = 2_300e18;

    FlashLoanAttacker private attacker;

    function setUp() public override {
        super.setUp();
        attacker = new FlashLoanAttacker(lender, router, market);
    }

    function test_the_attack_pays_while_the_market_is_open() public {
        uint256 before = market.cash();
        uint256 profit = attack();
        uint256 taken = before - market.cash();
        vm.assertGt(taken, 390_000e18);
        vm.assertLt(taken, 410_000e18);
        vm.assertGt(profit, 350_000e18);
        vm.assertEq(dollar.balanceOf(address(lender)), 5_002_000e18, "the flash loan came back with its fee");
    }

    function test_repeated_it_takes_everything_the_suppliers_gave() public {
        uint256 attacks;
        while (market.cash() > 0) {
            attack();
            attacks++;
        }
        vm.assertGt(attacks, 13);
        vm.assertLt(attacks, 17);
    }

    function test_the_price_is_nearly_back_after_the_attack() public {
        attack();
        vm.assertGt(market.gemPrice(), 9.9e18);
        vm.assertLt(market.gemPrice(), 10.3e18);
    }

    function test_the_attack_fails_when_the_market_is_paused_and_exits_still_work() public {
        attack();
        addCollateral(borrower, 100e18);
        borrow(borrower, 500e18);
        give(address(market), 1_000e18);
        pause(MARKET, MIN);
        (uint256 cash, uint256 loot) = (market.cash(), dollar.balanceOf(address(attacker)));

        gem.mint(address(attacker), GEMS);
        expectModulePaused(MARKET, NOW + MIN);
        attacker.attack(LOAN, GEMS);
        vm.assertEq(market.cash(), cash);
        vm.assertEq(dollar.balanceOf(address(attacker)), loot);

        vm.warp(NOW + MIN / 2);
        vm.startPrank(borrower);
        dollar.approve(address(market), 500e18);
        market.repay(500e18);
        vm.stopPrank();
        addCollateral(borrower, 1e18);
        vm.prank(supplier);
        market.claim();
        vm.assertEq(market.debt(borrower), 0);
        vm.assertGt(dollar.balanceOf(supplier), 0);
    }

    function test_the_attacker_collects_the_profit() public {
        uint256 profit = attack();
        attacker.collect(address(dollar));
        vm.assertEq(dollar.balanceOf(attacker.owner()), profit);
    }

    function test_only_its_owner_attacks_and_collects() public {
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(FlashLoanAttacker.NotOwner.selector, stranger));
        attacker.attack(LOAN, 0);
        vm.expectRevert(abi.encodeWithSelector(FlashLoanAttacker.NotOwner.selector, stranger));
        attacker.collect(address(dollar));
    }

    function test_only_its_own_loan_makes_it_act() public {
        vm.expectPartialRevert(FlashLoanAttacker.LoanNotOurs.selector);
        attacker.onFlashLoan(address(attacker), address(dollar), 1, 0, "");
        vm.expectPartialRevert(FlashLoanAttacker.LoanNotOurs.selector);
        lender.flashLoan(attacker, address(dollar), 1, "");
    }

    /// @dev Returns what the attacker gained in dollars.
    function attack() private returns (uint256) {
        gem.mint(address(attacker), GEMS);
        uint256 before = dollar.balanceOf(address(attacker));
        attacker.attack(LOAN, GEMS);
        return dollar.balanceOf(address(attacker)) - before;
    }
}
