// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IFeed} from "../src/Feeds.sol";

/// @title VenueFeed: what one exchange pays for dUSD, as its publisher tells it
///
/// Trust assumptions: the publisher tells the truth. It is one of three; the {PegGate} believes no single one of them.
///
/// | function | class |
/// |---|---|
/// | publish | neutral: the publisher's |
contract VenueFeed is IFeed {
    uint8 public constant decimals = 8;

    /// @notice Who alone may tell the price.
    address public immutable publisher;

    int256 private _answer = 1e8;
    uint256 private _updatedAt = block.timestamp;
    uint80 private _round = 1;

    event Published(int256 answer);

    error NotPublisher(address caller);

    constructor(address publisher_) {
        publisher = publisher_;
    }

    /// @param answer dollars for one dUSD, with 8 decimals
    function publish(int256 answer) external {
        if (msg.sender != publisher) revert NotPublisher(msg.sender);
        (_answer, _updatedAt) = (answer, block.timestamp);
        _round++;
        emit Published(answer);
    }

    /// @inheritdoc IFeed
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (_round, _answer, _updatedAt, _updatedAt, _round);
    }
}
