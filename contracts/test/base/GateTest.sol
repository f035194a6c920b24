// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Gate} from "../../src/Gate.sol";
import {Direction} from "../../src/Scopes.sol";
import {IMigrations} from "../../src/interfaces/IMigrations.sol";
import {IOutflowLimits} from "../../src/interfaces/IOutflowLimits.sol";
import {IPegGate} from "../../src/interfaces/IPegGate.sol";
import {IWithdrawalQueue} from "../../src/interfaces/IWithdrawalQueue.sol";
import {ControlsTest} from "./ControlsTest.sol";

/// @dev Everything that the gate does, open to tests.
contract GatedModule is Gate {
    bytes32 public constant MODULE = "vault";

    constructor(Wiring memory wiring) Gate(wiring) {}

    function gate(address asset, Direction direction, uint256 amount) external returns (bool) {
        return _gate(msg.sender, MODULE, asset, direction, amount);
    }

    function take(address asset, Direction direction, uint256 amount) external returns (uint256) {
        return _take(MODULE, asset, direction, msg.sender, amount);
    }

    function pay(address asset, Direction direction, address to, uint256 amount) external returns (bool) {
        return _pay(MODULE, asset, direction, msg.sender, to, amount);
    }

    function redeemPrice() external view returns (uint256) {
        return _redeemPrice();
    }

    function _slotOf(address asset) internal view override returns (uint256) {
        return uint160(asset) % 2 == 0 && asset.code.length == 0 ? 1 : 0;
    }
}

/// @dev Stands in for the four that the gate asks: answers as told, and remembers what it was asked.
contract GateStandIn is IOutflowLimits, IWithdrawalQueue, IPegGate, IMigrations {
    uint256 public limit = type(uint256).max;
    uint256 public consumed;
    uint256 public lastTighter;
    bytes4 public lastSelector;
    mapping(address account => uint256) public credited;
    mapping(address account => uint256) public queued;
    uint8 public grade;
    uint256 public tightenFactor = 1;
    uint256 public redeemPrice = 1e18;
    bool public lowerOfParAndMarket;
    bytes32 public announced;

    function setLimit(uint256 limit_) external {
        limit = limit_;
    }

    function setPeg(uint8 grade_, uint256 factor, uint256 price, bool lower) external {
        (grade, tightenFactor, redeemPrice, lowerOfParAndMarket) = (grade_, factor, price, lower);
    }

    function announce(address asset, address to, uint256 amount) external {
        announced = keccak256(abi.encode(asset, to, amount));
    }

    function credit(address, address account, uint256 amount) external {
        credited[account] += amount;
    }

    function consume(address, address, uint256 amount, bytes4 selector, uint256 tighter) external returns (bool) {
        (lastTighter, lastSelector) = (tighter, selector);
        if (tighter == 0 || consumed + amount > limit / tighter) return false;
        consumed += amount;
        return true;
    }

    function enqueue(address asset, address account, uint256 amount) external returns (uint256) {
        require(IERC20(asset).transferFrom(msg.sender, address(this), amount), "not allowed");
        queued[account] += amount;
        return 1;
    }

    function consume(address asset, address to, uint256 amount) external {
        require(announced == keccak256(abi.encode(asset, to, amount)), "not announced");
        delete announced;
    }
}

/// @dev A token of the ordinary kind, that can be told to be of another.
contract HostileToken is ERC20("Hostile", "HOST") {
    enum Kind {
        Honest,
        TakesFee,
        ReturnsNothing,
        ReturnsFalse,
        CallsBack,
        Reverts
    }

    Kind private _kind;
    address private _target;
    bytes private _call;
    bool public calledBack;
    bytes public answer;
    uint256 private _scale = 1e18;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function become(Kind kind) external {
        _kind = kind;
    }

    /// @dev All balances are multiplied.
    function rebase(uint256 scale) external {
        _scale = scale;
    }

    function callBack(address target, bytes calldata data) external {
        (_kind, _target, _call) = (Kind.CallsBack, target, data);
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) * _scale / 1e18;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _spendAllowance(from, msg.sender, amount);
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (_kind == Kind.Reverts) revert("blacklisted");
        if (_kind == Kind.ReturnsFalse) return false;
        if (_kind == Kind.CallsBack) {
            bool done;
            (done, answer) = _target.call(_call);
            calledBack = done;
        }
        amount = amount * 1e18 / _scale;
        _transfer(from, to, amount);
        if (_kind == Kind.TakesFee) _burn(to, amount / 10);
        if (_kind == Kind.ReturnsNothing) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        return true;
    }
}

/// @dev A gated module with stand-ins behind it, and somebody who has tokens.
abstract contract GateTest is ControlsTest {
    GateStandIn internal hub;
    GatedModule internal module;
    HostileToken internal token;
    address internal user = person("user");

    function setUp() public virtual override {
        super.setUp();
        hub = new GateStandIn();
        token = new HostileToken();
        module = new GatedModule(Gate.Wiring(controls, hub, hub, hub, hub));
        token.mint(user, 1000);
        token.mint(address(module), 1000);
        vm.prank(user);
        token.approve(address(module), type(uint256).max);
    }

    function take(Direction direction, uint256 amount) internal returns (uint256) {
        vm.prank(user);
        return module.take(address(token), direction, amount);
    }

    function pay(Direction direction, uint256 amount) internal returns (bool) {
        vm.prank(user);
        return module.pay(address(token), direction, user, amount);
    }

    function gate(Direction direction, uint256 amount) internal returns (bool) {
        vm.prank(user);
        return module.gate(address(token), direction, amount);
    }

    function pauseScope(uint256 scopes, uint64 durationSeconds) internal {
        vm.prank(pauser);
        controls.pauseScopes(VAULT, scopes, durationSeconds, REASON);
    }
}
