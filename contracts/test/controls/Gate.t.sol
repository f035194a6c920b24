// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Gate} from "../../src/Gate.sol";
import {Governed} from "../../src/Governed.sol";
import {Direction, Scopes} from "../../src/Scopes.sol";
import {IMigrations} from "../../src/interfaces/IMigrations.sol";
import {IOutflowLimits} from "../../src/interfaces/IOutflowLimits.sol";
import {IPegGate} from "../../src/interfaces/IPegGate.sol";
import {IWithdrawalQueue} from "../../src/interfaces/IWithdrawalQueue.sol";
import {GateTest, GatedModule, HostileToken} from "../base/GateTest.sol";

/// @dev What the gate lets through while something is paused.
contract GatePauseTest is GateTest {
    function test_each_direction_that_can_be_paused_is_stopped_by_its_own_bit_only() public {
        for (uint256 bit = 0; bit < Scopes.PAUSABLE; bit++) {
            setUp();
            pauseScope(1 << bit, MIN);
            for (uint256 i = 0; i <= uint256(type(Direction).max); i++) {
                if (i == bit) expectPaused(NOW + MIN + (i == uint256(Direction.Liquidate) ? GRACE : 0));
                gate(Direction(i), 1);
            }
        }
    }

    function testFuzz_exits_pass_whatever_is_paused(uint256 scopes, uint64 duration) public {
        pauseScope(within(scopes, 1, Scopes.ALL), uint64(within(duration, MIN, MAX)));
        pause(VAULT, MAX);
        take(Direction.Repay, 10);
        take(Direction.AddCollateral, 10);
        vm.assertTrue(pay(Direction.Claim, 10));
        vm.assertTrue(gate(Direction.Repay, 1) && gate(Direction.AddCollateral, 1) && gate(Direction.Claim, 1));
    }

    function test_no_scope_names_an_exit() public {
        for (uint256 i = Scopes.PAUSABLE; i <= uint256(type(Direction).max); i++) {
            vm.expectRevert(abi.encodeWithSelector(Scopes.ExitNotPausable.selector, Direction(i)));
            this.scopeOf(0, Direction(i));
        }
        vm.expectRevert(abi.encodeWithSelector(Scopes.SlotOutOfRange.selector, 19));
        this.scopeOf(19, Direction.In);
    }

    function testFuzz_scopes_of_two_pairs_never_share_a_bit(uint256 slot, uint256 bit, uint256 slot2, uint256 bit2)
        public
        pure
    {
        (slot, slot2) = (within(slot, 0, 18), within(slot2, 0, 18));
        (bit, bit2) = (within(bit, 0, 6), within(bit2, 0, 6));
        uint256 scope = Scopes.one(slot, Direction(bit));
        bool same = slot == slot2 && bit == bit2;
        vm.assertTrue(same == (scope & Scopes.one(slot2, Direction(bit2)) != 0));
        vm.assertTrue(scope != 0 && scope & ~Scopes.ALL == 0);
        vm.assertTrue((scope & Scopes.LIQUIDATIONS != 0) == (Direction(bit) == Direction.Liquidate));
    }

    function test_N12_one_asset_is_paused_and_another_is_not() public {
        address other = address(2);
        pauseScope(Scopes.one(1, Direction.Out), MIN);
        expectPaused(NOW + MIN);
        module.gate(other, Direction.Out, 1);
        vm.assertTrue(gate(Direction.Out, 1));
    }

    function test_value_moves_again_at_the_second_of_the_expiry() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MIN - 1);
        expectPaused(NOW + MIN);
        pay(Direction.Out, 1);
        expectPaused(NOW + MIN);
        take(Direction.In, 1);
        vm.warp(NOW + MIN);
        vm.assertTrue(pay(Direction.Out, 1));
        vm.assertEq(take(Direction.In, 1), 1);
    }

    function test_liquidations_wait_for_the_grace_and_repayment_does_not() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MIN + GRACE - 1);
        expectPaused(NOW + MIN + GRACE);
        gate(Direction.Liquidate, 1);
        vm.assertTrue(gate(Direction.Repay, 1) && gate(Direction.Out, 1));
        vm.warp(NOW + MIN + GRACE);
        vm.assertTrue(gate(Direction.Liquidate, 1));
    }

    function test_a_lift_starts_the_grace_too() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MIN);
        unpause(VAULT);
        vm.assertTrue(gate(Direction.Out, 1));
        expectPaused(NOW + MIN + GRACE);
        gate(Direction.Liquidate, 1);
    }

    /// @dev Who holds a pauser and liquidates could otherwise end the grace for himself.
    function test_a_narrow_pause_does_not_end_the_grace_of_a_wide_one() public {
        pause(VAULT, MIN);
        vm.warp(NOW + MIN + 1);
        pauseScope(Scopes.one(0, Direction.Mint), MIN);
        expectPaused(NOW + 2 * MIN + 1 + GRACE);
        gate(Direction.Liquidate, 1);
        vm.assertTrue(gate(Direction.Out, 1));
    }

    function test_a_lift_and_a_narrow_pause_do_not_end_it_either() public {
        pause(VAULT, MAX);
        vm.warp(NOW + MIN);
        unpause(VAULT);
        pauseScope(Scopes.one(0, Direction.Mint), MIN);
        expectPaused(NOW + 2 * MIN + GRACE);
        gate(Direction.Liquidate, 1);
    }

    function test_a_pause_that_left_liquidations_out_has_no_grace() public {
        pauseScope(Scopes.one(0, Direction.Out), MIN);
        vm.assertTrue(gate(Direction.Liquidate, 1));
        vm.warp(NOW + MIN);
        vm.assertTrue(gate(Direction.Liquidate, 1));
    }

    /// @dev None of the gate's own, either. What limits and peg read is in contracts/snapshots, as gas.
    function test_the_pause_check_is_one_storage_read_and_none_for_an_exit() public {
        for (uint256 i = 0; i <= uint256(type(Direction).max); i++) {
            vm.record();
            gate(Direction(i), 1);
            (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(controls));
            vm.assertEq(reads.length, Scopes.isExit(Direction(i)) ? 0 : 1);
            vm.assertEq(writes.length, 0);
            (reads, writes) = vm.accesses(address(module));
            vm.assertEq(reads.length + writes.length, 0);
        }
    }

    function scopeOf(uint256 slot, Direction direction) external pure returns (uint256) {
        return Scopes.one(slot, direction);
    }

    function expectPaused(uint64 until) private {
        vm.expectRevert(abi.encodeWithSelector(Gate.ModulePaused.selector, VAULT, until));
    }
}

