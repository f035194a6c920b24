// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ParametricCover} from "../../demo/ParametricCover.sol";
import {Incident} from "../../src/IncidentRegistry.sol";
import {CoverTest} from "./CoverTest.sol";

contract ParametricCoverTest is CoverTest {
    function test_Each_band_pays_its_share() public {
        uint256[5] memory lost = [uint256(1_000_000e18), 4_999_999e18, 5_000_000e18, 20_000_000e18, type(uint256).max];
        uint256[5] memory due = [SUM / 4, SUM / 4, SUM / 2, SUM, SUM];
        for (uint256 i = 0; i < lost.length; i++) {
            setUp();
            uint256 policy = insured(lost[i]);
            vm.prank(holder);
            cover.claim(policy, ID);
            skip(72 hours);
            cover.settle(policy, ID);
            vm.assertEq(cover.owedTo(holder), due[i]);
        }
    }

    function test_A_loss_below_the_first_band_pays_nothing() public {
        uint256 policy = insured(1_000_000e18 - 1);
        expectNotCovered(policy);
        vm.prank(holder);
        cover.claim(policy, ID);
    }

    function test_It_pays_once_and_after_its_own_delay() public {
        uint256 policy = insured(5_000_000e18);
        vm.prank(holder);
        cover.claim(policy, ID);
        uint256 payableAt = block.timestamp + 72 hours;
        vm.warp(payableAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.TooEarly.selector, uint64(payableAt)));
        cover.settle(policy, ID);
        vm.warp(payableAt);
        vm.prank(stranger);
        cover.settle(policy, ID);
        expectStage(policy, ParametricCover.Stage.Closed);
        cover.settle(policy, ID);
        expectStage(policy, ParametricCover.Stage.Closed);
        vm.prank(holder);
        cover.claim(policy, ID);
        uint256 before = asset.balanceOf(holder);
        cover.collect(holder);
        cover.collect(holder);
        vm.assertEq(asset.balanceOf(holder) - before, SUM / 2);
    }

    function test_Nobody_but_the_holder_settles_by_a_first_small_estimate() public {
        uint256 policy = insured(1_000_000e18);
        vm.prank(underwriter);
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.NotHolderOf.selector, holder, underwriter));
        cover.claim(policy, ID);
        Incident memory known = registry.entryOf(ID).incident;
        (known.lossUsd, known.sequence) = (20_000_000e18, 2);
        amend(known);
        vm.prank(holder);
        cover.claim(policy, ID);
        skip(72 hours);
        cover.settle(policy, ID);
        vm.assertEq(cover.owedTo(holder), SUM);
    }

    function test_A_withdrawn_incident_pays_nothing() public {
        uint256 policy = insured(5_000_000e18);
        vm.prank(holder);
        cover.claim(policy, ID);
        withdraw(ID, 2);
        skip(72 hours);
        cover.settle(policy, ID);
        vm.assertEq(cover.owedTo(holder), 0);
        vm.assertEq(cover.policyOf(policy).left, SUM);
        expectStage(policy, ParametricCover.Stage.Closed);
        cover.settle(policy, ID);
    }

    function test_An_amended_incident_waits_again_and_pays_by_what_it_says_then() public {
        uint256 policy = insured(20_000_000e18);
        vm.prank(holder);
        cover.claim(policy, ID);
        skip(71 hours);
        Incident memory incident = registry.entryOf(ID).incident;
        (incident.sequence, incident.lossUsd) = (2, 1_000_000e18);
        amend(incident);
        skip(1 hours);
        vm.expectPartialRevert(ParametricCover.TooEarly.selector);
        cover.settle(policy, ID);
        skip(71 hours);
        cover.settle(policy, ID);
        vm.assertEq(cover.owedTo(holder), SUM / 4);
    }

    function test_An_incident_of_another_protocol_is_not_covered() public {
        uint256 policy = buy(holder, SUM);
        skip(10 days);
        Incident memory incident = usual();
        incident.protocol = stranger;
        attest(incident);
        expectNotCovered(policy);
        vm.prank(holder);
        cover.claim(policy, ID);
    }

    function test_An_incident_outside_the_period_is_not_covered(uint256 at) public {
        uint256 policy = buy(holder, SUM);
        (uint64 from, uint64 until) = (cover.policyOf(policy).from, cover.policyOf(policy).until);
        vm.assertEq(from, NOW + 7 days);
        skip(120 days);
        Incident memory incident = usual();
        incident.startedAt = uint64(within(at, NOW, block.timestamp));
        attest(incident);
        bool covered = incident.startedAt >= from && incident.startedAt < until;
        if (!covered) expectNotCovered(policy);
        vm.prank(holder);
        cover.claim(policy, ID);
    }

    function test_What_is_not_attested_is_not_covered() public {
        uint256 policy = buy(holder, SUM);
        expectNotCovered(policy);
        vm.prank(holder);
        cover.claim(policy, ID);
    }

    function test_A_claim_comes_in_time() public {
        uint256 policy = insured(5_000_000e18);
        vm.warp(cover.policyOf(policy).until + 35 days + 1);
        vm.expectPartialRevert(ParametricCover.TooLate.selector);
        vm.prank(holder);
        cover.claim(policy, ID);
    }

    function expectNotCovered(uint256 policy) private {
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.NotCovered.selector, policy, ID));
    }
}
