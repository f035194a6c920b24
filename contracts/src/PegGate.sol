// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "./EmergencyControls.sol";
import {Answer, Feeds, Source} from "./Feeds.sol";
import {Governed} from "./Governed.sol";
import {Loosening} from "./Loosening.sol";
import {Role} from "./TwoPersons.sol";
import {IPegGate} from "./interfaces/IPegGate.sol";

/// @notice What the peg calls for; each grade includes those before it.
enum Grade {
    Calm,
    /// Limits are divided by the factor.
    Tighten,
    /// Nothing is minted.
    StopMint,
    /// Nothing is redeemed at par.
    StopPar,
    /// What leaves goes to the queue.
    Queue
}

/// @title PegGate: how far a coin is from its peg, by several sources, none of which can loosen alone
///
/// @notice There are 2 to 7 sources, and n of them are configured. The *low* and the *high* price are what the lower
/// and the upper median of all n would be if every source that is not fresh stood at the very bottom, or at the very
/// top. While a quorum is fresh (more than half of n, or more if set so) both are prices that a fresh source gave.
/// The grade follows from how far low is below par, or high above it:
///
///     below par:  calm | tighten | stop mint | stop par | queue     (low, four thresholds)
///     above par:  calm | tighten | stop mint                        (high, two thresholds)
///
/// Above par minting is the cure and leaving harms who leaves, so nothing that leaves is stopped there; far above it
/// the sources are more likely wrong than the market, so minting stops. With an even number of sources the lower and
/// the upper median differ, and each side takes the one that is worse for it: nothing is averaged.
///
/// Without a quorum the gate is *blind*: then the grade is the worst of what governance set for this case (at least
/// Tighten), of what {record} last wrote down, and of every price that any source still gives, however old.
///
/// What holds, for any sources and any prices (contracts/test/peg proves each on random ones):
/// 1. A source that turns from fresh to old never lowers the grade nor raises {redeemPrice}.
/// 2. One that stops answering (or answers nonsense) does neither while a quorum stays fresh; without it, the grade is
///    at least that set for blindness and at least that recorded, and {redeemPrice} at most that recorded.
/// 3. Low is not above every honest price unless more than half of n lie. With as many lying or not fresh as are less
///    than half of n, low and high are between the lowest and the highest of the honest fresh prices.
///
/// Trust assumptions
/// - Of two sources each alone can tighten. Take three, of different makers.
/// - Risk can at worst pull the first three thresholds below par and those above to `tightestBps` and the factor to
///   `largestFactor`: then minting and redemption at par stop, and limits shrink by that factor, once the price is
///   `tightestBps` off. It reaches neither the queue nor the sources, and nothing while the peg holds.
/// - Governance can tighten at once; whatever is not tighter in every part waits for the delay of {Loosening}.
contract PegGate is IPegGate, Loosening {
    /// @dev One slot. Thresholds are deviations in basis points of par, reached when equal.
    /// @param tightenBps,stopMintBps,stopParBps,queueBps below par, ascending
    /// @param tightenAboveBps,stopMintAboveBps above par, ascending
    /// @param factor that limits are divided by from grade Tighten on
    /// @param quorum how many sources must be fresh
    /// @param blindGrade the least grade without a quorum
    /// @param lowerOfParAndMarket whether {redeemPrice} follows the market when that is below par
    struct Settings {
        uint16 tightenBps;
        uint16 stopMintBps;
        uint16 stopParBps;
        uint16 queueBps;
        uint16 tightenAboveBps;
        uint16 stopMintAboveBps;
        uint16 factor;
        uint8 quorum;
        Grade blindGrade;
        bool lowerOfParAndMarket;
    }

    /// @dev What {record} wrote down.
    struct Recorded {
        Grade grade;
        uint248 price;
    }

    /// @notice Par: one unit of what the sources quote in, with 18 decimals.
    uint256 public constant PAR = 1e18;
    uint256 public constant FEWEST_SOURCES = 2;
    uint256 public constant MOST_SOURCES = 7;
    uint32 public constant LONGEST_AGE = 7 days;
    /// @notice No deployment can have a larger one: limits must stay of use.
    uint16 public constant LARGEST_FACTOR = 100;

    uint256 private constant BPS = 10_000;
    /// @dev The key of {Loosening}: all settings are loosened together.
    bytes32 private constant PEG = "peg";

    /// @notice No threshold is ever below this: a smaller deviation is noise.
    uint16 public immutable tightestBps;
    /// @notice Nobody can divide limits by more.
    uint16 public immutable largestFactor;

    Settings private _settings;
    Source[] private _sources;
    Recorded private _recorded;

    event Tightened(address indexed by, Settings settings);
    /// @notice All settings in force from now on, at deployment or after a delay.
    event Set(address indexed by, Settings settings, Source[] sources);
    /// @param sighted whether a quorum was fresh
    event PegRecorded(address indexed by, Grade grade, uint256 price, bool sighted);

    error BoundsNotUsable(uint16 tightestBps, uint16 largestFactor);
    error SettingsNotUsable(Settings settings);
    error SourcesNotUsable(uint256 count);
    error SourceNotUsable(address feed);
    /// @notice The sources given do not make a quorum of fresh ones now.
    error Blind();
    /// @notice Some part would be looser, or is not for this role to change.
    error NotTighter(Settings settings);

    constructor(
        EmergencyControls controls_,
        uint64 looseningDelaySeconds_,
        uint16 tightestBps_,
        uint16 largestFactor_,
        Settings memory settings_,
        Source[] memory sources_
    ) Governed(controls_) Loosening(looseningDelaySeconds_) {
        if (tightestBps_ == 0 || tightestBps_ >= BPS || largestFactor_ == 0 || largestFactor_ > LARGEST_FACTOR) {
            revert BoundsNotUsable(tightestBps_, largestFactor_);
        }
        tightestBps = tightestBps_;
        largestFactor = largestFactor_;
        _requireUsable(settings_, sources_.length);
        _set(settings_, sources_);
    }

    /// @notice Tightens at once. Risk can lower the thresholds of Tighten, StopMint and StopPar and raise the factor;
    /// governance also lowers that of Queue and raises the quorum and the grade for blindness.
    function tighten(Settings calldata settings_) external {
        Role role = controls.roleOf(msg.sender);
        if (role != Role.Governance && role != Role.Risk) revert NotInRole(msg.sender, Role.Risk);
        Settings memory before = _settings;
        if (!_isTighter(settings_, before) || (role == Role.Risk && !_isForRisk(settings_, before))) {
            revert NotTighter(settings_);
        }
        _requireUsable(settings_, _sources.length);
        _dropLoosening(PEG);
        _settings = settings_;
        emit Tightened(msg.sender, settings_);
    }

    /// @notice Schedules settings and sources of any kind, in place of any others that wait.
    function scheduleLoosening(Settings calldata settings_, Source[] calldata sources_) external {
        _requireUsable(settings_, sources_.length);
        _scheduleLoosening(PEG, keccak256(abi.encode(settings_, sources_)));
    }

    /// @notice Puts in force what was scheduled and is due. Anyone may call.
    function loosen(Settings calldata settings_, Source[] calldata sources_) external {
        _takeLoosening(PEG, keccak256(abi.encode(settings_, sources_)));
        _set(settings_, sources_);
    }

    /// @notice Writes down the grade and the low price, for when the gate is blind. Anyone may call, at any time: with
    /// a quorum it writes what is; without one only what is worse than what stands.
    function record() external {
        _record();
    }

    /// @inheritdoc IPegGate
    function grade() external view returns (uint8) {
        (bool sighted, uint256 low, uint256 high) = _look();
        return uint8(_gradeOf(sighted, low, high));
    }

    /// @notice What limits are divided by when the grade is Tighten or beyond. It is the setting, whatever the grade:
    /// who asks has just read that.
    function tightenFactor() external view returns (uint256) {
        return _settings.factor;
    }

    /// @notice What one coin is redeemed for, with 18 decimals: par, or the low price if lower and so configured.
    function redeemPrice() external view returns (uint256) {
        if (!_settings.lowerOfParAndMarket) return PAR;
        (bool sighted, uint256 low,) = _look();
        if (!sighted) low = _lower(low, _recorded.price);
        return _lower(low, PAR);
    }

    /// @inheritdoc IPegGate
    function lowerOfParAndMarket() external view returns (bool) {
        return _settings.lowerOfParAndMarket;
    }

    /// @notice The prices that the grade follows from, and whether a quorum is fresh. Without one they are the lowest
    /// and the highest that any source still gives; with none at all, (2^256 - 1, 0).
    function prices() external view returns (bool sighted, uint256 low, uint256 high) {
        return _look();
    }

    /// @notice The settings in force.
    function settings() external view returns (Settings memory) {
        return _settings;
    }

    /// @notice The sources that are asked.
    function sources() external view returns (Source[] memory) {
        return _sources;
    }

    /// @notice What {record} wrote down last.
    function recorded() external view returns (Grade, uint256 price) {
        return (_recorded.grade, _recorded.price);
    }

    function _set(Settings memory settings_, Source[] memory sources_) private {
        delete _sources;
        for (uint256 i = 0; i < sources_.length; i++) {
            _requireUsable(sources_, i);
            _sources.push(sources_[i]);
        }
        _settings = settings_;
        emit Set(msg.sender, settings_, sources_);
        if (!_record()) revert Blind();
    }

    function _record() private returns (bool) {
        (bool sighted, uint256 low, uint256 high) = _look();
        Grade is_ = _gradeOf(sighted, low, high);
        if (!sighted) low = _lower(low, _recorded.price);
        _recorded = Recorded(is_, uint248(low));
        emit PegRecorded(msg.sender, is_, low, sighted);
        return sighted;
    }

    function _gradeOf(bool sighted, uint256 low, uint256 high) private view returns (Grade worst) {
        Settings memory set = _settings;
        worst = _worse(_gradeBelow(set, low), _gradeAbove(set, high));
        if (!sighted) worst = _worse(worst, _worse(set.blindGrade, _recorded.grade));
    }

    /// @dev Keeps the fresh prices in order by insertion: there are at most seven.
    function _look() private view returns (bool sighted, uint256 low, uint256 high) {
        uint256 count = _sources.length;
        uint256[] memory sorted = new uint256[](count);
        uint256 fresh;
        low = type(uint256).max;
        for (uint256 i = 0; i < count; i++) {
            (Answer answer, uint256 price) = Feeds.read(_sources[i]);
            if (answer == Answer.None) continue;
            (low, high) = (_lower(low, price), price > high ? price : high);
            if (answer == Answer.Old) continue;
            uint256 place = fresh++;
            for (; place > 0 && sorted[place - 1] > price; place--) {
                sorted[place] = sorted[place - 1];
            }
            sorted[place] = price;
        }
        sighted = fresh >= _settings.quorum;
        // Those not fresh stand at the bottom, which shifts the lower median of all down by their number; or at the
        // top, which leaves the place of the upper one. A quorum is more than half, so both are places of fresh ones.
        if (sighted) (low, high) = (sorted[(count - 1) / 2 - (count - fresh)], sorted[count / 2]);
    }

    function _requireUsable(Settings memory set, uint256 count) private view {
        if (count < FEWEST_SOURCES || count > MOST_SOURCES) revert SourcesNotUsable(count);
        bool ordered = tightestBps <= set.tightenBps && set.tightenBps <= set.stopMintBps
            && set.stopMintBps <= set.stopParBps && set.stopParBps <= set.queueBps && set.queueBps < BPS
            && tightestBps <= set.tightenAboveBps && set.tightenAboveBps <= set.stopMintAboveBps;
        bool inBounds = set.factor >= 1 && set.factor <= largestFactor && set.quorum > count / 2 && set.quorum <= count
            && set.blindGrade >= Grade.Tighten;
        if (!ordered || !inBounds) revert SettingsNotUsable(set);
    }

    function _requireUsable(Source[] memory sources_, uint256 i) private view {
        Source memory source = sources_[i];
        _requireDeployed(source.feed);
        if (source.decimals > Feeds.MOST_DECIMALS || source.maxAgeSeconds == 0 || source.maxAgeSeconds > LONGEST_AGE) {
            revert SourceNotUsable(source.feed);
        }
        for (uint256 j = 0; j < i; j++) {
            if (sources_[j].feed == source.feed) revert SourceNotUsable(source.feed);
        }
    }

    function _isTighter(Settings memory to, Settings memory from) private pure returns (bool) {
        return to.tightenBps <= from.tightenBps && to.stopMintBps <= from.stopMintBps
            && to.stopParBps <= from.stopParBps && to.queueBps <= from.queueBps
            && to.tightenAboveBps <= from.tightenAboveBps && to.stopMintAboveBps <= from.stopMintAboveBps
            && to.factor >= from.factor && to.quorum >= from.quorum && to.blindGrade >= from.blindGrade
            && to.lowerOfParAndMarket == from.lowerOfParAndMarket;
    }

    function _isForRisk(Settings memory to, Settings memory from) private pure returns (bool) {
        return to.queueBps == from.queueBps && to.quorum == from.quorum && to.blindGrade == from.blindGrade;
    }

    function _gradeBelow(Settings memory set, uint256 low) private pure returns (Grade) {
        if (low >= PAR) return Grade.Calm;
        uint256 off = PAR - low;
        if (_reaches(off, set.queueBps)) return Grade.Queue;
        if (_reaches(off, set.stopParBps)) return Grade.StopPar;
        if (_reaches(off, set.stopMintBps)) return Grade.StopMint;
        return _reaches(off, set.tightenBps) ? Grade.Tighten : Grade.Calm;
    }

    function _gradeAbove(Settings memory set, uint256 high) private pure returns (Grade) {
        if (high <= PAR) return Grade.Calm;
        uint256 off = high - PAR;
        if (_reaches(off, set.stopMintAboveBps)) return Grade.StopMint;
        return _reaches(off, set.tightenAboveBps) ? Grade.Tighten : Grade.Calm;
    }

    /// @dev Exact, since 10,000 divides par.
    function _reaches(uint256 off, uint256 thresholdBps) private pure returns (bool) {
        return off >= PAR / BPS * thresholdBps;
    }

    function _worse(Grade a, Grade b) private pure returns (Grade) {
        return a > b ? a : b;
    }

    function _lower(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
