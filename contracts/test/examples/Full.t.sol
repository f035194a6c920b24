// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {FullProtocol, PeggedCoin} from "../../examples/Full.sol";
import {Attestations} from "../../src/Attestations.sol";
import {Source} from "../../src/Feeds.sol";
import {Gate} from "../../src/Gate.sol";
import {Direction, Scopes} from "../../src/Scopes.sol";
import {SampleFeed} from "../base/Brake.sol";
import {Coin} from "../base/HubTest.sol";
import {ExampleTest} from "./ExampleTest.sol";

contract FullTest is ExampleTest {
    FullProtocol private _full;
    PeggedCoin private _coin;
    Coin private _reserve;
    Coin private _gem;
    SampleFeed private _price;

    /// @dev Alice made 1,000 coins and lends 500; bob borrowed 100 of them against 200 of a collateral worth 1 each.
    function setUp() public override {
        super.setUp();
        (_reserve, _gem, _price) = (new Coin(), new Coin(), new SampleFeed());
        Source memory feed = Source(address(_price), 8, 7 days);
        _full = new FullProtocol(address(_reserve), address(_gem), feed, wiring(peg));
        _coin = _full.coin();
        open(address(_full), address(_coin), 2000 * E, UNLIMITED);
        open(address(_full), address(_reserve), 400 * E, 100 * E);
        open(address(_full), address(_gem), 100 * E, UNLIMITED);
        give(_reserve, alice, address(_full), 1000 * E);
        give(_gem, bob, address(_full), 200 * E);
        vm.startPrank(alice);
        _coin.approve(address(_full), type(uint256).max);
        _full.mint(1000 * E);
        _full.supply(500 * E);
        vm.stopPrank();
        vm.startPrank(bob);
        _coin.approve(address(_full), type(uint256).max);
        _full.addCollateral(200 * E);
        _full.borrow(100 * E);
        vm.stopPrank();
        skip(2 days);
        signing.roll(2000);
    }

    function test_Coins_are_made_for_the_reserve_and_redeemed_at_par() public {
        vm.assertEq(_coin.balanceOf(alice), 500 * E);
        vm.prank(alice);
        vm.assertTrue(_full.redeem(100 * E));
        vm.assertEq(_reserve.balanceOf(alice), 100 * E);
    }

    function test_Off_its_peg_the_coin_is_neither_made_nor_redeemed_at_par() public {
        sayAll(0.97e8);
        give(_reserve, alice, address(_full), 1);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(Gate.MintStopped.selector, address(_coin), 3));
        _full.mint(1);
        vm.expectRevert(abi.encodeWithSelector(Gate.RedeemStopped.selector, address(_reserve), 3));
        _full.redeem(1);
        vm.stopPrank();
    }

    function test_More_than_a_day_may_make_is_not_made() public {
        give(_reserve, alice, address(_full), 2001 * E);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Gate.MintLimited.selector, address(_coin), 2001 * E));
        _full.mint(2001 * E);
    }

    function test_A_pause_of_the_mint_leaves_loans_alone() public {
        pause("mint");
        vm.prank(alice);
        vm.expectPartialRevert(Gate.ModulePaused.selector);
        _full.redeem(1);
        vm.prank(alice);
        vm.assertTrue(_full.withdraw(10 * E));
    }

    function test_Borrowing_of_one_asset_is_paused_alone() public {
        vm.prank(pauser);
        controls.pauseScopes("loans", Scopes.one(1, Direction.Borrow), 1 hours, REASON);
        vm.startPrank(bob);
        vm.expectPartialRevert(Gate.ModulePaused.selector);
        _full.borrow(1);
        vm.assertTrue(_full.removeCollateral(10 * E));
        vm.stopPrank();
    }

    function test_While_all_is_paused_debts_are_repaid_and_collateral_is_added() public {
        give(_gem, bob, address(_full), E);
        pause("loans");
        vm.startPrank(bob);
        _full.repay(50 * E);
        _full.addCollateral(E);
        vm.expectPartialRevert(Gate.ModulePaused.selector);
        _full.removeCollateral(1);
        vm.stopPrank();
        vm.assertEq(_full.debtOf(bob), 50 * E);
        vm.assertEq(_full.collateralOf(bob), 201 * E);
    }

    function test_Nobody_borrows_more_than_the_collateral_covers() public {
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(FullProtocol.NotCovered.selector, 140 * E + 1, 140 * E));
        _full.borrow(40 * E + 1);
        _full.borrow(40 * E);
        vm.stopPrank();
    }

    function test_A_debt_that_is_not_covered_is_liquidated_but_not_while_paused_nor_in_the_grace_after_it() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(FullProtocol.NotLiquidatable.selector, bob));
        _full.liquidate(bob, E);
        vm.stopPrank();
        _price.set(0.6e8);
        pause("loans");
        vm.prank(alice);
        vm.expectPartialRevert(Gate.ModulePaused.selector);
        _full.liquidate(bob, 40 * E);
        skip(1 hours + 59 minutes);
        vm.prank(alice);
        vm.expectPartialRevert(Gate.ModulePaused.selector);
        _full.liquidate(bob, 40 * E);
        skip(1 minutes);
        vm.prank(alice);
        vm.assertTrue(_full.liquidate(bob, 40 * E));
        vm.assertEq(_full.debtOf(bob), 60 * E);
        vm.assertEq(_gem.balanceOf(alice), 70 * E);
    }

    function test_A_price_that_is_old_stops_borrowing_and_lets_repay_and_leave() public {
        skip(8 days);
        sayAll(1e8);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(FullProtocol.PriceNotFresh.selector, address(_price)));
        _full.borrow(1);
        _full.repay(100 * E);
        vm.assertTrue(_full.removeCollateral(100 * E));
        vm.stopPrank();
    }

    function test_Above_a_threshold_only_attested_redemptions_pass_and_the_others_queue() public {
        vm.startPrank(alice);
        vm.assertTrue(_full.redeem(100 * E));
        vm.assertFalse(_full.redeem(E));
        vm.stopPrank();
        Attestations.Attestation memory attestation = Attestations.Attestation(
            address(_full), alice, FullProtocol.redeem.selector, address(_reserve), 50 * E, 1, NOW + 2 days + 1 hours
        );
        limits.present(attestation, attester, sign(attestation, address(limits), block.chainid));
        vm.startPrank(alice);
        vm.assertTrue(_full.redeem(50 * E));
        vm.assertFalse(_full.redeem(50 * E));
        vm.stopPrank();
        vm.assertEq(_reserve.balanceOf(alice), 150 * E);
    }

    function test_What_governance_announced_leaves_after_its_delay_even_while_paused() public {
        vm.prank(governance);
        migrations.announce(address(_full), address(_reserve), bob, 1000 * E);
        vm.expectPartialRevert(bytes4(keccak256("NotDue(bytes32,uint64)")));
        _full.migrate(address(_reserve), bob, 1000 * E);
        skip(2 days);
        pause("mint");
        _full.migrate(address(_reserve), bob, 1000 * E);
        vm.assertEq(_reserve.balanceOf(bob), 1000 * E);
    }

    /// @dev A limit of the design, see docs/threat-model.md.
    function test_What_leaves_before_it_comes_back_is_counted_in_full() public {
        give(_reserve, thief, address(_full), 2000 * E);
        vm.startPrank(thief);
        _full.mint(2000 * E);
        vm.assertTrue(_full.redeem(2000 * E));
        vm.stopPrank();
        vm.assertEq(_reserve.balanceOf(thief), 2000 * E);
        give(_reserve, bob, address(_full), E);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(Gate.MintLimited.selector, address(_coin), E));
        _full.mint(E);
        vm.prank(alice);
        vm.assertFalse(_full.withdraw(E));
    }

    function test_What_comes_in_is_credit_of_who_brought_it() public {
        give(_reserve, alice, address(_full), 7 * E);
        give(_gem, bob, address(_full), 6 * E);
        vm.startPrank(alice);
        _full.mint(7 * E);
        _full.supply(5 * E);
        vm.stopPrank();
        vm.startPrank(bob);
        _full.addCollateral(6 * E);
        _full.repay(4 * E);
        vm.stopPrank();
        vm.assertEq(limits.creditOf(address(_full), address(_reserve), alice), 7 * E);
        vm.assertEq(limits.creditOf(address(_full), address(_coin), alice), 5 * E);
        vm.assertEq(limits.creditOf(address(_full), address(_gem), bob), 6 * E);
        vm.assertEq(limits.creditOf(address(_full), address(_coin), bob), 4 * E);
    }

    function test_What_is_withdrawn_is_counted() public {
        uint256 before = limits.usedOf(address(_full), address(_coin));
        vm.prank(alice);
        vm.assertTrue(_full.withdraw(100 * E));
        vm.assertEq(limits.usedOf(address(_full), address(_coin)), before + 100 * E);
    }

    function test_Only_the_protocol_makes_coins() public {
        vm.expectRevert(abi.encodeWithSelector(PeggedCoin.NotIssuer.selector, address(this)));
        _coin.mint(alice, 1);
    }
}
