// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {FlashLoanAttacker} from "../../../scenarios/flash-loan/FlashLoanAttacker.sol";
import {ReentrancyAttacker} from "../../../scenarios/reentrancy/ReentrancyAttacker.sol";
import {Bridge} from "../../demo/Bridge.sol";
import {PayoutDesk} from "../../demo/PayoutDesk.sol";
import {Savings} from "../../demo/Savings.sol";
import {Treasury} from "../../demo/Treasury.sol";
import {Gate} from "../../src/Gate.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {DemoTest} from "../base/DemoTest.sol";

/// @dev What the contracts keep when nobody watches: each attack of the demo goes on until nothing more leaves
/// directly, and what it got is within the limit of the day.
contract AloneTest is DemoTest {
    uint128 private constant DAY = 1_000_000e18;

    function rule() internal pure override returns (OutflowLimits.Rule memory) {
        return rule(100_000_000e18);
    }

    function test_repeated_flash_loan_attacks_get_no_more_than_the_days_limit() public {
        tighten(address(market), address(dollar));
        FlashLoanAttacker attacker = new FlashLoanAttacker(lender, router, market);
        uint256 before = market.cash();
        for (uint256 i = 0; i < 8; i++) {
            gem.mint(address(attacker), 2_300e18);
            attacker.attack(4_000_000e18, 2_300e18);
        }
        uint256 left = before - dollar.balanceOf(address(market)) - queued(address(dollar));
        vm.assertGt(left, DAY / 2);
        vm.assertLe(left, DAY);
        vm.assertGt(queued(address(dollar)), DAY);
    }

    function test_a_loan_that_only_reaches_the_queue_cannot_repay_a_flash_loan() public {
        tighten(address(market), address(dollar));
        addCollateral(borrower, 1_000_000e18);
        borrow(borrower, DAY);
        FlashLoanAttacker attacker = new FlashLoanAttacker(lender, router, market);
        gem.mint(address(attacker), 2_300e18);
        vm.expectRevert();
        attacker.attack(4_000_000e18, 2_300e18);
        vm.assertEq(queued(address(dollar)), 0);
    }

    function test_reentry_is_counted_in_full_but_for_the_stake() public {
        Savings savings = new Savings(dollar, wiring());
        limit(address(savings), address(dollar), rule(200_000e18));
        give(address(savings), 1_000_000e18);
        ReentrancyAttacker attacker = new ReentrancyAttacker(savings);
        give(address(attacker), 20_000e18);
        for (uint256 i = 0; i < 6; i++) {
            attacker.attack(20_000e18, 5);
        }
        vm.assertLe(dollar.balanceOf(address(attacker)), 220_000e18);
        vm.assertGt(dollar.balanceOf(address(attacker)), 180_000e18);
    }

    function test_a_slow_drain_ends_at_the_days_limit_and_begins_again_the_next_day() public {
        PayoutDesk desk = new PayoutDesk(dollar, address(this), wiring());
        limit(address(desk), address(dollar), rule(400_000e18));
        give(address(desk), 2_000_000e18);
        for (uint256 i = 0; i < 10; i++) {
            desk.pay(stranger, 90_000e18);
        }
        vm.assertEq(dollar.balanceOf(stranger), 360_000e18);
        vm.assertEq(queued(address(dollar)), 540_000e18);
        vm.warp(NOW + 1 days);
        desk.pay(stranger, 90_000e18);
        vm.assertEq(dollar.balanceOf(stranger), 450_000e18);
    }

    function test_a_treasury_in_the_wrong_hands_spends_the_days_limit() public {
        Treasury treasury = new Treasury(dollar, address(this), wiring());
        limit(address(treasury), address(dollar), rule(1_800_000e18));
        give(address(treasury), 6_000_000e18);
        treasury.grantRole(treasury.SPENDER(), address(this));
        for (uint256 i = 0; i < 6; i++) {
            treasury.spend(stranger, 900_000e18);
        }
        vm.assertEq(dollar.balanceOf(stranger), 1_800_000e18);
        vm.assertEq(queued(address(dollar)), 3_600_000e18);
    }

    function test_what_nobody_proved_is_made_up_to_the_days_limit_and_then_refused() public {
        Bridge bridge = new Bridge(stranger, wiring());
        address coin = address(bridge.dollar());
        limit(address(bridge), coin, rule(3_000_000e18));
        for (uint256 i = 0; i < 3; i++) {
            bridge.release(stranger, 900_000e18, i);
        }
        vm.expectRevert(abi.encodeWithSelector(Gate.MintLimited.selector, coin, 900_000e18));
        bridge.release(stranger, 900_000e18, 3);
    }

    /// @dev By governance, on the market as it was set up.
    function tighten(address holder, address asset) private {
        OutflowLimits.Rule memory tighter = rule();
        (tighter.cap, tighter.floor) = (10_000_000e18, 10_000_000e18);
        vm.prank(governance);
        limits.tighten(holder, asset, tighter, REASON);
        (tighter.cap, tighter.floor) = (DAY, DAY);
        vm.startPrank(governance);
        limits.scheduleLoosening(holder, asset, tighter);
        vm.warp(block.timestamp + 2 days);
        limits.loosen(holder, asset, tighter);
        vm.stopPrank();
    }
}
