// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Incident, IncidentRegistry} from "../../src/IncidentRegistry.sol";
import {Role, TwoPersons} from "../../src/TwoPersons.sol";
import {RegistryTest} from "./RegistryTest.sol";

contract IncidentRegistryTest is RegistryTest {
    function test_A_quorum_attests_and_anyone_may_bring_it() public {
        Incident memory incident = usual();
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        vm.prank(stranger);
        registry.attest(incident, signers, signatures);
        vm.assertTrue(registry.attested(ID));
        IncidentRegistry.Entry memory entry = registry.entryOf(ID);
        vm.assertEq(entry.incident.protocol, protocol);
        vm.assertEq(entry.incident.lossUsd, incident.lossUsd);
        vm.assertEq(entry.attestedAt, NOW);
    }

    function test_What_is_signed_is_typed_data_of_EIP_712() public view {
        Incident memory incident = usual();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Tocsin IncidentRegistry"),
                keccak256("1"),
                block.chainid,
                address(registry)
            )
        );
        bytes32 typed = keccak256(
            "Incident(bytes32 id,address protocol,bytes32 kind,uint64 startedAt,uint64 endedAt,"
            "uint256 lossUsd,bytes32 reportHash,uint64 sequence)"
        );
        bytes32 content = keccak256(
            abi.encode(
                typed,
                incident.id,
                incident.protocol,
                incident.kind,
                incident.startedAt,
                incident.endedAt,
                incident.lossUsd,
                incident.reportHash,
                incident.sequence
            )
        );
        vm.assertTrue(registry.hashOf(incident) == keccak256(abi.encodePacked(hex"1901", domain, content)));
    }

    function test_One_responder_is_no_quorum_even_twice() public {
        Incident memory incident = usual();
        bytes32 digest = registry.hashOf(incident);
        address[] memory signers = _list(responder(0));
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = sign(responderKeys[0], digest);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.QuorumMissed.selector, 1, QUORUM));
        registry.attest(incident, signers, signatures);
        (signers, signatures) = signed(digest, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.SignersNotSorted.selector, responder(0)));
        registry.attest(incident, signers, signatures);
        (signers, signatures) = signed(digest, 2, 1);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.SignersNotSorted.selector, responder(1)));
        registry.attest(incident, signers, signatures);
    }

    function test_Signatures_hold_for_what_was_signed_only(uint256 field) public {
        Incident memory incident = usual();
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        field %= 8;
        if (field == 0) incident.id = keccak256("other");
        if (field == 1) incident.protocol = stranger;
        if (field == 2) incident.kind = "other";
        if (field == 3) incident.startedAt--;
        if (field == 4) incident.endedAt = NOW;
        if (field == 5) incident.lossUsd++;
        if (field == 6) incident.reportHash = 0;
        if (field == 7) incident.sequence++;
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.NotSignedBy.selector, responder(0)));
        registry.attest(incident, signers, signatures);
    }

    function test_Signatures_are_void_on_another_chain() public {
        Incident memory incident = usual();
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        uint256 home = block.chainid;
        vmKeys.chainId(home + 1);
        vm.expectPartialRevert(IncidentRegistry.NotSignedBy.selector);
        registry.attest(incident, signers, signatures);
        vmKeys.chainId(home);
        registry.attest(incident, signers, signatures);
    }

    function test_Signatures_are_void_at_another_registry() public {
        Incident memory incident = usual();
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        IncidentRegistry other = new IncidentRegistry(controls, QUORUM);
        vm.expectPartialRevert(IncidentRegistry.NotSignedBy.selector);
        other.attest(incident, signers, signatures);
    }

    function test_A_statement_is_taken_once_and_replaced_by_later_ones_only() public {
        Incident memory incident = usual();
        incident.sequence = 3;
        attest(incident);
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.AlreadyAttested.selector, ID));
        registry.attest(incident, signers, signatures);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.SequenceIsOld.selector, ID, uint64(3), uint64(3)));
        registry.amend(incident, signers, signatures);
        incident.sequence = 4;
        incident.lossUsd = 1;
        amend(incident);
        vm.assertEq(registry.entryOf(ID).incident.lossUsd, 1);
        incident.sequence = 3;
        (signers, signatures) = signed(registry.hashOf(incident), 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.SequenceIsOld.selector, ID, uint64(3), uint64(4)));
        registry.amend(incident, signers, signatures);
    }

    function test_An_amendment_moves_no_incident_to_another_protocol() public {
        attest(usual());
        Incident memory incident = usual();
        (incident.sequence, incident.protocol) = (2, stranger);
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.ProtocolChanged.selector, ID, stranger, protocol));
        registry.amend(incident, signers, signatures);
    }

    function test_What_was_never_attested_is_not_amended() public {
        Incident memory incident = usual();
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.NotAttested.selector, ID));
        registry.amend(incident, signers, signatures);
    }

    function test_A_signature_of_who_is_no_responder_any_more_is_void() public {
        Incident memory incident = usual();
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        vm.prank(governance);
        controls.removeFromRole(signers[1]);
        vm.expectRevert(abi.encodeWithSelector(TwoPersons.NotInRole.selector, signers[1], Role.Responder));
        registry.attest(incident, signers, signatures);
    }

    function test_What_was_attested_stays_when_a_signer_leaves() public {
        attest(usual());
        address leaver = responder(0);
        vm.prank(leaver);
        controls.leaveRole();
        vm.assertTrue(registry.attested(ID));
    }

    function test_A_quorum_withdraws_for_good() public {
        attest(usual());
        withdraw(ID, 2);
        vm.assertFalse(registry.attested(ID));
        Incident memory incident = usual();
        incident.sequence = 9;
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.IncidentIsWithdrawn.selector, ID));
        registry.attest(incident, signers, signatures);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.IncidentIsWithdrawn.selector, ID));
        registry.amend(incident, signers, signatures);
        (signers, signatures) = signed(registry.hashOfWithdrawal(ID, 9, REASON), 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.IncidentIsWithdrawn.selector, ID));
        registry.withdraw(ID, 9, REASON, signers, signatures);
    }

    function test_What_nobody_stated_is_not_attested() public view {
        vm.assertFalse(registry.attested(ID));
    }

    function test_A_withdrawal_voids_signatures_that_nobody_used() public {
        Incident memory incident = usual();
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        withdraw(ID, 2);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.IncidentIsWithdrawn.selector, ID));
        registry.attest(incident, signers, signatures);
    }

    function test_A_withdrawal_must_be_later_and_signed() public {
        attest(usual());
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOfWithdrawal(ID, 1, REASON), 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.SequenceIsOld.selector, ID, uint64(1), uint64(1)));
        registry.withdraw(ID, 1, REASON, signers, signatures);
        vm.expectPartialRevert(IncidentRegistry.NotSignedBy.selector);
        registry.withdraw(ID, 2, REASON, signers, signatures);
    }

    function test_Other_contracts_can_check_a_quorum() public {
        bytes32 digest = keccak256("anything");
        (address[] memory signers, bytes[] memory signatures) = signed(digest, 1, 2);
        registry.requireQuorum(digest, signers, signatures);
        vm.expectPartialRevert(IncidentRegistry.NotSignedBy.selector);
        registry.requireQuorum(keccak256("else"), signers, signatures);
        bytes[] memory fewer = new bytes[](1);
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.SignaturesMissing.selector, 2, 1));
        registry.requireQuorum(digest, signers, fewer);
    }

    function test_An_incident_must_make_sense() public {
        for (uint256 flaw = 0; flaw < 4; flaw++) {
            Incident memory incident = usual();
            if (flaw == 0) incident.id = 0;
            if (flaw == 1) incident.protocol = address(0);
            if (flaw == 2) incident.startedAt = NOW + 1;
            if (flaw == 3) incident.endedAt = incident.startedAt - 1;
            (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
            vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.IncidentNotUsable.selector, incident.id));
            registry.attest(incident, signers, signatures);
        }
        vm.expectRevert(abi.encodeWithSelector(IncidentRegistry.QuorumTooSmall.selector, 1));
        new IncidentRegistry(controls, 1);
    }

    /// @dev Whatever a quorum states, roles and the controls stay as they were.
    function test_No_role_gains_from_an_attestation_alone(uint256 seed) public {
        address[6] memory people =
            [governance, pauser, recoverer, risk, attester, responder(seed % responderKeys.length)];
        bytes32 before = stateOf(people);
        Incident memory incident = usual();
        (incident.lossUsd, incident.protocol) = (seed, people[seed % 6]);
        attest(incident);
        incident.sequence = 2;
        amend(incident);
        vm.assertTrue(stateOf(people) == before);
    }

    function stateOf(address[6] memory people) private view returns (bytes32 state) {
        for (uint256 i = 0; i < people.length; i++) {
            state = keccak256(abi.encode(state, controls.roleOf(people[i]), controls.budgetLeft(people[i])));
        }
        for (uint256 role = 1; role <= uint256(Role.Responder); role++) {
            state = keccak256(abi.encode(state, controls.membersOf(Role(role))));
        }
    }
}
