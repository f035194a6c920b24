// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";

/// @title DemoGovernor: the holders of a token decide, a timelock carries out
///
/// THE DELIBERATE MISTAKE: everything is over within seconds. A vote counts that was borrowed one block before, and
/// nobody has the time to look at a proposal, to withdraw or to object.
/// Never copy this: a proposal must wait for days, before the vote and after it.
contract DemoGovernor is Governor, GovernorCountingSimple, GovernorVotes, GovernorTimelockControl {
    uint256 private constant DELAY_BLOCKS = 1;
    uint32 private constant PERIOD_BLOCKS = 3;
    uint256 private constant QUORUM = 100_000e18;
    uint256 private constant PROPOSERS_VOTES = 1_000e18;

    constructor(IVotes votes, TimelockController timelock)
        Governor("DemoGovernor")
        GovernorVotes(votes)
        GovernorTimelockControl(timelock)
    {}

    /// @notice Votes count as they were held so many blocks after the proposal.
    function votingDelay() public pure override returns (uint256) {
        return DELAY_BLOCKS;
    }

    /// @notice For so many blocks votes are cast.
    function votingPeriod() public pure override returns (uint256) {
        return PERIOD_BLOCKS;
    }

    function quorum(uint256) public pure override returns (uint256) {
        return QUORUM;
    }

    function proposalThreshold() public pure override returns (uint256) {
        return PROPOSERS_VOTES;
    }

    function state(uint256 proposal) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(proposal);
    }

    function proposalNeedsQueuing(uint256 proposal)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposal);
    }

    function _queueOperations(
        uint256 proposal,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 description
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposal, targets, values, calldatas, description);
    }

    function _executeOperations(
        uint256 proposal,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 description
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposal, targets, values, calldatas, description);
    }

    function _cancel(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 description)
        internal
        override(Governor, GovernorTimelockControl)
        returns (uint256)
    {
        return super._cancel(targets, values, calldatas, description);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
