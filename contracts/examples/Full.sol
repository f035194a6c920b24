// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Answer, Feeds, Source} from "../src/Feeds.sol";
import {Gate} from "../src/Gate.sol";
import {Direction} from "../src/Scopes.sol";

/// @title PeggedCoin: made and destroyed by who deployed it alone
contract PeggedCoin is ERC20 {
    address public immutable issuer;

    error NotIssuer(address caller);

    modifier onlyIssuer() {
        if (msg.sender != issuer) revert NotIssuer(msg.sender);
        _;
    }

    constructor(string memory name, string memory symbol) ERC20(name, symbol) {
        issuer = msg.sender;
    }

    function mint(address to, uint256 amount) external onlyIssuer {
        _mint(to, amount);
    }

    /// @dev Takes no allowance: the issuer burns only what its caller gives back.
    function burn(address from, uint256 amount) external onlyIssuer {
        _burn(from, amount);
    }
}

/// @title FullProtocol: makes a pegged coin for a reserve, and lends it against a collateral, behind the brake
///
/// | function | module | asset | direction |
/// |---|---|---|---|
/// | mint | mint | reserve, coin | In, Mint |
/// | redeem | mint | reserve | Redeem |
/// | supply | loans | coin | In |
/// | withdraw | loans | coin | Out |
/// | addCollateral | loans | collateral | AddCollateral: never paused |
/// | removeCollateral | loans | collateral | Out |
/// | borrow | loans | coin | Borrow |
/// | repay | loans | coin | Repay: never paused |
/// | liquidate | loans | coin, collateral | Repay, Liquidate |
///
/// Two modules, so that the mint can be paused while loans go on; three slots, so that {EmergencyControls.pauseScopes}
/// can stop one asset alone. Nothing here knows of attestations, of the queue or of migrations: limits, queue and
/// {Gate} do. All three tokens have 18 decimals. Left out: interest, bad debt, and a round of audits.
///
/// Trust assumptions
/// - The price feed of the collateral is trusted as long as it is fresh. When it is not, nobody borrows, removes
///   collateral against a debt or is liquidated; all else goes on.
contract FullProtocol is Gate {
    bytes32 public constant MINT = "mint";
    bytes32 public constant LOANS = "loans";

    uint256 public constant LOAN_TO_VALUE_PERCENT = 70;
    uint256 public constant LIQUIDATION_PERCENT = 80;
    /// @notice What a liquidator gets on top of what it repays.
    uint256 public constant BONUS_PERCENT = 5;

    PeggedCoin public immutable coin;
    address public immutable reserve;
    address public immutable collateral;

    mapping(address account => uint256) public supplied;
    mapping(address account => uint256) public collateralOf;
    mapping(address account => uint256) public debtOf;
    uint256 public cash;

    Source private _feed;

    error AmountExceeded(uint256 amount, uint256 most);
    error PriceNotFresh(address feed);
    error NotCovered(uint256 debt, uint256 limit);
    error NotLiquidatable(address account);

    constructor(address reserve_, address collateral_, Source memory feed, Wiring memory wiring) Gate(wiring) {
        coin = new PeggedCoin("Example Coin", "EXC");
        (reserve, collateral, _feed) = (reserve_, collateral_, feed);
    }

    /// @notice Takes the reserve and makes as many coins.
    function mint(uint256 reserveIn) external {
        uint256 received = _take(MINT, reserve, Direction.In, msg.sender, reserveIn);
        _gate(msg.sender, MINT, address(coin), Direction.Mint, received);
        coin.mint(msg.sender, received);
    }

    /// @notice Destroys coins and pays the reserve for them: at par, or at the market if lower and so configured.
    function redeem(uint256 coins) external returns (bool paid) {
        coin.burn(msg.sender, coins);
        uint256 reserveOut = Math.mulDiv(coins, _redeemPrice(), 1e18);
        return _pay(MINT, reserve, Direction.Redeem, msg.sender, msg.sender, reserveOut);
    }

    function supply(uint256 amount) external {
        uint256 received = _take(LOANS, address(coin), Direction.In, msg.sender, amount);
        supplied[msg.sender] += received;
        cash += received;
    }

    function withdraw(uint256 amount) external returns (bool paid) {
        supplied[msg.sender] = _less(supplied[msg.sender], amount);
        cash = _less(cash, amount);
        return _pay(LOANS, address(coin), Direction.Out, msg.sender, msg.sender, amount);
    }

    function addCollateral(uint256 amount) external {
        collateralOf[msg.sender] += _take(LOANS, collateral, Direction.AddCollateral, msg.sender, amount);
    }

    function removeCollateral(uint256 amount) external returns (bool paid) {
        collateralOf[msg.sender] = _less(collateralOf[msg.sender], amount);
        _requireCovered(msg.sender);
        return _pay(LOANS, collateral, Direction.Out, msg.sender, msg.sender, amount);
    }

    function borrow(uint256 amount) external returns (bool paid) {
        debtOf[msg.sender] += amount;
        cash = _less(cash, amount);
        _requireCovered(msg.sender);
        return _pay(LOANS, address(coin), Direction.Borrow, msg.sender, msg.sender, amount);
    }

    function repay(uint256 amount) external {
        _repay(msg.sender, amount);
    }

    /// @notice Repays a debt that is too large for its collateral, for that much of the collateral and a bonus.
    function liquidate(address account, uint256 amount) external returns (bool paid) {
        uint256 price = collateralPrice();
        if (debtOf[account] <= _worth(account, price, LIQUIDATION_PERCENT)) revert NotLiquidatable(account);
        uint256 repaid = _repay(account, amount);
        uint256 seized = Math.mulDiv(repaid * (100 + BONUS_PERCENT) / 100, 1e18, price);
        seized = Math.min(seized, collateralOf[account]);
        collateralOf[account] -= seized;
        return _pay(LOANS, collateral, Direction.Liquidate, msg.sender, msg.sender, seized);
    }

    /// @notice Coins for one unit of the collateral, with 18 decimals.
    function collateralPrice() public view returns (uint256 price) {
        Answer answer;
        (answer, price) = Feeds.read(_feed);
        if (answer != Answer.Fresh) revert PriceNotFresh(_feed.feed);
    }

    function _slotOf(address asset) internal view override returns (uint256) {
        if (asset == address(coin)) return 1;
        return asset == collateral ? 2 : 0;
    }

    /// @dev The caller pays the debt of `account`, or all that is left of it. The debt is only lessened by what came.
    function _repay(address account, uint256 amount) private returns (uint256 received) {
        amount = Math.min(amount, debtOf[account]);
        received = _take(LOANS, address(coin), Direction.Repay, msg.sender, amount);
        debtOf[account] = _less(debtOf[account], received);
        cash += received;
    }

    /// @dev Who owes nothing needs no price to leave.
    function _requireCovered(address account) private view {
        uint256 debt = debtOf[account];
        if (debt == 0) return;
        uint256 limit = _worth(account, collateralPrice(), LOAN_TO_VALUE_PERCENT);
        if (debt > limit) revert NotCovered(debt, limit);
    }

    function _worth(address account, uint256 price, uint256 percent) private view returns (uint256) {
        return Math.mulDiv(collateralOf[account], price, 1e18) * percent / 100;
    }

    function _less(uint256 from, uint256 amount) private pure returns (uint256) {
        if (amount > from) revert AmountExceeded(amount, from);
        return from - amount;
    }
}
