// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Source} from "../../src/Feeds.sol";
import {Gate} from "../../src/Gate.sol";
import {Migrations} from "../../src/Migrations.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {Grade, PegGate} from "../../src/PegGate.sol";
import {WithdrawalQueue} from "../../src/WithdrawalQueue.sol";
import {Coin, Hub} from "./HubTest.sol";

/// @dev A feed that says what it is told to.
contract SampleFeed {
    int256 private _answer = 1e8;
    uint256 private _updatedAt = block.timestamp;

    function set(int256 answer) external {
        (_answer, _updatedAt) = (answer, block.timestamp);
    }

    function decimals() external pure returns (uint8) {
        return 8;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, _answer, _updatedAt, _updatedAt, 1);
    }
}

/// @dev The whole brake, all of it real: controls, limits, queue, a peg with three sources, migrations.
abstract contract Brake is Hub {
    uint64 internal constant MIGRATION_DELAY = 2 days;

    Migrations internal migrations;
    PegGate internal peg;
    SampleFeed[3] internal feeds;

    function deployBrake() internal {
        deploy();
        migrations = new Migrations(controls, MIGRATION_DELAY);
        Source[] memory sources = new Source[](3);
        for (uint256 i = 0; i < 3; i++) {
            feeds[i] = new SampleFeed();
            sources[i] = Source(address(feeds[i]), 8, 7 days);
        }
        peg = new PegGate(controls, LOOSENING_DELAY, 10, 10, settings(), sources);
    }

    function settings() internal pure virtual returns (PegGate.Settings memory) {
        return PegGate.Settings(50, 100, 200, 500, 100, 1000, 2, 2, Grade.Tighten, false);
    }

    function wiring(PegGate peg_) internal view returns (Gate.Wiring memory) {
        return Gate.Wiring(controls, limits, queue, peg_, migrations);
    }

    /// @dev So much of an asset may leave a holder within a day, and of that `attestAbove` without an attester.
    function open(address holder, address asset, uint256 daily, uint256 attestAbove) internal {
        OutflowLimits.Rule memory first = rule();
        (first.cap, first.floor, first.attestAbove) = (uint128(daily), uint128(daily), uint128(attestAbove));
        vm.startPrank(governance);
        limits.setRule(holder, asset, first, REASON);
        queue.setRule(holder, asset, WithdrawalQueue.Rule(uint128(daily), uint128(daily), WINDOW), REASON);
        vm.stopPrank();
    }

    /// @dev Somebody who has tokens and lets `spender` take them.
    function give(Coin token, address account, address spender, uint256 amount) internal {
        token.mint(account, amount);
        vm.prank(account);
        token.approve(spender, type(uint256).max);
    }

    function pause(bytes32 module) internal {
        vm.prank(pauser);
        controls.pause(module, 1 hours, REASON);
    }

    function sayAll(int256 price) internal {
        for (uint256 i = 0; i < 3; i++) {
            feeds[i].set(price);
        }
    }
}
