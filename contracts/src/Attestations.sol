// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Governed} from "./Governed.sol";
import {Role} from "./TwoPersons.sol";

/// @title Attestations: signed words that a movement is honest, each for one movement to come
///
/// Trust assumptions
/// - An attester vouches for what it signs, and an attestation counts only while its attester holds the role. What
///   inherits this decides what an attestation is good for, and what happens without any.
abstract contract Attestations is Governed, EIP712 {
    /// @param account that receives
    /// @param selector of the holder's function
    /// @param amount the most that may pass
    /// @param nonce any number that the attester has not used
    struct Attestation {
        address holder;
        address account;
        bytes4 selector;
        address asset;
        uint256 amount;
        uint256 nonce;
        uint64 expires;
    }

    struct Presented {
        address attester;
        uint64 expires;
        uint256 amount;
    }

    /// @notice The type of what an attester signs (EIP-712).
    bytes32 public constant ATTESTATION = keccak256(
        "Attestation(address holder,address account,bytes4 selector,address asset,"
        "uint256 amount,uint256 nonce,uint64 expires)"
    );
    /// @notice No attestation is taken that is valid for longer.
    uint64 public constant LONGEST_ATTESTATION = 1 days;

    /// @notice Whether an attester's number is used up.
    mapping(address attester => mapping(uint256 nonce => bool)) public isUsed;

    mapping(bytes32 movement => Presented) private _presented;

    event AttestationPresented(
        address indexed attester, address indexed holder, address indexed account, uint256 nonce
    );
    event AttestationUsed(address indexed attester, address indexed holder, address indexed account, uint256 amount);

    error AttestationExpired(uint64 expires);
    error AttestationTooLong(uint64 expires);
    error NonceIsUsed(address attester, uint256 nonce);
    /// @notice An attestation for the same movements waits; it comes first, unless another attester's says more.
    error StillPresented(address attester, uint64 expires);
    error NotSignedBy(address attester);

    constructor(string memory name) EIP712(name, "1") {}

    /// @notice Presents what an attester signed, for one movement to come. Anyone may carry it here.
    function present(Attestation calldata attestation, address attester, bytes calldata signature) external {
        if (controls.roleOf(attester) != Role.Attester) revert NotInRole(attester, Role.Attester);
        if (block.timestamp > attestation.expires) revert AttestationExpired(attestation.expires);
        if (attestation.expires > block.timestamp + LONGEST_ATTESTATION) {
            revert AttestationTooLong(attestation.expires);
        }
        if (isUsed[attester][attestation.nonce]) revert NonceIsUsed(attester, attestation.nonce);
        Presented storage presented =
            _presented[_movement(attestation.holder, attestation.asset, attestation.account, attestation.selector)];
        if (_stands(presented) && !_saysMore(attestation, attester, presented)) {
            revert StillPresented(presented.attester, presented.expires);
        }
        bytes32 digest = _hashTypedDataV4(
            keccak256(
                abi.encode(
                    ATTESTATION,
                    attestation.holder,
                    attestation.account,
                    attestation.selector,
                    attestation.asset,
                    attestation.amount,
                    attestation.nonce,
                    attestation.expires
                )
            )
        );
        if (!SignatureChecker.isValidSignatureNow(attester, digest, signature)) revert NotSignedBy(attester);
        isUsed[attester][attestation.nonce] = true;
        (presented.attester, presented.expires, presented.amount) = (attester, attestation.expires, attestation.amount);
        emit AttestationPresented(attester, attestation.holder, attestation.account, attestation.nonce);
    }

    /// @dev Whether an attestation stands for so much of this movement of the caller's. If so, it is used up.
    function _useAttestation(address asset, address account, bytes4 selector, uint256 amount) internal returns (bool) {
        Presented storage presented = _presented[_movement(msg.sender, asset, account, selector)];
        if (!_stands(presented) || amount > presented.amount) return false;
        emit AttestationUsed(presented.attester, msg.sender, account, amount);
        delete presented.expires;
        return true;
    }

    /// @dev Another attester's, for more and for no shorter: one stolen key must not keep the others from being heard.
    function _saysMore(Attestation calldata attestation, address attester, Presented storage presented)
        private
        view
        returns (bool)
    {
        return attester != presented.attester && attestation.amount > presented.amount
            && attestation.expires >= presented.expires;
    }

    /// @dev An attestation counts while it has not expired and its attester holds the role.
    function _stands(Presented storage presented) private view returns (bool) {
        return block.timestamp <= presented.expires && controls.roleOf(presented.attester) == Role.Attester;
    }

    function _movement(address holder, address asset, address account, bytes4 selector) private pure returns (bytes32) {
        return keccak256(abi.encode(holder, asset, account, selector));
    }
}
