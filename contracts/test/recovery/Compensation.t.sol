// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Compensation} from "../../src/Compensation.sol";
import {Governed} from "../../src/Governed.sol";
import {Role, TwoPersons} from "../../src/TwoPersons.sol";
import {GovernedTest, TestToken} from "../base/GovernedTest.sol";

/// @dev A Merkle tree as the claimants' tool builds it: pairs in order of their hashes, an odd one goes up alone.
library Tree {
    function rootOf(bytes32[] memory leaves) internal pure returns (bytes32) {
        while (leaves.length > 1) {
            leaves = up(leaves);
        }
        return leaves[0];
    }

    function proofOf(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory proof) {
        bytes32[] memory long = new bytes32[](32);
        uint256 length;
        while (leaves.length > 1) {
            uint256 beside = index ^ 1;
            if (beside < leaves.length) long[length++] = leaves[beside];
            leaves = up(leaves);
            index /= 2;
        }
        proof = new bytes32[](length);
        for (uint256 i = 0; i < length; i++) {
            proof[i] = long[i];
        }
    }

    function node(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    function up(bytes32[] memory leaves) private pure returns (bytes32[] memory above) {
        above = new bytes32[]((leaves.length + 1) / 2);
        for (uint256 i = 0; i < above.length; i++) {
            above[i] = 2 * i + 1 < leaves.length ? node(leaves[2 * i], leaves[2 * i + 1]) : leaves[2 * i];
        }
    }
}

/// @dev Keeps a hundredth of what is moved.
contract FeeToken is ERC20("Fee token", "FEE") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(0), amount / 100);
    }
}

/// @dev Calls back whoever is paid, as tokens with hooks do.
contract HookToken is ERC20("Hook token", "HOOK") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to.code.length > 0) {
            (bool ignored,) = to.call(abi.encodeWithSignature("onPaid()"));
            ignored;
        }
    }
}

/// @dev Claims again from within its claim.
contract Greedy {
    Compensation private immutable _desk;
    bytes private _again;
    bool public again;

    constructor(Compensation desk) {
        _desk = desk;
    }

    function prepare(bytes calldata call) external {
        _again = call;
    }

    function onPaid() external {
        (again,) = address(_desk).call(_again);
    }
}

/// @dev A desk and a list of seven entries for six accounts.
abstract contract CompensationBase is GovernedTest {
    uint64 internal constant DELAY = 3 days;
    uint64 internal constant CLAIM = 120 days;

    Compensation internal desk;
    TestToken internal asset;
    address internal rest = person("rest");
    address[] internal accounts;
    uint256[] internal amounts;
    uint256 internal total;

    function setUp() public override {
        super.setUp();
        desk = new Compensation(controls, DELAY);
        asset = new TestToken();
        for (uint256 i = 0; i < 7; i++) {
            accounts.push(address(uint160(0xA000 + i % 6)));
            amounts.push((i + 1) * 10e18);
            total += (i + 1) * 10e18;
        }
    }

    function leaves(uint256 round) internal view returns (bytes32[] memory list) {
        list = new bytes32[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) {
            list[i] = desk.leafOf(round, i, accounts[i], amounts[i]);
        }
    }

    function announce(uint256 round, uint256 sum) internal {
        bytes32 root = Tree.rootOf(leaves(round));
        vm.prank(governance);
        desk.announce(round, root, asset, sum, rest, CLAIM);
    }

    function fund(uint256 sum) internal {
        asset.mint(address(this), sum);
        asset.approve(address(desk), sum);
    }

    function openRound(uint256 round) internal {
        announce(round, total);
        fund(total);
        skip(DELAY);
        desk.open(round);
    }

    /// @dev The proof is computed without a call, so that an expected revert is that of the claim.
    function claim(uint256 round, uint256 index) internal {
        desk.claim(round, index, accounts[index], amounts[index], proofs(round, index));
    }

    function proofs(uint256 round, uint256 index) internal view returns (bytes32[] memory) {
        bytes32[] memory list = new bytes32[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) {
            list[i] = keccak256(abi.encode(keccak256(abi.encode(round, i, accounts[i], amounts[i]))));
        }
        return Tree.proofOf(list, index);
    }
}

