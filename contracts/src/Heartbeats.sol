// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Roles} from "./Roles.sol";
import {Role} from "./TwoPersons.sol";

/// @title Heartbeats: a pauser that nobody hears from loses its power, and nothing else happens
///
/// @notice A pauser signs that it lives (EIP-712, {Heartbeat}); anyone may carry the signature here, so a beat takes
/// no nonce of the pauser's account and no coin. A pauser whose last beat is older than `heartbeatSeconds` cannot pause
/// and cannot beat either: a key that was silent for so long may have been found by somebody else. Governance removes
/// it and offers the role anew.
abstract contract Heartbeats is Roles, EIP712 {
    /// @notice keccak256("Heartbeat(address pauser,uint64 sequence,uint64 expires)")
    bytes32 public constant HEARTBEAT = keccak256("Heartbeat(address pauser,uint64 sequence,uint64 expires)");

    uint64 public constant SHORTEST_HEARTBEAT = 1 days;
    uint64 public constant LONGEST_HEARTBEAT = 365 days;

    /// @notice How long a beat keeps a pauser alive, in seconds.
    uint64 public immutable heartbeatSeconds;

    /// @notice The instant up to which a pauser is alive; means nothing for who is none any more.
    mapping(address pauser => uint64) public aliveUntil;
    /// @notice The sequence number of the last beat that was taken.
    mapping(address pauser => uint64) public lastBeat;

    event Beat(address indexed pauser, uint64 sequence, uint64 aliveUntil);

    error HeartbeatNotUsable(uint64 heartbeatSeconds);
    error PauserIsDead(address pauser, uint64 aliveUntil);
    error BeatIsOld(address pauser, uint64 sequence, uint64 lastBeat);
    error BeatHasExpired(uint64 expires);
    /// @notice A beat can be kept for `heartbeatSeconds` at most.
    error BeatReachesTooFar(uint64 expires);
    error NotSignedBy(address pauser);

    constructor(uint64 heartbeatSeconds_) {
        if (heartbeatSeconds_ < SHORTEST_HEARTBEAT || heartbeatSeconds_ > LONGEST_HEARTBEAT) {
            revert HeartbeatNotUsable(heartbeatSeconds_);
        }
        heartbeatSeconds = heartbeatSeconds_;
    }

    /// @notice Takes a beat that `pauser` signed. Anyone may carry it.
    /// @param sequence greater than that of every beat taken before
    /// @param expires the last instant at which the beat can be taken, at most `heartbeatSeconds` ahead: a stock of
    /// beats for later would keep a pauser alive that is dead
    function beat(address pauser, uint64 sequence, uint64 expires, bytes calldata signature) external {
        _requireAlive(pauser);
        if (block.timestamp > expires) revert BeatHasExpired(expires);
        if (expires > block.timestamp + heartbeatSeconds) revert BeatReachesTooFar(expires);
        if (sequence <= lastBeat[pauser]) revert BeatIsOld(pauser, sequence, lastBeat[pauser]);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(HEARTBEAT, pauser, sequence, expires)));
        if (!SignatureChecker.isValidSignatureNow(pauser, digest, signature)) revert NotSignedBy(pauser);
        lastBeat[pauser] = sequence;
        _revive(pauser, sequence);
    }

    /// @notice Whether `account` is a pauser that can pause.
    function isAlive(address account) public view returns (bool) {
        return roleOf[account] == Role.Pauser && block.timestamp <= aliveUntil[account];
    }

    /// @dev Who takes the role has just acted, which is as good as a beat.
    function _take(address account, Role role) internal virtual override {
        super._take(account, role);
        if (role == Role.Pauser) _revive(account, lastBeat[account]);
    }

    function _requireAlive(address pauser) internal view {
        if (roleOf[pauser] != Role.Pauser) revert NotInRole(pauser, Role.Pauser);
        if (!isAlive(pauser)) revert PauserIsDead(pauser, aliveUntil[pauser]);
    }

    function _revive(address pauser, uint64 sequence) private {
        aliveUntil[pauser] = uint64(block.timestamp) + heartbeatSeconds;
        emit Beat(pauser, sequence, aliveUntil[pauser]);
    }
}
