// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Attestations} from "../../src/Attestations.sol";
import {Gate} from "../../src/Gate.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {PegGate} from "../../src/PegGate.sol";
import {Direction} from "../../src/Scopes.sol";
import {Brake} from "../base/Brake.sol";
import {Coin} from "../base/HubTest.sol";

/// @dev Moves the same tokens through the gate and without it.
contract Holder is Gate {
    using SafeERC20 for IERC20;

    bytes32 private constant MODULE = "vault";

    constructor(Wiring memory wiring) Gate(wiring) {}

    function pay(address asset, Direction direction, uint256 amount) external {
        _pay(MODULE, asset, direction, msg.sender, msg.sender, amount);
    }

    function take(address asset, Direction direction, uint256 amount) external {
        _take(MODULE, asset, direction, msg.sender, amount);
    }

    function mint(address asset, Direction direction, uint256 amount) external {
        _gate(msg.sender, MODULE, asset, direction, amount);
        Coin(asset).mint(msg.sender, amount);
    }

    function payBare(address asset, Direction, uint256 amount) external {
        IERC20(asset).safeTransfer(msg.sender, amount);
    }

    function takeBare(address asset, Direction, uint256 amount) external {
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
    }

    function mintBare(address asset, Direction, uint256 amount) external {
        Coin(asset).mint(msg.sender, amount);
    }
}

