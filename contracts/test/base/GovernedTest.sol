// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Test} from "./Test.sol";

/// @dev The cheat codes for signatures and chains.
interface VmKeys {
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function chainId(uint256 chain) external;
}

/// @dev A token that anyone mints.
contract TestToken is ERC20("Test token", "TEST") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @dev Emergency controls with members of every role, at a known instant.
abstract contract GovernedTest is Test {
    uint64 internal constant NOW = 1_800_000_000;
    bytes32 internal constant REASON = keccak256("drill");
    VmKeys internal constant vmKeys = VmKeys(address(vm));

    address internal governance = person("governance");
    address internal pauser = person("pauser");
    address internal recoverer = person("recoverer");
    address internal secondRecoverer = person("second recoverer");
    address internal risk = person("risk");
    address internal attester = person("attester");
    address internal stranger = person("stranger");
    /// @dev Keys of the responders, such that their addresses ascend.
    uint256[] internal responderKeys;
    EmergencyControls internal controls;

    function setUp() public virtual {
        vm.warp(NOW);
        responderKeys = _ascending(4);
        EmergencyControls.Members memory members;
        members.governance = _list(governance);
        members.pausers = _list(pauser);
        members.recoverers = new address[](2);
        (members.recoverers[0], members.recoverers[1]) = (recoverer, secondRecoverer);
        members.risk = _list(risk);
        members.attesters = _list(attester);
        members.responders = new address[](responderKeys.length);
        for (uint256 i = 0; i < responderKeys.length; i++) {
            members.responders[i] = vmKeys.addr(responderKeys[i]);
        }
        controls = new EmergencyControls(
            members,
            EmergencyControls.Bounds({
                minPauseSeconds: 1 hours,
                maxPauseSeconds: 1 days,
                coolDownSeconds: 12 hours,
                budgetSeconds: 3 days,
                budgetWindowSeconds: 90 days,
                heartbeatSeconds: 30 days,
                graceSeconds: 4 hours
            })
        );
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vmKeys.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function skip(uint256 seconds_) internal {
        vm.warp(block.timestamp + seconds_);
    }

    function _list(address one) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = one;
    }

    /// @dev Keys 1, 2, ... in the order of their addresses.
    function _ascending(uint256 count) private pure returns (uint256[] memory keys) {
        keys = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            uint256 place = i;
            for (; place > 0 && vmKeys.addr(keys[place - 1]) > vmKeys.addr(i + 1); place--) {
                keys[place] = keys[place - 1];
            }
            keys[place] = i + 1;
        }
    }
}
