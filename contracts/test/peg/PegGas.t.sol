// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {PegTest} from "./PegTest.sol";

interface VmCold {
    function cool(address target) external;
}

/// @dev What one question costs: as the first in a transaction that meets the slots of the gate and of its sources, and
/// again in it. The sources here answer from three slots; one of Chainlink reads more, through a proxy. Accounts count
/// as warm: 2,600 more for each that is not.
contract PegGasTest is PegTest {
    function test_Gas_of_the_grade_of_two_sources() public {
        measure(2, 36_000, 14_000);
    }

    function test_Gas_of_the_grade_of_three_sources() public {
        measure(3, 50_000, 20_000);
    }

    function measure(uint256 count, uint256 first, uint256 again) private {
        deploy(count);
        VmCold cold = VmCold(address(vm));
        for (uint256 i = 0; i < count; i++) {
            cold.cool(address(feeds[i]));
        }
        cold.cool(address(peg));
        uint256 before = gasleft();
        peg.grade();
        uint256 between = gasleft();
        peg.grade();
        uint256 end = gasleft();
        vm.assertLe(before - between, first, "first");
        vm.assertLe(between - end, again, "again");
    }
}
