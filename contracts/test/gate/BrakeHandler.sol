// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Attestations} from "../../src/Attestations.sol";
import {Gate} from "../../src/Gate.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {Grade, PegGate} from "../../src/PegGate.sol";
import {Direction, Scopes} from "../../src/Scopes.sol";
import {WithdrawalQueue} from "../../src/WithdrawalQueue.sol";
import {Brake} from "../base/Brake.sol";
import {Coin} from "../base/HubTest.sol";
import {Bank, Lender, Thief} from "./Bank.sol";

/// @dev Everybody does everything around one bank: users who come and go, two thieves with flash loans, a stolen
/// pauser, risk key and attester, two recoverers, governance, and who only carries out what is due. Each call is a
/// transaction. No token is made or destroyed after the beginning.
contract BrakeHandler is Brake {
    uint128 public constant CAP = 100_000;
    uint128 public constant RELEASE = 200_000;
    uint256 public constant TOTAL = 2_000_000;

    Bank public immutable bank;
    Coin public immutable gold;
    address[] private _users;
    address[] private _roles;
    Thief[2] private _thieves;
    Lender private immutable _lender;
    address private immutable _refuge = person("refuge");
    uint256 private _announced;
    uint256 private _nonce;

    constructor() {
        deployBrake();
        gold = new Coin();
        bank = new Bank(gold, wiring(peg));
        _lender = new Lender(gold);
        _thieves = [new Thief(bank, _lender), new Thief(bank, _lender)];
        _users = [alice, bob, person("carol")];
        _roles = [governance, pauser, recoverer, recoverer2, risk, attester];
        vm.startPrank(governance);
        limits.setRule(address(bank), address(gold), rule(), REASON);
        queue.setRule(address(bank), address(gold), WithdrawalQueue.Rule(RELEASE, 30_000, WINDOW), REASON);
        vm.stopPrank();
        gold.mint(address(bank), 400_000);
        gold.mint(address(_lender), 1_000_000);
        for (uint256 i = 0; i < 3; i++) {
            give(gold, _users[i], address(bank), 200_000);
            vm.prank(_users[i]);
            bank.deposit(Direction.In, 100_000);
        }
        skip(2 * WINDOW);
    }

    function rule() internal pure override returns (OutflowLimits.Rule memory) {
        return OutflowLimits.Rule(CAP, 5000, 20_000, 60_000, 50_000, 1000, WINDOW, WINDOW, 5);
    }

    function settings() internal pure override returns (PegGate.Settings memory) {
        return PegGate.Settings(50, 100, 200, 500, 100, 1000, 2, 2, Grade.Tighten, true);
    }

    function deposit(uint256 user, uint256 kind, uint256 amount) external {
        address account = _users[user % 3];
        Direction direction = [Direction.In, Direction.Repay, Direction.AddCollateral][kind % 3];
        amount = within(amount, 0, gold.balanceOf(account));
        _asUser(account, direction, abi.encodeCall(Bank.deposit, (direction, amount)));
    }

    function withdraw(uint256 user, uint256 kind, uint256 amount, uint256 to) external {
        address account = _users[user % 3];
        Direction direction = [Direction.Out, Direction.Claim, Direction.Exchange][kind % 3];
        amount = within(amount, 0, amount % 3 == 0 ? bank.balanceOf(account) : bank.balanceOf(account) / 20);
        _asUser(account, direction, abi.encodeCall(Bank.withdraw, (direction, amount, _users[to % 3])));
    }

    function redeem(uint256 user, uint256 amount) external {
        address account = _users[user % 3];
        amount = within(amount, 0, bank.balanceOf(account) / 10);
        _asUser(account, Direction.Redeem, abi.encodeCall(Bank.redeem, (amount)));
    }

    function attack(uint256 which, uint256 loan, uint256 seed) external {
        loan = within(loan, 0, loan % 2 == 0 ? 1_000_000 : 10_000);
        try _thieves[which % 2].attack(loan, _steps(seed), _thieves[1 - which % 2], _steps(~seed)) {} catch {}
    }

    function stealPauser(uint256 scopes, uint64 howLong, bool all) external {
        howLong = uint64(within(howLong, 1 hours, 1 days));
        vm.prank(pauser);
        if (all) {
            try controls.pause("bank", howLong, REASON) {} catch {}
        } else {
            try controls.pauseScopes("bank", within(scopes, 1, 127), howLong, REASON) {} catch {}
        }
    }

    function lift() external {
        vm.prank(recoverer);
        try controls.unpause("bank", REASON) {} catch {}
        vm.prank(recoverer2);
        try controls.unpause("bank", REASON) {} catch {}
    }

    function cancel(uint256 id) external {
        if (queue.entries() == 0) return;
        uint256[] memory ids = new uint256[](1);
        ids[0] = id % queue.entries();
        vm.prank(recoverer);
        try queue.cancel(ids, REASON) {} catch {}
        vm.prank(recoverer2);
        try queue.cancel(ids, REASON) {} catch {}
    }

    function stealRisk(uint256 part, uint16 bps) external {
        part = within(part, 10, 100);
        OutflowLimits.Rule memory next = limits.ruleOf(address(bank), address(gold));
        (next.cap, next.floor) = (uint128(next.cap * part / 100), uint128(next.floor * part / 100));
        (next.single, next.perAccount) = (uint128(next.single * part / 100), uint128(next.perAccount * part / 100));
        uint128 release_ = uint128(queue.ruleOf(address(bank), address(gold)).releaseCap * part / 100);
        PegGate.Settings memory tighter = peg.settings();
        tighter.tightenBps = uint16(within(bps, 10, tighter.tightenBps));
        tighter.factor = 10;
        vm.startPrank(risk);
        try limits.tighten(address(bank), address(gold), next, REASON) {} catch {}
        try queue.tighten(address(bank), address(gold), release_, REASON) {} catch {}
        try peg.tighten(tighter) {} catch {}
        vm.stopPrank();
    }

    function stealAttester(uint256 which, bool drains) external {
        Attestations.Attestation memory signed = Attestations.Attestation(
            address(bank),
            address(_thieves[which % 2]),
            drains ? Bank.drain.selector : Bank.withdraw.selector,
            address(gold),
            type(uint256).max,
            ++_nonce,
            uint64(block.timestamp + 1 days)
        );
        try limits.present(signed, attester, sign(signed, address(limits), block.chainid)) {} catch {}
    }

    /// @dev Who holds a role, or is a stranger, tries what is not for him.
    function meddle(uint256 who, uint256 id, uint256 amount) external {
        address by = who % 7 == 6 ? thief : _roles[who % 7];
        amount = within(amount, 1, 1_000_000);
        vm.startPrank(by);
        try queue.redirect(id % (queue.entries() + 1), by) {} catch {}
        try queue.enqueue(address(gold), by, amount) {} catch {}
        limits.credit(address(gold), by, amount);
        limits.consume(address(gold), by, amount, Bank.drain.selector, 1);
        try migrations.consume(address(gold), by, amount) {} catch {}
        try bank.migrate(address(gold), by, amount) {} catch {}
        vm.stopPrank();
    }

    function loosen() external {
        try limits.loosen(address(bank), address(gold), rule()) {} catch {}
        vm.prank(governance);
        limits.scheduleLoosening(address(bank), address(gold), rule());
    }

    /// @dev Governance is trusted: it leaves what belongs to the accounts.
    function migrate(uint256 amount) external {
        if (_announced <= bank.surplus()) try bank.migrate(address(gold), _refuge, _announced) {} catch {}
        _announced = within(amount, 1, 50_000);
        vm.prank(governance);
        try migrations.announce(address(bank), address(gold), _refuge, _announced) {} catch {}
    }

    function say(uint256 which, uint256 price) external {
        price = within(price, 0.93e8, 1.02e8);
        if (which % 4 == 3) sayAll(int256(price % 2 == 0 ? price : 1e8));
        else feeds[which % 4].set(int256(price));
        peg.record();
    }

    function settle(uint256 id) external {
        queue.release(address(bank), address(gold));
        if (queue.entries() != 0) try queue.claim(id % queue.entries()) {} catch {}
    }

    function wait(uint256 howLong, uint256 blocks) external {
        skip(howLong % (WINDOW / 2));
        signing.roll(block.number + blocks % 7);
    }

    /// @dev To the very second at which a payment leaves the window, or beside it.
    function waitForTheEdge(uint256 which, uint256 beside) external {
        uint256 instant = bank.lastPaidAt(which) + WINDOW + beside % 3 - 1;
        if (instant > block.timestamp) vm.warp(instant);
    }

    /// @dev What the books say left in the window.
    function counted() external view returns (uint256) {
        return limits.usedOf(address(bank), address(gold));
    }

    /// @dev All that there is of the token.
    function sum() external view returns (uint256 all) {
        for (uint256 i = 0; i < _users.length; i++) {
            all += gold.balanceOf(_users[i]);
        }
        all += gold.balanceOf(address(bank)) + gold.balanceOf(address(queue)) + gold.balanceOf(address(_lender));
        all += gold.balanceOf(address(_thieves[0])) + gold.balanceOf(address(_thieves[1])) + gold.balanceOf(_refuge);
    }

    /// @dev What the holders of roles have, in whatever form.
    function gains() external view returns (uint256 all) {
        for (uint256 i = 0; i < _roles.length; i++) {
            all += gold.balanceOf(_roles[i]) + bank.balanceOf(_roles[i]) + waiting(_roles[i]);
        }
    }

    /// @dev What an account has in the queue.
    function waiting(address account) public view returns (uint256 amount) {
        for (uint256 id = 0; id < queue.entries(); id++) {
            (WithdrawalQueue.Entry memory entry,,) = queue.entryOf(id);
            if (entry.account == account) amount += entry.amount - entry.claimed;
        }
    }

    /// @dev No role acts any more, no price comes any more. Every account leaves, thieves too, in a number of calls
    /// that is known before: one each, one release for each window (more if there are many batches), one claim for each
    /// entry.
    function leaveAll() external {
        skip(controls.maxPauseSeconds());
        uint256[5] memory owned;
        for (uint256 i = 0; i < 5; i++) {
            address account = _account(i);
            uint256 deposited = bank.balanceOf(account);
            owned[i] = gold.balanceOf(account) + deposited + waiting(account);
            vm.prank(account);
            bank.withdraw(Direction.Out, deposited, account);
        }
        skip(BATCH + DELAY);
        uint256 windows = queue.owedOf(address(gold)) / queue.ruleOf(address(bank), address(gold)).releaseCap + 2;
        for (uint256 i = 0; i < windows; i++) {
            while (queue.release(address(bank), address(gold)) != 0) {}
            skip(WINDOW);
        }
        for (uint256 id = 0; id < queue.entries(); id++) {
            if (queue.claimable(id) != 0) queue.claim(id);
        }
        for (uint256 i = 0; i < 5; i++) {
            vm.assertEq(gold.balanceOf(_account(i)), owned[i], "an account is locked out");
        }
        vm.assertEq(queue.owedOf(address(gold)), 0, "something stays in the queue");
    }

    /// @dev Succeeds exactly when nothing of its kind is paused, and otherwise fails for that reason only.
    function _asUser(address account, Direction direction, bytes memory call) private {
        uint256 bit = Scopes.isExit(direction) ? 0 : Scopes.one(0, direction);
        bool isPaused = controls.pausedScopes("bank") & bit != 0;
        vm.prank(account);
        (bool done, bytes memory answer) = address(bank).call(call);
        vm.assertTrue(done != isPaused, isPaused ? "value moved while paused" : "a user was refused");
        if (!done) vm.assertTrue(bytes4(answer) == Gate.ModulePaused.selector, "refused for another reason");
    }

    /// @dev Up to eight, of any kind: the fuzzer likes small numbers, and long lists.
    function _steps(uint256 seed) private pure returns (uint256[] memory steps) {
        steps = new uint256[](seed % 9);
        for (uint256 i = 0; i < steps.length; i++) {
            steps[i] = uint256(keccak256(abi.encode(seed, i)));
        }
    }

    function _account(uint256 i) private view returns (address) {
        return i < 3 ? _users[i] : address(_thieves[i - 3]);
    }
}