contract CompensationTest is CompensationBase {
    function test_A_round_pays_its_list_and_nothing_else() public {
        openRound(0);
        for (uint256 i = 0; i < accounts.length; i++) {
            claim(0, i);
        }
        vm.assertEq(asset.balanceOf(address(desk)), 0);
        vm.assertEq(asset.balanceOf(accounts[0]), amounts[0] + amounts[6]);
        vm.assertEq(asset.balanceOf(accounts[5]), amounts[5]);
    }

    function test_The_total_is_conserved_under_any_order_of_claims(uint256 seed) public {
        openRound(0);
        uint256 paid;
        for (uint256 i = 0; i < 20; i++) {
            uint256 index = uint256(keccak256(abi.encode(seed, i))) % accounts.length;
            if (desk.isClaimed(0, index)) {
                expectClaimed(0, index);
            } else {
                paid += amounts[index];
            }
            claim(0, index);
            vm.assertEq(asset.balanceOf(address(desk)) + paid, total);
        }
        vm.warp(NOW + DELAY + CLAIM + 1);
        desk.sweep(0);
        vm.assertEq(asset.balanceOf(rest) + paid, total);
        vm.assertEq(asset.balanceOf(address(desk)), 0);
    }

    function test_Nothing_is_claimed_twice() public {
        openRound(0);
        claim(0, 3);
        expectClaimed(0, 3);
        claim(0, 3);
    }

    function test_Nothing_else_than_the_list_is_claimed(uint256 index, address account, uint256 amount) public {
        openRound(0);
        uint256 from = index % accounts.length;
        vm.assume(account != accounts[from] || amount != amounts[from]);
        bytes32[] memory proof = Tree.proofOf(leaves(0), from);
        vm.expectRevert(abi.encodeWithSelector(Compensation.NotInRound.selector, uint256(0), from, account, amount));
        desk.claim(0, from, account, amount, proof);
    }

    function test_An_inner_node_does_not_pass_for_a_leaf() public {
        // A list of which an inner node's two halves read as an account and an amount would need a leaf of 64 bytes.
        bytes32 left = desk.leafOf(0, 0, accounts[0], amounts[0]);
        bytes32 right = desk.leafOf(0, 1, accounts[1], amounts[1]);
        bytes32 root = Tree.node(left, right);
        asset.mint(address(this), total);
        asset.approve(address(desk), total);
        vm.prank(governance);
        desk.announce(0, root, asset, total, rest, CLAIM);
        skip(DELAY);
        desk.open(0);
        // The root itself, claimed by an empty proof, and a leaf claimed as if it were the hash of an entry.
        bytes32[] memory proof = new bytes32[](0);
        vm.expectPartialRevert(Compensation.NotInRound.selector);
        desk.claim(0, uint256(left), address(uint160(uint256(right))), total, proof);
        proof = new bytes32[](1);
        proof[0] = right;
        vm.expectPartialRevert(Compensation.NotInRound.selector);
        desk.claim(0, 1, accounts[0], amounts[0], proof);
        desk.claim(0, 0, accounts[0], amounts[0], proof);
    }

    /// @dev A leaf hashed once is 128 bytes of an entry; hashed twice is 32. A node is always 64.
    function test_A_leaf_is_hashed_twice() public view {
        bytes32 once = keccak256(abi.encode(uint256(0), uint256(1), accounts[0], amounts[0]));
        vm.assertTrue(desk.leafOf(0, 1, accounts[0], amounts[0]) == keccak256(abi.encode(once)));
    }

    function test_Entries_of_one_round_are_void_in_another() public {
        openRound(0);
        openRound(1);
        bytes32[] memory proof = Tree.proofOf(leaves(0), 2);
        vm.expectPartialRevert(Compensation.NotInRound.selector);
        desk.claim(1, 2, accounts[2], amounts[2], proof);
        claim(0, 2);
        claim(1, 2);
    }

    function test_A_list_that_adds_up_to_more_stops_at_the_total() public {
        announce(0, total - 1);
        fund(total - 1);
        skip(DELAY);
        desk.open(0);
        openRound(1);
        for (uint256 i = 0; i < 6; i++) {
            claim(0, i);
        }
        bytes32[] memory proof = Tree.proofOf(leaves(0), 6);
        vm.expectRevert(
            abi.encodeWithSelector(Compensation.RoundExhausted.selector, uint256(0), amounts[6], amounts[6] - 1)
        );
        desk.claim(0, 6, accounts[6], amounts[6], proof);
        vm.assertEq(asset.balanceOf(address(desk)), total + amounts[6] - 1);
    }

    function test_A_round_opens_after_the_delay_and_with_its_total_only() public {
        announce(0, total);
        fund(total);
        skip(DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(Compensation.NotDue.selector, uint256(0), NOW + DELAY));
        desk.open(0);
        skip(1);
        vm.prank(stranger);
        vm.expectRevert();
        desk.open(0);
        desk.open(0);
        expectStage(0, Compensation.Stage.Open, Compensation.Stage.Announced);
        desk.open(0);
    }

    function test_The_rest_is_swept_after_expiry_only_and_once() public {
        openRound(0);
        claim(0, 1);
        uint64 expiresAt = NOW + DELAY + CLAIM;
        vm.warp(expiresAt);
        vm.expectRevert(abi.encodeWithSelector(Compensation.RoundHasNotExpired.selector, uint256(0), expiresAt));
        desk.sweep(0);
        claim(0, 2);
        vm.warp(expiresAt + 1);
        bytes32[] memory proof = Tree.proofOf(leaves(0), 3);
        vm.expectRevert(abi.encodeWithSelector(Compensation.RoundHasExpired.selector, uint256(0), expiresAt));
        desk.claim(0, 3, accounts[3], amounts[3], proof);
        vm.prank(stranger);
        desk.sweep(0);
        vm.assertEq(asset.balanceOf(rest), total - amounts[1] - amounts[2]);
        expectStage(0, Compensation.Stage.Swept, Compensation.Stage.Open);
        desk.sweep(0);
    }

    function test_Nobody_swaps_the_root_or_ends_an_open_round() public {
        openRound(0);
        vm.prank(governance);
        vm.expectRevert(abi.encodeWithSelector(Compensation.NotTheNextRound.selector, uint256(0), uint256(1)));
        desk.announce(0, keccak256("other"), asset, total, governance, CLAIM);
        vm.prank(governance);
        expectStage(0, Compensation.Stage.Open, Compensation.Stage.Announced);
        desk.cancel(0, REASON);
    }

    function test_Two_recoverers_cancel_an_announced_root() public {
        announce(0, total);
        vm.prank(recoverer);
        vm.assertFalse(desk.cancel(0, REASON));
        vm.prank(secondRecoverer);
        vm.assertTrue(desk.cancel(0, REASON));
        fund(total);
        skip(DELAY);
        expectStage(0, Compensation.Stage.Cancelled, Compensation.Stage.Announced);
        desk.open(0);
    }

    function test_Nobody_else_announces_or_cancels() public {
        announce(0, total);
        address[5] memory others = [pauser, risk, attester, vmKeys.addr(1), stranger];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(TwoPersons.NotInRole.selector, others[i], Role.Governance));
            desk.announce(1, bytes32("root"), asset, total, rest, CLAIM);
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(TwoPersons.NotInRole.selector, others[i], Role.Recoverer));
            desk.cancel(0, REASON);
        }
    }

    function test_A_round_is_bounded() public {
        uint64[2] memory claims = [uint64(90 days - 1), 3650 days + 1];
        uint64[2] memory delays = [uint64(2 days - 1), 60 days + 1];
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(governance);
            vm.expectRevert(abi.encodeWithSelector(Compensation.ClaimSecondsNotUsable.selector, claims[i]));
            desk.announce(0, bytes32("root"), asset, total, rest, claims[i]);
            vm.expectRevert(abi.encodeWithSelector(Compensation.DelayNotUsable.selector, delays[i]));
            new Compensation(controls, delays[i]);
        }
        _expectNotUsable(0, total, rest);
        _expectNotUsable(bytes32("root"), 0, rest);
        _expectNotUsable(bytes32("root"), total, address(0));
        _expectNotUsable(bytes32("root"), total, address(desk));
        vm.prank(governance);
        vm.expectRevert(abi.encodeWithSelector(Governed.NotDeployed.selector, stranger));
        desk.announce(0, bytes32("root"), IERC20(stranger), total, rest, CLAIM);
    }

    function test_Nothing_is_claimed_of_a_round_that_is_not_open() public {
        vm.prank(governance);
        desk.announce(0, bytes32("root"), asset, total, rest, CLAIM);
        vm.expectRevert(
            abi.encodeWithSelector(
                Compensation.NotInStage.selector, 0, Compensation.Stage.Announced, Compensation.Stage.Open
            )
        );
        desk.claim(0, 0, stranger, 1, new bytes32[](0));
    }

    function test_An_asset_that_takes_a_fee_cannot_open_a_round() public {
        FeeToken fee = new FeeToken();
        fee.mint(address(this), 100e18);
        fee.approve(address(desk), 100e18);
        vm.prank(governance);
        desk.announce(0, bytes32("root"), fee, 100e18, rest, CLAIM);
        skip(DELAY);
        vm.expectRevert(abi.encodeWithSelector(Compensation.NotFullyFunded.selector, uint256(0), 99e18, 100e18));
        desk.open(0);
    }

    function _expectNotUsable(bytes32 root, uint256 total_, address rest_) private {
        vm.prank(governance);
        vm.expectRevert(Compensation.RoundNotUsable.selector);
        desk.announce(0, root, asset, total_, rest_, CLAIM);
    }

    function test_Who_claims_again_from_within_a_payment_gets_nothing_more() public {
        HookToken hook = new HookToken();
        Greedy greedy = new Greedy(desk);
        hook.mint(address(this), 100e18);
        hook.approve(address(desk), 100e18);
        bytes32 root = desk.leafOf(0, 0, address(greedy), 40e18);
        vm.prank(governance);
        desk.announce(0, root, hook, 100e18, rest, CLAIM);
        skip(DELAY);
        desk.open(0);
        bytes32[] memory proof = new bytes32[](0);
        greedy.prepare(abi.encodeCall(desk.claim, (0, 0, address(greedy), 40e18, proof)));
        desk.claim(0, 0, address(greedy), 40e18, proof);
        vm.assertFalse(greedy.again());
        vm.assertEq(hook.balanceOf(address(greedy)), 40e18);
    }

    function expectClaimed(uint256 round, uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(Compensation.AlreadyClaimed.selector, round, index));
    }

    function expectStage(uint256 round, Compensation.Stage stage, Compensation.Stage needed) private {
        vm.expectRevert(abi.encodeWithSelector(Compensation.NotInStage.selector, round, stage, needed));
    }
}

