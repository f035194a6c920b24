// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Source} from "../../src/Feeds.sol";
import {Grade, PegGate} from "../../src/PegGate.sol";
import {Test} from "../base/Test.sol";
import {PegTest, TestFeed} from "./PegTest.sol";

/// @dev A thief with the risk role at one peg, and the market at that and at a twin that the thief cannot reach.
contract RiskHandler is Test {
    PegGate private immutable _peg;
    PegGate private immutable _twin;
    TestFeed[] private _feeds;
    address private immutable _risk;

    constructor(PegGate peg, PegGate twin, TestFeed[] memory feeds, address risk) {
        (_peg, _twin, _risk) = (peg, twin, risk);
        _feeds = feeds;
    }

    /// @dev Anything at all; nearly always refused.
    function tightenWildly(uint256 seed) external {
        PegGate.Settings memory set = _peg.settings();
        (set.tightenBps, set.stopMintBps, set.stopParBps) = (uint16(seed), uint16(seed >> 16), uint16(seed >> 32));
        (set.queueBps, set.tightenAboveBps, set.factor) = (uint16(seed >> 48), uint16(seed >> 64), uint16(seed >> 80));
        (set.quorum, set.blindGrade) = (uint8(seed >> 96), Grade(seed >> 104 & 3));
        vm.prank(_risk);
        try _peg.tighten(set) {} catch {}
    }

    function tightenWithinReason(uint256 seed) external {
        PegGate.Settings memory set = _peg.settings();
        set.tightenBps = uint16(within(seed, 1, set.tightenBps));
        set.stopMintBps = uint16(within(seed >> 16, set.tightenBps, set.stopMintBps));
        set.stopParBps = uint16(within(seed >> 32, set.stopMintBps, set.stopParBps));
        set.tightenAboveBps = uint16(within(seed >> 48, 1, set.tightenAboveBps));
        set.stopMintAboveBps = uint16(within(seed >> 64, set.tightenAboveBps, set.stopMintAboveBps));
        set.factor = uint16(within(seed >> 80, set.factor, 12));
        if (seed >> 96 & 7 == 0) set.queueBps = uint16(within(seed >> 99, set.stopParBps, set.queueBps));
        if (seed >> 128 & 7 == 0) set.blindGrade = Grade.Queue;
        if (seed >> 131 & 7 == 0) set.quorum = 3;
        vm.prank(_risk);
        try _peg.tighten(set) {} catch {}
    }

    function schedule() external {
        (PegGate.Settings memory set, Source[] memory sources) = (_twin.settings(), _twin.sources());
        vm.prank(_risk);
        try _peg.scheduleLoosening(set, sources) {
            vm.assertTrue(false, "risk scheduled a loosening");
        } catch {}
    }

    function market(uint256 feed, uint256 offBps, bool above, bool wide) external {
        offBps = within(offBps, 0, wide ? 700 : 9);
        uint256 answer = above ? 1e8 + offBps * 1e4 : 1e8 - offBps * 1e4;
        _feeds[feed % 3].set(int256(answer), block.timestamp);
    }

    function age(uint256 seconds_) external {
        vm.warp(block.timestamp + within(seconds_, 1, 15 hours));
    }

    function fail(uint256 feed, bool back) external {
        _feeds[feed % 3].setMood(back ? TestFeed.Mood.Honest : TestFeed.Mood.Reverts);
    }

    function record() external {
        _peg.record();
        _twin.record();
    }
}

contract StolenRiskInvariantTest is PegTest {
    PegGate private twin;
    RiskHandler private handler;

    function setUp() public override {
        super.setUp();
        PegGate.Settings memory set = usual(3);
        set.lowerOfParAndMarket = true;
        deploy(3, set);
        twin = new PegGate(controls, DELAY, TIGHTEST_BPS, LARGEST_FACTOR, set, asSources());
        handler = new RiskHandler(peg, twin, feeds, risk);
    }

    function targetContracts() external view returns (address[] memory) {
        return _list(address(handler));
    }

    /// forge-config: default.invariant.runs = 32
    function invariant_A_stolen_risk_role_queues_nothing_and_sets_no_price() public view {
        vm.assertTrue((peg.grade() == uint8(Grade.Queue)) == (twin.grade() == uint8(Grade.Queue)));
        vm.assertEq(peg.redeemPrice(), twin.redeemPrice());
        vm.assertTrue(peg.lowerOfParAndMarket() == twin.lowerOfParAndMarket());
    }

    /// forge-config: default.invariant.runs = 32
    function invariant_A_stolen_risk_role_loosens_nothing() public view {
        vm.assertGe(peg.grade(), twin.grade(), "looser than without the thief");
        vm.assertGe(peg.tightenFactor(), twin.tightenFactor(), "a smaller factor");
    }

    /// forge-config: default.invariant.runs = 32
    function invariant_A_stolen_risk_role_stops_nothing_while_the_peg_holds() public view {
        (bool sighted, uint256 low, uint256 high) = peg.prices();
        bool holds = sighted && low > 1e18 - 1e14 * uint256(TIGHTEST_BPS) && high < 1e18 + 1e14 * uint256(TIGHTEST_BPS);
        if (holds) vm.assertEq(peg.grade(), uint8(Grade.Calm));
        vm.assertLe(peg.tightenFactor(), LARGEST_FACTOR);
    }
}
