// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Incident, IncidentRegistry} from "../../src/IncidentRegistry.sol";
import {GovernedTest} from "../base/GovernedTest.sol";

/// @dev A registry with a quorum of two among four responders.
abstract contract RegistryTest is GovernedTest {
    bytes32 internal constant ID = keccak256("incident");
    bytes32 internal constant KIND = "oracle";
    uint256 internal constant QUORUM = 2;

    address internal protocol = person("protocol");
    IncidentRegistry internal registry;

    function setUp() public virtual override {
        super.setUp();
        registry = new IncidentRegistry(controls, QUORUM);
    }

    function usual() internal view returns (Incident memory) {
        return Incident({
            id: ID,
            protocol: protocol,
            kind: KIND,
            startedAt: uint64(block.timestamp) - 1 hours,
            endedAt: 0,
            lossUsd: 5_000_000e18,
            reportHash: keccak256("report"),
            sequence: 1
        });
    }

    function attest(Incident memory incident) internal {
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        registry.attest(incident, signers, signatures);
    }

    function amend(Incident memory incident) internal {
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 1, 3);
        registry.amend(incident, signers, signatures);
    }

    function withdraw(bytes32 id, uint64 sequence) internal {
        (address[] memory signers, bytes[] memory signatures) =
            signed(registry.hashOfWithdrawal(id, sequence, REASON), 0, 2);
        registry.withdraw(id, sequence, REASON, signers, signatures);
    }

    /// @dev By two responders, named by their places; in the order given.
    function signed(bytes32 digest, uint256 a, uint256 b)
        internal
        view
        returns (address[] memory signers, bytes[] memory signatures)
    {
        (signers, signatures) = (new address[](2), new bytes[](2));
        (signers[0], signers[1]) = (responder(a), responder(b));
        (signatures[0], signatures[1]) = (sign(responderKeys[a], digest), sign(responderKeys[b], digest));
    }

    function responder(uint256 place) internal view returns (address) {
        return vmKeys.addr(responderKeys[place]);
    }
}
