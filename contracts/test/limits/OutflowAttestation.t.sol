// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Attestations} from "../../src/Attestations.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {Role, TwoPersons} from "../../src/TwoPersons.sol";
import {BrokenVault, HubTest} from "../base/HubTest.sol";

/// @dev Above 400 of 1,000 a window, only attested movements pass.
contract OutflowAttestationTest is HubTest {
    uint256 private _nonce;

    function rule() internal pure override returns (OutflowLimits.Rule memory usual) {
        usual = super.rule();
        usual.attestAbove = 400;
    }

    function test_Above_the_threshold_only_attested_movements_pass() public {
        vm.assertTrue(withdraw(alice, 400));
        vm.assertFalse(withdraw(alice, 1));
        _present(_attestation(alice, 300));
        vm.assertFalse(withdraw(bob, 300));
        vm.assertTrue(withdraw(alice, 300));
        vm.assertEq(used(), 700);
    }

    function test_A_movement_that_would_cross_the_threshold_needs_one_too() public {
        vm.assertFalse(withdraw(alice, 401));
        _present(_attestation(alice, 401));
        vm.assertTrue(withdraw(alice, 401));
    }

    function test_An_attestation_lets_one_movement_pass_and_no_more() public {
        withdraw(alice, 400);
        _present(_attestation(alice, 100));
        vm.assertTrue(withdraw(alice, 100));
        vm.assertFalse(withdraw(alice, 100));
    }

    function test_An_attestation_that_is_not_needed_or_not_enough_is_kept() public {
        _present(_attestation(alice, 200));
        vm.assertTrue(withdraw(alice, 400));
        vm.assertFalse(withdraw(alice, 201));
        vm.assertTrue(withdraw(alice, 200));
    }

    function test_A_stolen_attester_lets_pass_what_the_limits_let_pass(uint96[6] memory amounts) public {
        uint256 taken;
        for (uint256 i = 0; i < amounts.length; i++) {
            uint256 amount = within(amounts[i], 1, 700);
            _present(_attestation(thief, type(uint256).max));
            if (withdraw(thief, amount)) taken += amount;
            else vm.warp(block.timestamp + 1 days + 1);
            vm.assertLe(used(), 1000);
        }
    }

    function test_Without_any_attester_what_is_above_queues_and_nothing_locks() public {
        _present(_attestation(alice, 100));
        address fresh = person("fresh attester");
        vm.prank(governance);
        controls.offerRole(fresh, Role.Attester);
        vm.prank(fresh);
        controls.acceptRole(Role.Attester);
        vm.prank(governance);
        controls.removeFromRole(attester);
        withdraw(bob, 400);
        vm.assertFalse(withdraw(alice, 100), "an attestation of a removed attester still counts");
        vm.assertEq(queue.entries(), 1);
        skip(WINDOW);
        vm.assertTrue(withdraw(alice, 400));
    }

    function test_An_attestation_is_bound_to_all_it_says() public {
        withdraw(alice, 400);
        Attestations.Attestation memory signed = _attestation(alice, 100);
        bytes memory signature = sign(signed, address(limits), block.chainid);
        for (uint256 i = 0; i < 7; i++) {
            Attestations.Attestation memory other = _attestation(alice, 100);
            other.nonce = signed.nonce;
            if (i == 0) other.holder = address(this);
            if (i == 1) other.account = thief;
            if (i == 2) other.selector = 0x12345678;
            if (i == 3) other.asset = address(this);
            if (i == 4) other.amount = 101;
            if (i == 5) other.nonce++;
            if (i == 6) other.expires++;
            vm.expectPartialRevert(Attestations.NotSignedBy.selector);
            limits.present(other, attester, signature);
        }
        signing.chainId(4711);
        vm.expectPartialRevert(Attestations.NotSignedBy.selector);
        limits.present(signed, attester, signature);
        signing.chainId(31337);
        bytes memory elsewhere = sign(signed, address(queue), block.chainid);
        vm.expectPartialRevert(Attestations.NotSignedBy.selector);
        limits.present(signed, attester, elsewhere);
        limits.present(signed, attester, signature);
        vm.prank(alice);
        vm.assertEq(vault.withdrawInParts(coin, 100, 1), 0, "passed by another function");
        vm.assertTrue(withdraw(alice, 100));
    }

    function test_A_signature_cannot_be_presented_twice() public {
        withdraw(alice, 400);
        Attestations.Attestation memory signed = _attestation(alice, 100);
        _present(signed);
        withdraw(alice, 100);
        bytes memory signature = sign(signed, address(limits), block.chainid);
        vm.expectPartialRevert(Attestations.NonceIsUsed.selector);
        limits.present(signed, attester, signature);
    }

    function test_A_presented_attestation_is_not_pushed_out_by_another() public {
        _present(_attestation(alice, 100));
        Attestations.Attestation memory other = _attestation(alice, 1);
        bytes memory signature = sign(other, address(limits), block.chainid);
        vm.expectPartialRevert(Attestations.StillPresented.selector);
        limits.present(other, attester, signature);
        skip(1 hours + 1);
        _present(_attestation(alice, 1));
    }

    function test_A_stolen_attester_does_not_keep_another_from_being_heard() public {
        uint256 key = 0xbeef;
        address honest = signing.addr(key);
        vm.prank(governance);
        controls.offerRole(honest, Role.Attester);
        vm.prank(honest);
        controls.acceptRole(Role.Attester);
        withdraw(alice, 400);
        _present(_attestation(alice, 0));
        Attestations.Attestation memory good = _attestation(alice, 100);
        (uint8 v, bytes32 r, bytes32 s) = signing.sign(key, digestOf(good, address(limits), block.chainid));
        limits.present(good, honest, abi.encodePacked(r, s, v));
        Attestations.Attestation memory shorter = _attestation(alice, type(uint256).max);
        shorter.expires--;
        bytes memory signature = sign(shorter, address(limits), block.chainid);
        vm.expectPartialRevert(Attestations.StillPresented.selector);
        limits.present(shorter, attester, signature);
        vm.assertTrue(withdraw(alice, 100));
    }

    function test_An_attestation_expires() public {
        withdraw(alice, 400);
        Attestations.Attestation memory late = _attestation(alice, 100);
        _present(late);
        skip(1 hours + 1);
        vm.assertFalse(withdraw(alice, 100));
        bytes memory signature = sign(late, address(limits), block.chainid);
        vm.expectPartialRevert(Attestations.AttestationExpired.selector);
        limits.present(late, attester, signature);
        late = _attestation(alice, 100);
        late.expires = uint64(block.timestamp + 1 days + 1);
        signature = sign(late, address(limits), block.chainid);
        vm.expectPartialRevert(Attestations.AttestationTooLong.selector);
        limits.present(late, attester, signature);
    }

    function test_Only_an_attester_attests() public {
        Attestations.Attestation memory signed = _attestation(alice, 100);
        bytes memory signature = sign(signed, address(limits), block.chainid);
        vm.expectPartialRevert(TwoPersons.NotInRole.selector);
        limits.present(signed, risk, signature);
    }

    function _attestation(address account, uint256 amount) private returns (Attestations.Attestation memory) {
        return Attestations.Attestation({
            holder: address(vault),
            account: account,
            selector: BrokenVault.withdraw.selector,
            asset: address(coin),
            amount: amount,
            nonce: ++_nonce,
            expires: uint64(block.timestamp + 1 hours)
        });
    }

    function _present(Attestations.Attestation memory attestation) private {
        if (block.timestamp <= attestation.expires) {
            try limits.present(attestation, attester, sign(attestation, address(limits), block.chainid)) {} catch {}
        }
    }
}
