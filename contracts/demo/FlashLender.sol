// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title FlashLender: lends all it has of one token for the length of a transaction (ERC-3156)
/// @notice An outside party in the demo: it belongs to nobody whom the emergency controls guard, as in real attacks.
/// It is funded by plain transfers, and the fees stay in it.
///
/// | function | class |
/// |---|---|
/// | flashLoan | neutral: all comes back within the transaction, or the transaction fails |
contract FlashLender is IERC3156FlashLender {
    using SafeERC20 for IERC20;

    /// @notice The fee, in hundredths of a percent of the loan.
    uint256 public constant FEE_BASIS_POINTS = 5;
    bytes32 private constant CONSENT = keccak256("ERC3156FlashBorrower.onFlashLoan");

    IERC20 public immutable token;

    /// @notice A loan was given and has come back. ERC-3156 names no event; this is the form others use.
    event FlashLoan(address indexed receiver, address token, uint256 amount, uint256 fee);

    error TokenNotLent(address token);
    /// @notice The receiver did not answer that it wanted the loan.
    error LoanNotConsented(address receiver);

    constructor(IERC20 token_) {
        token = token_;
    }

    /// @inheritdoc IERC3156FlashLender
    function flashLoan(IERC3156FlashBorrower receiver, address token_, uint256 amount, bytes calldata data)
        external
        returns (bool)
    {
        uint256 fee = flashFee(token_, amount);
        token.safeTransfer(address(receiver), amount);
        if (receiver.onFlashLoan(msg.sender, token_, amount, fee, data) != CONSENT) {
            revert LoanNotConsented(address(receiver));
        }
        token.safeTransferFrom(address(receiver), address(this), amount + fee);
        emit FlashLoan(address(receiver), token_, amount, fee);
        return true;
    }

    /// @inheritdoc IERC3156FlashLender
    function maxFlashLoan(address token_) external view returns (uint256) {
        return token_ == address(token) ? token.balanceOf(address(this)) : 0;
    }

    /// @inheritdoc IERC3156FlashLender
    function flashFee(address token_, uint256 amount) public view returns (uint256) {
        if (token_ != address(token)) revert TokenNotLent(token_);
        return amount * FEE_BASIS_POINTS / 10_000;
    }
}