/// @dev Rounds in one asset, in any order of everything; counts what should be where.
contract CompensationHandler is CompensationBase {
    uint256 public brought;
    uint256 public paidOut;
    uint256 public swept;

    function next(uint256 sum) external {
        uint256 round = desk.rounds();
        if (round < 4) announce(round, within(sum, total / 2, 2 * total));
    }

    function bring(uint256 round) external {
        round = round % 4;
        (,,,,,,, uint256 sum,) = desk.roundOf(round);
        fund(sum);
        try desk.open(round) {
            brought += sum;
        } catch {}
    }

    function take(uint256 round, uint256 index, uint256 wrong) external {
        (round, index) = (round % 4, index % accounts.length);
        uint256 amount = amounts[index] + (wrong % 5 == 0 ? 1 : 0);
        try desk.claim(round, index, accounts[index], amount, proofs(round, index)) {
            vm.assertTrue(wrong % 5 != 0);
            paidOut += amount;
        } catch {}
    }

    function end(uint256 round) external {
        uint256 before = asset.balanceOf(rest);
        try desk.sweep(round % 4) {
            swept += asset.balanceOf(rest) - before;
        } catch {}
    }

    function cancel(uint256 round, bool first) external {
        vm.prank(first ? recoverer : secondRecoverer);
        try desk.cancel(round % 4, REASON) {} catch {}
    }

    function pass(uint256 seconds_) external {
        skip(within(seconds_, 1 hours, 30 days));
    }

    function check() external view {
        vm.assertEq(asset.balanceOf(address(desk)) + paidOut + swept, brought);
        uint256 owed;
        for (uint256 round = 0; round < desk.rounds(); round++) {
            (,, Compensation.Stage stage,,,,, uint256 sum, uint256 paid) = desk.roundOf(round);
            vm.assertLe(paid, sum);
            if (stage == Compensation.Stage.Open) owed += sum - paid;
        }
        vm.assertEq(asset.balanceOf(address(desk)), owed);
    }
}

contract CompensationInvariantTest is GovernedTest {
    CompensationHandler private handler;

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function setUp() public override {
        vm.warp(NOW);
        handler = new CompensationHandler();
        handler.setUp();
    }

    function targetContracts() external view returns (address[] memory) {
        return _list(address(handler));
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = handler.next.selector;
        selectors[1] = handler.bring.selector;
        selectors[2] = handler.take.selector;
        selectors[3] = handler.end.selector;
        selectors[4] = handler.cancel.selector;
        selectors[5] = handler.pass.selector;
        selectors[6] = handler.take.selector;
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    /// forge-config: default.invariant.runs = 48
    function invariant_What_was_brought_is_paid_swept_or_still_there() public view {
        handler.check();
    }
}
