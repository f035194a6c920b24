// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Compensation} from "../src/Compensation.sol";
import {EmergencyControls} from "../src/EmergencyControls.sol";
import {Source} from "../src/Feeds.sol";
import {Gate} from "../src/Gate.sol";
import {IncidentRegistry} from "../src/IncidentRegistry.sol";
import {Migrations} from "../src/Migrations.sol";
import {OutflowLimits} from "../src/OutflowLimits.sol";
import {Grade, PegGate} from "../src/PegGate.sol";
import {WithdrawalQueue} from "../src/WithdrawalQueue.sol";

/// @dev The cheat codes of forge that a deployment needs.
interface VmScript {
    function envString(string calldata name) external view returns (string memory);
    function readFile(string calldata path) external view returns (string memory);
    function writeFile(string calldata path, string calldata text) external;
    function startBroadcast() external;
    function stopBroadcast() external;
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function parseJsonAddressArray(string calldata json, string calldata key) external pure returns (address[] memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonBool(string calldata json, string calldata key) external pure returns (bool);
    function toString(address value) external pure returns (string memory);
    function toString(uint256 value) external pure returns (string memory);
    function toString(bytes calldata value) external pure returns (string memory);
}

/// @title Deploy: deploys the brake from a configuration, and writes down what `tocsin contracts check` reads
///
/// TOCSIN_CONFIG names the configuration (see contracts/script/config.example.json), TOCSIN_DEPLOYMENT the file to
/// write. Whoever sends the transactions governs while the script runs, so that a protocol that inherits this can set
/// its first rules ({holders}), and gives that up at the end: then those of the configuration govern alone.
contract Deploy {
    struct Brake {
        EmergencyControls controls;
        OutflowLimits limits;
        WithdrawalQueue queue;
        PegGate peg;
        Migrations migrations;
        Compensation compensation;
        IncidentRegistry registry;
    }

    VmScript internal constant vm = VmScript(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run() external {
        string memory json = vm.readFile(vm.envString("TOCSIN_CONFIG"));
        uint256 from = block.number;
        vm.startBroadcast();
        Brake memory brake = _brake(json);
        string memory holders_ = holders(brake, json);
        brake.controls.leaveRole();
        vm.stopBroadcast();
        vm.writeFile(vm.envString("TOCSIN_DEPLOYMENT"), _written(brake, holders_, from));
    }

    /// @dev Deploys the protocol's own contracts and gives them their first rules.
    /// @return what stands between the brackets of "holders" in the file
    function holders(Brake memory, string memory) internal virtual returns (string memory) {
        return "";
    }

    function wiring(Brake memory brake) internal pure returns (Gate.Wiring memory) {
        return Gate.Wiring(brake.controls, brake.limits, brake.queue, brake.peg, brake.migrations);
    }

    function _brake(string memory json) private returns (Brake memory brake) {
        uint64 looseningDelay = _seconds(json, ".looseningDelaySeconds");
        brake.controls = new EmergencyControls(_members(json), _bounds(json));
        brake.limits = new OutflowLimits(brake.controls, looseningDelay);
        brake.queue = new WithdrawalQueue(brake.controls, looseningDelay, _times(json));
        if (vm.keyExistsJson(json, ".peg")) brake.peg = _peg(brake.controls, looseningDelay, json);
        brake.migrations = new Migrations(brake.controls, _seconds(json, ".migrationDelaySeconds"));
        brake.compensation = new Compensation(brake.controls, _seconds(json, ".compensationDelaySeconds"));
        brake.registry = new IncidentRegistry(brake.controls, vm.parseJsonUint(json, ".registryQuorum"));
    }

    function _members(string memory json) private view returns (EmergencyControls.Members memory members) {
        address[] memory governance = vm.parseJsonAddressArray(json, ".roles.governance");
        members.governance = new address[](governance.length + 1);
        for (uint256 i = 0; i < governance.length; i++) {
            members.governance[i] = governance[i];
        }
        members.governance[governance.length] = msg.sender;
        members.pausers = vm.parseJsonAddressArray(json, ".roles.pausers");
        members.recoverers = vm.parseJsonAddressArray(json, ".roles.recoverers");
        members.risk = vm.parseJsonAddressArray(json, ".roles.risk");
        members.attesters = vm.parseJsonAddressArray(json, ".roles.attesters");
        members.responders = vm.parseJsonAddressArray(json, ".roles.responders");
    }

    function _bounds(string memory json) private pure returns (EmergencyControls.Bounds memory bounds) {
        bounds.minPauseSeconds = _seconds(json, ".bounds.minPauseSeconds");
        bounds.maxPauseSeconds = _seconds(json, ".bounds.maxPauseSeconds");
        bounds.coolDownSeconds = _seconds(json, ".bounds.coolDownSeconds");
        bounds.budgetSeconds = _seconds(json, ".bounds.budgetSeconds");
        bounds.budgetWindowSeconds = _seconds(json, ".bounds.budgetWindowSeconds");
        bounds.heartbeatSeconds = _seconds(json, ".bounds.heartbeatSeconds");
        bounds.graceSeconds = _seconds(json, ".bounds.graceSeconds");
    }

    function _times(string memory json) private pure returns (WithdrawalQueue.Times memory) {
        return WithdrawalQueue.Times({
            batchSeconds: uint32(_seconds(json, ".queue.batchSeconds")),
            delaySeconds: uint32(_seconds(json, ".queue.delaySeconds")),
            expirySeconds: uint32(_seconds(json, ".queue.expirySeconds"))
        });
    }

    function _peg(EmergencyControls controls, uint64 looseningDelay, string memory json) private returns (PegGate) {
        address[] memory feeds = vm.parseJsonAddressArray(json, ".peg.feeds");
        uint256[] memory decimals = vm.parseJsonUintArray(json, ".peg.decimals");
        uint256[] memory ages = vm.parseJsonUintArray(json, ".peg.maxAgesSeconds");
        Source[] memory sources = new Source[](feeds.length);
        for (uint256 i = 0; i < feeds.length; i++) {
            sources[i] = Source(feeds[i], uint8(decimals[i]), uint32(ages[i]));
        }
        uint16 tightest = _small(json, ".peg.tightestBps");
        uint16 factor = _small(json, ".peg.largestFactor");
        return new PegGate(controls, looseningDelay, tightest, factor, _settings(json), sources);
    }

    function _settings(string memory json) private pure returns (PegGate.Settings memory settings) {
        settings.tightenBps = _small(json, ".peg.tightenBps");
        settings.stopMintBps = _small(json, ".peg.stopMintBps");
        settings.stopParBps = _small(json, ".peg.stopParBps");
        settings.queueBps = _small(json, ".peg.queueBps");
        settings.tightenAboveBps = _small(json, ".peg.tightenAboveBps");
        settings.stopMintAboveBps = _small(json, ".peg.stopMintAboveBps");
        settings.factor = _small(json, ".peg.factor");
        settings.quorum = uint8(_small(json, ".peg.quorum"));
        settings.blindGrade = Grade(_small(json, ".peg.blindGrade"));
        settings.lowerOfParAndMarket = vm.parseJsonBool(json, ".peg.lowerOfParAndMarket");
    }

    function _written(Brake memory brake, string memory holders_, uint256 from) private view returns (string memory) {
        string memory text = string.concat("{\n  \"chainId\": ", vm.toString(block.chainid), ",\n");
        text = string.concat(text, "  \"deployedAt\": ", vm.toString(from), ",\n");
        text = string.concat(text, _line("controls", address(brake.controls)));
        text = string.concat(text, _line("limits", address(brake.limits)));
        text = string.concat(text, _line("queue", address(brake.queue)));
        if (address(brake.peg) != address(0)) text = string.concat(text, _line("peg", address(brake.peg)));
        text = string.concat(text, _line("migrations", address(brake.migrations)));
        text = string.concat(text, _line("compensation", address(brake.compensation)));
        text = string.concat(text, _line("registry", address(brake.registry)));
        return string.concat(text, "  \"holders\": [", holders_, "]\n}\n");
    }

    function _line(string memory name, address value) private pure returns (string memory) {
        return string.concat("  \"", name, "\": \"", vm.toString(value), "\",\n");
    }

    function _seconds(string memory json, string memory key) private pure returns (uint64) {
        return uint64(vm.parseJsonUint(json, key));
    }

    function _small(string memory json, string memory key) private pure returns (uint16) {
        return uint16(vm.parseJsonUint(json, key));
    }
}
