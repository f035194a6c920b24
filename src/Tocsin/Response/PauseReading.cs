using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Plans;

namespace Tocsin.Response;

/// <summary>
/// What the chain says of a pause, by the views that the plan names. All that is asked at a time is asked of one node,
/// and of one that has the very block which detection judged: two nodes may be on two chains, and a pause that one of
/// them has not seen is not over.
/// </summary>
internal sealed class PauseReading(Nodes nodes)
{
    /// <param name="head">The block on whose state to read.</param>
    /// <exception cref="NodeException">No node has that block, or none answers.</exception>
    public async Task<bool> HoldsAsync(PlannedCall planned, BlockRef head, CancellationToken cancellationToken)
    {
        var words = await ReadAsync(planned, [planned.Holds], head, cancellationToken);
        return !words[0].IsZero;
    }

    /// <summary>When it ends by itself; null where it does not hold.</summary>
    /// <inheritdoc cref="HoldsAsync"/>
    public async Task<DateTimeOffset?> UntilAsync(
        PlannedCall planned, BlockRef head, CancellationToken cancellationToken)
    {
        var words = await ReadAsync(planned, [planned.Holds, planned.Until], head, cancellationToken);
        if (words is not [_, var seconds])
            return null;
        UInt256 latest = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return DateTimeOffset.FromUnixTimeSeconds((long)(seconds < latest ? seconds : latest).ToUInt64());
    }

    private async Task<UInt256[]> ReadAsync(
        PlannedCall planned, ValueList<byte>[] views, BlockRef head, CancellationToken cancellationToken)
    {
        var told = await nodes.AskWhoAsync(
            (node, cancel) => AnswersAsync(node, planned.Effective.Call.Target, views, head, cancel),
            answers => answers is not null,
            cancellationToken);
        var given = told.Value ?? throw new NodeException(
            NodeFault.Inconsistent, $"no node has block {head}, on which to read the pause: it is asked again");
        return [.. given.Select(answer => Word(planned, answer))];
    }

    // Up to the first that is zero: what comes after has no meaning then. Null where the node has another block at that
    // height, or none, before or after: the answers may be those of another chain.
    private static async Task<List<byte[]>?> AnswersAsync(
        Node node, Address target, ValueList<byte>[] views, BlockRef head, CancellationToken cancellationToken)
    {
        if (await node.BlockRefAsync(head.Number, cancellationToken) != head)
            return null;
        var answers = new List<byte[]>();
        foreach (var view in views)
        {
            answers.Add(await node.CallAsync(
                null, target, view.ToArray(), UInt256.Zero, head.Number, cancellationToken));
            if (!answers[^1].AsSpan().ContainsAnyExcept((byte)0))
                break;
        }
        return await node.BlockRefAsync(head.Number, cancellationToken) == head ? answers : null;
    }

    private static UInt256 Word(PlannedCall planned, byte[] answer) => answer.Length == UInt256.ByteCount
        ? new UInt256(answer)
        : throw new NodeException(
            NodeFault.Garbage,
            $"the view on {planned.Effective.Call.Target} that proves the pause answered {answer.Length} bytes "
                + "instead of 32: "
                + "check 'holds' and 'until' in the plan");
}

/// <summary>The same refusal as before: told once, and asked again at a quieter pace.</summary>
internal sealed class StillRefusedException(string reason) : Exception(reason);