/// @dev What the brake costs: each movement is measured as a transaction of its own, with its 21,000 and its calldata,
/// and everything cold. At first nothing has moved yet; again is 12 seconds later, by the same account. Whoever is
/// paid has some already. contracts/snapshots has the numbers.
/// forge-config: default.isolate = true
contract GasTest is Brake {
    Holder private _holder;
    Holder private _pegged;

    function setUp() public {
        deployBrake();
        _holder = new Holder(wiring(PegGate(address(0))));
        _pegged = new Holder(wiring(peg));
        give(coin, alice, address(_holder), 1000);
        give(coin, alice, address(_pegged), 1000);
        coin.mint(address(_holder), 1_000_000);
        coin.mint(address(_pegged), 1_000_000);
    }

    function test_Gas_of_bare_movements() public {
        _list(_holder, rule());
        _twice("pay", "bare", _holder, Holder.payBare.selector, Direction.Out);
        _twice("take", "bare", _holder, Holder.takeBare.selector, Direction.In);
        _twice("mint", "bare", _holder, Holder.mintBare.selector, Direction.Mint);
    }

    function test_Gas_of_an_exit_that_cannot_be_paused() public {
        _list(_holder, rule());
        _twice("pay", "window (of a claim, which cannot be paused)", _holder, Holder.pay.selector, Direction.Claim);
    }

    function test_Gas_of_the_window() public {
        _list(_holder, rule());
        _twice("pay", "pause, window", _holder, Holder.pay.selector, Direction.Out);
    }

    function test_Gas_of_a_mint() public {
        _list(_holder, rule());
        _twice("mint", "pause, window", _holder, Holder.mint.selector, Direction.Mint);
    }

    function test_Gas_of_an_account_limit() public {
        OutflowLimits.Rule memory first = rule();
        first.perAccount = 1000;
        _list(_holder, first);
        _twice("pay", "pause, window, account", _holder, Holder.pay.selector, Direction.Out);
    }

    function test_Gas_of_a_share_of_the_base() public {
        _list(_holder, _share());
        _twice("pay", "pause, window, share of the base", _holder, Holder.pay.selector, Direction.Out);
    }

    function test_Gas_of_a_set_off() public {
        _list(_holder, rule());
        _move(_holder, Holder.take.selector, Direction.In, 100);
        _twice("pay", "pause, set off in full", _holder, Holder.pay.selector, Direction.Out);
    }

    function test_Gas_of_an_attested_movement() public {
        OutflowLimits.Rule memory first = rule();
        first.attestAbove = 0;
        _list(_holder, first);
        _present("first", 1);
        _measure("pay", "pause, window, attestation, first", _holder, Holder.pay.selector, Direction.Out);
        _later();
        _present("again", 2);
        _measure("pay", "pause, window, attestation, again", _holder, Holder.pay.selector, Direction.Out);
    }

    function test_Gas_of_a_peg_of_three_sources() public {
        _list(_pegged, rule());
        _twice("pay", "pause, window, peg", _pegged, Holder.pay.selector, Direction.Out);
    }

    function test_Gas_of_a_mint_with_a_peg() public {
        _list(_pegged, rule());
        _twice("mint", "pause, window, peg", _pegged, Holder.mint.selector, Direction.Mint);
    }

    function test_Gas_of_everything() public {
        _list(_pegged, fullRule());
        _twice("pay", "all but attestation", _pegged, Holder.pay.selector, Direction.Out);
        for (uint256 i = 0; i < 60; i++) {
            _later();
            _move(_pegged, Holder.pay.selector, Direction.Out, 10);
        }
        _later();
        _measure(
            "pay",
            "all but attestation, after 62 others of the window, again",
            _pegged,
            Holder.pay.selector,
            Direction.Out
        );
    }

    function test_Gas_of_the_queue() public {
        OutflowLimits.Rule memory first = rule();
        (first.cap, first.floor) = (0, 0);
        _list(_holder, first);
        _twice("pay", "over the limit, into the queue", _holder, Holder.pay.selector, Direction.Out);
        skip(BATCH + DELAY);
        queue.release(address(_holder), address(coin));
        vm.snapshotGasLastCall("queue", "release of a batch, first");
        queue.claim(0);
        vm.snapshotGasLastCall("queue", "claim of an entry, first");
        queue.claim(1);
        vm.snapshotGasLastCall("queue", "claim of an entry, again");
        _move(_holder, Holder.pay.selector, Direction.Out, 10);
        skip(BATCH + DELAY);
        queue.release(address(_holder), address(coin));
        vm.snapshotGasLastCall("queue", "release of a batch, again");
    }

    function test_Gas_of_what_comes_in() public {
        _list(_holder, rule());
        _twice("take", "pause, credit", _holder, Holder.take.selector, Direction.In);
        _list(_pegged, _share());
        _twice("take", "pause, credit, share of the base", _pegged, Holder.take.selector, Direction.In);
    }

    function test_Gas_of_a_repayment() public {
        _list(_holder, rule());
        _twice(
            "take", "credit (of a repayment, which cannot be paused)", _holder, Holder.take.selector, Direction.Repay
        );
    }

    function _share() private pure returns (OutflowLimits.Rule memory first) {
        first = rule();
        (first.cap, first.shareBps) = (500_000, 1000);
    }

    /// @dev Long enough ago for what is held to count.
    function _list(Holder holder, OutflowLimits.Rule memory first) private {
        listFor(address(holder), address(coin), first);
        skip(2 * WINDOW);
    }

    function _twice(string memory group, string memory name, Holder holder, bytes4 selector, Direction direction)
        private
    {
        _measure(group, string.concat(name, ", first"), holder, selector, direction);
        _later();
        _measure(group, string.concat(name, ", again"), holder, selector, direction);
    }

    function _measure(string memory group, string memory name, Holder holder, bytes4 selector, Direction direction)
        private
    {
        _move(holder, selector, direction, 10);
        vm.snapshotGasLastCall(group, name);
    }

    function _move(Holder holder, bytes4 selector, Direction direction, uint256 amount) private {
        vm.prank(alice);
        (bool done,) = address(holder).call(abi.encodeWithSelector(selector, coin, direction, amount));
        vm.assertTrue(done);
    }

    function _present(string memory which, uint256 nonce) private {
        Attestations.Attestation memory attestation = Attestations.Attestation(
            address(_holder), alice, Holder.pay.selector, address(coin), 10, nonce, uint64(block.timestamp + 1 hours)
        );
        bytes memory signature = sign(attestation, address(limits), block.chainid);
        limits.present(attestation, attester, signature);
        vm.snapshotGasLastCall("attestation", string.concat("its presentation, ", which));
    }

    function _later() private {
        skip(12);
        signing.roll(block.number + 1);
    }
}
