using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Governance;

/// <summary>
/// An operation of ours that was announced: a transaction that is exactly this does not page as an attack. It covers
/// that transaction alone, never another in its time, and never a loss.
/// </summary>
/// <param name="From">When it may be earliest, by the time of its block.</param>
/// <param name="To">When it may be latest.</param>
/// <param name="By">The account that sends it.</param>
/// <param name="Target">What it calls itself, not through another contract: a name of the plan or an address.</param>
/// <param name="CalldataHash">Keccak-256 of all of its data; null where the function alone is announced.</param>
/// <param name="Function">The function that it calls, with any arguments; null where the data is announced.</param>
public sealed record Planned(
    string Name,
    DateTimeOffset From,
    DateTimeOffset To,
    Address By,
    string Target,
    Hash32? CalldataHash,
    Selector? Function)
{
    /// <summary>No operation is announced for longer: who can write the configuration must not mute for good.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(14);

    // They carry whatever calls one likes, so that to announce the function would announce everything.
    private static readonly HashSet<Selector> Carriers =
    [
        .. new[]
        {
            "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)",
            "execTransactionFromModule(address,uint256,bytes,uint8)", "multicall(bytes[])", "multiSend(bytes)",
            "execute(address,uint256,bytes)", "execute(address,bytes)", "forward(bytes)",
            "execute(address,uint256,bytes,bytes32,bytes32)",
            "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)", "execute(address,bytes,uint256)",
            "schedule(address,uint256,bytes,bytes32,bytes32,uint256)", "upgradeToAndCall(address,bytes)",
            "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)",
            "upgradeAndCall(address,address,bytes)", "diamondCut((address,uint8,bytes4[])[],address,bytes)",
            "propose(address[],uint256[],bytes[],string)",
            "propose(address[],uint256[],string[],bytes[],string)", "multicall(address,bytes[])",
            "executeTransaction(address,uint256,string,bytes,uint256)", "aggregate((address,bytes)[])",
            "queueTransaction(address,uint256,string,bytes,uint256)", "aggregate3((address,bool,bytes)[])",
        }.Select(AbiSelector.Of),
    ];

    /// <summary>Says in sentences what is wrong with it.</summary>
    public IEnumerable<string> Problems(Watch watch)
    {
        if (Name.Length == 0)
            yield return "a planned operation has no name";
        if (From >= To || To - From > LongestWindow)
            yield return $"planned operation '{Name}': it ends after it begins, at most {LongestWindow.Days} days "
                + "later";
        if (watch.AddressOf(Target) is null)
            yield return $"planned operation '{Name}': its target '{Target}' is neither in the plan nor an address";
        if (CalldataHash is null == Function is null)
            yield return $"planned operation '{Name}': give its calldata (or the hash of it) or its function, one of "
                + "them";
        if (Function is { } function && Carriers.Contains(function))
            yield return $"planned operation '{Name}': this function carries other calls, which would all be announced "
                + "with it; give the calldata or its hash";
    }

    /// <summary>True where the transaction is this and nothing else; one that also pays is not.</summary>
    internal bool Covers(in Transaction transaction, DateTimeOffset time, Address target) =>
        transaction.To == target && transaction.From == By && transaction.ValueWei.IsZero && time >= From && time <= To
        && (CalldataHash is { } hash
            ? Keccak256.Hash(transaction.Input.Span) == hash
            : Function is { } function && Selector.Of(transaction.Input.Span) == function);
}
