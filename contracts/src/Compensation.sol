// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {EmergencyControls} from "./EmergencyControls.sol";
import {Governed} from "./Governed.sol";
import {Role} from "./TwoPersons.sol";

/// @title Compensation: pays those who lost, each by a list that was public before there was money behind it
///
/// @notice Governance announces a round: the root of a Merkle tree of who gets how much, and where the rest goes. For
/// `delaySeconds` everybody can check the list, and two recoverers can cancel the round. Then somebody brings the
/// total and thereby opens it. From then on anyone claims for any account, for the seconds that were announced; what
/// nobody claimed is swept to the address that was announced.
///
///     announce ---- delay ---- due ---- opened with its total ---- expires ---- swept
///         cancel possible until it is opened |  claims  .........|
///
/// A leaf is keccak256(bytes.concat(keccak256(abi.encode(round, index, account, amount)))): hashed twice, so that no
/// inner node passes for one.
///
/// Trust assumptions
/// - Governance decides who is compensated. Once a round is open it can change nothing of it: no root, no asset, no
///   address for the rest; nor end it early.
/// - Rounds share one balance per asset but each pays at most what was brought for it. An asset that shrinks balances
///   by itself breaks that: do not compensate in one. One that takes a fee cannot open a round.
contract Compensation is Governed {
    using BitMaps for BitMaps.BitMap;
    using SafeERC20 for IERC20;

    enum Stage {
        None,
        Announced,
        Cancelled,
        Open,
        Swept
    }

    /// @param rest where the unclaimed rest goes
    /// @param claimSeconds how long the round can be claimed from
    /// @param dueAt from when on it can be opened
    /// @param expiresAt the last instant for claims; 0 until it is opened
    struct Round {
        bytes32 root;
        IERC20 asset;
        Stage stage;
        address rest;
        uint64 claimSeconds;
        uint64 dueAt;
        uint64 expiresAt;
        uint256 total;
        uint256 paid;
    }

    uint64 public constant SHORTEST_DELAY = 2 days;
    uint64 public constant LONGEST_DELAY = 60 days;
    /// @notice No round can be claimed from for less than this.
    uint64 public constant SHORTEST_CLAIM = 90 days;
    uint64 public constant LONGEST_CLAIM = 3650 days;

    uint64 public immutable delaySeconds;

    /// @notice How many rounds were announced. The next has this number.
    uint256 public rounds;
    /// @notice All there is to know of a round, but who claimed.
    mapping(uint256 round => Round) public roundOf;

    mapping(uint256 round => BitMaps.BitMap) private _claimed;

    event RoundAnnounced(
        address indexed by,
        uint256 indexed round,
        bytes32 root,
        IERC20 indexed asset,
        uint256 total,
        address rest,
        uint64 claimSeconds,
        uint64 dueAt
    );
    event RoundCancelled(address indexed by, uint256 indexed round, bytes32 reasonCode);
    event RoundOpened(address indexed by, uint256 indexed round, uint64 expiresAt);
    event Compensated(address indexed account, uint256 indexed round, uint256 index, uint256 amount);
    event RoundSwept(uint256 indexed round, address indexed rest, uint256 amount);

    error DelayNotUsable(uint64 delaySeconds);
    error ClaimSecondsNotUsable(uint64 claimSeconds);
    error RoundNotUsable();
    /// @notice The leaves of a round carry its number, so it must be the next.
    error NotTheNextRound(uint256 round, uint256 next);
    error NotInStage(uint256 round, Stage stage, Stage needed);
    error NotDue(uint256 round, uint64 dueAt);
    /// @notice The asset gave less than the total, as one that takes a fee does.
    error NotFullyFunded(uint256 round, uint256 received, uint256 total);
    error RoundHasExpired(uint256 round, uint64 expiresAt);
    error RoundHasNotExpired(uint256 round, uint64 expiresAt);
    error AlreadyClaimed(uint256 round, uint256 index);
    error NotInRound(uint256 round, uint256 index, address account, uint256 amount);
    /// @notice The list adds up to more than was brought.
    error RoundExhausted(uint256 round, uint256 amount, uint256 left);

    constructor(EmergencyControls controls_, uint64 delaySeconds_) Governed(controls_) {
        if (delaySeconds_ < SHORTEST_DELAY || delaySeconds_ > LONGEST_DELAY) revert DelayNotUsable(delaySeconds_);
        delaySeconds = delaySeconds_;
    }

    /// @notice Announces a round.
    /// @param round the number that the leaves carry: the next
    function announce(uint256 round, bytes32 root, IERC20 asset, uint256 total, address rest, uint64 claimSeconds)
        external
        onlyBy(Role.Governance)
    {
        if (round != rounds) revert NotTheNextRound(round, rounds);
        if (claimSeconds < SHORTEST_CLAIM || claimSeconds > LONGEST_CLAIM) revert ClaimSecondsNotUsable(claimSeconds);
        if (root == 0 || total == 0 || rest == address(0) || rest == address(this)) revert RoundNotUsable();
        _requireDeployed(address(asset));
        uint64 dueAt = uint64(block.timestamp) + delaySeconds;
        rounds = round + 1;
        roundOf[round] = Round(root, asset, Stage.Announced, rest, claimSeconds, dueAt, 0, total, 0);
        emit RoundAnnounced(msg.sender, round, root, asset, total, rest, claimSeconds, dueAt);
    }

    /// @notice Cancels a round that was not opened yet: governance alone, or two recoverers.
    /// @return done false if this was the first of two
    function cancel(uint256 round, bytes32 reasonCode) external returns (bool done) {
        _requireStage(round, Stage.Announced);
        if (controls.roleOf(msg.sender) != Role.Governance) {
            if (!_agreed(bytes32(round), Role.Recoverer)) return false;
        }
        roundOf[round].stage = Stage.Cancelled;
        emit RoundCancelled(msg.sender, round, reasonCode);
        return true;
    }

    /// @notice Opens a round that is due with its total, which the caller brings. What is brought cannot be taken back.
    function open(uint256 round) external {
        _requireStage(round, Stage.Announced);
        Round storage opened = roundOf[round];
        if (block.timestamp < opened.dueAt) revert NotDue(round, opened.dueAt);
        opened.stage = Stage.Open;
        opened.expiresAt = uint64(block.timestamp) + opened.claimSeconds;
        emit RoundOpened(msg.sender, round, opened.expiresAt);
        (IERC20 asset, uint256 total) = (opened.asset, opened.total);
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransferFrom(msg.sender, address(this), total);
        uint256 received = asset.balanceOf(address(this)) - before;
        if (received < total) revert NotFullyFunded(round, received, total);
    }

    /// @notice Pays `account` what the round's list says. Anyone may call for it.
    function claim(uint256 round, uint256 index, address account, uint256 amount, bytes32[] calldata proof) external {
        _requireStage(round, Stage.Open);
        Round storage from = roundOf[round];
        if (block.timestamp > from.expiresAt) revert RoundHasExpired(round, from.expiresAt);
        if (_claimed[round].get(index)) revert AlreadyClaimed(round, index);
        if (!MerkleProof.verifyCalldata(proof, from.root, leafOf(round, index, account, amount))) {
            revert NotInRound(round, index, account, amount);
        }
        uint256 left = from.total - from.paid;
        if (amount > left) revert RoundExhausted(round, amount, left);
        _claimed[round].set(index);
        from.paid += amount;
        emit Compensated(account, round, index, amount);
        from.asset.safeTransfer(account, amount);
    }

    /// @notice Sends what nobody claimed of an expired round where it was announced to go. Anyone may call.
    function sweep(uint256 round) external {
        _requireStage(round, Stage.Open);
        Round storage swept = roundOf[round];
        if (block.timestamp <= swept.expiresAt) revert RoundHasNotExpired(round, swept.expiresAt);
        uint256 left = swept.total - swept.paid;
        swept.stage = Stage.Swept;
        emit RoundSwept(round, swept.rest, left);
        swept.asset.safeTransfer(swept.rest, left);
    }

    /// @notice Whether an entry of a round was paid.
    function isClaimed(uint256 round, uint256 index) external view returns (bool) {
        return _claimed[round].get(index);
    }

    /// @notice The leaf of one entry.
    function leafOf(uint256 round, uint256 index, address account, uint256 amount) public pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(round, index, account, amount))));
    }

    function _requireStage(uint256 round, Stage needed) private view {
        Stage stage = roundOf[round].stage;
        if (stage != needed) revert NotInStage(round, stage, needed);
    }
}