/// @dev What the gate asks of limits, queue, peg and migrations.
contract GateTrafficTest is GateTest {
    function test_what_comes_in_is_credited_and_what_leaves_counts() public {
        take(Direction.In, 5);
        take(Direction.Repay, 6);
        take(Direction.AddCollateral, 7);
        vm.assertEq(hub.credited(user), 18);
        vm.assertEq(hub.consumed(), 0);
        Direction[6] memory outward = [
            Direction.Out, Direction.Redeem, Direction.Borrow, Direction.Exchange, Direction.Liquidate, Direction.Claim
        ];
        for (uint256 i = 0; i < outward.length; i++) {
            vm.assertTrue(pay(outward[i], 1));
            vm.assertEq(hub.consumed(), i + 1);
            vm.assertTrue(hub.lastSelector() == GatedModule.pay.selector);
        }
    }

    function test_over_the_limit_the_queue_gets_it_for_who_would_have() public {
        hub.setLimit(10);
        vm.prank(user);
        vm.assertFalse(module.pay(address(token), Direction.Out, stranger, 11));
        vm.assertEq(hub.queued(stranger), 11);
        vm.assertEq(token.balanceOf(address(hub)), 11);
        vm.assertEq(token.balanceOf(stranger), 0);
        vm.assertEq(hub.consumed(), 0);
    }

    function test_a_mint_counts_and_is_refused_over_the_limit() public {
        hub.setLimit(10);
        vm.assertTrue(gate(Direction.Mint, 10));
        vm.expectRevert(abi.encodeWithSelector(Gate.MintLimited.selector, address(token), 1));
        gate(Direction.Mint, 1);
    }

    function test_what_pays_nothing_out_cannot_be_used_to_pay_out_uncounted() public {
        Direction[4] memory inward = [Direction.In, Direction.Repay, Direction.AddCollateral, Direction.Mint];
        for (uint256 i = 0; i < inward.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(Gate.NotPaidOut.selector, inward[i]));
            pay(inward[i], 1);
        }
    }

    function test_what_brings_nothing_in_cannot_be_used_to_take_in() public {
        Direction[7] memory outward = [
            Direction.Out,
            Direction.Mint,
            Direction.Redeem,
            Direction.Borrow,
            Direction.Exchange,
            Direction.Liquidate,
            Direction.Claim
        ];
        for (uint256 i = 0; i < outward.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(Gate.NotTakenIn.selector, outward[i]));
            take(outward[i], 1);
        }
    }

    function test_the_peg_tightens_then_stops_mints_then_par_then_queues() public {
        hub.setPeg(0, 4, 1e18, false);
        pay(Direction.Out, 1);
        vm.assertEq(hub.lastTighter(), 1, "calm");

        hub.setPeg(1, 4, 1e18, false);
        Direction[4] memory pegged = [Direction.Out, Direction.Redeem, Direction.Borrow, Direction.Mint];
        for (uint256 i = 0; i < pegged.length; i++) {
            gate(pegged[i], 1);
            vm.assertEq(hub.lastTighter(), 4, "tightened");
        }
        gate(Direction.Claim, 1);
        vm.assertEq(hub.lastTighter(), 1, "a claim is none of the peg's");

        hub.setPeg(2, 4, 1e18, false);
        vm.expectRevert(abi.encodeWithSelector(Gate.MintStopped.selector, address(token), 2));
        gate(Direction.Mint, 1);
        vm.assertTrue(gate(Direction.Redeem, 1));

        hub.setPeg(3, 4, 9e17, false);
        vm.expectRevert(abi.encodeWithSelector(Gate.RedeemStopped.selector, address(token), 3));
        gate(Direction.Redeem, 1);
        vm.assertTrue(gate(Direction.Out, 1));
        hub.setPeg(3, 4, 9e17, true);
        vm.assertTrue(gate(Direction.Redeem, 1));

        hub.setPeg(4, 4, 9e17, true);
        uint256 before = hub.consumed();
        vm.assertFalse(pay(Direction.Out, 3));
        vm.assertFalse(gate(Direction.Redeem, 1));
        vm.assertFalse(gate(Direction.Borrow, 1));
        vm.assertTrue(gate(Direction.Repay, 1) && gate(Direction.Exchange, 1));
        vm.assertEq(hub.consumed(), before + 1, "what is queued by the peg uses no limit up");
        vm.assertEq(hub.queued(user), 3);
    }

    function test_a_factor_of_zero_lets_nothing_pass_directly() public {
        hub.setPeg(1, 0, 1e18, false);
        vm.assertFalse(pay(Direction.Out, 1));
    }

    function test_redemption_is_never_above_par_and_only_below_it_when_configured() public {
        hub.setPeg(3, 1, 9e17, false);
        vm.assertEq(module.redeemPrice(), 1e18);
        hub.setPeg(3, 1, 9e17, true);
        vm.assertEq(module.redeemPrice(), 9e17);
        hub.setPeg(3, 1, 11e17, true);
        vm.assertEq(module.redeemPrice(), 1e18);
    }

    function test_a_protocol_without_a_peg_is_asked_for_none() public {
        module = new GatedModule(Gate.Wiring(controls, hub, hub, IPegGate(address(0)), hub));
        hub.setPeg(4, 1, 9e17, true);
        vm.assertTrue(gate(Direction.Redeem, 1));
        vm.assertEq(module.redeemPrice(), 1e18);
    }

    function test_a_migration_pays_exactly_what_was_announced_and_once() public {
        vm.expectRevert();
        module.migrate(address(token), stranger, 5);
        hub.announce(address(token), stranger, 5);
        vm.expectRevert();
        module.migrate(address(token), stranger, 6);
        vm.expectEmit(address(module));
        emit Gate.Migrated(address(this), address(token), stranger, 5);
        module.migrate(address(token), stranger, 5);
        vm.assertEq(token.balanceOf(stranger), 5);
        vm.expectRevert();
        module.migrate(address(token), stranger, 5);
    }

    function test_a_gate_is_wired_to_contracts_only() public {
        bytes memory refusal = abi.encodeWithSelector(Governed.NotDeployed.selector, address(7));
        vm.expectRevert(refusal);
        new GatedModule(Gate.Wiring(controls, IOutflowLimits(address(7)), hub, hub, hub));
        vm.expectRevert(refusal);
        new GatedModule(Gate.Wiring(controls, hub, IWithdrawalQueue(address(7)), hub, hub));
        vm.expectRevert(refusal);
        new GatedModule(Gate.Wiring(controls, hub, hub, IPegGate(address(7)), hub));
        vm.expectRevert(refusal);
        new GatedModule(Gate.Wiring(controls, hub, hub, hub, IMigrations(address(7))));
    }
}

