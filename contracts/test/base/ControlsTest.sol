// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {EmergencyControls} from "../../src/EmergencyControls.sol";
import {Test} from "./Test.sol";

/// @dev The cheat codes that only those need who sign.
interface Signing {
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function chainId(uint256 id) external;
}

/// @dev Emergency controls at a known instant, with two pausers (one of whom can sign) and three recoverers.
abstract contract ControlsTest is Test {
    Signing internal constant signing = Signing(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint64 internal constant NOW = 1_800_000_000;
    uint64 internal constant MIN = 1 hours;
    uint64 internal constant MAX = 1 days;
    uint64 internal constant COOL_DOWN = 12 hours;
    uint64 internal constant BUDGET = 3 days;
    uint64 internal constant WINDOW = 30 days;
    uint64 internal constant HEARTBEAT = 10 days;
    uint64 internal constant GRACE = 2 hours;
    uint256 internal constant KEY = 0xA11CE;
    bytes32 internal constant VAULT = "vault";
    bytes32 internal constant MARKET = "market";
    bytes32 internal constant REASON = keccak256("drill");

    address internal governance = person("governance");
    address internal pauser = signing.addr(KEY);
    address internal otherPauser = person("other pauser");
    address internal recoverer = person("recoverer");
    address internal otherRecoverer = person("other recoverer");
    address internal thirdRecoverer = person("third recoverer");
    address internal risk = person("risk");
    address internal attester = person("attester");
    address internal stranger = person("stranger");
    EmergencyControls internal controls;

    function setUp() public virtual {
        vm.warp(NOW);
        controls = new EmergencyControls(members(), bounds());
    }

    function bounds() internal pure virtual returns (EmergencyControls.Bounds memory) {
        return EmergencyControls.Bounds(MIN, MAX, COOL_DOWN, BUDGET, WINDOW, HEARTBEAT, GRACE);
    }

    function members() internal view returns (EmergencyControls.Members memory all) {
        all.governance = new address[](1);
        all.governance[0] = governance;
        all.pausers = new address[](2);
        (all.pausers[0], all.pausers[1]) = (pauser, otherPauser);
        all.recoverers = new address[](3);
        (all.recoverers[0], all.recoverers[1], all.recoverers[2]) = (recoverer, otherRecoverer, thirdRecoverer);
        all.risk = new address[](1);
        all.risk[0] = risk;
        all.attesters = new address[](1);
        all.attesters[0] = attester;
    }

    function pause(bytes32 module, uint64 durationSeconds) internal {
        pauseAs(pauser, module, durationSeconds);
    }

    function pauseAs(address by, bytes32 module, uint64 durationSeconds) internal {
        vm.prank(by);
        controls.pause(module, durationSeconds, REASON);
    }

    function unpause(bytes32 module) internal {
        unpauseAs(recoverer, module);
        unpauseAs(otherRecoverer, module);
    }

    function unpauseAs(address by, bytes32 module) internal returns (bool) {
        vm.prank(by);
        return controls.unpause(module, REASON);
    }

    function expectCoolingDown(bytes32 module, uint64 armedAt) internal {
        vm.expectRevert(abi.encodeWithSelector(EmergencyControls.CoolingDown.selector, module, armedAt));
    }
}
