// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Grade, PegGate} from "../../src/PegGate.sol";
import {IPegGate} from "../../src/interfaces/IPegGate.sol";
import {PegTest} from "./PegTest.sol";

/// @dev The part of Gate that asks the peg, and nothing else: what Gate does is tested with Gate.
contract Desk {
    IPegGate private immutable _peg;
    uint256 public constant LIMIT = 1000e18;

    error MintStopped();
    error ParStopped();

    constructor(IPegGate peg) {
        _peg = peg;
    }

    function mint(uint256 amount) external view returns (uint256) {
        if (_peg.grade() >= uint8(Grade.StopMint)) revert MintStopped();
        return amount;
    }

    /// @return paid at once; what is over the limit, or at grade Queue, would go to the queue
    function redeem(uint256 amount) external view returns (uint256 paid) {
        Grade grade = Grade(_peg.grade());
        if (grade == Grade.Queue) return 0;
        if (grade >= Grade.StopPar && !_peg.lowerOfParAndMarket()) revert ParStopped();
        uint256 limit = grade >= Grade.Tighten ? LIMIT / _peg.tightenFactor() : LIMIT;
        if (amount > limit) return 0;
        return amount * _peg.redeemPrice() / 1e18;
    }
}

contract PegUseTest is PegTest {
    Desk private desk;

    function setUp() public override {
        super.setUp();
        deploy(3);
        desk = new Desk(peg);
    }

    function test_N03_minting_asks_the_peg() public {
        vm.assertEq(desk.mint(1e18), 1e18);
        sayBps(99);
        vm.assertEq(desk.mint(1e18), 1e18);
        sayBps(100);
        vm.expectRevert(Desk.MintStopped.selector);
        desk.mint(1e18);
        sayAll(1100);
        vm.expectRevert(Desk.MintStopped.selector);
        desk.mint(1e18);
    }

    function test_N03_redeeming_asks_the_peg() public {
        vm.assertEq(desk.redeem(1000e18), 1000e18);
        sayBps(50);
        vm.assertEq(desk.redeem(1000e18), 0);
        vm.assertEq(desk.redeem(500e18), 500e18);
        sayBps(200);
        vm.expectRevert(Desk.ParStopped.selector);
        desk.redeem(500e18);
        sayBps(500);
        vm.assertEq(desk.redeem(1), 0);
    }

    function test_N03_redeeming_below_par_goes_on_at_the_market_where_configured() public {
        PegGate.Settings memory set = usual(3);
        set.lowerOfParAndMarket = true;
        deploy(3, set);
        desk = new Desk(peg);
        sayBps(300);
        vm.assertEq(desk.redeem(100e18), 97e18);
        sayBps(500);
        vm.assertEq(desk.redeem(100e18), 0);
    }

    /// @dev Without a quorum both go on, within tightened limits.
    function test_N04_a_silent_peg_limits_but_locks_nobody() public {
        skip(MAX_AGE + 1);
        expectGrade(Grade.Tighten);
        vm.assertEq(desk.mint(1e18), 1e18);
        vm.assertEq(desk.redeem(500e18), 500e18);
        vm.assertEq(desk.redeem(500e18 + 1), 0);
    }
}
