// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {Bridge} from "../../demo/Bridge.sol";
import {PayoutDesk} from "../../demo/PayoutDesk.sol";
import {RateSource} from "../../demo/RateSource.sol";
import {Savings} from "../../demo/Savings.sol";
import {YieldDesk} from "../../demo/YieldDesk.sol";
import {Zap} from "../../demo/Zap.sol";
import {ApprovalDrainer} from "../../../scenarios/approval-drain/ApprovalDrainer.sol";
import {HonestSaver} from "../../../scenarios/reentrancy/HonestSaver.sol";
import {ReentrancyAttacker} from "../../../scenarios/reentrancy/ReentrancyAttacker.sol";
import {InflatedRate} from "../../../scenarios/silent-upgrade/InflatedRate.sol";
import {DemoTest} from "../base/DemoTest.sol";

/// @dev Each further attack of the demo pays while its module is open, and fails once it is paused.
contract ScenariosTest is DemoTest {
    uint256 private constant STAKE = 20_000e18;

    function test_reentry_takes_a_multiple_of_the_stake_until_the_pause() public {
        (Savings savings, ReentrancyAttacker attacker) = _savings();
        attacker.attack(STAKE, 5);
        vm.assertEq(dollar.balanceOf(address(attacker)), 5 * STAKE);
        vm.assertEq(dollar.balanceOf(address(savings)), 100_000e18 - 4 * STAKE);

        pause(VAULT, MIN);
        expectModulePaused(VAULT, NOW + MIN);
        attacker.attack(STAKE, 2);
    }

    function test_an_honest_contract_is_paid_what_it_saved() public {
        (Savings savings,) = _savings();
        HonestSaver saver = new HonestSaver(savings);
        give(address(saver), STAKE);
        saver.save();
        saver.withdraw(STAKE, supplier);
        vm.assertEq(dollar.balanceOf(supplier), STAKE);
        vm.assertEq(savings.saved(address(saver)), 0);
    }

    function test_what_nobody_proved_is_released_until_the_pause() public {
        Bridge bridge = new Bridge(stranger, wiring());
        limit(address(bridge), address(bridge.dollar()), rule());
        bridge.release(supplier, 1_500_000e18, 1);
        vm.assertEq(bridge.dollar().totalSupply(), 1_500_000e18);
        bytes32 message = bridge.messageOf(supplier, 1_500_000e18, 1);
        vm.expectRevert(abi.encodeWithSelector(Bridge.AlreadyReleased.selector, message));
        bridge.release(supplier, 1_500_000e18, 1);

        pause(VAULT, MIN);
        expectModulePaused(VAULT, NOW + MIN);
        bridge.release(supplier, 1_500_000e18, 2);
    }

    function test_the_zap_takes_what_others_allowed_it_until_the_pause() public {
        Zap zap = new Zap(dollar, wiring());
        give(supplier, STAKE);
        vm.prank(supplier);
        dollar.approve(address(zap), STAKE);
        ApprovalDrainer drainer = new ApprovalDrainer(zap);
        address[] memory victims = new address[](1);
        victims[0] = supplier;
        drainer.drain(victims, STAKE / 2);
        vm.assertEq(dollar.balanceOf(address(this)), STAKE / 2);

        pause(MARKET, MIN);
        expectModulePaused(MARKET, NOW + MIN);
        drainer.drain(victims, STAKE / 2);
    }

    function test_code_is_replaced_without_an_event_and_the_desk_pays_by_it_until_the_pause() public {
        RateSource code = new RateSource();
        RateSource rate =
            RateSource(address(new ERC1967Proxy(address(code), abi.encodeCall(RateSource.setUp, (address(this))))));
        YieldDesk desk = new YieldDesk(dollar, rate, wiring());
        limit(address(desk), address(dollar), rule());
        give(address(desk), 10 * STAKE);
        give(address(this), STAKE);
        dollar.approve(address(desk), STAKE);
        desk.buy(STAKE);
        rate.replaceCode(address(new InflatedRate()));
        desk.sell(STAKE / 2);
        vm.assertEq(dollar.balanceOf(address(this)), 5 * STAKE / 2);

        pause(VAULT, MIN);
        expectModulePaused(VAULT, NOW + MIN);
        desk.sell(STAKE / 2);
    }

    function test_the_desk_pays_by_one_key_and_each_time_up_to_its_limit_until_the_pause() public {
        PayoutDesk desk = new PayoutDesk(dollar, address(this), wiring());
        limit(address(desk), address(dollar), rule());
        give(address(desk), 10 * STAKE);
        desk.pay(supplier, desk.LIMIT());
        vm.assertEq(dollar.balanceOf(supplier), desk.LIMIT());
        uint256 tooMuch = desk.LIMIT() + 1;
        vm.expectRevert(abi.encodeWithSelector(PayoutDesk.LimitExceeded.selector, tooMuch));
        desk.pay(supplier, tooMuch);

        pause(VAULT, MIN);
        expectModulePaused(VAULT, NOW + MIN);
        desk.pay(supplier, STAKE);
    }

    /// @dev Savings of 100,000 dollars of others, and an attacker with its stake.
    function _savings() private returns (Savings savings, ReentrancyAttacker attacker) {
        savings = new Savings(dollar, wiring());
        limit(address(savings), address(dollar), rule());
        give(supplier, 100_000e18);
        vm.startPrank(supplier);
        dollar.approve(address(savings), 100_000e18);
        savings.save(100_000e18);
        vm.stopPrank();
        attacker = new ReentrancyAttacker(savings);
        give(address(attacker), STAKE);
    }
}
