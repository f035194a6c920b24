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
        OutflowLimits.Rule memory rule = _rule(json);
        brake.limits.setRule(address(vault), asset, rule, "launch");
        // What waits leaves as slowly as one transaction may take.
        brake.queue.setRule(address(vault), asset, WithdrawalQueue.Rule(rule.single, rule.cap, 1 days), "launch");
        return _written(vault, vm.toString(asset), vm.toString(vm.parseJsonAddress(json, ".user")));
    }

    function _written(MinimalVault vault, string memory asset, string memory user)
        private
        pure
        returns (string memory text)
    {
        text = "\n    {\n      \"name\": \"vault\", \"module\": \"vault\", \"address\": \"";
        text = string.concat(text, vm.toString(address(vault)), "\",\n      \"assets\": [\"", asset);
        text = string.concat(text, "\"],\n      \"gated\": [\n");
        text = string.concat(text, _gated("deposit(uint256)", "In", abi.encodeCall(vault.deposit, (1)), user, ",\n"));
        text = string.concat(text, _gated("withdraw(uint256)", "Out", abi.encodeCall(vault.withdraw, (0)), user, "\n"));
        text = string.concat(text, "      ]\n    }\n  ");
    }

    function _rule(string memory json) private pure returns (OutflowLimits.Rule memory rule) {
        rule.cap = _amount(json, ".rule.cap");
        rule.floor = _amount(json, ".rule.floor");
        rule.single = _amount(json, ".rule.single");
        rule.perAccount = _amount(json, ".rule.perAccount");
        rule.attestAbove = type(uint128).max;
        rule.shareBps = uint16(vm.parseJsonUint(json, ".rule.shareBps"));
        (rule.windowSeconds, rule.accountWindowSeconds, rule.setOffBlocks) = (1 days, 1 days, 5);
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
