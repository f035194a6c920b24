// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {WithdrawalQueue} from "../../src/WithdrawalQueue.sol";
import {Hub} from "../base/HubTest.sol";
import {Test} from "../base/Test.sol";

/// @dev Everybody does everything with the queue of one line; what is released and paid is remembered.
contract QueueHandler is Hub {
    uint128 public constant RELEASE = 5000;
    uint128 public constant CANCEL = 3000;

    struct Moved {
        uint256 at;
        uint256 amount;
    }

    Moved[] private _releases;
    Moved[] private _cancels;
    mapping(uint256 batchKey => uint256) public paidOf;
    uint256 public paidBack;

    constructor() {
        deploy();
        WithdrawalQueue.Rule memory next = WithdrawalQueue.Rule(RELEASE, CANCEL, WINDOW);
        vm.prank(governance);
        queue.scheduleLoosening(address(vault), address(coin), next);
        skip(LOOSENING_DELAY);
        queue.loosen(address(vault), address(coin), next);
    }

    function enqueue(uint256 account, uint256 amount) external {
        amount = within(amount, 1, 3000);
        vm.startPrank(address(vault));
        coin.approve(address(queue), amount);
        queue.enqueue(address(coin), address(uint160(0x1000 + account % 4)), amount);
        vm.stopPrank();
    }

    function release() public {
        uint256 most = queue.ruleOf(address(vault), address(coin)).releaseCap;
        uint256 amount = queue.release(address(vault), address(coin));
        if (amount == 0) return;
        _releases.push(Moved(block.timestamp, amount));
        vm.assertLe(_sum(_releases), most, "more released in the window than its cap");
    }

    function claim(uint256 id) public {
        if (queue.entries() == 0) return;
        id %= queue.entries();
        (WithdrawalQueue.Entry memory entry,,) = queue.entryOf(id);
        uint256 expected = queue.claimable(id);
        uint256 before = coin.balanceOf(entry.account);
        try queue.claim(id) returns (uint256 paid) {
            vm.assertEq(paid, expected, "paid other than claimable");
            vm.assertEq(coin.balanceOf(entry.account), before + paid, "paid to somebody else");
            paidOf[entry.batch] += paid;
            vm.assertLe(paidOf[entry.batch], queue.batchOf(id).released, "paid more of a batch than was released");
        } catch {
            vm.assertEq(expected, 0, "what is claimable is not paid");
        }
    }

    function redirect(uint256 id, uint256 to) external {
        if (queue.entries() == 0) return;
        id %= queue.entries();
        (WithdrawalQueue.Entry memory entry,,) = queue.entryOf(id);
        vm.prank(entry.account);
        queue.redirect(id, address(uint160(0x1000 + to % 4)));
    }

    function steal(uint256 id) external {
        if (queue.entries() == 0) return;
        vm.prank(thief);
        try queue.redirect(id % queue.entries(), thief) {
            vm.assertTrue(false, "a stranger redirected an entry");
        } catch {}
    }

    /// @dev One recoverer, for itself: again and again.
    function cancelAlone(uint256 id) external {
        if (queue.entries() == 0) return;
        uint256[] memory ids = new uint256[](1);
        ids[0] = id % queue.entries();
        uint256 owed = queue.owedOf(address(coin));
        vm.prank(recoverer);
        try queue.cancel(ids, keccak256("alone")) {} catch {}
        vm.assertEq(queue.owedOf(address(coin)), owed, "one recoverer cancelled");
    }

    function cancelTogether(uint256 id) external {
        if (queue.entries() == 0) return;
        uint256[] memory ids = new uint256[](2);
        (ids[0], ids[1]) = (id % queue.entries(), (id / 7) % queue.entries());
        uint256 before = coin.balanceOf(address(vault));
        vm.prank(recoverer);
        try queue.cancel(ids, REASON) {} catch {}
        vm.prank(recoverer2);
        try queue.cancel(ids, REASON) {} catch {}
        uint256 back = coin.balanceOf(address(vault)) - before;
        paidBack += back;
        if (back != 0) _cancels.push(Moved(block.timestamp, back));
        vm.assertLe(_sum(_cancels), CANCEL, "more cancelled in the window than its cap");
    }

    function expire(uint256 id) external {
        if (queue.entries() == 0) return;
        try queue.expire(id % queue.entries()) {} catch {}
    }

    function stealRisk(uint256 part) external {
        uint128 now_ = queue.ruleOf(address(vault), address(coin)).releaseCap;
        vm.prank(risk);
        try queue.tighten(address(vault), address(coin), uint128(now_ * within(part, 1, 100) / 100), REASON) {} catch {}
    }

    function donate(uint256 amount) external {
        coin.mint(address(queue), amount % 1000);
    }

    function wait(uint256 howLong) external {
        skip(howLong % (howLong % 5 == 0 ? 200 days : WINDOW));
    }

    function waitForTheEdge(uint256 which, uint256 beside) external {
        if (_releases.length == 0) return;
        uint256 instant = _releases[which % _releases.length].at + WINDOW + beside % 3 - 1;
        if (instant > block.timestamp) vm.warp(instant);
    }

    function theQueue() external view returns (WithdrawalQueue, address, address) {
        return (queue, address(vault), address(coin));
    }

    /// @dev The sum of the last window.
    function _sum(Moved[] storage moved) private view returns (uint256 sum) {
        for (uint256 i = 0; i < moved.length; i++) {
            if (moved[i].at + WINDOW > block.timestamp) sum += moved[i].amount;
        }
    }
}

