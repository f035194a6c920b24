// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Scopes} from "../../src/Scopes.sol";
import {ControlsTest} from "../base/ControlsTest.sol";
import {Test} from "../base/Test.sol";

/// @dev What one pauser can add over all modules.
contract BudgetTest is ControlsTest {
    function test_a_stolen_pauser_spends_its_budget_over_all_modules_and_no_more() public {
        for (uint256 i = 0; i < BUDGET / MAX; i++) {
            pause(bytes32(i + 1), MAX);
        }
        vm.assertEq(controls.budgetLeft(pauser), 0);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.BudgetExceeded.selector, pauser, MIN, 0));
        pause(VAULT, MIN);
        pauseAs(otherPauser, VAULT, MAX);
    }

    function test_a_pause_is_cut_to_what_the_budget_leaves_but_never_below_the_shortest() public {
        pause("a", MAX);
        pause("b", MAX);
        pause("c", MAX - MIN);
        pause(VAULT, MAX);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + MIN);
    }

    function test_confirming_a_running_pause_costs_nothing_and_needs_no_budget() public {
        for (uint256 i = 0; i < BUDGET / MAX; i++) {
            pause(bytes32(i + 1), MAX);
        }
        pause(bytes32(uint256(1)), MAX);
        vm.assertEq(controls.pausedUntil(bytes32(uint256(1))), NOW + MAX);
    }

    function test_what_a_lift_cuts_short_is_not_given_back() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MIN);
        unpause(VAULT);
        vm.assertEq(controls.budgetLeft(pauser), BUDGET - MAX);
    }

    function test_widening_a_pause_costs_its_whole_rest() public {
        vm.prank(pauser);
        controls.pauseScopes(VAULT, 1, MAX, REASON);
        vm.warp(NOW + MIN);
        pause(VAULT, MIN);
        vm.assertEq(controls.budgetLeft(pauser), BUDGET - MAX - (MAX - MIN));
    }

    function test_who_has_too_little_left_to_widen_a_pause_does_not_shorten_it() public {
        vm.prank(otherPauser);
        controls.pauseScopes(VAULT, 1, MAX, REASON);
        pause("a", MAX);
        pause("b", MAX);
        pause("c", MAX - MIN);
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.BudgetExceeded.selector, pauser, MAX, MIN));
        pause(VAULT, MIN);
        vm.assertEq(controls.pausedUntil(VAULT), NOW + MAX);
    }

    function test_the_budget_comes_back_when_the_window_has_passed_to_the_second() public {
        pause(VAULT, MAX);
        vm.warp(NOW + WINDOW - 1);
        vm.assertEq(controls.budgetLeft(pauser), BUDGET - MAX);
        vm.warp(NOW + WINDOW);
        vm.assertEq(controls.budgetLeft(pauser), BUDGET);
    }

    function test_the_budget_is_told() public view {
        (uint64 seconds_, uint64 window) = controls.budget();
        vm.assertEq(seconds_, BUDGET);
        vm.assertEq(window, WINDOW);
    }
}

/// @dev A stolen pauser among an honest one and recoverers who lift, over six modules. It writes down what really got
/// longer, and beside that keeps a plain list of what was charged: the model of the budget.
contract BudgetHandler is Test {
    struct Charge {
        uint256 at;
        uint256 charged;
        uint256 prolonged;
    }

    EmergencyControls private immutable _controls;
    address private immutable _stolen;
    address private immutable _honest;
    address private immutable _first;
    address private immutable _second;
    uint64 private immutable _min;
    uint64 private immutable _max;

    uint256 public clock;
    Charge[] private _charges;

    constructor(EmergencyControls controls, address stolen, address honest, address first, address second) {
        (_controls, _stolen, _honest, _first, _second) = (controls, stolen, honest, first, second);
        (_min, _max) = (controls.minPauseSeconds(), controls.maxPauseSeconds());
        clock = block.timestamp;
    }

    function steal(uint256 module, uint256 scopes, uint64 duration, bool all) external {
        vm.warp(clock);
        bytes32 name = bytes32(module % 6 + 1);
        uint256 asked = all ? Scopes.ALL : within(scopes, 1, 127);
        uint256 until = _controls.pausedUntil(name);
        uint256 wasPaused = _controls.pausedScopes(name);
        vm.prank(_stolen);
        try _controls.pauseScopes(name, asked, uint64(within(duration, _min, _max)), "attack") {
            uint256 now_ = _controls.pausedUntil(name);
            uint256 from = until > clock ? until : clock;
            bool isWider = until <= clock || asked & ~wasPaused != 0;
            _charges.push(Charge(clock, now_ - (isWider ? clock : from), now_ - from));
        } catch {}
    }

    function pauseHonestly(uint256 module, uint64 duration) external {
        vm.warp(clock);
        vm.prank(_honest);
        try _controls.pause(bytes32(module % 6 + 1), uint64(within(duration, _min, _max)), "alarm") {} catch {}
    }

    function lift(uint256 module) external {
        vm.warp(clock);
        bytes32 name = bytes32(module % 6 + 1);
        vm.prank(_first);
        try _controls.unpause(name, "false alarm") {} catch {}
        vm.prank(_second);
        try _controls.unpause(name, "false alarm") {} catch {}
    }

    function wait(uint256 duration) external {
        clock += within(duration, 1, 10 hours);
        vm.warp(clock);
    }

    function charges() external view returns (Charge[] memory) {
        return _charges;
    }
}

/// forge-config: default.invariant.runs = 32
contract BudgetInvariantTest is ControlsTest {
    uint64 private constant SHORT_WINDOW = 4 days;
    uint64 private constant SMALL = 30 hours;
    BudgetHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new BudgetHandler(controls, pauser, otherPauser, recoverer, otherRecoverer);
    }

    function bounds() internal pure override returns (EmergencyControls.Bounds memory) {
        return EmergencyControls.Bounds(MIN, MAX, COOL_DOWN, SMALL, SHORT_WINDOW, 365 days, GRACE);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev Each window that could be the worst ends with a charge.
    function invariant_a_stolen_pauser_adds_no_more_than_its_budget_in_any_window() public view {
        BudgetHandler.Charge[] memory all = handler.charges();
        for (uint256 i = 0; i < all.length; i++) {
            (uint256 charged, uint256 prolonged) = sumOver(all, all[i].at);
            vm.assertLe(charged, SMALL, "charged");
            vm.assertLe(prolonged, charged, "got longer for nothing");
        }
    }

    function invariant_the_budget_is_that_of_a_plain_list() public view {
        (uint256 charged,) = sumOver(handler.charges(), handler.clock());
        vm.assertEq(controls.budgetLeft(pauser), SMALL - charged);
    }

    /// @dev What was charged in (to - window, to].
    function sumOver(BudgetHandler.Charge[] memory all, uint256 to)
        private
        pure
        returns (uint256 charged, uint256 prolonged)
    {
        for (uint256 i = 0; i < all.length; i++) {
            if (all[i].at > to || all[i].at + SHORT_WINDOW <= to) continue;
            charged += all[i].charged;
            prolonged += all[i].prolonged;
        }
    }
}
