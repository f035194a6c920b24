// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title VoteLender: lends votes against dollars, one dollar a vote, for as long as the borrower likes
/// @notice An outside party in the demo: it belongs to nobody whom the emergency controls guard. Such markets exist
/// for many tokens, and their votes come with the loan.
///
/// | function | class |
/// |---|---|
/// | borrow, giveBack | neutral: covered by the borrower's own dollars |
contract VoteLender {
    using SafeERC20 for IERC20;

    IERC20 public immutable votes;
    IERC20 public immutable dollar;

    mapping(address borrower => uint256) public lent;

    event Lent(address indexed borrower, uint256 amount);
    event GivenBack(address indexed borrower, uint256 amount);

    error LoanExceeded(uint256 amount, uint256 lent);

    constructor(IERC20 votes_, IERC20 dollar_) {
        votes = votes_;
        dollar = dollar_;
    }

    function borrow(uint256 amount) external {
        lent[msg.sender] += amount;
        dollar.safeTransferFrom(msg.sender, address(this), amount);
        votes.safeTransfer(msg.sender, amount);
        emit Lent(msg.sender, amount);
    }

    function giveBack(uint256 amount) external {
        if (amount > lent[msg.sender]) revert LoanExceeded(amount, lent[msg.sender]);
        lent[msg.sender] -= amount;
        votes.safeTransferFrom(msg.sender, address(this), amount);
        dollar.safeTransfer(msg.sender, amount);
        emit GivenBack(msg.sender, amount);
    }
}
