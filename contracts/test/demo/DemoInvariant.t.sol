// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {DemoDollar} from "../../demo/DemoDollar.sol";
import {DemoToken} from "../../demo/DemoToken.sol";
import {LendingMarket} from "../../demo/LendingMarket.sol";
import {Vault} from "../../demo/Vault.sol";
import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Gate} from "../../src/Gate.sol";
import {Scopes} from "../../src/Scopes.sol";
import {DemoTest} from "../base/DemoTest.sol";
import {Test} from "../base/Test.sol";

/// @dev One user of vault and market, with pauses coming and going. Every amount is one that must succeed while the
/// module is open; so each call tells whether the pause, and nothing else, decided.
contract DemoHandler is Test {
    EmergencyControls private immutable _controls;
    LendingMarket private immutable _market;
    Vault private immutable _vault;
    DemoDollar private immutable _dollar;
    DemoToken private immutable _gem;
    address private immutable _pauser;
    address private immutable _recoverer;
    address private immutable _otherRecoverer;
    address private immutable _user;

    uint256 private _clock = block.timestamp;

    constructor(EmergencyControls controls, LendingMarket market, Vault vault, address[3] memory keys) {
        (_controls, _market, _vault) = (controls, market, vault);
        (_pauser, _recoverer, _otherRecoverer) = (keys[0], keys[1], keys[2]);
        (_dollar, _gem) = (vault.dollar(), DemoToken(address(market.gem())));
        _user = person("user");
        vm.startPrank(_user);
        _dollar.approve(address(market), type(uint256).max);
        _gem.approve(address(market), type(uint256).max);
        vault.reserve().approve(address(vault), type(uint256).max);
        vm.stopPrank();
    }

    function pause(bool which, uint256 duration) external {
        bytes32 module = which ? _market.MODULE() : _vault.MODULE();
        if (_controls.pausableSeconds(module) == 0) return;
        uint64 length = uint64(within(duration, _controls.minPauseSeconds(), _controls.maxPauseSeconds()));
        if (_controls.budgetLeft(_pauser) < length) return;
        vm.prank(_pauser);
        _controls.pause(module, length, "drill");
    }

    function unpause(bool which) external {
        bytes32 module = which ? _market.MODULE() : _vault.MODULE();
        if (!_controls.isPaused(module)) return;
        if (_clock < Scopes.pausedAt(_controls.wordOf(module)) + _controls.minPauseSeconds()) return;
        vm.prank(_recoverer);
        _controls.unpause(module, "drill");
        vm.prank(_otherRecoverer);
        _controls.unpause(module, "drill");
    }

    function wait(uint256 duration) external {
        _clock += within(duration, 1, 6 hours);
        vm.warp(_clock);
    }

    function mint(uint256 amount) external {
        amount = within(amount, 0, _vault.reserve().balanceOf(_user));
        if (amount > 0) _gated(address(_vault), _vault.MODULE(), abi.encodeCall(Vault.mint, (amount)));
    }

    function redeem(uint256 amount) external {
        amount = within(amount, 0, _dollar.balanceOf(_user));
        if (amount < _vault.dollarsPerReserve()) return;
        _gated(address(_vault), _vault.MODULE(), abi.encodeCall(Vault.redeem, (amount)));
    }

    function borrow(uint256 amount) external {
        uint256 free = _market.borrowLimit(_user) - _market.debt(_user);
        amount = within(amount, 0, free < _market.cash() ? free : _market.cash());
        _gated(address(_market), _market.MODULE(), abi.encodeCall(LendingMarket.borrow, (amount)));
    }

    function withdraw(uint256 amount) external {
        uint256 supplied = _market.supplied(_user);
        amount = within(amount, 0, supplied < _market.cash() ? supplied : _market.cash());
        _gated(address(_market), _market.MODULE(), abi.encodeCall(LendingMarket.withdraw, (amount)));
    }

    function removeCollateral(uint256 amount) external {
        if (_market.debt(_user) > 0) return;
        amount = within(amount, 0, _market.collateral(_user));
        _gated(address(_market), _market.MODULE(), abi.encodeCall(LendingMarket.removeCollateral, (amount)));
    }

    function supply(uint256 amount) external {
        _gated(
            address(_market),
            _market.MODULE(),
            abi.encodeCall(LendingMarket.supply, (within(amount, 0, _dollar.balanceOf(_user))))
        );
    }

    function addCollateral(uint256 amount) external {
        _exit(abi.encodeCall(LendingMarket.addCollateral, (within(amount, 0, _gem.balanceOf(_user)))));
    }

    function repay(uint256 amount) external {
        _exit(abi.encodeCall(LendingMarket.repay, (within(amount, 0, _dollar.balanceOf(_user)))));
    }

    function claim() external {
        _exit(abi.encodeCall(LendingMarket.claim, ()));
    }

    /// @dev Succeeds exactly when the module is open, and otherwise fails for that reason only.
    function _gated(address target, bytes32 module, bytes memory call) private {
        bool paused = _controls.isPaused(module);
        vm.prank(_user);
        (bool succeeded, bytes memory answer) = target.call(call);
        vm.assertTrue(succeeded != paused, paused ? "value moved while paused" : "refused while open");
        if (succeeded) return;
        bytes memory reason = abi.encodeWithSelector(Gate.ModulePaused.selector, module, _controls.pausedUntil(module));
        vm.assertTrue(keccak256(answer) == keccak256(reason), "refused for another reason than the pause");
    }

    function _exit(bytes memory call) private {
        vm.prank(_user);
        (bool succeeded,) = address(_market).call(call);
        vm.assertTrue(succeeded, "an exit failed");
    }
}

contract DemoInvariantTest is DemoTest {
    DemoHandler private handler;

    /// @dev Pauses enough for a whole run.
    function bounds() internal pure override returns (EmergencyControls.Bounds memory) {
        return EmergencyControls.Bounds(MIN, MAX, COOL_DOWN, 100 days, 365 days, 365 days, GRACE);
    }

    function setUp() public override {
        super.setUp();
        handler = new DemoHandler(controls, market, vault, [pauser, recoverer, otherRecoverer]);
        address user = person("user");
        give(user, 100_000e18);
        give(address(market), 10_000e18);
        gem.mint(user, 5_000e18);
        reserve.mint(user, 100_000e6);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev What a pause stops and what not is asserted by the handler at every single call.
    function invariant_only_a_pause_stops_value_nothing_stops_exits_and_all_dollars_are_backed() public view {
        vm.assertEq(reserve.balanceOf(address(vault)) * vault.dollarsPerReserve(), dollar.totalSupply());
        vm.assertEq(
            dollar.balanceOf(address(market)) + market.totalDebt(), market.totalSupplied() + market.interestFund()
        );
        vm.assertLe(market.totalDebt(), market.totalSupplied());
    }
}
