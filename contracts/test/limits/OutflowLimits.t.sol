// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {HostileTokenTarget} from "./HostileTokenTarget.sol";
import {LyingCoin, RebasingCoin, ReentrantCoin} from "../base/HostileTokens.sol";
import {Coin, HubTest} from "../base/HubTest.sol";

contract OutflowLimitsTest is HubTest {
    event LimitTripped(
        address indexed holder,
        address indexed asset,
        address indexed account,
        OutflowLimits.Reason reason,
        uint256 amount,
        uint256 used,
        uint256 limit
    );

    /// forge-config: default.isolate = true
    function test_N01_a_single_limit_counts_the_transaction_over_all_calls_and_accounts() public {
        OutflowLimits.Rule memory first = fullRule();
        first.shareBps = 5000;
        Coin other = _list(first);
        address[] memory accounts = new address[](10);
        for (uint256 i = 0; i < accounts.length; i++) {
            accounts[i] = address(uint160(0x1000 + i));
        }
        skip(2 * WINDOW);
        vm.prank(thief);
        vm.assertEq(vault.withdrawFor(other, accounts, 20_000), 40_000);
        vm.prank(thief);
        vm.assertEq(vault.withdrawInParts(other, 60_000, 6), 50_000);
    }

    function test_N01_splitting_over_calls_and_accounts_gains_nothing(uint8 parts, uint256 amount) public {
        uint256 count = within(parts, 1, 40);
        amount = within(amount, 1, 3000);
        uint256 before = coin.balanceOf(address(vault)) + coin.balanceOf(address(queue));
        for (uint256 i = 0; i < count; i++) {
            withdraw(address(uint160(0x1000 + i)), amount);
        }
        vm.assertLe(before - coin.balanceOf(address(vault)) - coin.balanceOf(address(queue)), 1000);
        vm.assertLe(used(), 1000);
    }

    function test_N02_midnight_brings_no_second_limit() public {
        vm.warp((NOW / 1 days + 1) * 1 days - 1);
        vm.assertTrue(withdraw(thief, 1000));
        skip(1);
        vm.assertFalse(withdraw(thief, 1));
        skip(WINDOW - 2);
        vm.assertFalse(withdraw(thief, 1));
        skip(1);
        vm.assertTrue(withdraw(thief, 1000));
    }

    function test_N02_what_left_exactly_a_window_ago_counts_no_longer() public {
        vm.assertTrue(withdraw(thief, 600));
        skip(WINDOW / 2);
        vm.assertTrue(withdraw(thief, 400));
        skip(WINDOW / 2 - 1);
        vm.assertEq(used(), 1000);
        skip(1);
        vm.assertEq(used(), 400);
        vm.assertTrue(withdraw(thief, 600));
        vm.assertFalse(withdraw(thief, 1));
    }

    function test_A_bucket_lets_twice_its_size_pass_in_its_window_but_the_strict_window_holds() public {
        OutflowLimits.Rule memory next = rule();
        (next.cap, next.floor, next.perAccount) = (1500, 1500, 1000);
        Coin other = _list(next);
        vm.startPrank(thief);
        vm.assertTrue(vault.withdraw(other, 1000));
        skip(WINDOW / 2);
        vm.assertTrue(vault.withdraw(other, 500));
        skip(WINDOW / 2 - 1);
        vm.assertEq(limits.usedOf(address(vault), address(other)), 1500);
        vm.assertFalse(vault.withdraw(other, 1));
        vm.stopPrank();
    }

    function test_One_account_cannot_take_the_window_of_all() public {
        OutflowLimits.Rule memory next = rule();
        next.perAccount = 200;
        Coin other = _list(next);
        vm.prank(thief);
        vm.assertEq(vault.withdrawInParts(other, 1000, 10), 200);
        vm.prank(alice);
        vm.assertTrue(vault.withdraw(other, 200));
    }

    function test_N05_a_token_that_calls_back_finds_everything_counted() public {
        ReentrantCoin hooked = new ReentrantCoin();
        hooked.mint(address(vault), 1_000_000);
        list(address(hooked), rule());
        HostileTokenTarget target = new HostileTokenTarget(vault, limits, hooked);
        target.drain(300);
        vm.assertLe(hooked.balanceOf(address(target)), 1000);
        vm.assertEq(hooked.balanceOf(address(target)), limits.usedOf(address(vault), address(hooked)));
        vm.assertLe(target.seenRemaining(), 700, "the views showed a stale amount during the payment");
        vm.assertTrue(target.calls() > 1);
    }

    function test_N10_no_account_is_exempt(address account) public {
        vm.assume(account > address(1000) && account.code.length == 0 && account != address(vault));
        uint256 before = used();
        vm.assertTrue(withdraw(account, 10));
        vm.assertEq(used(), before + 10);
        vm.assertFalse(withdraw(account, 1000));
    }

    function test_N10_neither_roles_nor_the_contracts_themselves_are_exempt() public {
        address[9] memory all = [
            governance,
            pauser,
            recoverer,
            risk,
            attester,
            address(controls),
            address(limits),
            address(queue),
            address(this)
        ];
        for (uint256 i = 0; i < all.length; i++) {
            vm.assertTrue(withdraw(all[i], 100));
            vm.assertEq(used(), (i + 1) * 100);
        }
        for (uint256 i = 0; i < all.length; i++) {
            vm.assertFalse(withdraw(all[i], 101));
        }
    }

    function test_N10_an_asset_without_a_rule_bypasses_nothing() public {
        Coin unknown = new Coin();
        vm.prank(address(vault));
        vm.assertFalse(limits.consume(address(unknown), thief, 1, 0, 1));
        vm.assertEq(limits.remaining(address(vault), address(unknown), thief), 0);
    }

    function test_A_holder_touches_no_books_but_its_own() public {
        vm.startPrank(thief);
        limits.credit(address(coin), thief, 1_000_000);
        limits.consume(address(coin), thief, 1000, 0, 1);
        vm.stopPrank();
        vm.assertEq(used(), 0);
        vm.assertEq(limits.creditOf(address(vault), address(coin), thief), 0);
        vm.assertEq(limit(), 1000);
    }

    function test_N11_a_donation_raises_the_base_only_after_it_stood_for_a_full_epoch() public {
        Coin other = _list(fullRule());
        vm.warp((NOW / WINDOW + 3) * WINDOW);
        vm.assertEq(limits.baseOf(address(vault), address(other)), 1_000_000);
        other.mint(address(vault), 9_000_000);
        _touch(other);
        vm.assertLe(limits.baseOf(address(vault), address(other)), 1_000_000);
        skip(WINDOW);
        _touch(other);
        vm.assertLe(limits.baseOf(address(vault), address(other)), 1_000_000);
        skip(WINDOW - 1);
        vm.assertLe(limits.baseOf(address(vault), address(other)), 1_000_000);
        skip(1);
        vm.assertGe(limits.baseOf(address(vault), address(other)), 9_000_000, "it has stood for an epoch");
    }

    function test_N11_a_flash_deposit_raises_no_limit() public {
        Coin other = _list(fullRule());
        skip(2 * WINDOW);
        uint256 before = limits.limitOf(address(vault), address(other));
        other.mint(thief, 1e12);
        vm.startPrank(thief);
        other.approve(address(vault), 1e12);
        vault.deposit(other, 1e12);
        vm.assertLe(limits.limitOf(address(vault), address(other)), before);
        vm.assertTrue(vault.withdraw(other, 1e12));
        vm.stopPrank();
        vm.assertEq(limits.limitOf(address(vault), address(other)), before);
        for (uint256 i = 0; i < 5; i++) {
            skip(WINDOW / 2);
            vm.assertLe(limits.limitOf(address(vault), address(other)), before);
        }
    }

    function test_N11_a_rebase_up_raises_no_limit_and_one_down_lowers_it_at_once() public {
        RebasingCoin rebasing = new RebasingCoin();
        rebasing.mint(address(vault), 1_000_000);
        list(address(rebasing), fullRule());
        skip(2 * WINDOW);
        vm.assertEq(limits.baseOf(address(vault), address(rebasing)), 1_000_000);
        rebasing.rebase(400);
        vm.assertEq(limits.baseOf(address(vault), address(rebasing)), 1_000_000);
        rebasing.rebase(50);
        vm.assertEq(limits.baseOf(address(vault), address(rebasing)), 500_000);
    }

    function test_N11_the_base_falls_at_once() public {
        Coin other = _list(fullRule());
        skip(2 * WINDOW);
        other.burn(address(vault), 900_000);
        vm.assertEq(limits.limitOf(address(vault), address(other)), 10_000);
    }

    function test_N11_what_a_fresh_holder_holds_counts_only_after_an_epoch() public {
        vm.warp((NOW / WINDOW + 1) * WINDOW);
        Coin other = _list(fullRule());
        vm.assertEq(limits.limitOf(address(vault), address(other)), 1000);
        skip(WINDOW);
        vm.assertEq(limits.limitOf(address(vault), address(other)), 1000);
        skip(WINDOW);
        vm.assertEq(limits.limitOf(address(vault), address(other)), 100_000);
    }

    function test_N11_turning_the_share_off_and_on_brings_no_old_value_back() public {
        Coin other = _list(fullRule());
        skip(2 * WINDOW);
        OutflowLimits.Rule memory next = fullRule();
        next.shareBps = 0;
        change(address(other), next);
        other.burn(address(vault), 990_000);
        skip(10 * WINDOW);
        other.mint(address(vault), 990_000);
        change(address(other), fullRule());
        vm.assertEq(limits.limitOf(address(vault), address(other)), 1000);
    }

    function test_N11_an_asset_that_lies_harms_its_own_limit_only_and_never_beyond_the_cap() public {
        LyingCoin liar = new LyingCoin();
        liar.mint(address(vault), 1_000_000);
        list(address(liar), fullRule());
        skip(2 * WINDOW);
        liar.lie(LyingCoin.Answer.Number, type(uint256).max);
        vm.startPrank(address(vault));
        for (uint256 i = 0; i < 6; i++) {
            limits.consume(address(liar), thief, 10_000, 0, 1);
            vm.assertLe(limits.limitOf(address(vault), address(liar)), 500_000);
            skip(WINDOW / 2);
        }
        vm.stopPrank();
        vm.assertEq(limit(), 1000);
        vm.assertEq(used(), 0);
    }

    function test_An_asset_that_does_not_answer_locks_nobody() public {
        LyingCoin liar = new LyingCoin();
        liar.mint(address(vault), 1_000_000);
        list(address(liar), fullRule());
        skip(2 * WINDOW);
        LyingCoin.Answer[3] memory answers = [LyingCoin.Answer.Revert, LyingCoin.Answer.Short, LyingCoin.Answer.Burn];
        vm.startPrank(address(vault));
        for (uint256 i = 0; i < answers.length; i++) {
            liar.lie(answers[i], 0);
            vm.assertEq(limits.limitOf(address(vault), address(liar)), 1000);
            uint256 before = gasleft();
            vm.assertTrue(limits.consume(address(liar), alice, 300, 0, 1));
            limits.credit(address(liar), alice, 1);
            vm.assertLe(before - gasleft(), 700_000);
            vm.assertFalse(limits.consume(address(liar), alice, 1001, 0, 1));
        }
    }

    function test_A_flash_deposit_passed_through_uses_up_nothing() public {
        coin.mint(thief, 1_000_000);
        vm.startPrank(thief);
        coin.approve(address(vault), 1_000_000);
        for (uint256 i = 0; i < 20; i++) {
            coin.approve(address(vault), 1_000_000);
            vm.assertTrue(vault.passThrough(coin, 1_000_000));
        }
        vm.stopPrank();
        vm.assertEq(used(), 0);
        vm.assertTrue(withdraw(alice, 1000));
    }

    function test_Nobody_sets_off_what_another_brought_in() public {
        deposit(alice, 5000);
        vm.assertFalse(withdraw(thief, 1001));
        vm.assertTrue(withdraw(thief, 1000));
        vm.assertEq(used(), 1000);
        vm.assertTrue(withdraw(alice, 5000));
    }

    function test_A_deposit_is_set_off_once_and_in_parts() public {
        deposit(alice, 500);
        vm.assertTrue(withdraw(alice, 200));
        vm.assertTrue(withdraw(alice, 300));
        vm.assertEq(used(), 0);
        vm.assertTrue(withdraw(alice, 300));
        vm.assertEq(used(), 300);
    }

    function test_A_deposit_can_be_set_off_for_as_many_blocks_as_said() public {
        deposit(alice, 500);
        signing.roll(block.number + 3);
        deposit(alice, 100);
        signing.roll(block.number + 1);
        vm.assertEq(limits.creditOf(address(vault), address(coin), alice), 600);
        signing.roll(block.number + 1);
        vm.assertEq(limits.creditOf(address(vault), address(coin), alice), 0);
        vm.assertTrue(withdraw(alice, 500));
        vm.assertEq(used(), 500);
    }

    function test_What_is_queued_uses_up_nothing() public {
        for (uint256 i = 0; i < 10; i++) {
            vm.assertFalse(withdraw(thief, 5000));
        }
        vm.assertEq(used(), 0);
        vm.assertTrue(withdraw(alice, 1000));
    }

    function test_What_does_not_pass_keeps_its_credit() public {
        deposit(alice, 100);
        vm.assertFalse(withdraw(alice, 5000));
        vm.assertEq(limits.creditOf(address(vault), address(coin), alice), 100);
    }

    function test_Tripping_one_asset_changes_nothing_for_another() public {
        Coin other = _list(rule());
        withdraw(thief, 1000);
        vm.assertFalse(withdraw(thief, 1));
        vm.prank(alice);
        vm.assertTrue(vault.withdraw(other, 1000));
    }

    function test_A_trip_says_what_tripped() public {
        withdraw(thief, 900);
        vm.expectEmit(address(limits));
        emit LimitTripped(address(vault), address(coin), thief, OutflowLimits.Reason.Window, 101, 900, 1000);
        withdraw(thief, 101);
    }

    function test_The_pegs_factor_divides_limits_and_zero_lets_nothing_pass() public {
        vault.tightenBy(10);
        vm.assertFalse(withdraw(alice, 101));
        vm.assertTrue(withdraw(alice, 100));
        vault.tightenBy(0);
        vm.assertFalse(withdraw(alice, 1));
        vault.tightenBy(1);
        vm.assertTrue(withdraw(alice, 900));
        vault.tightenBy(type(uint256).max);
        vm.assertFalse(withdraw(alice, 1));
    }

    function test_Remaining_is_what_passes_and_one_more_does_not(uint96 inflow, uint96 first, uint32 later) public {
        OutflowLimits.Rule memory next = fullRule();
        next.perAccount = 30_000;
        Coin other = _list(next);
        skip(2 * WINDOW);
        other.mint(alice, inflow);
        vm.startPrank(alice);
        other.approve(address(vault), inflow);
        vault.deposit(other, inflow);
        vault.withdraw(other, within(first, 0, 40_000));
        skip(later % WINDOW);
        uint256 left = limits.remaining(address(vault), address(other), alice);
        if (left < other.balanceOf(address(vault))) {
            vm.assertFalse(_passes(other, left + 1), "one more passes");
        }
        vm.assertTrue(_passes(other, left), "what remains does not pass");
    }

    function _passes(Coin asset, uint256 amount) private returns (bool) {
        vm.stopPrank();
        vm.prank(address(vault));
        return limits.consume(address(asset), alice, amount, 0, 1);
    }

    function _list(OutflowLimits.Rule memory first) private returns (Coin other) {
        other = new Coin();
        other.mint(address(vault), 1_000_000);
        list(address(other), first);
    }

    function _touch(Coin asset) private {
        vm.prank(alice);
        vault.withdraw(asset, 1);
    }
}
