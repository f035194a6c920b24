// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {HonestFlashBorrower} from "../../../scenarios/flash-loan/HonestFlashBorrower.sol";
import {FlashLender} from "../../demo/FlashLender.sol";
import {DemoTest} from "../base/DemoTest.sol";

/// @dev Takes a loan and then does as it was made to: says no, or keeps the money.
contract BadBorrower is IERC3156FlashBorrower {
    bytes32 private immutable _answer;

    constructor(bytes32 answer) {
        _answer = answer;
    }

    function onFlashLoan(address, address, uint256, uint256, bytes calldata) external view returns (bytes32) {
        return _answer;
    }
}

/// @dev Loans for the length of a transaction: honest ones succeed, others fail whole.
contract FlashLenderTest is DemoTest {
    function test_an_honest_borrower_returns_the_loan_and_pays_5_basis_points() public {
        HonestFlashBorrower honest = new HonestFlashBorrower(lender);
        give(address(honest), 2_500e18);
        uint256 price = market.gemPrice();
        vm.expectEmit(address(lender));
        emit FlashLender.FlashLoan(address(honest), address(dollar), 5_000_000e18, 2_500e18);
        honest.showSolvency(address(dollar), 5_000_000e18);
        vm.assertEq(dollar.balanceOf(address(honest)), 0);
        vm.assertEq(dollar.balanceOf(address(lender)), 5_002_500e18);
        vm.assertEq(market.gemPrice(), price, "no price moved");
    }

    function test_an_honest_borrower_acts_only_on_its_own_loan() public {
        HonestFlashBorrower honest = new HonestFlashBorrower(lender);
        give(address(honest), 10e18);
        vm.expectPartialRevert(HonestFlashBorrower.LoanNotOurs.selector);
        lender.flashLoan(honest, address(dollar), 1e18, "");
    }

    function test_a_pause_stops_no_flash_loan() public {
        HonestFlashBorrower honest = new HonestFlashBorrower(lender);
        give(address(honest), 1e18);
        pause(MARKET, MIN);
        pause(VAULT, MIN);
        honest.showSolvency(address(dollar), 1_000e18);
    }

    function test_the_loan_fails_when_the_borrower_does_not_consent() public {
        BadBorrower bad = new BadBorrower("no");
        vm.expectRevert(abi.encodeWithSelector(FlashLender.LoanNotConsented.selector, address(bad)));
        lender.flashLoan(bad, address(dollar), 1_000e18, "");
    }

    function test_the_loan_fails_when_it_is_not_returned() public {
        BadBorrower bad = new BadBorrower(keccak256("ERC3156FlashBorrower.onFlashLoan"));
        vm.expectRevert();
        lender.flashLoan(bad, address(dollar), 1_000e18, "");
        vm.assertEq(dollar.balanceOf(address(lender)), 5_000_000e18);
    }

    function test_it_lends_one_token_and_no_other() public {
        vm.assertEq(lender.maxFlashLoan(address(dollar)), 5_000_000e18);
        vm.assertEq(lender.maxFlashLoan(address(gem)), 0);
        vm.expectRevert(abi.encodeWithSelector(FlashLender.TokenNotLent.selector, address(gem)));
        lender.flashFee(address(gem), 1);
    }
}
