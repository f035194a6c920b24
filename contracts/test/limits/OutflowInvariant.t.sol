// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Attestations} from "../../src/Attestations.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {BrokenVault, Coin, Hub} from "../base/HubTest.sol";
import {Test} from "../base/Test.sol";

/// @dev Everybody tries everything on two broken vaults of two coins each: thieves, a stolen risk key, a stolen
/// attester, who pass value through and who just use it. Every call is a transaction. Each payment is remembered.
contract OutflowHandler is Hub {
    struct Paid {
        uint256 at;
        uint256 inBlock;
        uint256 amount;
        uint256 counted;
    }

    struct Deposited {
        uint256 inBlock;
        uint256 amount;
    }

    uint256 public constant CAP = 100_000;
    uint256 public constant SINGLE = 20_000;
    BrokenVault[2] private _vaults;
    Coin[2] private _coins;
    mapping(uint256 pair => Paid[]) private _paid;
    mapping(uint256 pair => Deposited[]) private _deposited;
    uint256 private _nonce;
    uint256 private _divisor = 1;

    constructor() {
        deploy();
        _vaults = [vault, new BrokenVault(limits, queue)];
        _coins = [coin, new Coin()];
        listFor(address(_vaults[0]), address(_coins[1]), rule());
        listFor(address(_vaults[1]), address(_coins[0]), rule());
        listFor(address(_vaults[1]), address(_coins[1]), rule());
        for (uint256 pair = 0; pair < 4; pair++) {
            _coins[pair % 2].mint(address(_vaults[pair / 2]), 1_000_000);
        }
        skip(2 * WINDOW);
    }

    function rule() internal pure override returns (OutflowLimits.Rule memory) {
        return OutflowLimits.Rule({
            cap: uint128(CAP),
            floor: 5000,
            single: uint128(SINGLE),
            perAccount: 60_000,
            attestAbove: 50_000,
            shareBps: 1000,
            windowSeconds: WINDOW,
            accountWindowSeconds: WINDOW,
            setOffBlocks: 5
        });
    }

    function passOn(uint256 pair, uint256 account, uint256 amount) external {
        pair %= 4;
        amount = within(amount, 1, 2_000_000);
        _give(pair, _account(account), amount);
        uint256 most = _mostNow(pair);
        _deposited[pair].push(Deposited(block.number, amount));
        uint256 credit = _credit(pair, account) + amount;
        vm.prank(_account(account));
        if (_vaults[pair / 2].passThrough(_coins[pair % 2], amount)) _note(pair, amount, credit, most);
    }

    function bringIn(uint256 pair, uint256 account, uint256 amount) external {
        pair %= 4;
        amount = within(amount, 1, 500_000);
        _give(pair, _account(account), amount);
        vm.prank(_account(account));
        _vaults[pair / 2].deposit(_coins[pair % 2], amount);
        _deposited[pair].push(Deposited(block.number, amount));
    }

    function take(uint256 pair, uint256 account, uint256 amount) external {
        pair %= 4;
        amount = within(amount, 1, amount % 3 == 0 ? 200_000 : 15_000);
        if (amount > _held(pair)) return;
        (uint256 most, uint256 credit) = (_mostNow(pair), _credit(pair, account));
        vm.prank(_account(account));
        if (_vaults[pair / 2].withdraw(_coins[pair % 2], amount)) _note(pair, amount, credit, most);
    }

    function takeInParts(uint256 pair, uint256 account, uint256 amount, uint256 parts) external {
        pair %= 4;
        parts = within(parts, 1, 8);
        amount = within(amount, parts, 30_000);
        if (amount > _held(pair)) return;
        (uint256 most, uint256 credit) = (_mostNow(pair), _credit(pair, account));
        vm.prank(_account(account));
        uint256 paid = _vaults[pair / 2].withdrawInParts(_coins[pair % 2], amount, parts);
        if (paid != 0) _note(pair, paid, credit, most);
    }

    /// @dev One transaction for many accounts, who have no credit: they are new.
    function takeForMany(uint256 pair, uint256 amount, uint256 count) external {
        pair %= 4;
        address[] memory accounts = new address[](within(count, 1, 6));
        for (uint256 i = 0; i < accounts.length; i++) {
            accounts[i] = address(uint160(uint256(keccak256(abi.encode(++_nonce)))));
        }
        amount = within(amount, 1, 10_000);
        if (amount * accounts.length > _held(pair)) return;
        uint256 most = _mostNow(pair);
        uint256 paid = _vaults[pair / 2].withdrawFor(_coins[pair % 2], accounts, amount);
        if (paid != 0) _note(pair, paid, 0, most);
    }

    function donate(uint256 pair, uint256 amount) external {
        _coins[pair % 2].mint(address(_vaults[pair % 4 / 2]), amount % 3_000_000);
    }

    function lose(uint256 pair, uint256 amount) external {
        pair %= 4;
        _coins[pair % 2].burn(address(_vaults[pair / 2]), amount % (_held(pair) / 8 + 1));
    }

    function depeg(uint256 pair, uint256 divisor) external {
        _vaults[pair % 2].tightenBy(1 + divisor % 4);
    }

    function stealRisk(uint256 pair, uint256 part) external {
        pair %= 4;
        OutflowLimits.Rule memory next = limits.ruleOf(address(_vaults[pair / 2]), address(_coins[pair % 2]));
        part = within(part, 10, 100);
        (next.cap, next.floor) = (uint128(next.cap * part / 100), uint128(next.floor * part / 100));
        next.single = uint128(next.single * part / 100);
        vm.prank(risk);
        try limits.tighten(address(_vaults[pair / 2]), address(_coins[pair % 2]), next, REASON) {} catch {}
    }

    function schedule(uint256 pair) external {
        pair %= 4;
        vm.prank(governance);
        limits.scheduleLoosening(address(_vaults[pair / 2]), address(_coins[pair % 2]), rule());
    }

    function loosen(uint256 pair) external {
        pair %= 4;
        try limits.loosen(address(_vaults[pair / 2]), address(_coins[pair % 2]), rule()) {} catch {}
    }

    function stealAttester(uint256 pair, uint256 account) external {
        pair %= 4;
        Attestations.Attestation memory signed = Attestations.Attestation(
            address(_vaults[pair / 2]),
            _account(account),
            BrokenVault.withdraw.selector,
            address(_coins[pair % 2]),
            type(uint256).max,
            ++_nonce,
            uint64(block.timestamp + 1 days)
        );
        try limits.present(signed, attester, sign(signed, address(limits), block.chainid)) {} catch {}
    }

    function wait(uint256 howLong, uint256 blocks) external {
        vm.warp(block.timestamp + howLong % (WINDOW / 2));
        signing.roll(block.number + blocks % 7);
    }

    /// @dev To the very second at which a payment leaves the window, or beside it.
    function waitForTheEdge(uint256 pair, uint256 which, uint256 beside) external {
        Paid[] storage paid = _paid[pair % 4];
        if (paid.length == 0) return;
        uint256 instant = paid[which % paid.length].at + WINDOW + beside % 3 - 1;
        if (instant > block.timestamp) vm.warp(instant);
    }

    /// @dev The sum that the guarantee speaks of.
    function countedOf(uint256 pair) public view returns (uint256 sum) {
        Paid[] storage paid = _paid[pair];
        for (uint256 i = 0; i < paid.length; i++) {
            if (paid[i].at + WINDOW > block.timestamp) sum += paid[i].counted;
        }
    }

    function usedOf(uint256 pair) external view returns (uint256) {
        return limits.usedOf(address(_vaults[pair / 2]), address(_coins[pair % 2]));
    }

    /// @dev All that was paid in the window, and all that was brought in since a few blocks before.
    function flowsOf(uint256 pair) external view returns (uint256 left, uint256 broughtIn) {
        Paid[] storage paid = _paid[pair];
        uint256 firstBlock = type(uint256).max;
        for (uint256 i = 0; i < paid.length; i++) {
            if (paid[i].at + WINDOW <= block.timestamp) continue;
            left += paid[i].amount;
            if (paid[i].inBlock < firstBlock) firstBlock = paid[i].inBlock;
        }
        Deposited[] storage deposited = _deposited[pair];
        for (uint256 i = 0; i < deposited.length; i++) {
            if (firstBlock != type(uint256).max && deposited[i].inBlock + 5 > firstBlock) {
                broughtIn += deposited[i].amount;
            }
        }
    }

    function ruleNow(uint256 pair) external view returns (OutflowLimits.Rule memory) {
        return limits.ruleOf(address(_vaults[pair / 2]), address(_coins[pair % 2]));
    }

    /// @dev The guarantee, at each payment.
    function _note(uint256 pair, uint256 amount, uint256 credit, uint256 most) private {
        uint256 counted = amount - (credit < amount ? credit : amount);
        _paid[pair].push(Paid(block.timestamp, block.number, amount, counted));
        if (counted == 0) return;
        vm.assertLe(countedOf(pair), most, "more counted in the window than the limit in force");
        vm.assertLe(counted, SINGLE, "more counted in one transaction than the single limit");
    }

    function _mostNow(uint256 pair) private view returns (uint256) {
        return limits.limitOf(address(_vaults[pair / 2]), address(_coins[pair % 2])) / _vaults[pair / 2].tighter();
    }

    function _credit(uint256 pair, uint256 account) private view returns (uint256) {
        return limits.creditOf(address(_vaults[pair / 2]), address(_coins[pair % 2]), _account(account));
    }

    function _held(uint256 pair) private view returns (uint256) {
        return _coins[pair % 2].balanceOf(address(_vaults[pair / 2]));
    }

    function _give(uint256 pair, address account, uint256 amount) private {
        _coins[pair % 2].mint(account, amount);
        vm.prank(account);
        _coins[pair % 2].approve(address(_vaults[pair / 2]), amount);
    }

    function _account(uint256 number) private pure returns (address) {
        return address(uint160(0x1000 + number % 4));
    }
}

contract OutflowInvariantTest is Test {
    OutflowHandler private _handler;

    function setUp() public {
        _handler = new OutflowHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// forge-config: default.invariant.runs = 48
    /// forge-config: default.invariant.depth = 96
    function invariant_counted_outflow_of_every_window_stays_below_the_limit_in_force() public view {
        for (uint256 pair = 0; pair < 4; pair++) {
            vm.assertEq(_handler.usedOf(pair), _handler.countedOf(pair), "used is not what left");
            (uint256 left, uint256 broughtIn) = _handler.flowsOf(pair);
            vm.assertLe(left, _handler.CAP() + broughtIn, "more left than the cap and what was brought in");
            OutflowLimits.Rule memory now_ = _handler.ruleNow(pair);
            vm.assertGe(uint256(now_.cap) * 10, _handler.CAP(), "a stolen risk key went below a tenth");
            vm.assertGe(uint256(now_.single) * 10, _handler.SINGLE(), "a stolen risk key went below a tenth");
        }
    }
}
