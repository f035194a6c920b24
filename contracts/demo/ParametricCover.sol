// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IncidentRegistry} from "../src/IncidentRegistry.sol";

/// @title ParametricCover: pays a fixed share of the sum insured when an incident of its protocol is attested
///
/// @notice A sample of a contract that relies on {IncidentRegistry} without trusting it blindly. A claim waits for
/// `DELAY_SECONDS`, from the claim and from the last change of the attestation, whichever is later. Until the claim's
/// own wait is over anybody can dispute it with a bond; an arbiter rules, and who does not rule in time lets the claim
/// stand. What is paid follows the attestation as it is then: withdrawn means nothing, another loss another share.
///
/// The pool cannot run out: a policy is sold only while the pool holds the whole sums of all policies that may still
/// claim, and the underwriter takes out only what is above them. So nobody is paid pro rata; who comes late is
/// refused a policy, not a payment.
///
/// Trust assumptions
/// - A quorum of responders together with a policy's holder can take that policy's sum, if nobody disputes and wins.
/// - The arbiter can void claims that are disputed, hence with a friend who pays bonds all of them; it gains nothing.
/// - The asset moves what it is told to: one that takes a fee is refused, one that changes balances by itself breaks
///   the accounts.
///
/// | function | class |
/// |---|---|
/// | collect | exit: pays what is already owed |
/// | settle, rule, end, claim | neutral: no value leaves |
/// | retire | value out, of the underwriter's own |
/// | buy, supply, dispute | neutral: value comes in |
contract ParametricCover {
    using SafeERC20 for IERC20;

    /// @param lossUsd from which loss on, in US dollars with 18 decimals
    /// @param shareBps of the sum insured
    struct Band {
        uint256 lossUsd;
        uint256 shareBps;
    }

    /// @param sum insured, at first
    /// @param left of it
    struct Policy {
        address holder;
        uint64 from;
        uint64 until;
        uint32 openClaims;
        uint256 sum;
        uint256 left;
    }

    enum Stage {
        None,
        Open,
        Disputed,
        /// Disputed, and confirmed: nobody disputes it again.
        Confirmed,
        Closed
    }

    /// @param payableAt when it can be settled, if nobody disputes
    /// @param disputer who put up the bond
    struct Claim {
        Stage stage;
        uint64 payableAt;
        uint64 ruleBy;
        address disputer;
    }

    /// @notice How long after it was bought a policy starts, so that nobody insures what he sees coming.
    uint64 public constant WAITING_SECONDS = 7 days;
    uint64 public constant DELAY_SECONDS = 72 hours;
    uint64 public constant RULING_SECONDS = 7 days;
    /// @notice How long after a policy's end incidents of its period can be claimed.
    uint64 public constant CLAIM_SECONDS = 35 days;
    uint64 public constant LONGEST_COVER = 365 days;

    uint256 private constant BPS = 10_000;

    IncidentRegistry public immutable registry;
    IERC20 public immutable asset;
    /// @notice The contract whose incidents are insured.
    address public immutable protocol;
    address public immutable underwriter;
    address public immutable arbiter;
    /// @notice The premium for a year, in basis points of the sum.
    uint256 public immutable premiumBps;
    uint256 public immutable bond;

    /// @notice What the underwriter and premiums brought, less what was paid and taken out.
    uint256 public pool;
    /// @notice The part of the pool that policies may still claim.
    uint256 public reserved;
    /// @notice The bonds of disputes that are not decided.
    uint256 public bonds;
    /// @notice What is owed to accounts that did not collect yet.
    uint256 public owed;
    /// @notice What is owed to an account.
    mapping(address account => uint256) public owedTo;

    Policy[] private _policies;
    Band[] private _bands;
    /// @notice The claim of a policy for an incident; there is at most one ever.
    mapping(uint256 policy => mapping(bytes32 incident => Claim)) public claimOf;

    event Bought(address indexed holder, uint256 indexed policy, uint256 sum, uint64 from, uint64 until);
    event Claimed(uint256 indexed policy, bytes32 indexed incident, uint64 payableAt);
    event Disputed(address indexed by, uint256 indexed policy, bytes32 indexed incident, uint64 ruleBy);
    event Ruled(uint256 indexed policy, bytes32 indexed incident, bool stands);
    event Settled(uint256 indexed policy, bytes32 indexed incident, uint256 amount);
    event Ended(uint256 indexed policy, uint256 left);
    event Supplied(uint256 amount);
    event Retired(uint256 amount);
    event Collected(address indexed account, uint256 amount);

    error NotUsable();
    error NotHolderOf(address role, address account);
    error DurationNotUsable(uint64 durationSeconds);
    error PremiumTooHigh(uint256 premium, uint256 most);
    /// @notice The pool holds too little beside what it may have to pay already.
    error PoolTooSmall(uint256 amount, uint256 free);
    error NotFullyReceived(uint256 received, uint256 amount);
    /// @notice Not attested, of another protocol, or not within the period of the policy.
    error NotCovered(uint256 policy, bytes32 incident);
    error TooLate(uint64 last);
    error TooEarly(uint64 first);
    error NotInStage(uint256 policy, bytes32 incident, Stage stage);
    error ClaimsAreOpen(uint256 policy);

    /// @param bands_ ascending by loss and by share; a loss below the first pays nothing
    constructor(
        IncidentRegistry registry_,
        IERC20 asset_,
        address protocol_,
        address underwriter_,
        address arbiter_,
        uint256 premiumBps_,
        uint256 bond_,
        Band[] memory bands_
    ) {
        if (bands_.length == 0 || protocol_ == address(0) || arbiter_ == underwriter_ || bond_ == 0) {
            revert NotUsable();
        }
        (registry, asset, protocol, underwriter, arbiter) = (registry_, asset_, protocol_, underwriter_, arbiter_);
        (premiumBps, bond) = (premiumBps_, bond_);
        for (uint256 i = 0; i < bands_.length; i++) {
            bool rises =
                i == 0 || (bands_[i].lossUsd > bands_[i - 1].lossUsd && bands_[i].shareBps >= bands_[i - 1].shareBps);
            if (!rises || bands_[i].shareBps == 0 || bands_[i].shareBps > BPS) revert NotUsable();
            _bands.push(bands_[i]);
        }
    }

    /// @notice Adds to the pool.
    function supply(uint256 amount) external {
        _require(underwriter);
        pool += amount;
        emit Supplied(amount);
        _receive(amount);
    }

    /// @notice Takes out of the pool what no policy may claim.
    function retire(uint256 amount) external {
        _require(underwriter);
        _requireFree(amount);
        pool -= amount;
        emit Retired(amount);
        asset.safeTransfer(underwriter, amount);
    }

    /// @notice Insures the caller. The premium is not paid back.
    function buy(uint256 sum, uint64 durationSeconds, uint256 mostPremium) external returns (uint256 policy) {
        if (durationSeconds == 0 || durationSeconds > LONGEST_COVER) revert DurationNotUsable(durationSeconds);
        if (sum == 0) revert NotUsable();
        _requireFree(sum);
        uint256 premium = (sum * premiumBps * durationSeconds - 1) / (BPS * 365 days) + 1;
        if (premium > mostPremium) revert PremiumTooHigh(premium, mostPremium);
        uint64 from = uint64(block.timestamp) + WAITING_SECONDS;
        policy = _policies.length;
        _policies.push(Policy(msg.sender, from, from + durationSeconds, 0, sum, sum));
        reserved += sum;
        pool += premium;
        emit Bought(msg.sender, policy, sum, from, from + durationSeconds);
        _receive(premium);
    }

    /// @notice Claims for an attested incident, once for each: only the policy's holder, who knows what it waits for.
    /// Who gains by a small first estimate of the loss must not settle by it.
    function claim(uint256 policy, bytes32 incident) external {
        _require(_policies[policy].holder);
        Claim storage made = claimOf[policy][incident];
        if (made.stage != Stage.None) revert NotInStage(policy, incident, made.stage);
        uint64 last = _policies[policy].until + CLAIM_SECONDS;
        if (block.timestamp > last) revert TooLate(last);
        if (_due(policy, registry.entryOf(incident)) == 0) revert NotCovered(policy, incident);
        made.stage = Stage.Open;
        made.payableAt = uint64(block.timestamp) + DELAY_SECONDS;
        _policies[policy].openClaims++;
        emit Claimed(policy, incident, made.payableAt);
    }

    /// @notice Disputes a claim that waits. The bond is lost to the policy's holder if the arbiter lets the claim
    /// stand.
    function dispute(uint256 policy, bytes32 incident) external {
        Claim storage disputed = claimOf[policy][incident];
        if (disputed.stage != Stage.Open) revert NotInStage(policy, incident, disputed.stage);
        if (block.timestamp >= disputed.payableAt) revert TooLate(disputed.payableAt - 1);
        disputed.stage = Stage.Disputed;
        disputed.disputer = msg.sender;
        disputed.ruleBy = uint64(block.timestamp) + RULING_SECONDS;
        bonds += bond;
        emit Disputed(msg.sender, policy, incident, disputed.ruleBy);
        _receive(bond);
    }

    /// @notice Decides a dispute.
    function rule(uint256 policy, bytes32 incident, bool stands) external {
        _require(arbiter);
        Claim storage ruled = claimOf[policy][incident];
        if (ruled.stage != Stage.Disputed) revert NotInStage(policy, incident, ruled.stage);
        if (block.timestamp > ruled.ruleBy) revert TooLate(ruled.ruleBy);
        emit Ruled(policy, incident, stands);
        _releaseBond(stands ? _policies[policy].holder : ruled.disputer);
        if (stands) ruled.stage = Stage.Confirmed;
        else _close(policy, incident, 0);
    }

    /// @notice Pays a claim by the attestation as it is now, or closes it without payment. Anyone may call.
    function settle(uint256 policy, bytes32 incident) external {
        Claim storage settled = claimOf[policy][incident];
        Stage stage = settled.stage;
        if (stage == Stage.None || stage == Stage.Closed) revert NotInStage(policy, incident, stage);
        if (block.timestamp < settled.payableAt) revert TooEarly(settled.payableAt);
        if (stage == Stage.Disputed) {
            if (block.timestamp <= settled.ruleBy) revert TooEarly(settled.ruleBy + 1);
            _releaseBond(settled.disputer);
        }
        IncidentRegistry.Entry memory entry = registry.entryOf(incident);
        uint64 first = entry.changedAt + DELAY_SECONDS;
        if (!entry.withdrawn && block.timestamp < first) revert TooEarly(first);
        _close(policy, incident, _due(policy, entry));
    }

    /// @notice Frees what a policy reserved, once nothing can be claimed of it any more. Anyone may call.
    function end(uint256 policy) external {
        Policy storage ended = _policies[policy];
        uint64 last = ended.until + CLAIM_SECONDS;
        if (block.timestamp <= last) revert TooEarly(last + 1);
        if (ended.openClaims != 0) revert ClaimsAreOpen(policy);
        uint256 left = ended.left;
        ended.left = 0;
        reserved -= left;
        emit Ended(policy, left);
    }

    /// @notice Pays an account what it is owed. Anyone may call; one account that cannot be paid holds up no other.
    function collect(address account) external {
        uint256 amount = owedTo[account];
        owedTo[account] = 0;
        owed -= amount;
        emit Collected(account, amount);
        asset.safeTransfer(account, amount);
    }

    /// @notice A policy, by its number.
    function policyOf(uint256 policy) external view returns (Policy memory) {
        return _policies[policy];
    }

    /// @notice What is paid from which loss on.
    function bandsOf() external view returns (Band[] memory) {
        return _bands;
    }

    /// @notice What the underwriter can take out, and the largest sum that can be bought.
    function free() public view returns (uint256) {
        return pool - reserved;
    }

    /// @dev What a policy is due for an incident: 0 if it is not covered.
    function _due(uint256 policy, IncidentRegistry.Entry memory entry) private view returns (uint256) {
        Policy storage insured = _policies[policy];
        if (entry.attestedAt == 0 || entry.withdrawn || entry.incident.protocol != protocol) return 0;
        uint64 startedAt = entry.incident.startedAt;
        if (startedAt < insured.from || startedAt >= insured.until) return 0;
        uint256 shareBps = 0;
        for (uint256 i = 0; i < _bands.length && entry.incident.lossUsd >= _bands[i].lossUsd; i++) {
            shareBps = _bands[i].shareBps;
        }
        uint256 amount = insured.sum * shareBps / BPS;
        return amount < insured.left ? amount : insured.left;
    }

    function _close(uint256 policy, bytes32 incident, uint256 amount) private {
        Policy storage paid = _policies[policy];
        claimOf[policy][incident].stage = Stage.Closed;
        paid.openClaims--;
        paid.left -= amount;
        reserved -= amount;
        pool -= amount;
        _owe(paid.holder, amount);
        emit Settled(policy, incident, amount);
    }

    function _releaseBond(address to) private {
        bonds -= bond;
        _owe(to, bond);
    }

    function _owe(address account, uint256 amount) private {
        owed += amount;
        owedTo[account] += amount;
    }

    function _receive(uint256 amount) private {
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = asset.balanceOf(address(this)) - before;
        if (received != amount) revert NotFullyReceived(received, amount);
    }

    function _require(address role) private view {
        if (msg.sender != role) revert NotHolderOf(role, msg.sender);
    }

    function _requireFree(uint256 amount) private view {
        if (amount > free()) revert PoolTooSmall(amount, free());
    }
}
