// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {WithdrawalQueue} from "../../src/WithdrawalQueue.sol";
import {FeeCoin, LyingCoin, RebasingCoin, ReentrantCoin, SilentCoin, StoppableCoin} from "../base/HostileTokens.sol";
import {HubTest} from "../base/HubTest.sol";

/// @dev Claims again, and takes part in everything else, while it is being paid.
contract ClaimsAgain {
    WithdrawalQueue private immutable _queue;
    address private immutable _asset;
    uint256 public refused;

    constructor(WithdrawalQueue queue, address asset) {
        (_queue, _asset) = (queue, asset);
    }

    function tokensReceived() external {
        try _queue.claim(0) {}
        catch {
            refused++;
        }
        try _queue.expire(0) {}
        catch {
            refused++;
        }
        try _queue.enqueue(_asset, address(this), 1) {}
        catch {
            refused++;
        }
    }
}

contract QueueHostileTokensTest is HubTest {
    function test_A_reentrant_claim_is_paid_once() public {
        ReentrantCoin hooked = new ReentrantCoin();
        ClaimsAgain again = new ClaimsAgain(queue, address(hooked));
        _open(address(hooked));
        hooked.mint(address(vault), 1000);
        _enqueue(IERC20(address(hooked)), address(again), 400);
        _enqueue(IERC20(address(hooked)), alice, 100);
        _release(address(hooked));
        queue.claim(0);
        vm.assertEq(hooked.balanceOf(address(again)), 400);
        vm.assertEq(again.refused(), 3);
        queue.claim(1);
        vm.assertEq(hooked.balanceOf(alice), 100);
    }

    function test_A_fee_is_borne_by_whose_entry_it_is() public {
        FeeCoin fee = new FeeCoin();
        _open(address(fee));
        fee.mint(address(vault), 1000);
        _enqueue(IERC20(address(fee)), alice, 200);
        _enqueue(IERC20(address(fee)), bob, 100);
        vm.assertEq(queue.owedOf(address(fee)), 270);
        vm.assertEq(fee.balanceOf(address(queue)), 270);
        _release(address(fee));
        vm.assertEq(queue.claim(0), 180);
        vm.assertEq(queue.claim(1), 90);
        vm.assertEq(fee.balanceOf(alice), 162);
        vm.assertEq(fee.balanceOf(bob), 81);
    }

    function test_A_rebase_down_is_shared_and_later_entries_do_not_bear_it() public {
        RebasingCoin rebasing = new RebasingCoin();
        _open(address(rebasing));
        rebasing.mint(address(vault), 10_000);
        _enqueue(IERC20(address(rebasing)), alice, 200);
        _enqueue(IERC20(address(rebasing)), bob, 100);
        rebasing.rebase(50);
        _enqueue(IERC20(address(rebasing)), thief, 100);
        _release(address(rebasing));
        skip(WINDOW);
        _release(address(rebasing));
        vm.assertEq(queue.claim(0), 100);
        vm.assertEq(queue.claim(2), 100);
        vm.assertEq(queue.claim(1), 50);
        vm.assertEq(queue.owedOf(address(rebasing)), 0);
    }

    function test_A_rebase_up_pays_what_is_owed_and_strangers_cannot_take_the_rest() public {
        RebasingCoin rebasing = new RebasingCoin();
        _open(address(rebasing));
        rebasing.mint(address(vault), 10_000);
        _enqueue(IERC20(address(rebasing)), alice, 200);
        rebasing.rebase(200);
        vm.prank(thief);
        vm.expectPartialRevert(WithdrawalQueue.LineNotOpen.selector);
        queue.enqueue(address(rebasing), thief, 200);
        vm.prank(address(vault));
        vm.expectRevert();
        queue.enqueue(address(rebasing), thief, 200);
        _release(address(rebasing));
        vm.assertEq(queue.claim(0), 200);
        vm.assertEq(rebasing.balanceOf(address(queue)), 200);
    }

    function test_While_an_asset_says_the_escrow_is_gone_no_claim_is_lost() public {
        LyingCoin liar = new LyingCoin();
        _open(address(liar));
        liar.mint(address(vault), 1000);
        _enqueue(IERC20(address(liar)), alice, 200);
        _release(address(liar));
        liar.lie(LyingCoin.Answer.Number, 0);
        vm.expectPartialRevert(WithdrawalQueue.EscrowIsEmpty.selector);
        queue.claim(0);
        vm.startPrank(address(vault));
        liar.approve(address(queue), 100);
        vm.expectPartialRevert(WithdrawalQueue.NothingReceived.selector);
        queue.enqueue(address(liar), bob, 100);
        vm.stopPrank();
        liar.lie(LyingCoin.Answer.Truth, 0);
        vm.assertEq(queue.claim(0), 200);
    }

    function test_A_lie_about_a_balance_credits_no_more_than_was_said_to_be_paid() public {
        LyingCoin liar = new LyingCoin();
        _open(address(liar));
        liar.mint(address(vault), 1000);
        liar.lie(LyingCoin.Answer.Number, type(uint256).max);
        vm.startPrank(address(vault));
        liar.approve(address(queue), 100);
        vm.expectPartialRevert(WithdrawalQueue.NothingReceived.selector);
        queue.enqueue(address(liar), bob, 100);
    }

    function test_A_token_that_answers_nothing_is_queued_and_paid() public {
        SilentCoin silent = new SilentCoin();
        _open(address(silent));
        silent.mint(address(vault), 10_000);
        vm.prank(alice);
        vm.assertFalse(vault.withdraw(IERC20(address(silent)), 2000));
        vm.prank(bob);
        vm.assertFalse(vault.withdraw(IERC20(address(silent)), 1500));
        for (uint256 i = 0; i < 7; i++) {
            _release(address(silent));
            skip(WINDOW);
        }
        queue.claim(0);
        queue.claim(1);
        vm.assertEq(silent.balanceOf(alice), 2000);
        vm.assertEq(silent.balanceOf(bob), 1500);
    }

    function test_A_blacklisted_account_stops_nobody_else_and_can_redirect() public {
        StoppableCoin stoppable = new StoppableCoin();
        _open(address(stoppable));
        stoppable.mint(address(vault), 1000);
        _enqueue(IERC20(address(stoppable)), thief, 200);
        _enqueue(IERC20(address(stoppable)), alice, 200);
        stoppable.blacklist(thief, true);
        _release(address(stoppable));
        vm.expectRevert();
        queue.claim(0);
        vm.assertEq(queue.claim(1), 200);
        vm.prank(thief);
        queue.redirect(0, bob);
        vm.assertEq(queue.claim(0), 200);
    }

    function test_What_a_blacklisted_account_leaves_goes_back_to_the_holder_at_last() public {
        StoppableCoin stoppable = new StoppableCoin();
        _open(address(stoppable));
        stoppable.mint(address(vault), 1000);
        _enqueue(IERC20(address(stoppable)), thief, 200);
        stoppable.blacklist(thief, true);
        _release(address(stoppable));
        skip(EXPIRY);
        queue.expire(0);
        vm.assertEq(stoppable.balanceOf(address(vault)), 1000);
    }

    function test_A_stopped_token_loses_no_claim_and_stops_no_other_asset() public {
        StoppableCoin stoppable = new StoppableCoin();
        _open(address(stoppable));
        stoppable.mint(address(vault), 1000);
        _enqueue(IERC20(address(stoppable)), alice, 200);
        _enqueue(IERC20(address(coin)), alice, 200);
        stoppable.stop(true);
        _release(address(stoppable));
        _release(address(coin));
        vm.expectRevert();
        queue.claim(0);
        vm.assertEq(queue.claim(1), 200);
        stoppable.stop(false);
        vm.assertEq(queue.claim(0), 200);
    }

    function _open(address asset) private {
        list(asset, rule());
    }

    function _enqueue(IERC20 asset, address account, uint256 amount) private {
        vm.startPrank(address(vault));
        asset.approve(address(queue), amount);
        queue.enqueue(address(asset), account, amount);
        vm.stopPrank();
    }

    function _release(address asset) private {
        skip(BATCH + DELAY);
        queue.release(address(vault), asset);
    }
}
