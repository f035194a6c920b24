// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";
import {BridgeDollar} from "./BridgeDollar.sol";

/// @title Bridge: makes bUSD for what was locked on the other chain, and destroys it for what is unlocked there
///
/// A relayer proves messages of the other chain under a root; what is proven under an accepted root may be released.
///
/// THE DELIBERATE MISTAKE: the zero root is accepted, and it is the root of every message that nobody proved. Anyone
/// releases as much as they like.
/// Never copy this: what is missing must never compare equal to what is accepted.
///
/// | function | direction |
/// |---|---|
/// | release | Mint: it creates money; refused over the limit |
/// | prove | none: the relayer's |
/// | send | Repay: value goes back to where it came from; never paused |
contract Bridge is Gate {
    /// @notice Paused together with the vault.
    bytes32 public constant MODULE = "vault";

    BridgeDollar public immutable dollar;
    /// @notice Who says what happened on the other chain.
    address public immutable relayer;

    mapping(bytes32 root => bool) public isAccepted;
    mapping(bytes32 message => bytes32 root) public provenUnder;
    mapping(bytes32 message => bool) public isReleased;

    event Proven(bytes32 indexed message, bytes32 indexed root);
    event Released(address indexed to, uint256 amount, uint256 nonce);
    event Sent(address indexed from, uint256 amount);

    error NotRelayer(address caller);
    error NotProven(bytes32 message);
    error AlreadyReleased(bytes32 message);

    constructor(address relayer_, Wiring memory wiring) Gate(wiring) {
        dollar = new BridgeDollar();
        relayer = relayer_;
        isAccepted[bytes32(0)] = true;
    }

    /// @notice Accepts `root` and puts `message` under it.
    function prove(bytes32 message, bytes32 root) external {
        if (msg.sender != relayer) revert NotRelayer(msg.sender);
        isAccepted[root] = true;
        provenUnder[message] = root;
        emit Proven(message, root);
    }

    /// @notice Makes what a message of the other chain says (see the mistake above).
    function release(address to, uint256 amount, uint256 nonce) external {
        bytes32 message = messageOf(to, amount, nonce);
        if (!isAccepted[provenUnder[message]]) revert NotProven(message);
        if (isReleased[message]) revert AlreadyReleased(message);
        isReleased[message] = true;
        _gate(to, MODULE, address(dollar), Direction.Mint, amount);
        dollar.mint(to, amount);
        emit Released(to, amount, nonce);
    }

    /// @notice Destroys the caller's bUSD, to be unlocked on the other chain.
    function send(uint256 amount) external {
        dollar.burn(msg.sender, amount);
        _gate(msg.sender, MODULE, address(dollar), Direction.Repay, amount);
        emit Sent(msg.sender, amount);
    }

    function messageOf(address to, uint256 amount, uint256 nonce) public pure returns (bytes32) {
        return keccak256(abi.encode(to, amount, nonce));
    }
}
