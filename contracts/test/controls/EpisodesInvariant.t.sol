// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {ControlsTest} from "../base/ControlsTest.sol";
import {Test} from "../base/Test.sol";

/// @dev Pauses one module at every chance, as a stolen pauser would, lets time pass in between, and writes down
/// when the module really was paused. It knows nothing of episodes: what it records is what users would see.
contract EpisodesHandler is Test {
    struct Stretch {
        uint256 from;
        uint256 to;
    }

    bytes32 private constant MODULE = "vault";
    EmergencyControls private immutable _controls;
    address private immutable _pauser;
    address private immutable _first;
    address private immutable _second;
    uint64 private immutable _min;
    uint64 private immutable _max;
    uint64 private immutable _coolDown;

    uint256 public clock;
    /// @dev When the first pause since the last lift by recoverers, or since the last used-up cool-down, was made.
    uint256 public episodeStart;
    Stretch[] private _paused;

    constructor(EmergencyControls controls, address pauser, address first, address second) {
        (_controls, _pauser, _first, _second) = (controls, pauser, first, second);
        (_min, _max, _coolDown) = (controls.minPauseSeconds(), controls.maxPauseSeconds(), controls.coolDownSeconds());
        clock = block.timestamp;
    }

    function pause(uint64 duration) external {
        _pause(uint64(within(duration, _min, _max)));
    }

    function pauseForTheLongest() external {
        _pause(_max);
    }

    function wait(uint256 duration) external {
        _wait(within(duration, 1, 8 hours));
    }

    /// @dev Lands on the instants where off-by-one mistakes live.
    function waitForAnEdge(uint256 which, uint256 offset) external {
        if (episodeStart == 0) return;
        uint256 end = episodeStart + _max;
        uint256[3] memory edges = [uint256(_controls.pausedUntil(MODULE)), end, end + _coolDown];
        uint256 instant = edges[which % 3] + offset % 3 - 1;
        if (instant > clock) _wait(instant - clock);
    }

    /// @dev Seldom, so that long stretches without their consent occur too.
    function unpause(uint256 chance) external {
        if (chance % 8 != 0 || !_inEpisode()) return;
        vm.warp(clock);
        vm.prank(_first);
        try _controls.unpause(MODULE, "false alarm") {} catch {}
        vm.prank(_second);
        try _controls.unpause(MODULE, "false alarm") returns (bool done) {
            if (!done) return;
        } catch {
            return;
        }
        vm.assertFalse(_controls.isPaused(MODULE), "still paused after an unpause");
        episodeStart = 0;
        delete _paused;
    }

    function stretches() external view returns (Stretch[] memory) {
        return _paused;
    }

    function _pause(uint64 duration) private {
        vm.warp(clock);
        uint64 possible = _controls.pausableSeconds(MODULE);
        uint64 before = _controls.pausedUntil(MODULE);
        if (!_inEpisode()) episodeStart = 0;

        vm.prank(_pauser);
        try _controls.pause(MODULE, duration, "attack") {
            if (episodeStart == 0) episodeStart = clock;
        } catch {
            vm.assertEq(possible, 0, "refused although pausable");
            return;
        }
        vm.assertTrue(possible > 0, "paused although not pausable");
        uint64 until = _controls.pausedUntil(MODULE);
        uint256 asked = clock + (duration < possible ? duration : possible);
        vm.assertEq(until, asked > before ? asked : before, "not the expiry that was asked for");
    }

    function _wait(uint256 duration) private {
        uint256 to = _controls.pausedUntil(MODULE);
        if (to > clock + duration) to = clock + duration;
        if (to > clock) _paused.push(Stretch(clock, to));
        clock += duration;
        vm.warp(clock);
    }

    function _inEpisode() private view returns (bool) {
        return episodeStart != 0 && clock < episodeStart + _max + _coolDown;
    }
}

contract EpisodesInvariantTest is ControlsTest {
    EpisodesHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new EpisodesHandler(controls, pauser, recoverer, otherRecoverer);
    }

    /// @dev What the budget alone would stop is not what is looked at here.
    function bounds() internal pure override returns (EmergencyControls.Bounds memory) {
        return EmergencyControls.Bounds(MIN, MAX, COOL_DOWN, 364 days, 365 days, 365 days, GRACE);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_a_module_is_never_paused_past_its_episode() public view {
        uint256 start = handler.episodeStart();
        if (start != 0) vm.assertLe(controls.pausedUntil(VAULT), start + MAX, "paused past the episode");
    }

    /// @dev Counts second by second of every stretch that could be the worst: those that begin or end with a pause.
    function invariant_without_recoverers_no_stretch_of_max_plus_cool_down_has_more_than_max_paused() public view {
        EpisodesHandler.Stretch[] memory paused = handler.stretches();
        for (uint256 i = 0; i < paused.length; i++) {
            vm.assertLe(pausedWithin(paused, paused[i].from), MAX, "too long after a pause began");
            vm.assertLe(pausedWithin(paused, paused[i].to - MAX - COOL_DOWN), MAX, "too long before a pause ended");
        }
    }

    function pausedWithin(EpisodesHandler.Stretch[] memory paused, uint256 from) private pure returns (uint256 total) {
        uint256 to = from + MAX + COOL_DOWN;
        for (uint256 i = 0; i < paused.length; i++) {
            uint256 first = paused[i].from > from ? paused[i].from : from;
            uint256 last = paused[i].to < to ? paused[i].to : to;
            if (last > first) total += last - first;
        }
    }
}
