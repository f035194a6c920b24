// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Gate} from "../../src/Gate.sol";
import {Migrations} from "../../src/Migrations.sol";
import {PegGate} from "../../src/PegGate.sol";
import {Direction, Scopes} from "../../src/Scopes.sol";
import {Brake} from "../base/Brake.sol";
import {GatedModule} from "../base/GateTest.sol";

/// @dev The gate with nothing stood in for: what it must ask, it asks of the real ones. 1,000 a day may leave.
contract RealGateTest is Brake {
    GatedModule private _module;

    function setUp() public {
        deployBrake();
        _wire(peg);
    }

    function test_N03_minting_asks_the_peg() public {
        _sayBps(99);
        vm.assertTrue(_gate(Direction.Mint, 10));
        _sayBps(100);
        vm.expectRevert(abi.encodeWithSelector(Gate.MintStopped.selector, coin, 2));
        _gate(Direction.Mint, 10);
        sayAll(1.1e8);
        vm.expectRevert(abi.encodeWithSelector(Gate.MintStopped.selector, coin, 2));
        _gate(Direction.Mint, 10);
    }

    function test_N03_redeeming_asks_the_peg() public {
        _sayBps(50);
        vm.assertFalse(_pay(Direction.Redeem, 501), "limits are halved");
        vm.assertTrue(_pay(Direction.Redeem, 500));
        skip(WINDOW);
        _sayBps(200);
        vm.expectRevert(abi.encodeWithSelector(Gate.RedeemStopped.selector, coin, 3));
        _pay(Direction.Redeem, 10);
        _sayBps(500);
        vm.expectRevert(abi.encodeWithSelector(Gate.RedeemStopped.selector, coin, 4));
        _pay(Direction.Redeem, 10);
    }

    function test_N03_redeeming_below_par_goes_on_at_the_market_where_configured() public {
        PegGate.Settings memory set = settings();
        set.lowerOfParAndMarket = true;
        _wire(new PegGate(controls, LOOSENING_DELAY, 10, 10, set, peg.sources()));
        _sayBps(300);
        vm.assertEq(_module.redeemPrice(), 0.97e18);
        vm.assertTrue(_pay(Direction.Redeem, 10));
        _sayBps(500);
        vm.assertFalse(_pay(Direction.Redeem, 10));
        vm.assertEq(queue.entries(), 1);
    }

    function test_N03_withdrawing_and_borrowing_ask_the_peg() public {
        _sayBps(50);
        vm.assertFalse(_pay(Direction.Out, 501), "limits are halved");
        vm.assertFalse(_pay(Direction.Borrow, 501), "limits are halved");
        _sayBps(500);
        vm.assertFalse(_pay(Direction.Out, 1));
        vm.assertFalse(_pay(Direction.Borrow, 1));
        vm.assertEq(queue.entries(), 4);
    }

    /// @dev Without a quorum of sources, for ever.
    function test_N04_a_silent_peg_limits_but_locks_nobody() public {
        skip(7 days + 1);
        vm.assertTrue(_gate(Direction.Mint, 100));
        vm.assertTrue(_pay(Direction.Redeem, 400));
        vm.assertFalse(_pay(Direction.Out, 1), "over the halved limit");
    }

    function test_N03_every_direction_asks_controls_and_limits() public {
        for (uint256 i = 0; i <= uint256(type(Direction).max); i++) {
            Direction direction = Direction(i);
            bool brings = direction == Direction.In || direction == Direction.Repay;
            brings = brings || direction == Direction.AddCollateral;
            if (direction == Direction.Mint) {
                vm.expectRevert(abi.encodeWithSelector(Gate.MintLimited.selector, coin, 1001));
                _gate(direction, 1001);
            } else {
                vm.assertTrue(_gate(direction, 1001) == brings, "over the limit");
            }
            uint256 credit = limits.creditOf(address(_module), address(coin), alice);
            vm.assertEq(credit, brings ? 1001 : 0, "what comes in is credited");
            signing.roll(block.number + 5);
        }
        pause("vault");
        for (uint256 i = 0; i <= uint256(type(Direction).max); i++) {
            if (!Scopes.isExit(Direction(i))) vm.expectPartialRevert(Gate.ModulePaused.selector);
            _gate(Direction(i), 1);
        }
    }

    function test_A_migration_moves_exactly_what_governance_announced_after_its_delay_and_once() public {
        address[4] memory others = [risk, pauser, recoverer, thief];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            vm.expectRevert();
            migrations.announce(address(_module), address(coin), thief, 50_000);
        }
        _announce();
        vm.expectPartialRevert(Migrations.NotDue.selector);
        _module.migrate(address(coin), bob, 50_000);
        skip(MIGRATION_DELAY);
        pause("vault");
        vm.expectPartialRevert(Migrations.NotAnnounced.selector);
        _module.migrate(address(coin), bob, 50_001);
        vm.expectPartialRevert(Migrations.NotAnnounced.selector);
        _module.migrate(address(coin), thief, 50_000);
        vm.prank(stranger);
        _module.migrate(address(coin), bob, 50_000);
        vm.assertEq(coin.balanceOf(bob), 50_000);
        vm.assertEq(limits.usedOf(address(_module), address(coin)), 0, "it takes nothing of what users may");
        vm.expectPartialRevert(Migrations.NotAnnounced.selector);
        _module.migrate(address(coin), bob, 50_000);
    }

    function test_A_migration_that_two_recoverers_cancelled_moves_nothing() public {
        _announce();
        bytes32 key = migrations.keyOf(address(_module), address(coin), bob, 50_000);
        vm.prank(recoverer);
        vm.assertFalse(migrations.cancel(key, REASON));
        vm.prank(recoverer2);
        vm.assertTrue(migrations.cancel(key, REASON));
        skip(MIGRATION_DELAY);
        vm.expectPartialRevert(Migrations.NotAnnounced.selector);
        _module.migrate(address(coin), bob, 50_000);
    }

    function test_A_migration_that_nobody_carried_out_in_time_has_to_be_announced_anew() public {
        _announce();
        skip(MIGRATION_DELAY + migrations.OPEN_SECONDS() + 1);
        vm.expectPartialRevert(Migrations.MigrationHasExpired.selector);
        _module.migrate(address(coin), bob, 50_000);
    }

    function _wire(PegGate peg_) private {
        _module = new GatedModule(wiring(peg_));
        coin.mint(address(_module), 100_000);
        listFor(address(_module), address(coin), rule());
    }

    function _announce() private {
        vm.prank(governance);
        migrations.announce(address(_module), address(coin), bob, 50_000);
    }

    function _sayBps(uint256 bps) private {
        sayAll(int256(1e8 - bps * 1e4));
    }

    function _gate(Direction direction, uint256 amount) private returns (bool) {
        vm.prank(alice);
        return _module.gate(address(coin), direction, amount);
    }

    function _pay(Direction direction, uint256 amount) private returns (bool) {
        vm.prank(alice);
        return _module.pay(address(coin), direction, alice, amount);
    }
}
