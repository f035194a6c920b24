// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Source} from "../../src/Feeds.sol";
import {Governed} from "../../src/Governed.sol";
import {Loosening} from "../../src/Loosening.sol";
import {Grade, PegGate} from "../../src/PegGate.sol";
import {Role, TwoPersons} from "../../src/TwoPersons.sol";
import {PegTest, TestFeed} from "./PegTest.sol";

contract PegSettingsTest is PegTest {
    function setUp() public override {
        super.setUp();
        deploy(3);
    }

    function test_Risk_tightens_at_once() public {
        sayBps(30);
        expectGrade(Grade.Calm);
        PegGate.Settings memory set = usual(3);
        (set.tightenBps, set.stopMintBps, set.stopParBps, set.factor) = (20, 25, 30, 10);
        vm.prank(risk);
        peg.tighten(set);
        expectGrade(Grade.StopPar);
        vm.assertEq(peg.tightenFactor(), 10);
    }

    function test_N09_nobody_loosens_at_once() public {
        PegGate.Settings memory set;
        for (uint256 field = 0; field < 10; field++) {
            set = usual(3);
            if (field == 0) set.tightenBps++;
            if (field == 1) set.stopMintBps++;
            if (field == 2) set.stopParBps++;
            if (field == 3) set.queueBps++;
            if (field == 4) set.tightenAboveBps++;
            if (field == 5) set.stopMintAboveBps++;
            if (field == 6) set.factor--;
            if (field == 7) set.quorum--;
            if (field == 8) set.blindGrade = Grade.Calm;
            if (field == 9) set.lowerOfParAndMarket = true;
            vm.prank(governance);
            vm.expectPartialRevert(PegGate.NotTighter.selector);
            peg.tighten(set);
        }
    }

    function test_Governance_loosens_after_the_delay_only() public {
        PegGate.Settings memory set = usual(3);
        (set.tightenBps, set.factor) = (80, 1);
        vm.prank(governance);
        peg.scheduleLoosening(set, asSources());
        skip(DELAY - 1);
        vm.expectPartialRevert(Loosening.NotDue.selector);
        peg.loosen(set, asSources());
        skip(1);
        sayAll(1000);
        vm.prank(stranger);
        peg.loosen(set, asSources());
        vm.assertEq(peg.settings().tightenBps, 80);
        vm.expectPartialRevert(Loosening.NothingScheduled.selector);
        peg.loosen(set, asSources());
    }

    function test_Tightening_drops_the_loosening_that_waits() public {
        PegGate.Settings memory set = usual(3);
        set.tightenBps = 80;
        vm.prank(governance);
        peg.scheduleLoosening(set, asSources());
        PegGate.Settings memory tighter = usual(3);
        tighter.tightenBps = 40;
        vm.prank(risk);
        peg.tighten(tighter);
        skip(DELAY);
        sayAll(1000);
        vm.expectPartialRevert(Loosening.NothingScheduled.selector);
        peg.loosen(set, asSources());
    }

    function test_A_dead_source_is_replaced_after_the_delay() public {
        feeds[0].setMood(TestFeed.Mood.Reverts);
        feeds[1].setMood(TestFeed.Mood.Reverts);
        expectGrade(Grade.Tighten);
        (feeds[0], feeds[1]) = (new TestFeed(), new TestFeed());
        vm.prank(governance);
        peg.scheduleLoosening(usual(3), asSources());
        skip(DELAY);
        vm.expectRevert(PegGate.Blind.selector);
        peg.loosen(usual(3), asSources());
        sayAll(1000);
        peg.loosen(usual(3), asSources());
        expectGrade(Grade.Calm);
    }

    function test_Nobody_else_changes_the_peg() public {
        address[5] memory others = [pauser, recoverer, attester, vmKeys.addr(1), stranger];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(TwoPersons.NotInRole.selector, others[i], Role.Risk));
            peg.tighten(usual(3));
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(TwoPersons.NotInRole.selector, others[i], Role.Governance));
            peg.scheduleLoosening(usual(3), asSources());
        }
        vm.prank(risk);
        vm.expectRevert(abi.encodeWithSelector(TwoPersons.NotInRole.selector, risk, Role.Governance));
        peg.scheduleLoosening(usual(3), asSources());
    }

    function test_Settings_and_sources_are_bounded() public {
        PegGate.Settings memory set;
        for (uint256 field = 0; field < 11; field++) {
            set = usual(3);
            if (field == 0) set.tightenBps = TIGHTEST_BPS - 1;
            if (field == 1) set.stopMintBps = set.tightenBps - 1;
            if (field == 2) set.stopParBps = set.stopMintBps - 1;
            if (field == 3) set.queueBps = set.stopParBps - 1;
            if (field == 4) set.queueBps = 10_000;
            if (field == 5) set.tightenAboveBps = TIGHTEST_BPS - 1;
            if (field == 6) set.stopMintAboveBps = set.tightenAboveBps - 1;
            if (field == 7) set.factor = 0;
            if (field == 8) set.factor = LARGEST_FACTOR + 1;
            if (field == 9) set.quorum = 1;
            if (field == 10) set.blindGrade = Grade.Calm;
            refused(PegGate.SettingsNotUsable.selector, set, asSources());
        }
        set = usual(3);
        set.quorum = 4;
        refused(PegGate.SettingsNotUsable.selector, set, asSources());
        refused(PegGate.SourcesNotUsable.selector, usual(3), new Source[](1));
        refused(PegGate.SourcesNotUsable.selector, usual(8), new Source[](8));
        Source[] memory list = asSources();
        list[1].feed = list[0].feed;
        refused(PegGate.SourceNotUsable.selector, usual(3), list);
        list = asSources();
        list[0].decimals = 19;
        refused(PegGate.SourceNotUsable.selector, usual(3), list);
        list = asSources();
        list[0].maxAgeSeconds = 7 days + 1;
        refused(PegGate.SourceNotUsable.selector, usual(3), list);
        list = asSources();
        list[0].feed = stranger;
        refused(Governed.NotDeployed.selector, usual(3), list);
        list = asSources();
        (list[0].decimals, list[1].decimals) = (18, 18);
        refused(PegGate.Blind.selector, usual(3), list);
    }

    function refused(bytes4 selector, PegGate.Settings memory set, Source[] memory list) private {
        vm.expectPartialRevert(selector);
        new PegGate(controls, DELAY, TIGHTEST_BPS, LARGEST_FACTOR, set, list);
    }
}
