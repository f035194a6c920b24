// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Loosening} from "../../src/Loosening.sol";
import {WithdrawalQueue} from "../../src/WithdrawalQueue.sol";
import {Role, TwoPersons} from "../../src/TwoPersons.sol";
import {Coin, HubTest} from "../base/HubTest.sol";

/// @dev 500 of the queue are released in a window, and 300 can be cancelled.
contract WithdrawalQueueTest is HubTest {
    function test_N13_an_exit_over_the_limit_is_queued_and_paid_later_never_refused(uint96 amount) public {
        amount = uint96(within(amount, 1001, 10_000));
        vm.assertFalse(withdraw(alice, amount));
        uint256 rounds = (uint256(amount) + 499) / 500;
        _mature();
        for (uint256 i = 0; i < rounds; i++) {
            queue.release(address(vault), address(coin));
            queue.claim(0);
            skip(WINDOW);
        }
        vm.assertEq(coin.balanceOf(alice), amount);
        vm.assertEq(queue.owedOf(address(coin)), 0);
    }

    function test_N13_a_batch_released_in_part_is_paid_pro_rata() public {
        uint256 large = _queue(thief, 9000);
        uint256 small = _queue(alice, 1000);
        _mature();
        vm.assertEq(_release(), 500);
        vm.assertEq(_release(), 0);
        vm.assertEq(queue.claim(large), 450);
        vm.assertEq(queue.claim(small), 50);
        skip(WINDOW);
        vm.assertEq(_release(), 500);
        vm.assertEq(queue.claim(small), 50);
    }

    function test_N13_a_large_claim_in_the_queue_leaves_direct_exits_open() public {
        _queue(thief, 500_000);
        vm.assertTrue(withdraw(alice, 1000));
    }

    function test_Nothing_is_released_before_it_has_matured() public {
        uint256 id = _queue(alice, 2000);
        vm.warp(queue.batchOf(id).maturesAt - 1);
        vm.assertEq(_release(), 0);
        skip(1);
        vm.assertEq(_release(), 500);
    }

    function test_Every_entry_waits_for_the_delay_at_least(uint32 later) public {
        skip(later % (3 * BATCH));
        uint256 id = _queue(alice, 2000);
        vm.assertGe(queue.batchOf(id).maturesAt, block.timestamp + DELAY, "too early");
        vm.assertLe(queue.batchOf(id).maturesAt, block.timestamp + DELAY + BATCH);
    }

    function test_Older_batches_come_first() public {
        uint256 first = _queue(alice, 2000);
        skip(BATCH);
        uint256 second = _queue(bob, 2000);
        _mature();
        for (uint256 i = 0; i < 4; i++) {
            _release();
            vm.assertEq(queue.claimable(second), 0);
            skip(WINDOW);
        }
        vm.assertEq(queue.claimable(first), 2000);
        _release();
        vm.assertEq(queue.claimable(second), 500);
    }

    function test_Nobody_is_held_up_by_many_small_batches() public {
        for (uint256 i = 0; i < 40; i++) {
            _enqueueDirectly(thief, 1);
            skip(BATCH);
        }
        uint256 id = _enqueueDirectly(alice, 400);
        _mature();
        for (uint256 i = 0; i < 3; i++) {
            _release();
        }
        vm.assertEq(queue.claimable(id), 400);
    }

    function test_Anyone_can_claim_but_it_is_the_account_that_is_paid() public {
        uint256 id = _queue(alice, 1001);
        _mature();
        _release();
        vm.prank(stranger);
        queue.claim(id);
        vm.assertEq(coin.balanceOf(alice), 500);
        vm.assertEq(coin.balanceOf(stranger), 0);
        vm.expectPartialRevert(WithdrawalQueue.NothingToClaim.selector);
        queue.claim(id);
    }

    function test_Only_the_account_redirects() public {
        uint256 id = _queue(alice, 2000);
        vm.prank(thief);
        vm.expectPartialRevert(WithdrawalQueue.NotYours.selector);
        queue.redirect(id, thief);
        vm.prank(alice);
        queue.redirect(id, bob);
        _mature();
        _release();
        queue.claim(id);
        vm.assertEq(coin.balanceOf(bob), 500);
    }

    function test_N13_two_recoverers_cancel_an_entry_and_its_tokens_go_back_to_the_holder() public {
        uint256 id = _enqueueDirectly(thief, 300);
        uint256 before = coin.balanceOf(address(vault));
        vm.assertFalse(_cancel(recoverer, id));
        vm.assertTrue(_cancel(recoverer2, id));
        vm.assertEq(coin.balanceOf(address(vault)), before + 300);
        vm.assertEq(queue.owedOf(address(coin)), 0);
        _mature();
        _release();
        vm.assertEq(queue.claimable(id), 0);
    }

    function test_One_recoverer_cancels_nothing() public {
        uint256 id = _enqueueDirectly(alice, 300);
        _cancel(recoverer, id);
        uint256[] memory ids = _one(id);
        vm.prank(recoverer);
        vm.expectPartialRevert(TwoPersons.SamePerson.selector);
        queue.cancel(ids, REASON);
        skip(1 days + 1);
        vm.assertFalse(_cancel(recoverer2, id), "an old word still counts");
        vm.assertEq(queue.owedOf(address(coin)), 300);
    }

    function test_A_recoverer_who_left_is_no_first_of_two() public {
        uint256 id = _enqueueDirectly(alice, 300);
        _cancel(recoverer, id);
        vm.prank(governance);
        controls.offerRole(bob, Role.Recoverer);
        vm.prank(bob);
        controls.acceptRole(Role.Recoverer);
        vm.prank(governance);
        controls.removeFromRole(recoverer);
        vm.assertFalse(_cancel(recoverer2, id));
    }

    function test_No_other_role_cancels() public {
        uint256[] memory ids = _one(_enqueueDirectly(alice, 300));
        address[5] memory others = [governance, pauser, risk, attester, stranger];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            vm.expectPartialRevert(TwoPersons.NotInRole.selector);
            queue.cancel(ids, REASON);
        }
    }

    function test_Two_recoverers_cancel_no_more_than_the_cap_in_a_window_and_nothing_that_has_matured() public {
        uint256 first = _enqueueDirectly(thief, 200);
        uint256 second = _enqueueDirectly(alice, 200);
        _cancelBoth(first);
        _cancelBoth(second);
        vm.assertEq(queue.owedOf(address(coin)), 200);
        vm.warp(queue.batchOf(second).maturesAt);
        _cancelBoth(second);
        vm.assertEq(queue.owedOf(address(coin)), 200);
        _release();
        vm.assertEq(queue.claimable(second), 200);
        vm.assertEq(queue.claimable(first), 0);
    }

    function test_Many_entries_are_cancelled_by_two_calls_and_what_cannot_be_is_left_out() public {
        uint256[] memory ids = new uint256[](4);
        for (uint256 i = 0; i < 4; i++) {
            ids[i] = _enqueueDirectly(thief, 100);
        }
        vm.prank(recoverer);
        queue.cancel(ids, REASON);
        vm.prank(recoverer2);
        vm.assertTrue(queue.cancel(ids, REASON));
        vm.assertEq(queue.owedOf(address(coin)), 100);
    }

    function test_What_nobody_claims_long_after_it_could_goes_back_to_the_holder() public {
        uint256 id = _enqueueDirectly(alice, 400);
        _mature();
        vm.expectPartialRevert(WithdrawalQueue.NotExpired.selector);
        queue.expire(id);
        _release();
        skip(EXPIRY - 1);
        vm.expectPartialRevert(WithdrawalQueue.NotExpired.selector);
        queue.expire(id);
        skip(1);
        uint256 before = coin.balanceOf(address(vault));
        queue.expire(id);
        vm.assertEq(coin.balanceOf(address(vault)), before + 400);
        vm.expectPartialRevert(WithdrawalQueue.NothingToClaim.selector);
        queue.claim(id);
        vm.expectPartialRevert(WithdrawalQueue.NothingToClaim.selector);
        queue.expire(id);
    }

    function test_N09_a_release_is_tightened_at_once_to_a_tenth_at_most_and_loosened_late() public {
        vm.startPrank(risk);
        queue.tighten(address(vault), address(coin), 100, REASON);
        queue.tighten(address(vault), address(coin), 50, REASON);
        vm.expectRevert(WithdrawalQueue.NotTighter.selector);
        queue.tighten(address(vault), address(coin), 49, REASON);
        vm.expectRevert(WithdrawalQueue.NotTighter.selector);
        queue.tighten(address(vault), address(coin), 51, REASON);
        vm.stopPrank();
        WithdrawalQueue.Rule memory next = WithdrawalQueue.Rule(5000, 300, WINDOW);
        vm.prank(governance);
        queue.scheduleLoosening(address(vault), address(coin), next);
        skip(LOOSENING_DELAY - 1);
        vm.expectPartialRevert(Loosening.NotDue.selector);
        queue.loosen(address(vault), address(coin), next);
        skip(1);
        queue.loosen(address(vault), address(coin), next);
        vm.assertEq(queue.ruleOf(address(vault), address(coin)).releaseCap, 5000);
    }

    function test_N09_a_tightening_drops_a_scheduled_loosening() public {
        WithdrawalQueue.Rule memory next = WithdrawalQueue.Rule(5000, 300, WINDOW);
        vm.prank(governance);
        queue.scheduleLoosening(address(vault), address(coin), next);
        vm.prank(risk);
        queue.tighten(address(vault), address(coin), 400, REASON);
        skip(LOOSENING_DELAY);
        vm.expectPartialRevert(Loosening.NothingScheduled.selector);
        queue.loosen(address(vault), address(coin), next);
    }

    function test_No_rule_locks_a_line() public {
        vm.startPrank(governance);
        vm.expectRevert(WithdrawalQueue.RuleNotUsable.selector);
        queue.setRule(address(this), address(coin), WithdrawalQueue.Rule(0, 0, WINDOW), REASON);
        vm.expectRevert(WithdrawalQueue.RuleNotUsable.selector);
        queue.scheduleLoosening(address(vault), address(coin), WithdrawalQueue.Rule(0, 0, WINDOW));
        vm.expectPartialRevert(WithdrawalQueue.RuleExists.selector);
        queue.setRule(address(vault), address(coin), WithdrawalQueue.Rule(1, 0, WINDOW), REASON);
        vm.stopPrank();
        vm.prank(stranger);
        vm.expectPartialRevert(TwoPersons.NotInRole.selector);
        queue.tighten(address(vault), address(coin), 400, REASON);
    }

    function test_Who_has_no_line_puts_nothing_in() public {
        coin.mint(thief, 100);
        vm.startPrank(thief);
        coin.approve(address(queue), 100);
        vm.expectPartialRevert(WithdrawalQueue.LineNotOpen.selector);
        queue.enqueue(address(coin), thief, 100);
    }

    function test_Times_have_bounds() public {
        WithdrawalQueue.Times[6] memory bad = [
            WithdrawalQueue.Times(59, DELAY, EXPIRY),
            WithdrawalQueue.Times(1 days + 1, DELAY, EXPIRY),
            WithdrawalQueue.Times(BATCH, 1 hours - 1, EXPIRY),
            WithdrawalQueue.Times(BATCH, 14 days + 1, EXPIRY),
            WithdrawalQueue.Times(BATCH, DELAY, 180 days - 1),
            WithdrawalQueue.Times(BATCH, DELAY, 3650 days + 1)
        ];
        for (uint256 i = 0; i < bad.length; i++) {
            vm.expectPartialRevert(WithdrawalQueue.TimesNotUsable.selector);
            new WithdrawalQueue(controls, LOOSENING_DELAY, bad[i]);
        }
    }

    function _queue(address account, uint256 amount) private returns (uint256 id) {
        return _enqueueDirectly(account, amount);
    }

    function _enqueueDirectly(address account, uint256 amount) private returns (uint256) {
        vm.startPrank(address(vault));
        coin.approve(address(queue), amount);
        uint256 id = queue.enqueue(address(coin), account, amount);
        vm.stopPrank();
        return id;
    }

    function _mature() private {
        skip(BATCH + DELAY);
    }

    function _release() private returns (uint256) {
        return queue.release(address(vault), address(coin));
    }

    function _cancel(address by, uint256 id) private returns (bool) {
        vm.prank(by);
        return queue.cancel(_one(id), REASON);
    }

    function _cancelBoth(uint256 id) private {
        vm.assertFalse(_cancel(recoverer, id));
        vm.assertTrue(_cancel(recoverer2, id));
    }

    function _one(uint256 id) private pure returns (uint256[] memory ids) {
        ids = new uint256[](1);
        ids[0] = id;
    }
}