contract QueueInvariantTest is Test {
    QueueHandler private _handler;

    function setUp() public {
        _handler = new QueueHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// forge-config: default.invariant.runs = 48
    /// forge-config: default.invariant.depth = 96
    function invariant_the_queue_can_always_pay_what_it_owes() public view {
        (WithdrawalQueue queue_, address holder, address asset) = _handler.theQueue();
        uint256 unclaimed;
        for (uint256 id = 0; id < queue_.entries(); id++) {
            (WithdrawalQueue.Entry memory entry,,) = queue_.entryOf(id);
            unclaimed += entry.amount - entry.claimed;
            WithdrawalQueue.Batch memory batch = queue_.batchOf(id);
            vm.assertLe(batch.released, batch.total);
            if (batch.total != 0) {
                vm.assertLe(entry.claimed, entry.claimed == entry.amount ? entry.amount : _part(entry, batch));
            }
        }
        vm.assertEq(queue_.owedOf(asset), unclaimed, "owed is not the sum of entries");
        vm.assertLe(unclaimed, _balance(asset, address(queue_)), "owed more than there is");
        uint256 cap = queue_.ruleOf(holder, asset).releaseCap;
        vm.assertGe(cap * 10, _handler.RELEASE(), "a stolen risk key went below a tenth");
    }

    /// @dev After every run: nobody is locked out for ever, with no more than anybody's calls and time.
    function afterInvariant() external {
        (WithdrawalQueue queue_, address holder, address asset) = _handler.theQueue();
        uint256 cap = queue_.ruleOf(holder, asset).releaseCap;
        uint256 windows = queue_.owedOf(asset) / cap + 2;
        for (uint256 i = 0; i < windows; i++) {
            vm.warp(block.timestamp + 1 days);
            for (uint256 j = 0; j < 6; j++) {
                _handler.release();
            }
        }
        for (uint256 id = 0; id < queue_.entries(); id++) {
            _handler.claim(id);
        }
        vm.assertEq(queue_.owedOf(asset), 0, "somebody is locked out");
    }

    function _part(WithdrawalQueue.Entry memory entry, WithdrawalQueue.Batch memory batch)
        private
        pure
        returns (uint256)
    {
        return uint256(entry.amount) * batch.released / batch.total;
    }

    function _balance(address asset, address of_) private view returns (uint256) {
        (, bytes memory answer) = asset.staticcall(abi.encodeWithSignature("balanceOf(address)", of_));
        return abi.decode(answer, (uint256));
    }
}
