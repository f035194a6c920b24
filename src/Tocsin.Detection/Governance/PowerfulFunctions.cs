using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Detection.Governance;

/// <summary>Functions by which a protocol is taken, changed or paid out, by their selectors.</summary>
internal static class PowerfulFunctions
{
    // OpenZeppelin 4 and 5, Compound, Aave, Safe, Aragon, Maker, Circle's tokens, EIP-2535.
    private static readonly (Power Power, string[] Signatures)[] Table =
    [
        (Power.Code,
        [
            "upgradeTo(address)", "upgradeToAndCall(address,bytes)", "upgrade(address,address)",
            "upgradeAndCall(address,address,bytes)", "setImplementation(address)", "_setImplementation(address)",
            "_setPendingImplementation(address)", "_setImplementation(address,bool,bytes)", "_become(address)",
            "changeProxyAdmin(address,address)", "changeAdmin(address)", "changeMasterCopy(address)",
            "diamondCut((address,uint8,bytes4[])[],address,bytes)", "setApp(bytes32,bytes32,address)",
            "setPoolImpl(address)", "setPoolConfiguratorImpl(address)", "setAddressAsProxy(bytes32,address)",
            "proxy__upgradeTo(address)", "proxy__upgradeToAndCall(address,bytes,bool)", "proxy__changeAdmin(address)",
        ]),
        (Power.Ownership,
        [
            "transferOwnership(address)", "acceptOwnership()", "setOwner(address)", "changeOwner(address)",
            "setAdmin(address)", "setPendingAdmin(address)", "acceptAdmin()", "_setPendingAdmin(address)",
            "_acceptAdmin()", "setGovernor(address)", "setGovernance(address)", "setPendingGovernor(address)",
        ]),
        (Power.Roles,
        [
            "grantRole(bytes32,address)", "revokeRole(bytes32,address)", "setRoleAdmin(bytes32,bytes32)",
            "grantRole(uint64,address,uint32)", "revokeRole(uint64,address)", "setRoleAdmin(uint64,uint64)",
            "setTargetFunctionRole(address,bytes4[],uint64)", "setAuthority(address)", "rely(address)",
            "addOwnerWithThreshold(address,uint256)", "swapOwner(address,address,address)",
            "removeOwner(address,address,uint256)", "changeThreshold(uint256)", "enableModule(address)",
            "setGuard(address)", "setModuleGuard(address)", "setFallbackHandler(address)", "addMinter(address)",
            "setMinter(address)", "configureMinter(address,uint256)", "updateMasterMinter(address)",
            "grantPermission(address,address,bytes32)", "revokePermission(address,address,bytes32)",
            "createPermission(address,address,bytes32,address)", "setPermissionManager(address,address,bytes32)",
        ]),
        (Power.Delays,
        [
            "updateDelay(uint256)", "setDelay(uint256)", "setVotingPeriod(uint256)", "setVotingPeriod(uint32)",
            "_setVotingPeriod(uint256)", "setVotingDelay(uint256)", "setVotingDelay(uint48)",
            "_setVotingDelay(uint256)", "setProposalThreshold(uint256)", "_setProposalThreshold(uint256)",
            "setQuorum(uint256)", "updateQuorumNumerator(uint256)", "setGracePeriod(uint256)",
            "changeVoteTime(uint64)", "unsafelyChangeVoteTime(uint64)", "unsafelyChangeObjectionPhaseTime(uint64)",
            "changeSupportRequiredPct(uint64)", "changeMinAcceptQuorumPct(uint64)",
        ]),
        (Power.Execution,
        [
            "execute(address,bytes)", "executeProposal()", "executeCall(address,bytes)", "delegate(address,bytes)",
            "executeDelegateCall(address,bytes)", "functionDelegateCall(address,bytes)", "cast()", "execute()",
            "exec(address,bytes,uint256)", "forward(bytes)",
            "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)",
            "execTransactionFromModule(address,uint256,bytes,uint8)",
        ]),
        (Power.Minting,
        [
            "mint(address,uint256)", "mint(uint256)", "issue(uint256)", "issue(address,uint256)",
            "assignVested(address,uint256,uint64,uint64,uint64,bool)",
        ]),
        (Power.Treasury,
        [
            "transfer(address,uint256)", "approve(address,uint256)", "transferFrom(address,address,uint256)",
            "increaseAllowance(address,uint256)", "_grantComp(address,uint256)", "_reduceReserves(uint256)",
            "transfer(address,address,uint256)", "approve(address,address,uint256)", "sweepToken(address)",
            "newImmediatePayment(address,address,uint256,string)", "withdraw(address,uint256)",
        ]),
        (Power.Pausing,
        [
            "pause()", "unpause()", "pause(uint256)", "unpause(uint256)", "setPaused(bool)", "stop()", "resume()",
            "pauseFor(uint256)", "_setMintPaused(address,bool)", "_setBorrowPaused(address,bool)",
            "_setTransferPaused(bool)", "_setSeizePaused(bool)", "setReservePause(address,bool)", "setPoolPause(bool)",
        ]),
    ];

    private static readonly FrozenDictionary<Selector, (Power Power, string Signature)> BySelector =
        Table.SelectMany(row => row.Signatures.Select(signature => (row.Power, signature)))
            .ToFrozenDictionary(row => AbiSelector.Of(row.signature), row => (row.Power, row.signature));

    public static bool TryOf(Selector function, out Power power, out string signature)
    {
        var isKnown = BySelector.TryGetValue(function, out var row);
        (power, signature) = isKnown ? row : (default, "");
        return isKnown;
    }
}
