// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {DemoDollar} from "../../demo/DemoDollar.sol";
import {DemoToken} from "../../demo/DemoToken.sol";
import {FlashLender} from "../../demo/FlashLender.sol";
import {LendingMarket} from "../../demo/LendingMarket.sol";
import {Vault} from "../../demo/Vault.sol";
import {IUniswapV2Factory, IUniswapV2Pair, IUniswapV2Router} from "../../demo/interfaces/IUniswapV2.sol";
import {Gate} from "../../src/Gate.sol";
import {Migrations} from "../../src/Migrations.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {WithdrawalQueue} from "../../src/WithdrawalQueue.sol";
import {IPegGate} from "../../src/interfaces/IPegGate.sol";
import {ControlsTest} from "./ControlsTest.sol";

/// @dev The whole demo as the product deploys it: real Uniswap V2, a vault, a funded market and a flash lender. What
/// may leave is not limited here unless a test says so with {rule}, so that what else stops an attack is seen.
abstract contract DemoTest is ControlsTest {
    address internal supplier = person("supplier");
    address internal borrower = person("borrower");

    OutflowLimits internal limits;
    WithdrawalQueue internal queue;
    Migrations internal migrations;
    DemoToken internal reserve;
    DemoToken internal gem;
    DemoDollar internal dollar;
    Vault internal vault;
    LendingMarket internal market;
    FlashLender internal lender;
    IUniswapV2Pair internal pair;
    IUniswapV2Router internal router;

    function setUp() public virtual override {
        super.setUp();
        limits = new OutflowLimits(controls, 2 days);
        queue = new WithdrawalQueue(controls, 2 days, WithdrawalQueue.Times(1 hours, 1 days, 180 days));
        migrations = new Migrations(controls, 2 days);
        reserve = new DemoToken("Reserve Dollar", "rUSD", 6);
        gem = new DemoToken("Gem", "GEM", 18);
        dollar = new DemoDollar();
        vault = new Vault(dollar, reserve, wiring());
        limit(address(vault), address(dollar), rule());
        limit(address(vault), address(reserve), rule());
        dollar.setVault(address(vault));
        _deployPool(100_000e18, 1_000_000e18);
        market = new LendingMarket(dollar, gem, pair, wiring());
        limit(address(market), address(dollar), rule());
        limit(address(market), address(gem), rule());
        lender = new FlashLender(dollar);
        give(address(lender), 5_000_000e18);
        supply(supplier, 6_000_000e18);
    }

    function wiring() internal view returns (Gate.Wiring memory) {
        return Gate.Wiring(controls, limits, queue, IPegGate(address(0)), migrations);
    }

    /// @dev No limit.
    function rule() internal pure virtual returns (OutflowLimits.Rule memory) {
        return rule(type(uint128).max);
    }

    /// @dev So much a day, whatever is held.
    function rule(uint128 most) internal pure returns (OutflowLimits.Rule memory) {
        uint128 unlimited = type(uint128).max;
        return OutflowLimits.Rule(most, most, unlimited, unlimited, unlimited, 0, 1 days, 1 days, 5);
    }

    /// @dev The first rule of an asset of a holder, and its line in the queue.
    function limit(address holder, address asset, OutflowLimits.Rule memory first) internal {
        vm.startPrank(governance);
        limits.setRule(holder, asset, first, REASON);
        queue.setRule(holder, asset, WithdrawalQueue.Rule(1_000_000e18, 10_000_000e18, 1 days), REASON);
        vm.stopPrank();
    }

    /// @dev What is queued of an asset.
    function queued(address asset) internal view returns (uint256) {
        return queue.owedOf(asset);
    }

    /// @dev Makes dollars the only way there is: through the vault.
    function give(address to, uint256 dollars) internal {
        uint256 reserveIn = dollars / vault.dollarsPerReserve();
        reserve.mint(address(this), reserveIn);
        reserve.approve(address(vault), reserveIn);
        vault.mint(reserveIn);
        vm.assertTrue(dollar.transfer(to, dollars));
    }

    function supply(address account, uint256 amount) internal {
        give(account, amount);
        vm.startPrank(account);
        dollar.approve(address(market), amount);
        market.supply(amount);
        vm.stopPrank();
    }

    function addCollateral(address account, uint256 gems) internal {
        gem.mint(account, gems);
        vm.startPrank(account);
        gem.approve(address(market), gems);
        market.addCollateral(gems);
        vm.stopPrank();
    }

    function borrow(address account, uint256 amount) internal {
        vm.prank(account);
        market.borrow(amount);
    }

    function expectModulePaused(bytes32 module, uint64 until) internal {
        vm.expectRevert(abi.encodeWithSelector(Gate.ModulePaused.selector, module, until));
    }

    function _deployPool(uint256 gems, uint256 dollars) private {
        address factory = _deploy("v2-core/build/UniswapV2Factory.json", abi.encode(address(this)));
        // The router wants an address for wrapped ether, which trades of token for token never touch.
        address noWrappedEther = address(this);
        router =
            IUniswapV2Router(_deploy("v2-periphery/build/UniswapV2Router02.json", abi.encode(factory, noWrappedEther)));
        pair = IUniswapV2Pair(IUniswapV2Factory(factory).createPair(address(gem), address(dollar)));
        gem.mint(address(this), gems);
        give(address(this), dollars);
        gem.approve(address(router), gems);
        dollar.approve(address(router), dollars);
        router.addLiquidity(address(gem), address(dollar), gems, dollars, gems, dollars, address(this), NOW);
    }

    /// @dev Deploys bytecode out of a package, compiled by its authors.
    function _deploy(string memory artifact, bytes memory arguments) private returns (address) {
        string memory json = vm.readFile(string.concat("node_modules/@uniswap/", artifact));
        bytes memory code = vm.parseBytes(string.concat("0x", vm.parseJsonString(json, ".bytecode")));
        return create(bytes.concat(code, arguments));
    }
}
