// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {MinimalVault} from "../examples/Minimal.sol";
import {OutflowLimits} from "../src/OutflowLimits.sol";
import {WithdrawalQueue} from "../src/WithdrawalQueue.sol";
import {Deploy} from "./Deploy.s.sol";

/// @title DeployMinimal: the brake and one vault behind it, with the rules of its one asset
///
/// Beside what {Deploy} reads, the configuration names `asset`, `user` (an account that holds some of it and has
/// allowed the vault to take it: the check calls deposit in its name, without a transaction), and the rule's numbers.
contract DeployMinimal is Deploy {
    function holders(Brake memory brake, string memory json) internal override returns (string memory) {
        address asset = vm.parseJsonAddress(json, ".asset");
        MinimalVault vault = new MinimalVault(asset, wiring(brake));
        brake.limits.setRule(address(vault), asset, _rule(json), "launch");
        uint128 single = _amount(json, ".rule.single");
        uint128 cap = _amount(json, ".rule.cap");
        brake.queue.setRule(address(vault), asset, WithdrawalQueue.Rule(single, cap, 1 days), "launch");
        string memory user = vm.toString(vm.parseJsonAddress(json, ".user"));
        string memory address_ = vm.toString(address(vault));
        string memory asset_ = vm.toString(asset);
        return string.concat(
            "\n    {\n      \"name\": \"vault\", \"module\": \"vault\", \"address\": \"",
            address_,
            "\",\n      \"assets\": [\"",
            asset_,
            "\"],\n      \"gated\": [\n",
            _gated("deposit(uint256)", "In", abi.encodeCall(vault.deposit, (1)), user, ",\n"),
            _gated("withdraw(uint256)", "Out", abi.encodeCall(vault.withdraw, (0)), user, "\n"),
            "      ]\n    }\n  "
        );
    }

    function _rule(string memory json) private pure returns (OutflowLimits.Rule memory) {
        return OutflowLimits.Rule({
            cap: _amount(json, ".rule.cap"),
            floor: _amount(json, ".rule.floor"),
            single: _amount(json, ".rule.single"),
            perAccount: _amount(json, ".rule.perAccount"),
            attestAbove: type(uint128).max,
            shareBps: uint16(vm.parseJsonUint(json, ".rule.shareBps")),
            windowSeconds: 1 days,
            accountWindowSeconds: 1 days,
            setOffBlocks: 5
        });
    }

    function _gated(
        string memory signature,
        string memory direction,
        bytes memory sample,
        string memory from,
        string memory end
    ) private pure returns (string memory) {
        return string.concat(
            string.concat("        { \"signature\": \"", signature, "\", \"direction\": \"", direction),
            string.concat("\", \"calldata\": \"", vm.toString(sample), "\", \"from\": \"", from, "\" }", end)
        );
    }

    function _amount(string memory json, string memory key) private pure returns (uint128) {
        return uint128(vm.parseJsonUint(json, key));
    }
}
