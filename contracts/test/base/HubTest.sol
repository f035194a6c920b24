// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Attestations} from "../../src/Attestations.sol";
import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {WithdrawalQueue} from "../../src/WithdrawalQueue.sol";
import {Test} from "./Test.sol";

interface SigningVm {
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function addr(uint256 privateKey) external pure returns (address);
    function roll(uint256 blockNumber) external;
    function etch(address target, bytes calldata code) external;
    function chainId(uint256 id) external;
}

/// @dev An honest token that anybody can mint.
contract Coin is ERC20 {
    constructor() ERC20("Coin", "COIN") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external {
        _burn(from, amount);
    }
}

/// @dev A vault that is broken already: whoever asks gets. Only the limits and the queue stand between. It has no lock
/// against reentrance, so what they promise does not lean on one.
contract BrokenVault {
    using SafeERC20 for IERC20;

    OutflowLimits private immutable _limits;
    WithdrawalQueue private immutable _queue;
    uint256 public tighter = 1;

    constructor(OutflowLimits limits, WithdrawalQueue queue) {
        (_limits, _queue) = (limits, queue);
    }

    function tightenBy(uint256 divisor) external {
        tighter = divisor;
    }

    function deposit(IERC20 asset, uint256 amount) external returns (uint256 received) {
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransferFrom(msg.sender, address(this), amount);
        received = asset.balanceOf(address(this)) - before;
        _limits.credit(address(asset), msg.sender, received);
    }

    function withdraw(IERC20 asset, uint256 amount) external returns (bool paid) {
        return _pay(asset, msg.sender, amount);
    }

    function withdrawInParts(IERC20 asset, uint256 amount, uint256 parts) external returns (uint256 paid) {
        for (uint256 i = 0; i < parts; i++) {
            if (_pay(asset, msg.sender, amount / parts)) paid += amount / parts;
        }
    }

    /// @dev The same transaction, with another account each time.
    function withdrawFor(IERC20 asset, address[] calldata accounts, uint256 amount) external returns (uint256 paid) {
        for (uint256 i = 0; i < accounts.length; i++) {
            if (_pay(asset, accounts[i], amount)) paid += amount;
        }
    }

    /// @dev A flash loan's whole life in one transaction: in and out again.
    function passThrough(IERC20 asset, uint256 amount) external returns (bool paid) {
        asset.safeTransferFrom(msg.sender, address(this), amount);
        _limits.credit(address(asset), msg.sender, amount);
        return _pay(asset, msg.sender, amount);
    }

    function _pay(IERC20 asset, address account, uint256 amount) private returns (bool passes) {
        passes = _limits.consume(address(asset), account, amount, msg.sig, tighter);
        if (passes) {
            asset.safeTransfer(account, amount);
        } else {
            asset.forceApprove(address(_queue), amount);
            _queue.enqueue(address(asset), account, amount);
        }
    }
}

