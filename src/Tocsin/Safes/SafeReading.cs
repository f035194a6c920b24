using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Plans;
using Tocsin.Readiness;
using Tocsin.Response;

namespace Tocsin.Safes;

/// <summary>What a Safe says of itself.</summary>
/// <param name="Nonce">Of its next transaction.</param>
internal sealed record SafeState(ValueList<Address> Owners, UInt256 Threshold, UInt256 Nonce)
{
    private static readonly AbiFunction GetOwners = AbiFunction.Parse("getOwners() returns (address[] owners)");
    private static readonly AbiFunction GetThreshold = AbiFunction.Parse("getThreshold() returns (uint256 threshold)");
    private static readonly AbiFunction GetNonce = AbiFunction.Parse("nonce() returns (uint256 nonce)");

    /// <param name="call">Answers a view of the Safe.</param>
    /// <exception cref="AbiException">It does not answer as a Safe does.</exception>
    public static async Task<SafeState> AskAsync(Func<byte[], Task<byte[]>> call)
    {
        async Task<object> Ask(AbiFunction view) => view.DecodeResult(await call(view.Encode()))[0];
        return new SafeState(
            ((object[])await Ask(GetOwners)).Cast<Address>().ToValueList(),
            (UInt256)await Ask(GetThreshold),
            (UInt256)await Ask(GetNonce));
    }

    /// <summary>Null where owners and threshold are those of the plan; otherwise what differs, in words.</summary>
    public string? Mismatch(PlannedSafe planned)
    {
        var differences = ProbeWords.Safe(planned with { Nonce = null }, Owners, Threshold, Nonce).ToList();
        return differences.Count == 0 ? null : string.Join("; ", differences);
    }
}

/// <summary>A Safe as the nodes of its chain agree on it, or why that is not known.</summary>
/// <param name="Fault">Null where the state is known.</param>
internal readonly record struct SeenSafe(SafeState? State, string? Fault);

/// <summary>Reads a Safe on the block that detection judged, of every node that has it.</summary>
internal static class SafeReading
{
    /// <exception cref="NodeException">No node that answers has the newest block; it is asked again.</exception>
    public static async Task<SeenSafe> ReadAsync(
        ActingChain chain, PlannedSafe safe, CancellationToken cancellationToken)
    {
        var name = $"'{safe.Name}' at {ChecksumAddress.Format(safe.Address)}";
        if (await chain.HeadAsync(cancellationToken) is not { } head)
            throw new NodeException(NodeFault.Inconsistent, $"no block of {chain} is known yet");
        try
        {
            var said = await Task.WhenAll(chain.Nodes.Names.Select(
                one => SaidAsync(chain.Nodes.Named(one), safe.Address, head, cancellationToken)));
            var groups = said.OfType<SafeState>().GroupBy(state => state)
                .OrderByDescending(group => group.Count()).ToList();
            if (groups.Count == 0)
                throw new NodeException(
                    NodeFault.Inconsistent, $"no node has block {head}, to read Safe {name} on: it is asked again");
            // One that lies must not have owners sign for a nonce that is none.
            return groups.Count == 1 || groups[0].Count() >= chain.Nodes.RequiredForAgreement
                ? new SeenSafe(groups[0].Key, null)
                : new SeenSafe(null, $"the nodes of {chain} say different things of Safe {name}");
        }
        catch (Exception e) when (e is AbiException or NodeException { Fault: NodeFault.Refused })
        {
            return new SeenSafe(null, $"{name} does not answer as a Safe does");
        }
    }

    // Null where the node does not answer, or has another block at that height, or none, before or after.
    private static async Task<SafeState?> SaidAsync(
        Node node, Address safe, BlockRef head, CancellationToken cancellationToken)
    {
        try
        {
            if (await node.BlockRefAsync(head.Number, cancellationToken) != head)
                return null;
            var state = await SafeState.AskAsync(data => node.CallAsync(
                null, safe, data, UInt256.Zero, head.Number, cancellationToken));
            return await node.BlockRefAsync(head.Number, cancellationToken) == head ? state : null;
        }
        catch (NodeException e) when (e.Fault != NodeFault.Refused)
        {
            return null;
        }
    }
}
