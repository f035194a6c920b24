// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Bridge} from "../../demo/Bridge.sol";
import {PayoutDesk} from "../../demo/PayoutDesk.sol";
import {RateSource} from "../../demo/RateSource.sol";
import {Savings} from "../../demo/Savings.sol";
import {YieldDesk} from "../../demo/YieldDesk.sol";
import {Zap} from "../../demo/Zap.sol";
import {DemoTest} from "../base/DemoTest.sol";

/// @dev Each function of the demo that moves value passes the gate: what comes in is credit of who brought it, and what
/// leaves is counted. Which of them a pause stops, the tests of the contracts say.
contract GatesTest is DemoTest {
    uint256 private constant AMOUNT = 1_000e18;

    function setUp() public override {
        super.setUp();
        give(borrower, 10 * AMOUNT);
    }

    function test_what_is_supplied_covers_or_repays_is_credit() public {
        addCollateral(borrower, 1_000e18);
        vm.assertEq(limits.creditOf(address(market), address(gem), borrower), 1_000e18);
        borrow(borrower, AMOUNT);
        vm.startPrank(borrower);
        dollar.approve(address(market), 2 * AMOUNT);
        market.repay(AMOUNT);
        vm.assertEq(limits.creditOf(address(market), address(dollar), borrower), AMOUNT);
        market.supply(AMOUNT);
        vm.stopPrank();
        vm.assertEq(limits.creditOf(address(market), address(dollar), borrower), 2 * AMOUNT);
    }

    function test_interest_that_is_claimed_is_set_off_or_counted() public {
        give(address(market), AMOUNT);
        vm.warp(NOW + 1 days);
        uint256 earned = market.interest(supplier);
        uint256 before = limits.creditOf(address(market), address(dollar), supplier);
        vm.prank(supplier);
        market.claim();
        vm.assertGt(earned, 0);
        vm.assertEq(limits.creditOf(address(market), address(dollar), supplier), before - earned);
    }

    function test_what_is_saved_bought_for_or_funded_is_credit() public {
        Savings savings = new Savings(dollar, wiring());
        RateSource rate = new RateSource();
        rate.setUp(address(this));
        YieldDesk desk = new YieldDesk(dollar, rate, wiring());
        PayoutDesk payouts = new PayoutDesk(dollar, address(this), wiring());
        opened(address(savings));
        savings.save(AMOUNT);
        opened(address(desk));
        desk.buy(AMOUNT);
        opened(address(payouts));
        payouts.fund(AMOUNT);
        vm.stopPrank();
        vm.assertEq(limits.creditOf(address(savings), address(dollar), borrower), AMOUNT);
        vm.assertEq(limits.creditOf(address(desk), address(dollar), borrower), AMOUNT);
        vm.assertEq(limits.creditOf(address(payouts), address(dollar), borrower), AMOUNT);
    }

    function test_what_is_sent_over_the_bridge_is_credit() public {
        Bridge bridge = new Bridge(stranger, wiring());
        address coin = address(bridge.dollar());
        limit(address(bridge), coin, rule());
        bridge.release(borrower, AMOUNT, 1);
        vm.prank(borrower);
        bridge.send(AMOUNT);
        vm.assertEq(limits.creditOf(address(bridge), coin, borrower), AMOUNT);
    }

    function test_what_a_zap_takes_and_gives_back_is_set_off() public {
        Zap zap = new Zap(dollar, wiring());
        opened(address(zap));
        zap.zap(AMOUNT, address(dollar), abi.encodeCall(IERC20.totalSupply, ()));
        vm.stopPrank();
        vm.assertEq(limits.creditOf(address(zap), address(dollar), borrower), 0);
        vm.assertEq(limits.usedOf(address(zap), address(dollar)), 0);
    }

    function test_a_reserve_that_is_brought_is_credit_and_the_dollars_made_for_it_are_counted() public view {
        uint256 brought = reserve.balanceOf(address(vault));
        vm.assertEq(limits.creditOf(address(vault), address(reserve), address(this)), brought);
        vm.assertEq(limits.usedOf(address(vault), address(dollar)), dollar.totalSupply());
    }

    /// @dev A holder whose dollars are limited, and the borrower about to pay into it.
    function opened(address holder) private {
        vm.stopPrank();
        limit(holder, address(dollar), rule());
        vm.startPrank(borrower);
        dollar.approve(holder, AMOUNT);
    }
}