/// @dev Limits and a queue over controls with two recoverers and one of each other role, and a broken vault full of one
/// coin.
abstract contract Hub is Test {
    SigningVm internal constant signing = SigningVm(address(vm));
    uint64 internal constant NOW = 1_800_000_000;
    uint32 internal constant WINDOW = 1 days;
    uint64 internal constant LOOSENING_DELAY = 2 days;
    uint32 internal constant BATCH = 1 hours;
    uint32 internal constant DELAY = 6 hours;
    uint32 internal constant EXPIRY = 180 days;
    uint256 internal constant ATTESTER_KEY = 0xa77e57;
    bytes32 internal constant REASON = keccak256("drill");
    uint128 internal constant UNLIMITED = type(uint128).max;

    address internal governance = person("governance");
    address internal pauser = person("pauser");
    address internal recoverer = person("recoverer");
    address internal recoverer2 = person("recoverer2");
    address internal risk = person("risk");
    address internal attester = signing.addr(ATTESTER_KEY);
    address internal stranger = person("stranger");
    address internal alice = person("alice");
    address internal bob = person("bob");
    address internal thief = person("thief");

    EmergencyControls internal controls;
    OutflowLimits internal limits;
    WithdrawalQueue internal queue;
    BrokenVault internal vault;
    Coin internal coin;

    function deploy() internal {
        vm.warp(NOW);
        signing.roll(1000);
        EmergencyControls.Members memory members = EmergencyControls.Members(
            _list(governance),
            _list(pauser),
            _list(recoverer, recoverer2),
            _list(risk),
            _list(attester),
            new address[](0)
        );
        controls = new EmergencyControls(
            members, EmergencyControls.Bounds(1 hours, 1 days, 12 hours, 3 days, 30 days, 30 days, 1 hours)
        );
        limits = new OutflowLimits(controls, LOOSENING_DELAY);
        queue = new WithdrawalQueue(controls, LOOSENING_DELAY, WithdrawalQueue.Times(BATCH, DELAY, EXPIRY));
        vault = new BrokenVault(limits, queue);
        coin = new Coin();
        coin.mint(address(vault), 1_000_000);
        list(address(coin), rule());
    }

    /// @dev 1,000 a window, whatever is held.
    function rule() internal pure virtual returns (OutflowLimits.Rule memory) {
        return OutflowLimits.Rule({
            cap: 1000,
            floor: 1000,
            single: UNLIMITED,
            perAccount: UNLIMITED,
            attestAbove: UNLIMITED,
            shareBps: 0,
            windowSeconds: WINDOW,
            accountWindowSeconds: WINDOW,
            setOffBlocks: 5
        });
    }

    /// @dev The same with the limits of all kinds in use: 10 % of 1,000,000 held, at least 1,000.
    function fullRule() internal pure returns (OutflowLimits.Rule memory) {
        return OutflowLimits.Rule({
            cap: 500_000,
            floor: 1000,
            single: 50_000,
            perAccount: 60_000,
            attestAbove: UNLIMITED,
            shareBps: 1000,
            windowSeconds: WINDOW,
            accountWindowSeconds: WINDOW,
            setOffBlocks: 5
        });
    }

    function list(address asset, OutflowLimits.Rule memory first) internal {
        listFor(address(vault), asset, first);
    }

    function listFor(address holder, address asset, OutflowLimits.Rule memory first) internal {
        vm.startPrank(governance);
        limits.setRule(holder, asset, first, REASON);
        queue.setRule(holder, asset, WithdrawalQueue.Rule(500, 300, WINDOW), REASON);
        vm.stopPrank();
    }

    /// @dev Puts another rule in force, the way it goes.
    function change(address asset, OutflowLimits.Rule memory next) internal {
        vm.prank(governance);
        limits.scheduleLoosening(address(vault), asset, next);
        vm.warp(block.timestamp + LOOSENING_DELAY);
        limits.loosen(address(vault), asset, next);
    }

    function deposit(address account, uint256 amount) internal {
        coin.mint(account, amount);
        vm.startPrank(account);
        coin.approve(address(vault), amount);
        vault.deposit(coin, amount);
        vm.stopPrank();
    }

    function withdraw(address account, uint256 amount) internal returns (bool) {
        vm.prank(account);
        return vault.withdraw(coin, amount);
    }

    function used() internal view returns (uint256) {
        return limits.usedOf(address(vault), address(coin));
    }

    function limit() internal view returns (uint256) {
        return limits.limitOf(address(vault), address(coin));
    }

    function base() internal view returns (uint256) {
        return limits.baseOf(address(vault), address(coin));
    }

    /// @dev What the attester signs, put together from the standard and not by the contract.
    function sign(Attestations.Attestation memory attestation, address where, uint256 chain)
        internal
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = signing.sign(ATTESTER_KEY, digestOf(attestation, where, chain));
        return abi.encodePacked(r, s, v);
    }

    function digestOf(Attestations.Attestation memory attestation, address where, uint256 chain)
        internal
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Tocsin OutflowLimits"),
                keccak256("1"),
                chain,
                where
            )
        );
        bytes32 content = keccak256(abi.encode(limits.ATTESTATION(), attestation));
        return keccak256(abi.encodePacked(hex"1901", domain, content));
    }

    function skip(uint256 howLong) internal {
        vm.warp(block.timestamp + howLong);
    }

    function _list(address one) private pure returns (address[] memory members) {
        members = new address[](1);
        members[0] = one;
    }

    function _list(address one, address other) private pure returns (address[] memory members) {
        members = new address[](2);
        (members[0], members[1]) = (one, other);
    }
}

abstract contract HubTest is Hub {
    function setUp() public virtual {
        deploy();
    }
}
