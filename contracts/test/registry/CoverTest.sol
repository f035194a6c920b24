// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ParametricCover} from "../../demo/ParametricCover.sol";
import {Incident} from "../../src/IncidentRegistry.sol";
import {TestToken} from "../base/GovernedTest.sol";
import {RegistryTest} from "./RegistryTest.sol";

/// @dev A cover of three bands, with a pool.
abstract contract CoverTest is RegistryTest {
    uint256 internal constant POOL = 1000e18;
    uint256 internal constant SUM = 400e18;
    uint256 internal constant BOND = 10e18;

    address internal underwriter = person("underwriter");
    address internal arbiter = person("arbiter");
    address internal holder = person("holder");
    TestToken internal asset;
    ParametricCover internal cover;

    function setUp() public virtual override {
        super.setUp();
        asset = new TestToken();
        ParametricCover.Band[] memory bands = new ParametricCover.Band[](3);
        bands[0] = ParametricCover.Band(1_000_000e18, 2500);
        bands[1] = ParametricCover.Band(5_000_000e18, 5000);
        bands[2] = ParametricCover.Band(20_000_000e18, 10_000);
        cover = new ParametricCover(registry, asset, protocol, underwriter, arbiter, 500, BOND, bands);
        give(underwriter, POOL);
        vm.prank(underwriter);
        cover.supply(POOL);
    }

    function give(address account, uint256 amount) internal {
        asset.mint(account, amount);
        vm.prank(account);
        asset.approve(address(cover), type(uint256).max);
    }

    function buy(address account, uint256 sum) internal returns (uint256) {
        give(account, sum);
        vm.prank(account);
        return cover.buy(sum, 100 days, sum);
    }

    /// @dev A policy in force and an incident of one hour ago.
    function insured(uint256 lossUsd) internal returns (uint256 policy) {
        policy = buy(holder, SUM);
        skip(10 days);
        Incident memory incident = usual();
        incident.lossUsd = lossUsd;
        attest(incident);
    }

    function dispute(uint256 policy) internal {
        give(stranger, BOND);
        vm.prank(stranger);
        cover.dispute(policy, ID);
    }

    function expectStage(uint256 policy, ParametricCover.Stage stage) internal {
        vm.expectRevert(abi.encodeWithSelector(ParametricCover.NotInStage.selector, policy, ID, stage));
    }
}
