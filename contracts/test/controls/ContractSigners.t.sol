// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Attestations} from "../../src/Attestations.sol";
import {Incident, IncidentRegistry} from "../../src/IncidentRegistry.sol";
import {OutflowLimits} from "../../src/OutflowLimits.sol";
import {Role} from "../../src/TwoPersons.sol";
import {BrokenVault, HubTest} from "../base/HubTest.sol";

interface Safe {
    function setup(
        address[] calldata owners,
        uint256 threshold,
        address to,
        bytes calldata data,
        address fallbackHandler,
        address paymentToken,
        uint256 payment,
        address paymentReceiver
    ) external;
    function getMessageHashForSafe(address safe, bytes calldata message) external view returns (bytes32);
}

/// @dev A contract that signs by ERC-1271, or does not as it should.
contract Wallet {
    enum Mood {
        Signs,
        Refuses,
        Reverts,
        EatsGas,
        Short,
        /// The right word with something behind it.
        Dirty,
        Bomb
    }

    Mood public mood;

    function become(Mood mood_) external {
        mood = mood_;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        if (mood == Mood.Signs) return this.isValidSignature.selector;
        if (mood == Mood.Refuses) return 0xffffffff;
        if (mood == Mood.Reverts) revert("no");
        if (mood == Mood.EatsGas) while (true) {}
        bytes32 word = bytes32(this.isValidSignature.selector);
        uint256 size = mood == Mood.Short ? 4 : mood == Mood.Bomb ? 1_000_000 : 32;
        if (mood == Mood.Dirty) word |= bytes32(uint256(1));
        if (mood == Mood.Bomb) word = 0;
        assembly ("memory-safe") {
            mstore(0, word)
            return(0, size)
        }
    }
}

/// @dev A contract may hold any role that signs: a Safe, for instance. It signs as ERC-1271 says.
contract ContractSignersTest is HubTest {
    Wallet private _wallet = new Wallet();
    IncidentRegistry private _registry;
    uint256 private _nonce;

    function setUp() public override {
        super.setUp();
        _registry = new IncidentRegistry(controls, 2);
        _give(address(_wallet), Role.Attester);
    }

    /// @dev What is above 400 is to be attested.
    function rule() internal pure override returns (OutflowLimits.Rule memory usual) {
        usual = super.rule();
        usual.attestAbove = 400;
    }

    function test_A_contract_attests() public {
        vm.assertFalse(withdraw(alice, 500));
        limits.present(_attestation(), address(_wallet), "");
        vm.assertTrue(withdraw(alice, 500));
    }

    function test_A_contract_that_does_not_answer_as_it_should_has_not_signed() public {
        for (uint256 mood = 1; mood <= uint256(type(Wallet.Mood).max); mood++) {
            _wallet.become(Wallet.Mood(mood));
            Attestations.Attestation memory attestation = _attestation();
            (bool done,) = address(limits).call{gas: 2_000_000}(
                abi.encodeCall(limits.present, (attestation, address(_wallet), ""))
            );
            vm.assertFalse(done, "taken as signed");
        }
        Attestations.Attestation memory other = _attestation();
        limits.present(other, attester, sign(other, address(limits), block.chainid));
        vm.assertTrue(withdraw(alice, 500), "it is in nobody's way");
    }

    /// @dev A delegation of EIP-7702 puts code at the address of a key.
    function test_An_account_with_code_signs_by_its_code_and_its_key_alone_no_more() public {
        Attestations.Attestation memory attestation = _attestation();
        bytes memory signature = sign(attestation, address(limits), block.chainid);
        signing.etch(attester, address(queue).code);
        vm.expectPartialRevert(Attestations.NotSignedBy.selector);
        limits.present(attestation, attester, signature);
        signing.etch(attester, address(_wallet).code);
        limits.present(attestation, attester, "");
    }

    function test_A_contract_is_one_of_a_quorum_and_not_more() public {
        Wallet other = new Wallet();
        Wallet third = new Wallet();
        _give(address(other), Role.Responder);
        _give(address(third), Role.Responder);
        (address low, address high) =
            address(other) < address(third) ? (address(other), address(third)) : (address(third), address(other));
        address[] memory signers = new address[](2);
        bytes[] memory signatures = new bytes[](2);
        (signers[0], signers[1]) = (low, low);
        vm.expectPartialRevert(IncidentRegistry.SignersNotSorted.selector);
        _registry.attest(_incident(), signers, signatures);
        signers[1] = high;
        for (uint256 mood = 1; mood <= uint256(type(Wallet.Mood).max); mood++) {
            third.become(Wallet.Mood(mood));
            (bool done,) = address(_registry).call{gas: 2_000_000}(
                abi.encodeCall(_registry.attest, (_incident(), signers, signatures))
            );
            vm.assertFalse(done, "taken as signed");
        }
        third.become(Wallet.Mood.Signs);
        _registry.attest(_incident(), signers, signatures);
        vm.assertTrue(_registry.attested("incident"));
    }

    function test_A_Safe_attests_with_the_signatures_of_its_threshold() public {
        string memory fallbacks = "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json";
        Safe handler = Safe(_artifact(fallbacks, ""));
        address safe =
            _artifact("proxies/SafeProxy.sol/SafeProxy.json", abi.encode(_artifact("Safe.sol/Safe.json", "")));
        (uint256 first, uint256 second) = signing.addr(1) < signing.addr(2) ? (1, 2) : (2, 1);
        address[] memory owners = new address[](3);
        (owners[0], owners[1], owners[2]) = (signing.addr(1), signing.addr(2), alice);
        Safe(safe).setup(owners, 2, address(0), "", address(handler), address(0), 0, address(0));
        _give(safe, Role.Attester);

        Attestations.Attestation memory attestation = _attestation();
        bytes32 digest = digestOf(attestation, address(limits), block.chainid);
        bytes32 message = handler.getMessageHashForSafe(safe, abi.encode(digest));
        bytes memory one = _signed(first, message);
        vm.expectPartialRevert(Attestations.NotSignedBy.selector);
        limits.present(attestation, safe, one);
        limits.present(attestation, safe, bytes.concat(one, _signed(second, message)));
        vm.assertTrue(withdraw(alice, 500));
    }

    function _give(address account, Role role) private {
        vm.prank(governance);
        controls.offerRole(account, role);
        vm.prank(account);
        controls.acceptRole(role);
    }

    function _attestation() private returns (Attestations.Attestation memory) {
        return Attestations.Attestation(
            address(vault),
            alice,
            BrokenVault.withdraw.selector,
            address(coin),
            500,
            ++_nonce,
            uint64(block.timestamp + 1 hours)
        );
    }

    function _incident() private view returns (Incident memory) {
        return Incident("incident", address(vault), "oracle", uint64(block.timestamp), 0, 1e18, "", 1);
    }

    function _signed(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = signing.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Bytecode out of the package of Safe's authors.
    function _artifact(string memory path, bytes memory arguments) private returns (address) {
        string memory folder = "node_modules/@safe-global/safe-contracts/build/artifacts/contracts/";
        string memory json = vm.readFile(string.concat(folder, path));
        return create(bytes.concat(vm.parseBytes(vm.parseJsonString(json, ".bytecode")), arguments));
    }
}
