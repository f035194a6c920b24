// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {EmergencyControls} from "./EmergencyControls.sol";
import {Governed} from "./Governed.sol";
import {Role} from "./TwoPersons.sol";

/// @notice What responders sign about an incident.
/// @param id the incident's, the same in every amendment
/// @param protocol the contract that was attacked
/// @param kind what happened, by a name that the readers agreed on
/// @param startedAt when it started, in seconds since 1970
/// @param endedAt when it was over; 0 while it is not
/// @param lossUsd what was lost, in US dollars with 18 decimals
/// @param reportHash keccak256 of the report
/// @param sequence greater than in every statement about the incident that was taken before
struct Incident {
    bytes32 id;
    address protocol;
    bytes32 kind;
    uint64 startedAt;
    uint64 endedAt;
    uint256 lossUsd;
    bytes32 reportHash;
    uint64 sequence;
}

/// @title IncidentRegistry: what happened, stated by a quorum of responders, for other contracts to read
///
/// @notice An incident is attested, amended and withdrawn by the signatures (EIP-712) of at least `quorum` members of
/// the role Responder; anyone may bring them. Withdrawn is for good: what is stated anew gets a new id. A withdrawal
/// is also taken of what was never attested, so that responders can void signatures that they gave and nobody used.
///
/// Trust assumptions
/// - `quorum` responders together can state anything. Who pays on an attestation waits for a while, lets others
///   object, and looks again: see contracts/demo/ParametricCover.sol.
/// - A signature counts while its signer is a responder. Who lost the role is void from that block on, also for what
///   was signed before; what was taken stays.
/// - Nothing here moves value or gives a role.
contract IncidentRegistry is Governed, EIP712 {
    /// @param attestedAt when it was first attested; 0 if never
    /// @param changedAt when the last statement about it was taken
    struct Entry {
        Incident incident;
        uint64 attestedAt;
        uint64 changedAt;
        bool withdrawn;
    }

    bytes32 public constant INCIDENT = keccak256(
        "Incident(bytes32 id,address protocol,bytes32 kind,uint64 startedAt,uint64 endedAt,uint256 lossUsd,"
        "bytes32 reportHash,uint64 sequence)"
    );
    bytes32 public constant WITHDRAWAL = keccak256("Withdrawal(bytes32 id,uint64 sequence,bytes32 reasonCode)");
    uint256 public constant SMALLEST_QUORUM = 2;

    /// @notice How many responders must sign.
    uint256 public immutable quorum;

    mapping(bytes32 id => Entry) private _entries;

    event IncidentAttested(bytes32 indexed id, address indexed protocol, bytes32 indexed kind, Incident incident);
    event IncidentAmended(bytes32 indexed id, address indexed protocol, bytes32 indexed kind, Incident incident);
    event IncidentWithdrawn(bytes32 indexed id, uint64 sequence, bytes32 reasonCode);

    error QuorumTooSmall(uint256 quorum);
    /// @notice An incident has an id, a protocol and a start that has passed, and does not end before it started.
    error IncidentNotUsable(bytes32 id);
    /// @notice It is attested already: amend it.
    error AlreadyAttested(bytes32 id);
    error NotAttested(bytes32 id);
    error IncidentIsWithdrawn(bytes32 id);
    /// @notice An amendment cannot move an incident to another protocol.
    error ProtocolChanged(bytes32 id, address protocol, address attested);
    error SequenceIsOld(bytes32 id, uint64 sequence, uint64 last);
    error QuorumMissed(uint256 signers, uint256 quorum);
    error SignaturesMissing(uint256 signers, uint256 signatures);
    /// @notice Signers come in ascending order, each once.
    error SignersNotSorted(address signer);
    error NotSignedBy(address signer);

    constructor(EmergencyControls controls_, uint256 quorum_)
        Governed(controls_)
        EIP712("Tocsin IncidentRegistry", "1")
    {
        if (quorum_ < SMALLEST_QUORUM) revert QuorumTooSmall(quorum_);
        quorum = quorum_;
    }

    /// @notice Takes the first statement about an incident.
    /// @param signers responders in ascending order, at least `quorum`
    /// @param signatures theirs, in the same order
    function attest(Incident calldata incident, address[] calldata signers, bytes[] calldata signatures) external {
        Entry storage entry = _entries[incident.id];
        if (entry.withdrawn) revert IncidentIsWithdrawn(incident.id);
        if (entry.attestedAt != 0) revert AlreadyAttested(incident.id);
        _write(entry, incident, signers, signatures);
        entry.attestedAt = uint64(block.timestamp);
        emit IncidentAttested(incident.id, incident.protocol, incident.kind, incident);
    }

    /// @notice Takes a later statement about an attested incident, which replaces the one before.
    function amend(Incident calldata incident, address[] calldata signers, bytes[] calldata signatures) external {
        Entry storage entry = _entries[incident.id];
        if (entry.withdrawn) revert IncidentIsWithdrawn(incident.id);
        if (entry.attestedAt == 0) revert NotAttested(incident.id);
        if (incident.protocol != entry.incident.protocol) {
            revert ProtocolChanged(incident.id, incident.protocol, entry.incident.protocol);
        }
        _write(entry, incident, signers, signatures);
        emit IncidentAmended(incident.id, incident.protocol, incident.kind, incident);
    }

    /// @notice Takes back what was stated about an incident, for good.
    function withdraw(
        bytes32 id,
        uint64 sequence,
        bytes32 reasonCode,
        address[] calldata signers,
        bytes[] calldata signatures
    ) external {
        Entry storage entry = _entries[id];
        if (entry.withdrawn) revert IncidentIsWithdrawn(id);
        _requireLater(id, sequence, entry.incident.sequence);
        _requireQuorum(hashOfWithdrawal(id, sequence, reasonCode), signers, signatures);
        entry.withdrawn = true;
        entry.changedAt = uint64(block.timestamp);
        entry.incident.sequence = sequence;
        emit IncidentWithdrawn(id, sequence, reasonCode);
    }

    /// @notice Whether an incident is attested and not withdrawn.
    function attested(bytes32 id) external view returns (bool) {
        return _entries[id].attestedAt != 0 && !_entries[id].withdrawn;
    }

    /// @notice All that is known of an incident; zeros if nothing is.
    function entryOf(bytes32 id) external view returns (Entry memory) {
        return _entries[id];
    }

    /// @notice Reverts unless these are the signatures of a quorum of today's responders under `digest`, so that other
    /// contracts can rely on a statement that was not brought here.
    function requireQuorum(bytes32 digest, address[] calldata signers, bytes[] calldata signatures) external view {
        _requireQuorum(digest, signers, signatures);
    }

    /// @notice What responders sign to attest or amend.
    function hashOf(Incident calldata incident) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(INCIDENT, incident)));
    }

    /// @notice What responders sign to withdraw.
    function hashOfWithdrawal(bytes32 id, uint64 sequence, bytes32 reasonCode) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(WITHDRAWAL, id, sequence, reasonCode)));
    }

    function _write(
        Entry storage entry,
        Incident calldata incident,
        address[] calldata signers,
        bytes[] calldata signatures
    ) private {
        if (
            incident.id == 0 || incident.protocol == address(0) || incident.startedAt > block.timestamp
                || (incident.endedAt != 0 && incident.endedAt < incident.startedAt)
        ) revert IncidentNotUsable(incident.id);
        _requireLater(incident.id, incident.sequence, entry.incident.sequence);
        _requireQuorum(hashOf(incident), signers, signatures);
        entry.incident = incident;
        entry.changedAt = uint64(block.timestamp);
    }

    function _requireLater(bytes32 id, uint64 sequence, uint64 last) private pure {
        if (sequence <= last) revert SequenceIsOld(id, sequence, last);
    }

    /// @dev Every signer given must count, not only a quorum of them: who brings a bad one made a mistake.
    function _requireQuorum(bytes32 digest, address[] calldata signers, bytes[] calldata signatures) private view {
        if (signers.length < quorum) revert QuorumMissed(signers.length, quorum);
        if (signers.length != signatures.length) revert SignaturesMissing(signers.length, signatures.length);
        address last = address(0);
        for (uint256 i = 0; i < signers.length; i++) {
            address signer = signers[i];
            if (signer <= last) revert SignersNotSorted(signer);
            if (controls.roleOf(signer) != Role.Responder) revert NotInRole(signer, Role.Responder);
            if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, signatures[i])) {
                revert NotSignedBy(signer);
            }
            last = signer;
        }
    }
}
