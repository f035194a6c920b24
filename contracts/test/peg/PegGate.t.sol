// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Answer, Feeds, Source} from "../../src/Feeds.sol";
import {Grade, PegGate} from "../../src/PegGate.sol";
import {PegTest, TestFeed} from "./PegTest.sol";

contract PegGateTest is PegTest {
    function setUp() public override {
        super.setUp();
        deploy(3);
    }

    function test_Each_threshold_below_par_is_reached_when_equal() public {
        uint16[5] memory bps = [0, 50, 100, 200, 500];
        for (uint256 i = 0; i < bps.length; i++) {
            sayBps(bps[i]);
            expectGrade(Grade(i));
            if (i == 0) continue;
            for (uint256 f = 0; f < 3; f++) {
                feeds[f].set(int256(1e8 - uint256(bps[i]) * 1e4 + 1), block.timestamp);
            }
            expectGrade(Grade(i - 1));
        }
    }

    function test_Above_par_nothing_that_leaves_is_stopped() public {
        sayAll(1009);
        expectGrade(Grade.Calm);
        sayAll(1010);
        expectGrade(Grade.Tighten);
        sayAll(1100);
        expectGrade(Grade.StopMint);
        sayAll(1_000_000);
        expectGrade(Grade.StopMint);
    }

    function test_One_source_of_three_can_neither_tighten_nor_loosen_alone() public {
        say(0, 1);
        expectGrade(Grade.Calm);
        say(0, 5000);
        expectGrade(Grade.Calm);
        sayAll(940);
        say(0, 1000);
        expectGrade(Grade.Queue);
    }

    function test_Of_two_sources_the_worse_counts() public {
        deploy(2);
        say(1, 979);
        expectGrade(Grade.StopPar);
        (bool sighted, uint256 low, uint256 high) = peg.prices();
        vm.assertTrue(sighted);
        vm.assertEq(low, 0.979e18);
        vm.assertEq(high, 1e18);
    }

    function test_N04_a_source_that_is_not_fresh_counts_at_its_worst() public {
        for (uint256 flaw = 0; flaw < 12; flaw++) {
            deploy(3);
            say(1, 985);
            expectGrade(Grade.Calm);
            spoil(feeds[2], flaw);
            (bool sighted, uint256 low, uint256 high) = peg.prices();
            vm.assertTrue(sighted);
            vm.assertEq(low, 0.985e18);
            vm.assertEq(high, 1e18);
            expectGrade(Grade.StopMint);
        }
    }

    function test_N04_without_a_quorum_the_gate_limits_and_does_not_revert() public {
        for (uint256 flaw = 0; flaw < 12; flaw++) {
            deploy(3);
            for (uint256 f = 0; f < 3; f++) {
                spoil(feeds[f], flaw);
            }
            (bool sighted,,) = peg.prices();
            vm.assertFalse(sighted);
            expectGrade(Grade.Tighten);
            vm.assertEq(peg.redeemPrice(), 1e18);
        }
    }

    function test_N04_the_edge_of_the_age() public {
        deploy(2);
        skip(MAX_AGE);
        expectGrade(Grade.Calm);
        skip(1);
        expectGrade(Grade.Tighten);
    }

    function test_N04_an_old_price_still_tightens() public {
        deploy(2);
        sayAll(900);
        skip(MAX_AGE + 1);
        expectGrade(Grade.Queue);
        say(0, 1000);
        expectGrade(Grade.Queue);
        say(1, 1000);
        expectGrade(Grade.Calm);
    }

    function test_N04_a_dead_feed_leaves_what_was_recorded() public {
        PegGate.Settings memory set = usual(2);
        set.lowerOfParAndMarket = true;
        deploy(2, set);
        sayAll(970);
        vm.prank(stranger);
        peg.record();
        feeds[0].setMood(TestFeed.Mood.Reverts);
        feeds[1].setMood(TestFeed.Mood.Reverts);
        expectGrade(Grade.StopPar);
        vm.assertEq(peg.redeemPrice(), 0.97e18);
        peg.record();
        expectGrade(Grade.StopPar);
        feeds[0].setMood(TestFeed.Mood.Honest);
        feeds[1].setMood(TestFeed.Mood.Honest);
        sayAll(1000);
        expectGrade(Grade.Calm);
        vm.assertEq(peg.redeemPrice(), 1e18);
    }

    function test_N04_recording_while_blind_only_tightens() public {
        deploy(2);
        sayAll(985);
        peg.record();
        say(0, 1000);
        feeds[1].setMood(TestFeed.Mood.Reverts);
        peg.record();
        (Grade grade, uint256 price) = peg.recorded();
        vm.assertEq(uint8(grade), uint8(Grade.StopMint));
        vm.assertEq(price, 0.985e18);
        say(0, 970);
        peg.record();
        (grade, price) = peg.recorded();
        vm.assertEq(uint8(grade), uint8(Grade.StopPar));
        vm.assertEq(price, 0.97e18);
    }

    function test_N04_a_caller_with_little_gas_cannot_choose_which_sources_are_heard() public {
        sayAll(900);
        for (uint256 limit = 30_000; limit < 400_000; limit += 1_500) {
            try peg.grade{gas: limit}() returns (uint8 grade) {
                vm.assertEq(grade, uint8(Grade.Queue));
            } catch {}
        }
    }

    function test_A_source_that_eats_gas_costs_a_bounded_amount() public {
        for (uint256 f = 0; f < 3; f++) {
            feeds[f].setMood(TestFeed.Mood.EatsGas);
        }
        uint256 before = gasleft();
        peg.grade();
        vm.assertLt(before - gasleft(), 3 * 250_000);
    }

    function test_A_source_that_answers_at_once_needs_no_more_gas_than_that() public view {
        vm.assertEq(peg.grade{gas: 200_000}(), uint8(Grade.Calm));
    }

    function test_An_answer_that_is_cut_short_or_has_no_date_is_none() public {
        expectPriced(true);
        feeds[0].setMood(TestFeed.Mood.Cut);
        expectPriced(false);
        feeds[0].setMood(TestFeed.Mood.Honest);
        feeds[0].set(1e8, 0);
        expectPriced(false);
    }

    function test_A_source_without_decimals_is_none_even_where_0_are_expected() public {
        feeds[0].setDecimals(0);
        feeds[0].set(1, block.timestamp);
        expectPriced(0, true);
        feeds[0].setSaysNoDecimals(true);
        expectPriced(0, false);
    }

    function expectPriced(bool isSo) private view {
        expectPriced(8, isSo);
    }

    /// @dev Whether the first source, of so many decimals, gives any price.
    function expectPriced(uint8 decimals, bool isSo) private view {
        (Answer answer,) = Feeds.read(Source(address(feeds[0]), decimals, MAX_AGE));
        vm.assertEq(uint8(answer), uint8(isSo ? Answer.Fresh : Answer.None));
    }

    function test_Too_little_gas_to_hear_a_source_out_is_an_error() public {
        feeds[0].setMood(TestFeed.Mood.EatsGas);
        vm.expectRevert(abi.encodeWithSelector(Feeds.NotEnoughGas.selector, feeds[0]));
        peg.grade{gas: 150_000}();
    }

    function test_Decimals_of_any_kind_give_the_same_price(uint8 decimals) public {
        decimals = uint8(within(decimals, 1, 18));
        Source[] memory list = asSources();
        for (uint256 f = 0; f < 3; f++) {
            feeds[f].setDecimals(decimals);
            feeds[f].set(int256(9 * 10 ** (decimals - 1)), block.timestamp);
            list[f].decimals = decimals;
        }
        peg = new PegGate(controls, DELAY, TIGHTEST_BPS, LARGEST_FACTOR, usual(3), list);
        (, uint256 low, uint256 high) = peg.prices();
        vm.assertEq(low, 0.9e18);
        vm.assertEq(high, 0.9e18);
    }

    function test_Redemption_is_at_the_lower_of_par_and_market() public {
        sayAll(980);
        vm.assertEq(peg.redeemPrice(), 1e18);
        PegGate.Settings memory set = usual(3);
        set.lowerOfParAndMarket = true;
        deploy(3, set);
        vm.assertTrue(peg.lowerOfParAndMarket());
        sayAll(980);
        vm.assertEq(peg.redeemPrice(), 0.98e18);
        sayAll(1020);
        vm.assertEq(peg.redeemPrice(), 1e18);
    }

    /// @dev Everything that can be wrong with a source, each by itself. Those with a price keep par.
    function spoil(TestFeed feed, uint256 flaw) private {
        if (flaw == 0) feed.set(1e8, block.timestamp - MAX_AGE - 1);
        if (flaw == 1) feed.set(0, block.timestamp);
        if (flaw == 2) feed.set(-1, block.timestamp);
        if (flaw == 3) feed.set(1e8, block.timestamp + 1);
        if (flaw == 4) feed.set(1e8, 0);
        if (flaw == 5) feed.setDecimals(18);
        if (flaw == 6) feed.setRounds(7, 6);
        if (flaw == 7) feed.setMood(TestFeed.Mood.Reverts);
        if (flaw == 8) feed.setMood(TestFeed.Mood.EatsGas);
        if (flaw == 9) feed.setMood(TestFeed.Mood.Short);
        if (flaw == 10) feed.setMood(TestFeed.Mood.Bomb);
        if (flaw == 11) feed.set(type(int256).max, block.timestamp);
    }
}
