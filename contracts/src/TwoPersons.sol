// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

/// @notice Who may do what. An address holds one role or none, so no key can both pull the brake and release it.
enum Role {
    None,
    /// Offers roles, takes them away, loosens limits after a delay, moves value after a delay.
    Governance,
    /// Pauses, within bounds.
    Pauser,
    /// Two of them end a pause early, or cancel an entry of the queue.
    Recoverer,
    /// Tightens limits at once, within bounds.
    Risk,
    /// Signs that a withdrawal is honest.
    Attester,
    /// A quorum of them attests incidents.
    Responder
}

/// @title TwoPersons: some deeds are done only when two of the same role want them
///
/// @notice The first who wants a deed is remembered for {AGREEMENT_SECONDS}; the second, another one, does it. A deed
/// is named by 32 bytes: a hash of all that the two must agree on. Who has lost the role meanwhile counts no more.
///
/// What inherits this says where the roles are ({_roleHeldBy}); each such contract keeps agreements of its own.
abstract contract TwoPersons {
    struct Agreement {
        address first;
        uint64 expiresAt;
    }

    /// @notice How long the first of two waits for the second, in seconds.
    uint64 public constant AGREEMENT_SECONDS = 1 days;

    mapping(bytes32 deed => Agreement) private _agreements;

    /// @notice The first of two wants it done.
    event FirstAgreed(address indexed by, bytes32 indexed deed, uint64 expiresAt);

    error NotInRole(address account, Role needed);
    /// @notice The second must be another person.
    error SamePerson(address account, bytes32 deed);

    /// @notice Who is first in wanting `deed`, and until when that counts. Zero if nobody, or nobody any more.
    function agreementOn(bytes32 deed) external view returns (Agreement memory) {
        return _agreements[deed];
    }

    /// @dev Where the roles are.
    function _roleHeldBy(address account) internal view virtual returns (Role);

    function _requireRole(Role role) internal view {
        if (_roleHeldBy(msg.sender) != role) revert NotInRole(msg.sender, role);
    }

    /// @dev True when the caller is the second person of `role` who wants `deed` done; the first is remembered.
    function _agreed(bytes32 deed, Role role) internal returns (bool) {
        _requireRole(role);
        Agreement memory agreement = _agreements[deed];
        bool stands = block.timestamp <= agreement.expiresAt && _roleHeldBy(agreement.first) == role;
        if (stands && agreement.first == msg.sender) revert SamePerson(msg.sender, deed);
        if (stands) {
            delete _agreements[deed];
            return true;
        }
        uint64 expiresAt = uint64(block.timestamp) + AGREEMENT_SECONDS;
        _agreements[deed] = Agreement(msg.sender, expiresAt);
        emit FirstAgreed(msg.sender, deed, expiresAt);
        return false;
    }
}
