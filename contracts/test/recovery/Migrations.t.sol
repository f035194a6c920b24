// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Governed} from "../../src/Governed.sol";
import {Migrations} from "../../src/Migrations.sol";
import {Role, TwoPersons} from "../../src/TwoPersons.sol";
import {GovernedTest, TestToken} from "../base/GovernedTest.sol";

/// @dev What a holder does with an announcement, as Gate does.
contract Holder {
    Migrations private immutable _migrations;

    constructor(Migrations migrations) {
        _migrations = migrations;
    }

    function migrate(TestToken asset, address to, uint256 amount) external {
        _migrations.consume(address(asset), to, amount);
        asset.transfer(to, amount);
    }
}

contract MigrationsTest is GovernedTest {
    uint64 private constant DELAY = 3 days;
    uint256 private constant AMOUNT = 100e18;

    address private refuge = person("refuge");
    Migrations private migrations;
    TestToken private asset;
    Holder private holder;
    bytes32 private key;

    function setUp() public override {
        super.setUp();
        migrations = new Migrations(controls, DELAY);
        asset = new TestToken();
        holder = new Holder(migrations);
        asset.mint(address(holder), 3 * AMOUNT);
        key = migrations.keyOf(address(holder), address(asset), refuge, AMOUNT);
    }

    function test_Value_migrates_after_the_delay_only() public {
        announce();
        uint64 dueAt = NOW + DELAY;
        vm.warp(dueAt - 1);
        vm.expectRevert(abi.encodeWithSelector(Migrations.NotDue.selector, key, dueAt));
        holder.migrate(asset, refuge, AMOUNT);
        vm.warp(dueAt);
        vm.prank(stranger);
        holder.migrate(asset, refuge, AMOUNT);
        vm.assertEq(asset.balanceOf(refuge), AMOUNT);
    }

    function test_An_announcement_is_used_once() public {
        announce();
        skip(DELAY);
        holder.migrate(asset, refuge, AMOUNT);
        expectNotAnnounced(key);
        holder.migrate(asset, refuge, AMOUNT);
    }

    function test_Nothing_but_what_was_announced_migrates(uint256 amount, address to, bool otherAsset) public {
        vm.assume(to != refuge || amount != AMOUNT || otherAsset);
        announce();
        skip(DELAY);
        TestToken which = otherAsset ? new TestToken() : asset;
        expectNotAnnounced(migrations.keyOf(address(holder), address(which), to, amount));
        holder.migrate(which, to, amount);
    }

    function test_Another_holder_cannot_use_an_announcement() public {
        announce();
        skip(DELAY);
        Holder other = new Holder(migrations);
        expectNotAnnounced(migrations.keyOf(address(other), address(asset), refuge, AMOUNT));
        other.migrate(asset, refuge, AMOUNT);
    }

    function test_An_announcement_expires() public {
        announce();
        uint64 expiresAt = NOW + DELAY + migrations.OPEN_SECONDS();
        vm.warp(expiresAt + 1);
        vm.expectRevert(abi.encodeWithSelector(Migrations.MigrationHasExpired.selector, key, expiresAt));
        holder.migrate(asset, refuge, AMOUNT);
        announce();
        skip(DELAY);
        holder.migrate(asset, refuge, AMOUNT);
    }

    function test_Two_recoverers_cancel_a_migration() public {
        announce();
        vm.prank(recoverer);
        vm.assertFalse(migrations.cancel(key, REASON));
        vm.prank(recoverer);
        vm.expectPartialRevert(TwoPersons.SamePerson.selector);
        migrations.cancel(key, REASON);
        vm.prank(secondRecoverer);
        vm.assertTrue(migrations.cancel(key, REASON));
        skip(DELAY);
        expectNotAnnounced(key);
        holder.migrate(asset, refuge, AMOUNT);
    }

    function test_Agreement_to_cancel_one_does_not_count_for_the_next() public {
        announce();
        vm.prank(recoverer);
        migrations.cancel(key, REASON);
        vm.prank(governance);
        migrations.cancel(key, REASON);
        announce();
        vm.prank(secondRecoverer);
        vm.assertFalse(migrations.cancel(key, REASON));
    }

    function test_Governance_cancels_alone() public {
        announce();
        vm.prank(governance);
        vm.assertTrue(migrations.cancel(key, REASON));
        expectNotAnnounced(key);
        holder.migrate(asset, refuge, AMOUNT);
    }

    function test_What_waits_is_not_announced_again() public {
        announce();
        vm.prank(governance);
        vm.expectRevert(abi.encodeWithSelector(Migrations.AlreadyAnnounced.selector, key));
        migrations.announce(address(holder), address(asset), refuge, AMOUNT);
    }

    function test_Nobody_else_announces_or_cancels() public {
        announce();
        address[5] memory others = [pauser, risk, attester, vmKeys.addr(1), stranger];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(TwoPersons.NotInRole.selector, others[i], Role.Governance));
            migrations.announce(address(holder), address(asset), others[i], AMOUNT);
            vm.prank(others[i]);
            vm.expectPartialRevert(TwoPersons.NotInRole.selector);
            migrations.cancel(key, REASON);
        }
        vm.prank(recoverer);
        vm.expectRevert(abi.encodeWithSelector(TwoPersons.NotInRole.selector, recoverer, Role.Governance));
        migrations.announce(address(holder), address(asset), refuge, AMOUNT);
    }

    function test_The_delay_is_bounded() public {
        vm.expectRevert(abi.encodeWithSelector(Migrations.DelayNotUsable.selector, 2 days - 1));
        new Migrations(controls, 2 days - 1);
        vm.expectRevert(abi.encodeWithSelector(Migrations.DelayNotUsable.selector, 60 days + 1));
        new Migrations(controls, 60 days + 1);
    }

    function test_Roles_are_asked_of_a_contract_only() public {
        vm.expectRevert(abi.encodeWithSelector(Governed.NotDeployed.selector, stranger));
        new Migrations(EmergencyControls(stranger), 2 days);
    }

    function test_An_empty_announcement_is_refused() public {
        vm.prank(governance);
        vm.expectRevert(Migrations.AmountIsZero.selector);
        migrations.announce(address(holder), address(asset), refuge, 0);
        vm.prank(governance);
        vm.expectRevert(Migrations.AddressIsZero.selector);
        migrations.announce(address(holder), address(asset), address(0), AMOUNT);
    }

    function announce() private {
        vm.prank(governance);
        migrations.announce(address(holder), address(asset), refuge, AMOUNT);
    }

    function expectNotAnnounced(bytes32 missing) private {
        vm.expectRevert(abi.encodeWithSelector(Migrations.NotAnnounced.selector, missing));
    }
}
