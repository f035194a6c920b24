// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ParametricCover} from "../../demo/ParametricCover.sol";
import {Incident} from "../../src/IncidentRegistry.sol";
import {CoverTest} from "./CoverTest.sol";

/// @dev Disputes, and that the pool can always pay.
contract CoverPoolTest is CoverTest {
    function test_A_dispute_that_is_upheld_voids_the_claim_and_returns_the_bond() public {
        uint256 policy = insured(5_000_000e18);
        vm.prank(holder);
        cover.claim(policy, ID);
        dispute(policy);
        vm.prank(arbiter);
        cover.rule(policy, ID, false);
        vm.assertEq(cover.owedTo(stranger), BOND);
        skip(30 days);
        expectStage(policy, ParametricCover.Stage.Closed);
        cover.settle(policy, ID);
    }

    function test_A_dispute_that_fails_costs_the_bond_and_is_the_last() public {
        uint256 policy = insured(5_000_000e18);
        vm.prank(holder);
        cover.claim(policy, ID);
        dispute(policy);
        vm.prank(arbiter);
        cover.rule(policy, ID, true);
        vm.assertEq(cover.owedTo(holder), BOND);
        expectStage(policy, ParametricCover.Stage.Confirmed);
        cover.dispute(policy, ID);
        skip(72 hours);
        cover.settle(policy, ID);
        vm.assertEq(cover.owedTo(holder), BOND + SUM / 2);
    }

    function test_An_arbiter_that_is_silent_locks_nothing() public {
        uint256 policy = insured(5_000_000e18);
        vm.prank(holder);
        cover.claim(policy, ID);
        dispute(policy);
        skip(7 days);
        vm.expectPartialRevert(ParametricCover.TooEarly.selector);
        cover.settle(policy, ID);
        skip(1);
        vm.prank(arbiter);
        vm.expectPartialRevert(ParametricCover.TooLate.selector);
        cover.rule(policy, ID, false);
        cover.settle(policy, ID);
        vm.assertEq(cover.owedTo(stranger), BOND);
        vm.assertEq(cover.owedTo(holder), SUM / 2);
    }

    function test_A_dispute_comes_before_the_delay_is_over() public {
        uint256 policy = insured(5_000_000e18);
        vm.prank(holder);
        cover.claim(policy, ID);
        skip(72 hours);
        vm.expectPartialRevert(ParametricCover.TooLate.selector);
        cover.dispute(policy, ID);
    }

    function test_Only_the_arbiter_rules_and_only_the_underwriter_moves_the_pool() public {
        address[3] memory others = [holder, stranger, underwriter];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(ParametricCover.NotHolderOf.selector, arbiter, others[i]));
            cover.rule(0, ID, true);
        }
        vm.prank(arbiter);
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.NotHolderOf.selector, underwriter, arbiter));
        cover.retire(1);
        vm.prank(arbiter);
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.NotHolderOf.selector, underwriter, arbiter));
        cover.supply(1);
    }

    function test_The_pool_sells_no_more_than_it_can_pay() public {
        buy(holder, SUM);
        buy(stranger, SUM);
        uint256 free = cover.free();
        give(holder, POOL);
        vm.prank(holder);
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.PoolTooSmall.selector, free + 1, free));
        cover.buy(free + 1, 100 days, POOL);
        vm.prank(underwriter);
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.PoolTooSmall.selector, free + 1, free));
        cover.retire(free + 1);
        vm.prank(underwriter);
        cover.retire(free);
    }

    function test_Every_policy_is_paid_in_full_even_when_all_claim() public {
        uint256 first = buy(holder, SUM);
        uint256 second = buy(stranger, SUM);
        uint256 left = cover.free();
        vm.prank(underwriter);
        cover.retire(left);
        skip(10 days);
        Incident memory incident = usual();
        incident.lossUsd = 20_000_000e18;
        attest(incident);
        vm.prank(holder);
        cover.claim(first, ID);
        vm.prank(stranger);
        cover.claim(second, ID);
        skip(72 hours);
        cover.settle(second, ID);
        cover.settle(first, ID);
        vm.assertEq(cover.owedTo(holder), SUM);
        vm.assertEq(cover.owedTo(stranger), SUM);
        vm.assertEq(cover.pool(), 0);
    }

    function test_A_policy_frees_its_reserve_when_nothing_can_be_claimed() public {
        uint256 policy = insured(5_000_000e18);
        vm.prank(holder);
        cover.claim(policy, ID);
        uint64 last = cover.policyOf(policy).until + 35 days;
        vm.warp(last);
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.TooEarly.selector, last + 1));
        cover.end(policy);
        vm.warp(last + 1);
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.ClaimsAreOpen.selector, policy));
        cover.end(policy);
        cover.settle(policy, ID);
        cover.end(policy);
        vm.assertEq(cover.reserved(), 0);
    }

    function test_A_premium_above_the_buyers_most_is_refused() public {
        give(holder, SUM);
        vm.prank(holder);
        vm.expectPartialRevert(ParametricCover.PremiumTooHigh.selector);
        cover.buy(SUM, 100 days, 1);
    }
}
