// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

/// @notice The part of Chainlink's AggregatorV3Interface that {Feeds} reads; many others speak it too.
interface IFeed {
    function decimals() external view returns (uint8);
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}

/// @notice A source of a price.
/// @param feed the contract to ask
/// @param decimals that its answers must have
/// @param maxAgeSeconds after which an answer is old
struct Source {
    address feed;
    uint8 decimals;
    uint32 maxAgeSeconds;
}

/// @notice What a source said.
enum Answer {
    /// Nothing that can be used: no answer, not positive, from the future, without a date, in other decimals.
    None,
    /// A price, but too old, or carried over from an earlier round.
    Old,
    Fresh
}

/// @title Feeds: asks a source that may do anything but answer
///
/// @notice Whatever a source does, its reader goes on: it gets a bounded amount of gas, and only so many bytes of its
/// answer are read. What it cannot be is starved by the caller: a question that failed for want of the caller's gas
/// reverts, or else whoever sends a transaction with little gas could choose which sources are heard.
library Feeds {
    /// @notice What a source gets for each of its two questions. A proxy of Chainlink takes a tenth of it.
    uint256 internal constant GAS = 200_000;
    uint8 internal constant MOST_DECIMALS = 18;

    uint256 private constant WORD = 32;
    uint256 private constant ROUND_BYTES = 5 * WORD;

    /// @notice The caller gave too little gas to tell whether the source answers.
    error NotEnoughGas(address feed);

    /// @notice The price of a source, with 18 decimals, and what it is worth; the price is 0 where there is none.
    function read(Source memory source) internal view returns (Answer, uint256 price) {
        (bool told, bytes memory word) = _ask(source.feed, IFeed.decimals.selector, WORD);
        if (!told || abi.decode(word, (uint256)) != source.decimals) return (Answer.None, 0);
        (bool answered, bytes memory words) = _ask(source.feed, IFeed.latestRoundData.selector, ROUND_BYTES);
        if (!answered) return (Answer.None, 0);
        (uint256 roundId, int256 answer,, uint256 updatedAt, uint256 answeredInRound) =
            abi.decode(words, (uint256, int256, uint256, uint256, uint256));
        if (answer <= 0 || uint256(answer) > type(uint128).max) return (Answer.None, 0);
        if (updatedAt == 0 || updatedAt > block.timestamp) return (Answer.None, 0);
        price = uint256(answer) * 10 ** (MOST_DECIMALS - source.decimals);
        bool isOld = block.timestamp - updatedAt > source.maxAgeSeconds || answeredInRound < roundId;
        return (isOld ? Answer.Old : Answer.Fresh, price);
    }

    /// @dev The first `size` bytes of the answer, or false.
    function _ask(address feed, bytes4 question, uint256 size)
        private
        view
        returns (bool answered, bytes memory words)
    {
        words = new bytes(size);
        uint256 gasBefore = gasleft();
        assembly ("memory-safe") {
            mstore(0, question)
            answered := staticcall(GAS, feed, 0, 4, add(words, 32), size)
            answered := and(answered, iszero(lt(returndatasize(), size)))
        }
        // A call gets at most 63/64 of what there is (EIP-150); the call itself costs up to 2,600 before that.
        if (!answered && gasBefore < GAS * 64 / 63 + 5_000) revert NotEnoughGas(feed);
    }
}
