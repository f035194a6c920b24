// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Loosening} from "../../src/Loosening.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {TwoPersons} from "../../src/TwoPersons.sol";
import {Coin, HubTest} from "../base/HubTest.sol";

contract OutflowRulesTest is HubTest {
    function test_N09_nobody_raises_a_limit_at_once() public {
        OutflowLimits.Rule memory looser = rule();
        looser.cap = 1001;
        vm.startPrank(governance);
        vm.expectRevert(OutflowLimits.NotTighter.selector);
        limits.tighten(address(vault), address(coin), looser, REASON);
        vm.expectPartialRevert(OutflowLimits.RuleExists.selector);
        limits.setRule(address(vault), address(coin), looser, REASON);
        limits.scheduleLoosening(address(vault), address(coin), looser);
        skip(LOOSENING_DELAY - 1);
        vm.expectPartialRevert(Loosening.NotDue.selector);
        limits.loosen(address(vault), address(coin), looser);
        skip(1);
        vm.stopPrank();
        limits.loosen(address(vault), address(coin), looser);
        vm.assertEq(limits.ruleOf(address(vault), address(coin)).cap, 1001);
    }

    function test_N09_only_governance_schedules_and_only_what_it_scheduled_is_done() public {
        OutflowLimits.Rule memory looser = rule();
        looser.cap = 2000;
        address[4] memory others = [risk, pauser, recoverer, stranger];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            vm.expectPartialRevert(TwoPersons.NotInRole.selector);
            limits.scheduleLoosening(address(vault), address(coin), looser);
        }
        vm.prank(governance);
        limits.scheduleLoosening(address(vault), address(coin), looser);
        skip(LOOSENING_DELAY);
        looser.cap = 3000;
        vm.expectPartialRevert(Loosening.NothingScheduled.selector);
        limits.loosen(address(vault), address(coin), looser);
        looser.cap = 2000;
        limits.loosen(address(vault), address(coin), looser);
        vm.expectPartialRevert(Loosening.NothingScheduled.selector);
        limits.loosen(address(vault), address(coin), looser);
    }

    function test_N09_a_tightening_drops_what_was_scheduled() public {
        OutflowLimits.Rule memory next = rule();
        next.cap = 5000;
        vm.prank(governance);
        limits.scheduleLoosening(address(vault), address(coin), next);
        _tighten(500);
        skip(LOOSENING_DELAY);
        vm.expectPartialRevert(Loosening.NothingScheduled.selector);
        limits.loosen(address(vault), address(coin), next);
    }

    function test_N09_what_was_scheduled_long_ago_has_expired() public {
        OutflowLimits.Rule memory next = rule();
        next.cap = 5000;
        vm.prank(governance);
        limits.scheduleLoosening(address(vault), address(coin), next);
        skip(LOOSENING_DELAY + 7 days + 1);
        vm.expectPartialRevert(Loosening.LooseningHasExpired.selector);
        limits.loosen(address(vault), address(coin), next);
    }

    function test_N09_governance_or_risk_cancels_a_loosening_and_nobody_else() public {
        OutflowLimits.Rule memory next = rule();
        next.cap = 5000;
        bytes32 key = limits.keyOf(address(vault), address(coin));
        address[2] memory able = [governance, risk];
        for (uint256 i = 0; i < able.length; i++) {
            vm.prank(governance);
            limits.scheduleLoosening(address(vault), address(coin), next);
            vm.prank(stranger);
            vm.expectPartialRevert(TwoPersons.NotInRole.selector);
            limits.cancelLoosening(key);
            vm.prank(able[i]);
            limits.cancelLoosening(key);
        }
        skip(LOOSENING_DELAY);
        vm.expectPartialRevert(Loosening.NothingScheduled.selector);
        limits.loosen(address(vault), address(coin), next);
    }

    function test_A_stolen_risk_key_makes_limits_a_tenth_at_most(uint128[5] memory wanted, uint16 share, uint16 blocks)
        public
    {
        OutflowLimits.Rule memory granted = fullRule();
        Coin other = _list(granted);
        skip(3 * WINDOW);
        uint256 before = limits.limitOf(address(vault), address(other));
        vm.startPrank(risk);
        for (uint256 i = 0; i < 5; i++) {
            OutflowLimits.Rule memory next = limits.ruleOf(address(vault), address(other));
            next.cap = uint128(within(wanted[i], 0, next.cap));
            next.floor = uint128(within(wanted[4 - i], 0, next.floor));
            next.single = uint128(within(wanted[(i + 1) % 5], 0, next.single));
            next.perAccount = uint128(within(wanted[(i + 2) % 5], 0, next.perAccount));
            next.shareBps = uint16(within(share, 0, next.shareBps));
            next.setOffBlocks = uint16(within(blocks, 0, next.setOffBlocks));
            try limits.tighten(address(vault), address(other), next, REASON) {} catch {}
        }
        vm.stopPrank();
        OutflowLimits.Rule memory last = limits.ruleOf(address(vault), address(other));
        vm.assertGe(last.cap * 10, granted.cap, "cap");
        vm.assertGe(last.single * 10, granted.single, "single");
        vm.assertGe(last.perAccount * 10, granted.perAccount, "account");
        vm.assertGe(uint256(last.setOffBlocks) * 10, granted.setOffBlocks, "set-off");
        vm.assertGe(limits.limitOf(address(vault), address(other)) * 10 + 10, before, "limit");
        vm.assertEq(last.attestAbove, UNLIMITED, "attestation introduced");
    }

    function test_A_tenth_can_be_reached_and_no_repetition_goes_below() public {
        _tighten(500);
        _tighten(100);
        vm.assertEq(limit(), 100);
        OutflowLimits.Rule memory next = rule();
        (next.cap, next.floor) = (99, 99);
        vm.prank(risk);
        vm.expectRevert(OutflowLimits.NotTighter.selector);
        limits.tighten(address(vault), address(coin), next, REASON);
    }

    function test_Only_risk_and_governance_tighten() public {
        OutflowLimits.Rule memory next = rule();
        next.cap = next.floor = 500;
        address[5] memory others = [pauser, recoverer, attester, stranger, address(vault)];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            vm.expectPartialRevert(TwoPersons.NotInRole.selector);
            limits.tighten(address(vault), address(coin), next, REASON);
        }
        vm.prank(governance);
        limits.tighten(address(vault), address(coin), next, REASON);
        vm.assertEq(limit(), 500);
    }

    function test_A_windows_length_never_changes() public {
        OutflowLimits.Rule memory next = rule();
        next.windowSeconds = 2 days;
        vm.prank(governance);
        vm.expectPartialRevert(OutflowLimits.WindowIsFixed.selector);
        limits.scheduleLoosening(address(vault), address(coin), next);
        vm.prank(risk);
        vm.expectRevert(OutflowLimits.NotTighter.selector);
        limits.tighten(address(vault), address(coin), next, REASON);
    }

    function test_Rules_that_contradict_themselves_are_refused() public {
        OutflowLimits.Rule[5] memory bad = [rule(), rule(), rule(), rule(), rule()];
        bad[0].floor = 1001;
        bad[1].shareBps = 10_001;
        bad[2].windowSeconds = 1 hours - 1;
        bad[3].accountWindowSeconds = 0;
        bad[4].setOffBlocks = 7201;
        vm.startPrank(governance);
        for (uint256 i = 0; i < bad.length; i++) {
            vm.expectRevert(OutflowLimits.RuleNotUsable.selector);
            limits.setRule(address(vault), address(0xbad), bad[i], REASON);
        }
    }

    function test_A_tightened_limit_takes_back_nothing_and_lets_nothing_pass_until_the_window_fits() public {
        vm.assertTrue(withdraw(alice, 800));
        _tighten(500);
        vm.assertFalse(withdraw(alice, 1));
        skip(WINDOW);
        vm.assertTrue(withdraw(alice, 500));
    }

    function _list(OutflowLimits.Rule memory first) private returns (Coin other) {
        other = new Coin();
        other.mint(address(vault), 1_000_000);
        list(address(other), first);
    }

    function _tighten(uint128 to) private {
        OutflowLimits.Rule memory next = limits.ruleOf(address(vault), address(coin));
        (next.cap, next.floor) = (to, to);
        vm.prank(risk);
        limits.tighten(address(vault), address(coin), next, REASON);
    }
}
