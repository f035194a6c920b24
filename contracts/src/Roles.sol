// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {Role, TwoPersons} from "./TwoPersons.sol";

/// @title Roles: one role for an address, taken by the one who gets it, and never left empty
///
/// Trust assumptions
/// - Governance gives every role, hence is trusted with all of them; put it behind a timelock.
/// - The last member of a role cannot leave nor be removed, nor the second last recoverer, since it takes two: take in
///   another first. A role that lost its keys is governance's to fill; that of governance nobody's.
/// - An offer counts only while whoever made it governs: a key that is removed leaves no accomplice behind.
abstract contract Roles is TwoPersons {
    using EnumerableSet for EnumerableSet.AddressSet;

    struct Offer {
        Role role;
        uint64 expiresAt;
        address by;
    }

    /// @notice How long an offered role can be accepted, in seconds.
    uint64 public constant OFFER_SECONDS = 7 days;

    mapping(address account => Role) public roleOf;
    mapping(address account => Offer) public offerTo;

    mapping(Role role => EnumerableSet.AddressSet) private _members;

    event RoleOffered(address indexed by, address indexed account, Role indexed role, uint64 expiresAt);
    event RoleTaken(address indexed account, Role indexed role);
    event RoleLeft(address indexed by, address indexed account, Role indexed role);

    error AddressIsZero();
    /// @notice The account holds a role already.
    error RolesNotDisjoint(address account, Role held);
    error NothingOffered(address account, Role role);
    error LastOfRole(address account, Role role);
    error HoldsNoRole(address account);
    error RoleIsNone();

    modifier onlyRole(Role role) {
        _requireRole(role);
        _;
    }

    /// @notice Offers a role; it is held only once the account accepts, which proves that somebody has its key.
    function offerRole(address account, Role role) external onlyRole(Role.Governance) {
        if (role == Role.None) revert RoleIsNone();
        if (account == address(0)) revert AddressIsZero();
        if (roleOf[account] != Role.None) revert RolesNotDisjoint(account, roleOf[account]);
        uint64 expiresAt = uint64(block.timestamp) + OFFER_SECONDS;
        offerTo[account] = Offer(role, expiresAt, msg.sender);
        emit RoleOffered(msg.sender, account, role, expiresAt);
    }

    /// @notice Withdraws an offer that was not accepted.
    function withdrawOffer(address account) external onlyRole(Role.Governance) {
        emit RoleOffered(msg.sender, account, Role.None, 0);
        delete offerTo[account];
    }

    /// @notice Takes an offered role.
    function acceptRole(Role role) external {
        Offer memory offer = offerTo[msg.sender];
        bool stands = block.timestamp <= offer.expiresAt && roleOf[offer.by] == Role.Governance;
        if (role == Role.None || offer.role != role || !stands) revert NothingOffered(msg.sender, role);
        delete offerTo[msg.sender];
        _take(msg.sender, role);
    }

    /// @notice Gives the caller's role up, unless too few would be left.
    function leaveRole() external {
        _leave(msg.sender);
    }

    /// @notice Takes a role away, unless too few would be left.
    function removeFromRole(address account) external onlyRole(Role.Governance) {
        _leave(account);
    }

    /// @notice Everybody who holds a role.
    function membersOf(Role role) external view returns (address[] memory) {
        return _members[role].values();
    }

    /// @dev For constructors: the first members accept nothing.
    function _takeAll(address[] memory accounts, Role role) internal {
        for (uint256 i = 0; i < accounts.length; i++) {
            _take(accounts[i], role);
        }
    }

    /// @dev Every gain of a role passes here.
    function _take(address account, Role role) internal virtual {
        if (account == address(0)) revert AddressIsZero();
        if (roleOf[account] != Role.None) revert RolesNotDisjoint(account, roleOf[account]);
        roleOf[account] = role;
        _members[role].add(account);
        emit RoleTaken(account, role);
    }

    function _roleHeldBy(address account) internal view override returns (Role) {
        return roleOf[account];
    }

    function _leave(address account) private {
        Role role = roleOf[account];
        if (role == Role.None) revert HoldsNoRole(account);
        uint256 least = role == Role.Recoverer ? 2 : 1;
        if (_members[role].length() <= least) revert LastOfRole(account, role);
        delete roleOf[account];
        _members[role].remove(account);
        emit RoleLeft(msg.sender, account, role);
    }
}