/// @dev Tokens that are not what they should be.
contract GateHostileTokenTest is GateTest {
    function test_a_token_that_takes_a_fee_is_credited_with_what_came() public {
        token.become(HostileToken.Kind.TakesFee);
        vm.assertEq(take(Direction.In, 100), 90);
        vm.assertEq(hub.credited(user), 90);
    }

    function test_a_token_that_returns_nothing_moves_as_any_other() public {
        token.become(HostileToken.Kind.ReturnsNothing);
        vm.assertEq(take(Direction.In, 100), 100);
        vm.assertTrue(pay(Direction.Out, 100));
    }

    function test_a_token_that_returns_false_or_reverts_leaves_everything_as_it_was() public {
        token.become(HostileToken.Kind.ReturnsFalse);
        bytes memory failed = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token));
        vm.expectRevert(failed);
        take(Direction.In, 100);
        vm.expectRevert(failed);
        pay(Direction.Out, 100);
        token.become(HostileToken.Kind.Reverts);
        vm.expectRevert("blacklisted");
        pay(Direction.Out, 100);
        vm.assertEq(hub.consumed(), 0);
        vm.assertFalse(module.movesValue());
        token.become(HostileToken.Kind.Honest);
        vm.assertTrue(pay(Direction.Out, 100));
    }

    function test_a_rebasing_token_counts_by_what_the_balance_grew() public {
        token.rebase(5e17);
        vm.assertEq(take(Direction.In, 100), 100);
        token.rebase(2e18);
        vm.assertEq(take(Direction.In, 100), 100);
        vm.assertEq(hub.credited(user), 200);
    }

    function test_a_token_that_calls_back_moves_nothing_meanwhile() public {
        address asset = address(token);
        bytes[3] memory calls = [
            abi.encodeCall(GatedModule.pay, (asset, Direction.Out, user, 1)),
            abi.encodeCall(GatedModule.take, (asset, Direction.In, 1)),
            abi.encodeCall(Gate.migrate, (asset, user, 1))
        ];
        hub.announce(asset, user, 1);
        for (uint256 i = 0; i < calls.length; i++) {
            token.callBack(address(module), calls[i]);
            pay(Direction.Out, 10);
            vm.assertFalse(token.calledBack());
            vm.assertTrue(bytes4(token.answer()) == Gate.Reentered.selector);
            take(Direction.In, 10);
            vm.assertFalse(token.calledBack());
            vm.assertTrue(bytes4(token.answer()) == Gate.Reentered.selector);
        }
        vm.assertEq(hub.consumed(), 30);
        vm.assertFalse(module.movesValue());
    }

    function test_who_reads_while_value_moves_is_told_so() public {
        token.callBack(address(module), abi.encodeCall(Gate.movesValue, ()));
        pay(Direction.Out, 10);
        vm.assertTrue(abi.decode(token.answer(), (bool)));
        vm.assertFalse(module.movesValue());
    }

    /// @dev What is counted is counted before the token is called.
    function test_What_others_pay_in_while_the_payer_is_called_is_not_the_payers() public {
        token.callBack(address(token), abi.encodeCall(HostileToken.mint, (address(module), 500)));
        vm.assertEq(take(Direction.In, 100), 100);
        vm.assertTrue(token.calledBack());
        vm.assertEq(hub.credited(user), 100);
    }

    function test_the_limit_is_used_before_the_token_is_called() public {
        token.callBack(address(hub), abi.encodeCall(hub.consumed, ()));
        pay(Direction.Out, 10);
        vm.assertEq(abi.decode(token.answer(), (uint256)), 10);
    }
}
