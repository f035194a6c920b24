using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>
/// Whether a node bears out what another said of a transaction that is in no block. It must hold it in its own pool,
/// which took it for its signature: anybody can make up a transaction that is never sent. And carried out by this node
/// it must do the same: anybody can make up what it does.
/// </summary>
internal static class PendingTestimony
{
    // Between two questions the state moves on, and the amounts of trades with it.
    private const ulong Tenth = 10;
    private static readonly UInt256 BeyondAmounts = UInt256.One << 128;

    private const int SelectorBytes = 4;

    /// <returns>Null where it does; else why not, after the node's name.</returns>
    /// <exception cref="NodeException">The node gives no usable answer.</exception>
    public static async Task<string?> ContradictionAsync(
        Node node, PendingTransaction taken, CancellationToken cancellationToken)
    {
        var (body, isInBlock) = await node.RequestAsync(
            "eth_getTransactionByHash",
            writer => writer.WriteStringValue(taken.Hash.ToString()),
            result => result.ValueKind == JsonValueKind.Null
                ? (null, false)
                : (PendingBody.Parse(result),
                    RpcJson.Optional(result, "blockHash") is { ValueKind: not JsonValueKind.Null }),
            cancellationToken);
        if (body is null)
            return Unknown;
        if (isInBlock)
            return "has it in a block";
        var told = body.Transaction;
        if ((told.Hash, told.From, told.To, told.Nonce, told.ValueWei)
                != (taken.Hash, taken.From, taken.To, taken.Nonce, taken.ValueWei)
            || !told.Input.Span.SequenceEqual(taken.Input.Span))
            return "tells another transaction by that hash";
        var ran = await new PendingSimulation(node, new TraceOptions()).RunAsync(body, cancellationToken);
        if (ran.Outcome is not { } outcome)
            return $"cannot say what it would do: {ran.OutcomeMissing}";
        return taken.Outcome is { } known && AreAlike(known, outcome) ? null : "says that it would do something else";
    }

    /// <summary>What comes to be known in a moment, as transactions are passed on.</summary>
    public const string Unknown = "does not know it";

    /// <summary>True where the same contracts are called and log the same, with amounts that differ little.</summary>
    internal static bool AreAlike(TransactionTrace one, TransactionTrace other) =>
        one.Frames.Count == other.Frames.Count
        && one.Frames.Zip(other.Frames).All(pair => AreAlike(pair.First, pair.Second));

    private static bool AreAlike(CallFrame one, CallFrame other) =>
        (one.Depth, one.Kind, one.From, one.To, one.Error is null, one.Logs.Length)
            == (other.Depth, other.Kind, other.From, other.To, other.Error is null, other.Logs.Length)
        && AreNear(one.ValueWei, other.ValueWei)
        && one.Input.Span[..Math.Min(SelectorBytes, one.Input.Length)].SequenceEqual(
            other.Input.Span[..Math.Min(SelectorBytes, other.Input.Length)])
        && AreNear(
            one.Input[Math.Min(SelectorBytes, one.Input.Length)..],
            other.Input[Math.Min(SelectorBytes, other.Input.Length)..])
        && Enumerable.Range(0, one.Logs.Length).All(
            index => AreAlike(one.Logs.Span[index], other.Logs.Span[index]));

    private static bool AreAlike(in Log one, in Log other) =>
        one.Address == other.Address && one.Topics == other.Topics && AreNear(one.Data, other.Data);

    // Word by word.
    private static bool AreNear(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other)
    {
        if (one.Length != other.Length)
            return false;
        for (var at = 0; at < one.Length; at += UInt256.ByteCount)
        {
            var (mine, theirs) = (one[at..], other[at..]);
            if (mine.Length < UInt256.ByteCount)
                return mine.Span.SequenceEqual(theirs.Span);
            if (!AreNear(
                new UInt256(mine.Span[..UInt256.ByteCount]), new UInt256(theirs.Span[..UInt256.ByteCount])))
                return false;
        }
        return true;
    }

    // What is beyond is no amount but an address or a hash, and has to be the same.
    private static bool AreNear(UInt256 one, UInt256 other)
    {
        if (one == other)
            return true;
        if (IsNegative(one) && IsNegative(other))
            (one, other) = (UInt256.MaxValue - one, UInt256.MaxValue - other);
        var (less, more) = one < other ? (one, other) : (other, one);
        return more < BeyondAmounts && more - less <= more / Tenth;
    }

    private static bool IsNegative(UInt256 word) => word > UInt256.MaxValue - BeyondAmounts;
}
