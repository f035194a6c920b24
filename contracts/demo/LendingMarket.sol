// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";
import {IUniswapV2Pair} from "./interfaces/IUniswapV2.sol";

/// @title LendingMarket: lends dollars against GEM, and can be robbed on purpose
///
/// THE DELIBERATE MISTAKE: {gemPrice} is the spot price of one trading pair. Whoever buys enough GEM there makes all
/// collateral look precious for the rest of the transaction, and borrows against that. A flash loan pays for it.
/// Never copy this: a price must come from several sources or be averaged over time.
///
/// | function | direction |
/// |---|---|
/// | supply | In |
/// | withdraw, removeCollateral | Out |
/// | borrow | Borrow |
/// | repay | Repay: never paused, a pause must not drive a borrower into default |
/// | addCollateral | AddCollateral: never paused, for the same reason |
/// | claim | Claim: never paused, and bounded by a fixed rate and by the dollars given for interest |
///
/// Left out, because no attack in the demo needs it: liquidation, and interest on debt. Suppliers' interest is paid
/// from dollars given to the market by plain transfer, so it can never eat into what suppliers own.
contract LendingMarket is Gate {
    /// @notice The market's name in {EmergencyControls}.
    bytes32 public constant MODULE = "market";
    /// @notice How much may be borrowed of the collateral's value.
    uint256 public constant LOAN_TO_VALUE_PERCENT = 70;
    /// @notice What suppliers earn, per year, without compounding.
    uint256 public constant INTEREST_PERCENT = 2;

    IERC20 public immutable dollar;
    IERC20 public immutable gem;
    IUniswapV2Pair public immutable pair;
    bool private immutable _gemIsToken0;

    mapping(address account => uint256) public supplied;
    mapping(address account => uint256) public collateral;
    mapping(address account => uint256) public debt;
    uint256 public totalSupplied;
    uint256 public totalDebt;

    mapping(address account => uint256) private _interest;
    mapping(address account => uint256) private _accruedAt;

    event Supplied(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    event CollateralAdded(address indexed account, uint256 amount);
    event CollateralRemoved(address indexed account, uint256 amount);
    event Borrowed(address indexed account, uint256 amount);
    event Repaid(address indexed account, uint256 amount);
    event Claimed(address indexed account, uint256 amount);

    error PairNotOfThisMarket(address pair);
    error SupplyExceeded(uint256 amount, uint256 supplied);
    error CollateralExceeded(uint256 amount, uint256 collateral);
    error CashExceeded(uint256 amount, uint256 cash);
    error BorrowLimitExceeded(uint256 debt, uint256 limit);

    constructor(IERC20 dollar_, IERC20 gem_, IUniswapV2Pair pair_, Wiring memory wiring) Gate(wiring) {
        (address token0, address token1) = (pair_.token0(), pair_.token1());
        bool gemIsToken0 = token0 == address(gem_);
        if ((gemIsToken0 ? token1 : token0) != address(dollar_) || (!gemIsToken0 && token1 != address(gem_))) {
            revert PairNotOfThisMarket(address(pair_));
        }
        dollar = dollar_;
        gem = gem_;
        pair = pair_;
        _gemIsToken0 = gemIsToken0;
    }

    /// @notice Lends dollars to the market.
    function supply(uint256 amount) external {
        _accrue(msg.sender);
        supplied[msg.sender] += amount;
        totalSupplied += amount;
        _take(MODULE, address(dollar), Direction.In, msg.sender, amount);
        emit Supplied(msg.sender, amount);
    }

    /// @notice Takes supplied dollars back, as far as they are not lent out.
    function withdraw(uint256 amount) external {
        if (amount > supplied[msg.sender]) revert SupplyExceeded(amount, supplied[msg.sender]);
        if (amount > cash()) revert CashExceeded(amount, cash());
        _accrue(msg.sender);
        supplied[msg.sender] -= amount;
        totalSupplied -= amount;
        _pay(MODULE, address(dollar), Direction.Out, msg.sender, msg.sender, amount);
        emit Withdrawn(msg.sender, amount);
    }

    /// @notice Deposits GEM to borrow against, or to make a loan safer.
    function addCollateral(uint256 amount) external {
        collateral[msg.sender] += amount;
        _take(MODULE, address(gem), Direction.AddCollateral, msg.sender, amount);
        emit CollateralAdded(msg.sender, amount);
    }

    /// @notice Takes GEM back, as far as the rest still covers the caller's debt.
    function removeCollateral(uint256 amount) external {
        if (amount > collateral[msg.sender]) revert CollateralExceeded(amount, collateral[msg.sender]);
        collateral[msg.sender] -= amount;
        _requireCovered(msg.sender);
        _pay(MODULE, address(gem), Direction.Out, msg.sender, msg.sender, amount);
        emit CollateralRemoved(msg.sender, amount);
    }

    /// @notice Borrows dollars against the caller's collateral.
    function borrow(uint256 amount) external {
        if (amount > cash()) revert CashExceeded(amount, cash());
        debt[msg.sender] += amount;
        totalDebt += amount;
        _requireCovered(msg.sender);
        _pay(MODULE, address(dollar), Direction.Borrow, msg.sender, msg.sender, amount);
        emit Borrowed(msg.sender, amount);
    }

    /// @notice Pays the caller's debt, or all that is left of it if `amount` is more.
    function repay(uint256 amount) external {
        uint256 paid = Math.min(amount, debt[msg.sender]);
        debt[msg.sender] -= paid;
        totalDebt -= paid;
        _take(MODULE, address(dollar), Direction.Repay, msg.sender, paid);
        emit Repaid(msg.sender, paid);
    }

    /// @notice Pays the caller's interest out, as far as dollars were given for it; the rest stays owed.
    function claim() external {
        _accrue(msg.sender);
        uint256 amount = Math.min(_interest[msg.sender], interestFund());
        _interest[msg.sender] -= amount;
        _pay(MODULE, address(dollar), Direction.Claim, msg.sender, msg.sender, amount);
        emit Claimed(msg.sender, amount);
    }

    /// @notice Dollars for one GEM, with 18 decimals: the pair's spot price (see the mistake above).
    function gemPrice() public view returns (uint256) {
        (uint112 reserve0, uint112 reserve1,) = pair.getReserves();
        (uint256 gems, uint256 dollars) = _gemIsToken0 ? (reserve0, reserve1) : (reserve1, reserve0);
        return dollars * 1e18 / gems;
    }

    /// @notice The debt that `account`'s collateral allows at the present price.
    function borrowLimit(address account) public view returns (uint256) {
        return collateral[account] * gemPrice() / 1e18 * LOAN_TO_VALUE_PERCENT / 100;
    }

    /// @notice Supplied dollars that are not lent out.
    function cash() public view returns (uint256) {
        return totalSupplied - totalDebt;
    }

    /// @notice Dollars that were given to the market for interest and not paid out yet.
    function interestFund() public view returns (uint256) {
        return dollar.balanceOf(address(this)) - cash();
    }

    /// @notice The interest owed to `account` now.
    function interest(address account) public view returns (uint256) {
        uint256 elapsed = block.timestamp - _accruedAt[account];
        return _interest[account] + supplied[account] * INTEREST_PERCENT * elapsed / (100 * 365 days);
    }

    function _slotOf(address asset) internal view override returns (uint256) {
        return asset == address(gem) ? 1 : 0;
    }

    function _accrue(address account) private {
        _interest[account] = interest(account);
        _accruedAt[account] = block.timestamp;
    }

    /// @dev An account without debt needs no price, so it can leave even when the pair is empty.
    function _requireCovered(address account) private view {
        uint256 owed = debt[account];
        if (owed == 0) return;
        uint256 limit = borrowLimit(account);
        if (owed > limit) revert BorrowLimitExceeded(owed, limit);
    }
}
