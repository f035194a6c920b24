// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {DemoDollar} from "../../demo/DemoDollar.sol";
import {Vault} from "../../demo/Vault.sol";
import {VenueFeed} from "../../demo/VenueFeed.sol";
import {Source} from "../../src/Feeds.sol";
import {Gate} from "../../src/Gate.sol";
import {Grade, PegGate} from "../../src/PegGate.sol";
import {DemoTest} from "../base/DemoTest.sol";

/// @dev The demo's run on its dollar, with nobody there but the contracts.
contract PegRunTest is DemoTest {
    uint128 private constant DAY = 1_000e6;

    VenueFeed[3] private feeds;
    PegGate private peg;
    DemoDollar private coin;
    Vault private desk;

    function setUp() public override {
        super.setUp();
        Source[] memory sources = new Source[](3);
        for (uint256 i = 0; i < 3; i++) {
            feeds[i] = new VenueFeed(address(this));
            sources[i] = Source(address(feeds[i]), 8, 7 days);
        }
        PegGate.Settings memory set = PegGate.Settings(50, 100, 200, 500, 100, 1000, 2, 2, Grade.Tighten, true);
        peg = new PegGate(controls, 2 days, 10, 10, set, sources);
        coin = new DemoDollar();
        desk = new Vault(coin, reserve, Gate.Wiring(controls, limits, queue, peg, migrations));
        coin.setVault(address(desk));
        limit(address(desk), address(coin), rule());
        limit(address(desk), address(reserve), rule(DAY));
        reserve.mint(address(this), 20_000e6);
        reserve.approve(address(desk), type(uint256).max);
        desk.mint(10_000e6);
        // Of whom nothing is set off: it brought nothing in.
        vm.assertTrue(coin.transfer(supplier, 10_000e18));
    }

    function test_a_falling_price_tightens_then_stops_minting_then_par_then_queues() public {
        vm.assertEq(redeem(100), 100e6);
        fall(0.995e8);
        vm.assertEq(redeem(100), 99.5e6);
        vm.assertEq(redeem(400), 0);
        fall(0.985e8);
        vm.expectRevert(abi.encodeWithSelector(Gate.MintStopped.selector, address(coin), uint8(Grade.StopMint)));
        desk.mint(1e6);
        vm.assertEq(redeem(100), 98.5e6);
        fall(0.975e8);
        vm.assertEq(peg.grade(), uint8(Grade.StopPar));
        vm.assertEq(redeem(100), 97.5e6);
        fall(0.93e8);
        uint256 before = queued(address(reserve));
        vm.assertEq(redeem(100), 0);
        vm.assertEq(queued(address(reserve)) - before, 93e6);
    }

    function test_one_venue_alone_moves_nothing() public {
        feeds[0].publish(0.5e8);
        vm.assertEq(peg.grade(), uint8(Grade.Calm));
        vm.assertEq(redeem(100), 100e6);
    }

    function test_only_its_publisher_moves_a_feed() public {
        vm.expectRevert(abi.encodeWithSelector(VenueFeed.NotPublisher.selector, stranger));
        vm.prank(stranger);
        feeds[0].publish(1);
    }

    function fall(int256 price) private {
        for (uint256 i = 0; i < 3; i++) {
            feeds[i].publish(price);
        }
    }

    /// @return paid at once
    function redeem(uint256 dollars) private returns (uint256 paid) {
        uint256 before = reserve.balanceOf(supplier);
        vm.prank(supplier);
        desk.redeem(dollars * 1e18);
        return reserve.balanceOf(supplier) - before;
    }
}
