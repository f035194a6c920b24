// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Grade, PegGate} from "../../src/PegGate.sol";
import {PegTest, TestFeed} from "./PegTest.sol";

/// @dev The statements at the head of PegGate, on random sources.
contract PegPropertiesTest is PegTest {
    uint256 private constant FRESH = 0;
    uint256 private constant OLD = 1;
    uint256 private constant NONE = 2;

    /// @dev What each source says, so that the tests know it without the gate.
    uint256[] private said;
    uint256[] private state;

    function test_The_prices_are_the_medians_of_a_sorted_list(uint256 seed) public {
        uint256 count = arrange(seed, false);
        uint256[] memory all = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            all[i] = said[i];
        }
        sort(all);
        (bool sighted, uint256 low, uint256 high) = peg.prices();
        vm.assertTrue(sighted);
        vm.assertEq(low, all[(count - 1) / 2]);
        vm.assertEq(high, all[count / 2]);
    }

    function test_Low_and_high_are_the_medians_with_what_is_not_fresh_at_its_worst(uint256 seed) public {
        uint256 count = arrange(seed, true);
        (bool sighted, uint256 low, uint256 high) = peg.prices();
        uint256[] memory bottom = new uint256[](count);
        uint256[] memory top = new uint256[](count);
        uint256 fresh;
        for (uint256 i = 0; i < count; i++) {
            bool isFresh = state[i] == FRESH;
            if (isFresh) fresh++;
            bottom[i] = isFresh ? said[i] : 0;
            top[i] = isFresh ? said[i] : type(uint256).max;
        }
        vm.assertTrue(sighted == (fresh >= peg.settings().quorum));
        if (!sighted) return;
        sort(bottom);
        sort(top);
        vm.assertEq(low, bottom[(count - 1) / 2]);
        vm.assertEq(high, top[count / 2]);
    }

    function test_N04_making_a_source_old_never_loosens(uint256 seed) public {
        uint256 count = arrange(seed, true);
        if (seed % 3 == 0) peg.record();
        (uint256 grade, uint256 price) = (peg.grade(), peg.redeemPrice());
        uint256 first = seed >> 200;
        for (uint256 i = 0; i < count; i++) {
            uint256 which = (first + i) % count;
            if (state[which] != FRESH) continue;
            make(which, OLD, seed >> i);
            (uint256 gradeNow, uint256 priceNow) = (peg.grade(), peg.redeemPrice());
            vm.assertGe(gradeNow, grade, "an old source loosened");
            vm.assertLe(priceNow, price, "an old source raised the price");
            (grade, price) = (gradeNow, priceNow);
        }
    }

    function test_N04_a_source_that_stops_answering_never_loosens_what_is_known(uint256 seed) public {
        uint256 count = arrange(seed, true);
        if (seed % 3 == 0) peg.record();
        (uint256 grade, uint256 price) = (peg.grade(), peg.redeemPrice());
        uint256 first = seed >> 200;
        for (uint256 i = 0; i < count; i++) {
            make((first + i) % count, NONE, seed >> i);
            (bool sighted,,) = peg.prices();
            (uint256 gradeNow, uint256 priceNow) = (peg.grade(), peg.redeemPrice());
            if (sighted) {
                vm.assertGe(gradeNow, grade, "a dead source loosened");
                vm.assertLe(priceNow, price, "a dead source raised the price");
                (grade, price) = (gradeNow, priceNow);
            } else {
                (Grade recorded, uint256 recordedPrice) = peg.recorded();
                vm.assertGe(gradeNow, uint256(peg.settings().blindGrade), "looser than set for blindness");
                vm.assertGe(gradeNow, uint256(recorded), "looser than recorded");
                vm.assertLe(priceNow, recordedPrice, "dearer than recorded");
            }
        }
    }

    /// @dev With the grade for blindness at Queue, no source loosens by anything but a fresh price.
    function test_N04_blind_at_queue_nothing_but_a_fresh_price_loosens(uint256 seed) public {
        uint256 count = arrange(seed, true);
        PegGate.Settings memory set = peg.settings();
        set.blindGrade = Grade.Queue;
        vm.prank(governance);
        peg.tighten(set);
        uint256 grade = peg.grade();
        for (uint256 i = 0; i < count; i++) {
            uint256 to = uint256(keccak256(abi.encode(seed, i))) % 3;
            if (to <= state[i]) continue;
            make(i, to, seed >> i);
            uint256 now_ = peg.grade();
            vm.assertGe(now_, grade, "loosened without a fresh price");
            grade = now_;
        }
    }

    function test_A_minority_that_lies_or_is_silent_moves_no_price_past_the_honest_ones(uint256 seed) public {
        uint256 count = arrange(seed, false);
        uint256 bad = (count - 1) / 2;
        (uint256 least, uint256 most) = (type(uint256).max, 0);
        for (uint256 i = bad; i < count; i++) {
            (least, most) = (said[i] < least ? said[i] : least, said[i] > most ? said[i] : most);
        }
        for (uint256 i = 0; i < bad; i++) {
            uint256 what = uint256(keccak256(abi.encode(seed, i))) % 4;
            if (what == 0) feeds[i].set(1, block.timestamp);
            if (what == 1) feeds[i].set(int256(uint256(type(uint128).max)), block.timestamp);
            if (what == 2) make(i, NONE, seed >> i);
            if (what == 3) make(i, OLD, seed >> i);
        }
        (bool sighted, uint256 low, uint256 high) = peg.prices();
        if (!sighted) return;
        vm.assertTrue(low >= least && low <= most);
        vm.assertTrue(high >= least && high <= most);
    }

    function test_It_takes_more_than_half_to_hide_a_price_below_par(uint256 seed) public {
        uint256 count = arrange(seed, false);
        uint256 most;
        for (uint256 i = count / 2; i < count; i++) {
            most = said[i] > most ? said[i] : most;
        }
        for (uint256 i = 0; i < count / 2; i++) {
            feeds[i].set(2e8, block.timestamp);
        }
        (, uint256 low,) = peg.prices();
        vm.assertLe(low, most);
    }

    /// @dev Two to seven sources with random prices, most near the thresholds; if wanted, some old or without answer.
    function arrange(uint256 seed, bool spoiled) private returns (uint256 count) {
        count = within(seed >> 8, 2, 7);
        PegGate.Settings memory set = usual(count);
        set.lowerOfParAndMarket = true;
        set.quorum = uint8(within(seed >> 16, count / 2 + 1, count));
        set.blindGrade = Grade(within(seed >> 24, 1, 4));
        deploy(count, set);
        delete said;
        delete state;
        for (uint256 i = 0; i < count; i++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, "price", i)));
            uint256 answer = dice % 10 == 0 ? within(dice >> 8, 1, 5e8) : within(dice >> 8, 0.93e8, 1.12e8);
            said.push(answer * 1e10);
            state.push(FRESH);
            feeds[i].set(int256(answer), block.timestamp);
        }
        if (!spoiled) return count;
        for (uint256 i = 0; i < count; i++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, "state", i)));
            if (dice % 4 == 0) make(i, within(dice >> 8, OLD, NONE), dice >> 16);
        }
    }

    function make(uint256 i, uint256 to, uint256 how) private {
        state[i] = to;
        int256 answer = int256(said[i] / 1e10);
        if (to == OLD && how % 2 == 0) feeds[i].set(answer, block.timestamp - MAX_AGE - 1);
        else if (to == OLD) feeds[i].setRounds(7, 6);
        else if (how % 4 == 0) feeds[i].set(-answer, block.timestamp);
        else if (how % 4 == 1) feeds[i].set(answer, block.timestamp + 1);
        else if (how % 4 == 2) feeds[i].setDecimals(6);
        else feeds[i].setMood(TestFeed.Mood.Reverts);
    }

    /// @dev The plainest there is.
    function sort(uint256[] memory list) private pure {
        for (uint256 i = 0; i < list.length; i++) {
            for (uint256 j = i + 1; j < list.length; j++) {
                if (list[j] < list[i]) (list[i], list[j]) = (list[j], list[i]);
            }
        }
    }
}
