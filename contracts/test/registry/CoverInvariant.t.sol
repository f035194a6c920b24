// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Incident} from "../../src/IncidentRegistry.sol";
import {GovernedTest} from "../base/GovernedTest.sol";
import {CoverTest} from "./CoverTest.sol";

/// @dev Policies, incidents, claims and disputes in any order; counts what came in and what went out.
contract CoverHandler is CoverTest {
    uint256 public brought = POOL;
    uint256 public taken;
    uint256 private _policies;
    address[3] private _holders;
    mapping(uint256 policy => uint256) public paidTo;

    function setUp() public override {
        super.setUp();
        _holders = [holder, stranger, person("third")];
    }

    function purchase(uint256 who, uint256 sum, uint64 duration) external {
        if (_policies == 6) return;
        address buyer = _holders[who % 3];
        sum = within(sum, 1, POOL / 2);
        give(buyer, sum);
        uint256 before = asset.balanceOf(buyer);
        vm.prank(buyer);
        try cover.buy(sum, uint64(within(duration, 1 days, 200 days)), sum) {
            _policies++;
            brought += before - asset.balanceOf(buyer);
        } catch {}
    }

    function happen(uint256 id, uint256 lossUsd, uint256 ago, bool elsewhere) external {
        Incident memory incident = usual();
        incident.id = bytes32(1 + id % 3);
        incident.lossUsd = within(lossUsd, 0, 25_000_000e18);
        incident.startedAt = uint64(block.timestamp - within(ago, 0, 20 days));
        incident.sequence = registry.entryOf(incident.id).incident.sequence + 1;
        if (elsewhere) incident.protocol = stranger;
        (address[] memory signers, bytes[] memory signatures) = signed(registry.hashOf(incident), 0, 1);
        try registry.attest(incident, signers, signatures) {}
        catch {
            try registry.amend(incident, signers, signatures) {} catch {}
        }
    }

    function takeBack(uint256 id, uint256 dice) external {
        bytes32 incident = bytes32(1 + id % 3);
        if (dice % 8 != 0 || !registry.attested(incident)) return;
        withdraw(incident, registry.entryOf(incident).incident.sequence + 1);
    }

    function claim(uint256 policy, uint256 id) external {
        policy %= 6;
        if (policy < _policies) vm.prank(cover.policyOf(policy).holder);
        try cover.claim(policy, bytes32(1 + id % 3)) {} catch {}
    }

    function object(uint256 policy, uint256 id) external {
        give(stranger, BOND);
        vm.prank(stranger);
        try cover.dispute(policy % 6, bytes32(1 + id % 3)) {
            brought += BOND;
        } catch {}
    }

    function decide(uint256 policy, uint256 id, bool stands) external {
        vm.prank(arbiter);
        try cover.rule(policy % 6, bytes32(1 + id % 3), stands) {} catch {}
    }

    function settle(uint256 policy, uint256 id) external {
        policy %= 6;
        bytes32 incident = bytes32(1 + id % 3);
        uint256 before = policy < _policies ? cover.policyOf(policy).left : 0;
        try cover.settle(policy, incident) {
            paidTo[policy] += before - cover.policyOf(policy).left;
            vm.assertTrue(registry.attested(incident) || before == cover.policyOf(policy).left);
        } catch {}
    }

    function end(uint256 policy) external {
        try cover.end(policy % 6) {} catch {}
    }

    function retire(uint256 amount) external {
        amount = within(amount, 0, cover.free());
        vm.prank(underwriter);
        cover.retire(amount);
        taken += amount;
    }

    function collect(uint256 who) external {
        address account = _holders[who % 3];
        uint256 before = asset.balanceOf(account);
        cover.collect(account);
        taken += asset.balanceOf(account) - before;
    }

    function pass(uint256 seconds_) external {
        skip(within(seconds_, 1 hours, 10 days));
    }

    function check() external view {
        uint256 held = asset.balanceOf(address(cover));
        vm.assertEq(held + taken, brought);
        vm.assertEq(held, cover.pool() + cover.bonds() + cover.owed());
        vm.assertLe(cover.reserved(), cover.pool());
        uint256 reserved;
        for (uint256 i = 0; i < _policies; i++) {
            reserved += cover.policyOf(i).left;
            vm.assertLe(paidTo[i], cover.policyOf(i).sum);
        }
        vm.assertEq(reserved, cover.reserved());
    }
}

contract CoverInvariantTest is GovernedTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    CoverHandler private handler;

    function setUp() public override {
        vm.warp(NOW);
        handler = new CoverHandler();
        handler.setUp();
    }

    function targetContracts() external view returns (address[] memory) {
        return _list(address(handler));
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](14);
        selectors[0] = handler.purchase.selector;
        selectors[1] = handler.happen.selector;
        selectors[2] = handler.takeBack.selector;
        selectors[3] = handler.claim.selector;
        selectors[4] = handler.object.selector;
        selectors[5] = handler.decide.selector;
        selectors[6] = handler.settle.selector;
        selectors[7] = handler.end.selector;
        selectors[8] = handler.retire.selector;
        selectors[9] = handler.collect.selector;
        selectors[10] = handler.pass.selector;
        selectors[11] = handler.claim.selector;
        selectors[12] = handler.settle.selector;
        selectors[13] = handler.happen.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    /// forge-config: default.invariant.runs = 64
    function invariant_The_pool_bonds_and_debts_are_all_there_and_no_policy_is_overpaid() public view {
        handler.check();
    }
}
