// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Source} from "../../src/Feeds.sol";
import {Grade, PegGate} from "../../src/PegGate.sol";
import {GovernedTest} from "../base/GovernedTest.sol";

/// @dev A feed that says what it is told to, or misbehaves.
contract TestFeed {
    enum Mood {
        Honest,
        Reverts,
        EatsGas,
        /// Answers fewer words than were asked for.
        Short,
        /// Answers a megabyte.
        Bomb,
        /// Answers four good words of the five.
        Cut
    }

    Mood public mood;
    bool public saysNoDecimals;
    uint8 private _decimals = 8;
    uint80 private _roundId = 7;
    uint80 private _answeredInRound = 7;
    int256 private _answer = 1e8;
    uint256 private _updatedAt = block.timestamp;

    function set(int256 answer, uint256 updatedAt) external {
        (_answer, _updatedAt) = (answer, updatedAt);
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function setSaysNoDecimals(bool isSo) external {
        saysNoDecimals = isSo;
    }

    function setDecimals(uint8 decimals_) external {
        _decimals = decimals_;
    }

    function setRounds(uint80 roundId, uint80 answeredInRound) external {
        (_roundId, _answeredInRound) = (roundId, answeredInRound);
    }

    function decimals() external view returns (uint8) {
        if (saysNoDecimals) revert("no");
        return _decimals;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        if (mood == Mood.Reverts) revert("no");
        if (mood == Mood.EatsGas) while (true) {}
        if (mood == Mood.Short || mood == Mood.Bomb) {
            uint256 size = mood == Mood.Short ? 64 : 1_000_000;
            assembly {
                return(0, size)
            }
        }
        if (mood == Mood.Cut) {
            bytes memory words = abi.encode(0, _answer, _updatedAt, _updatedAt);
            assembly {
                return(add(words, 32), mload(words))
            }
        }
        return (_roundId, _answer, _updatedAt, _updatedAt, _answeredInRound);
    }
}

/// @dev A peg with as many sources as wanted, all fresh at par.
abstract contract PegTest is GovernedTest {
    uint64 internal constant DELAY = 2 days;
    uint32 internal constant MAX_AGE = 1 days;
    uint16 internal constant TIGHTEST_BPS = 10;
    uint16 internal constant LARGEST_FACTOR = 10;

    TestFeed[] internal feeds;
    PegGate internal peg;

    function deploy(uint256 count) internal {
        deploy(count, usual(count));
    }

    function deploy(uint256 count, PegGate.Settings memory set) internal {
        delete feeds;
        for (uint256 i = 0; i < count; i++) {
            feeds.push(new TestFeed());
        }
        peg = new PegGate(controls, DELAY, TIGHTEST_BPS, LARGEST_FACTOR, set, asSources());
    }

    function usual(uint256 count) internal pure returns (PegGate.Settings memory) {
        return PegGate.Settings({
            tightenBps: 50,
            stopMintBps: 100,
            stopParBps: 200,
            queueBps: 500,
            tightenAboveBps: 100,
            stopMintAboveBps: 1000,
            factor: 2,
            quorum: uint8(count / 2 + 1),
            blindGrade: Grade.Tighten,
            lowerOfParAndMarket: false
        });
    }

    function asSources() internal view returns (Source[] memory list) {
        list = new Source[](feeds.length);
        for (uint256 i = 0; i < feeds.length; i++) {
            list[i] = Source(address(feeds[i]), 8, MAX_AGE);
        }
    }

    /// @dev A fresh answer, in thousandths of par.
    function say(uint256 feed, uint256 thousandths) internal {
        feeds[feed].set(int256(thousandths * 1e5), block.timestamp);
    }

    function sayAll(uint256 thousandths) internal {
        for (uint256 i = 0; i < feeds.length; i++) {
            say(i, thousandths);
        }
    }

    /// @dev Every source fresh, so far below par.
    function sayBps(uint256 bps) internal {
        for (uint256 f = 0; f < feeds.length; f++) {
            feeds[f].set(int256(1e8 - bps * 1e4), block.timestamp);
        }
    }

    function expectGrade(Grade expected) internal view {
        vm.assertEq(peg.grade(), uint8(expected));
    }
}
