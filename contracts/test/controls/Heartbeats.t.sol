// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Heartbeats} from "../../src/Heartbeats.sol";
import {Role} from "../../src/TwoPersons.sol";
import {ControlsTest} from "../base/ControlsTest.sol";

/// @dev A pauser that is a contract: it says yes to one digest.
contract ContractPauser {
    bytes32 public agreed;

    function agree(bytes32 digest) external {
        agreed = digest;
    }

    function take(EmergencyControls controls) external {
        controls.acceptRole(Role.Pauser);
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == agreed ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @dev What keeps a pauser alive, and what does not.
contract HeartbeatsTest is ControlsTest {
    uint64 private constant SOON = NOW + 1 days;

    function test_a_beat_keeps_a_pauser_alive_whoever_carries_it() public {
        vm.warp(SOON);
        bytes memory signature = beatOf(KEY, pauser, 1, SOON);
        vm.expectEmit(address(controls));
        emit Heartbeats.Beat(pauser, 1, SOON + HEARTBEAT);
        vm.prank(stranger);
        controls.beat(pauser, 1, SOON, signature);
        vm.warp(SOON + HEARTBEAT);
        vm.assertTrue(controls.isAlive(pauser));
        vm.assertFalse(controls.isAlive(otherPauser));
    }

    function test_a_beat_is_taken_once() public {
        bytes memory signature = beatOf(KEY, pauser, 1, SOON);
        controls.beat(pauser, 1, SOON, signature);
        vm.expectRevert(abi.encodeWithSelector(Heartbeats.BeatIsOld.selector, pauser, 1, 1));
        controls.beat(pauser, 1, SOON, signature);
    }

    function test_no_beat_is_taken_after_a_later_one() public {
        controls.beat(pauser, 7, SOON, beatOf(KEY, pauser, 7, SOON));
        bytes memory earlier = beatOf(KEY, pauser, 6, SOON);
        vm.expectRevert(abi.encodeWithSelector(Heartbeats.BeatIsOld.selector, pauser, 6, 7));
        controls.beat(pauser, 6, SOON, earlier);
    }

    function test_a_beat_expires_and_none_can_be_kept_for_long() public {
        bytes memory signature = beatOf(KEY, pauser, 1, SOON);
        vm.warp(SOON + 1);
        vm.expectRevert(abi.encodeWithSelector(Heartbeats.BeatHasExpired.selector, SOON));
        controls.beat(pauser, 1, SOON, signature);
        uint64 far = SOON + 1 + HEARTBEAT + 1;
        signature = beatOf(KEY, pauser, 1, far);
        vm.expectRevert(abi.encodeWithSelector(Heartbeats.BeatReachesTooFar.selector, far));
        controls.beat(pauser, 1, far, signature);
    }

    function test_a_beat_counts_on_one_chain_and_for_one_contract() public {
        EmergencyControls twin = new EmergencyControls(members(), bounds());
        bytes memory signature = beatOf(KEY, pauser, 1, SOON);
        vm.expectRevert(abi.encodeWithSelector(Heartbeats.NotSignedBy.selector, pauser));
        twin.beat(pauser, 1, SOON, signature);
        signing.chainId(block.chainid + 1);
        vm.expectRevert(abi.encodeWithSelector(Heartbeats.NotSignedBy.selector, pauser));
        controls.beat(pauser, 1, SOON, signature);
    }

    function testFuzz_nobody_else_signs_a_beat(uint256 key) public {
        key = within(key, 1, type(uint128).max);
        vm.assume(key != KEY);
        bytes memory signature = beatOf(key, pauser, 1, SOON);
        vm.expectRevert(abi.encodeWithSelector(Heartbeats.NotSignedBy.selector, pauser));
        controls.beat(pauser, 1, SOON, signature);
    }

    function test_a_dead_pauser_loses_its_power_and_nothing_else_happens() public {
        pause(VAULT, MAX);
        vm.warp(NOW + HEARTBEAT);
        pause(MARKET, MIN);
        vm.warp(NOW + HEARTBEAT + 1);
        bytes memory dead = abi.encodeWithSelector(Heartbeats.PauserIsDead.selector, pauser, NOW + HEARTBEAT);
        vm.expectRevert(dead);
        pause(VAULT, MIN);
        uint64 expires = uint64(block.timestamp);
        bytes memory signature = beatOf(KEY, pauser, 1, expires);
        vm.expectRevert(dead);
        controls.beat(pauser, 1, expires, signature);
        vm.assertTrue(controls.isPaused(MARKET), "what it did stands");
        vm.assertFalse(controls.isPaused(VAULT));
    }

    function test_governance_can_put_a_dead_pauser_back_who_then_proves_that_it_lives() public {
        vm.warp(NOW + HEARTBEAT + 1);
        vm.startPrank(governance);
        controls.removeFromRole(pauser);
        controls.offerRole(pauser, Role.Pauser);
        vm.stopPrank();
        vm.prank(pauser);
        controls.acceptRole(Role.Pauser);
        pause(VAULT, MIN);
    }

    function test_who_is_no_pauser_any_more_is_not_alive() public {
        vm.assertTrue(controls.isAlive(pauser));
        vm.prank(governance);
        controls.removeFromRole(pauser);
        vm.assertFalse(controls.isAlive(pauser));
    }

    function test_a_contract_may_be_a_pauser_and_beat() public {
        ContractPauser wallet = new ContractPauser();
        vm.prank(governance);
        controls.offerRole(address(wallet), Role.Pauser);
        wallet.take(controls);
        vm.expectRevert(abi.encodeWithSelector(Heartbeats.NotSignedBy.selector, address(wallet)));
        controls.beat(address(wallet), 1, SOON, "");
        wallet.agree(digestOf(address(wallet), 1, SOON));
        vm.warp(SOON);
        controls.beat(address(wallet), 1, SOON, "");
        vm.assertEq(controls.aliveUntil(address(wallet)), SOON + HEARTBEAT);
    }

    function test_who_is_no_pauser_has_no_heart() public {
        vm.assertFalse(controls.isAlive(governance));
        vm.expectRevert();
        controls.beat(stranger, 1, SOON, "");
    }

    function beatOf(uint256 key, address of_, uint64 sequence, uint64 expires) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = signing.sign(key, digestOf(of_, sequence, expires));
        return abi.encodePacked(r, s, v);
    }

    /// @dev Put together from the standard, not from the contract.
    function digestOf(address of_, uint64 sequence, uint64 expires) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Tocsin EmergencyControls"),
                keccak256("1"),
                block.chainid,
                address(controls)
            )
        );
        bytes32 beat = keccak256(
            abi.encode(keccak256("Heartbeat(address pauser,uint64 sequence,uint64 expires)"), of_, sequence, expires)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, beat));
    }
}
