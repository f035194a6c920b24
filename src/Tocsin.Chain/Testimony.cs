using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// What a node says of one block, short enough to keep and exact enough to compare: two are equal only where block
/// hash, parent, time, order, every field of every transaction that detection reads, whether it succeeded, and every
/// log with address, topics, data and index are the same (by SHA-256).
/// </summary>
public sealed record Testimony(
    BlockRef Block, Hash32 ParentHash, DateTimeOffset Time, ValueList<TransactionTestimony> Transactions)
{
    /// <summary>
    /// Why nothing shows that the block hash commits to the receipts; null where that is shown, or was not looked at.
    /// No part of what is compared: another node may give the same block with more or fewer fields.
    /// </summary>
    public string? Unproven { get; init; }

    /// <summary>Takes what it needs; the block's memory may be used again afterwards.</summary>
    public static Testimony Of(Block block)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var transactions = new TransactionTestimony[block.Transactions.Length];
        for (var index = 0; index < transactions.Length; index++)
            transactions[index] = TransactionTestimony.Of(block.Transactions.Span[index], bytes);
        return new Testimony(block.Ref, block.ParentHash, block.Time, new(transactions));
    }

    public bool Equals(Testimony? other) => other is not null
        && Block == other.Block && ParentHash == other.ParentHash && Time == other.Time
        && Transactions.Equals(other.Transactions);

    public override int GetHashCode() => HashCode.Combine(Block, ParentHash, Time, Transactions);

    /// <summary>What this one says otherwise than the other one, in words; null where both say the same.</summary>
    public string? DifferenceFrom(Testimony other)
    {
        if (Block != other.Block)
            return $"says that block {Block.Number} is {Block.Hash}, not {other.Block.Hash}";
        if (ParentHash != other.ParentHash)
            return $"says that the parent of block {Block} is {ParentHash}, not {other.ParentHash}";
        if (Time != other.Time)
            return $"dates block {Block} {Time:u}, not {other.Time:u}";
        if (Transactions.Count != other.Transactions.Count)
        {
            return $"says that block {Block} has {Transactions.Count} transactions, not {other.Transactions.Count}";
        }
        for (var index = 0; index < Transactions.Count; index++)
        {
            if (Transactions[index].DifferenceFrom(other.Transactions[index]) is { } difference)
                return $"says that transaction {index} of block {Block} {difference}";
        }
        return null;
    }

    public override string ToString() => $"block {Block} with {Transactions.Count} transactions and "
        + $"{Transactions.Sum(transaction => transaction.Logs)} logs";
}

/// <summary>What a node says of one transaction of a block.</summary>
/// <param name="Logs">How many logs it wrote.</param>
/// <param name="BodyDigest">Of sender, callee, nonce, value, input and the contract created.</param>
/// <param name="LogsDigest">Of the logs in their order.</param>
public readonly record struct TransactionTestimony(
    Hash32 Hash, bool Succeeded, int Logs, Hash32 BodyDigest, Hash32 LogsDigest)
{
    internal static TransactionTestimony Of(in Transaction transaction, ArrayBufferWriter<byte> bytes)
    {
        bytes.ResetWrittenCount();
        WriteBody(bytes, transaction);
        var body = new Hash32(SHA256.HashData(bytes.WrittenSpan));
        bytes.ResetWrittenCount();
        foreach (ref readonly var log in transaction.Logs.Span)
            WriteLog(bytes, log);
        var logs = new Hash32(SHA256.HashData(bytes.WrittenSpan));
        return new TransactionTestimony(
            transaction.Hash, transaction.Succeeded, transaction.Logs.Length, body, logs);
    }

    internal string? DifferenceFrom(TransactionTestimony other)
    {
        if (Hash != other.Hash)
            return $"is {Hash}, not {other.Hash}";
        if (Succeeded != other.Succeeded)
            return Succeeded ? $"({Hash}) succeeded, not reverted" : $"({Hash}) reverted, not succeeded";
        if (Logs != other.Logs)
            return $"({Hash}) wrote {Logs} logs, not {other.Logs}";
        if (LogsDigest != other.LogsDigest)
            return $"({Hash}) wrote other logs";
        return BodyDigest != other.BodyDigest ? $"({Hash}) has another sender, callee, value or input" : null;
    }

    private static void WriteBody(ArrayBufferWriter<byte> bytes, in Transaction transaction)
    {
        transaction.From.CopyTo(Room(bytes, Address.ByteCount));
        Write(bytes, transaction.To);
        Write(bytes, transaction.ContractCreated);
        BinaryPrimitives.WriteUInt64BigEndian(Room(bytes, sizeof(ulong)), transaction.Nonce);
        transaction.ValueWei.CopyTo(Room(bytes, UInt256.ByteCount));
        bytes.Write(transaction.Input.Span);
    }

    // Every part of unknown length is preceded by it, so that no two lists of logs give the same bytes.
    private static void WriteLog(ArrayBufferWriter<byte> bytes, in Log log)
    {
        BinaryPrimitives.WriteInt32BigEndian(Room(bytes, sizeof(int)), log.Index);
        log.Address.CopyTo(Room(bytes, Address.ByteCount));
        Room(bytes, 1)[0] = (byte)log.Topics.Count;
        foreach (var topic in log.Topics)
            topic.CopyTo(Room(bytes, Hash32.ByteCount));
        BinaryPrimitives.WriteInt32BigEndian(Room(bytes, sizeof(int)), log.Data.Length);
        bytes.Write(log.Data.Span);
    }

    private static void Write(ArrayBufferWriter<byte> bytes, Address? address)
    {
        Room(bytes, 1)[0] = address is null ? (byte)0 : (byte)1;
        if (address is { } known)
            known.CopyTo(Room(bytes, Address.ByteCount));
    }

    private static Span<byte> Room(ArrayBufferWriter<byte> bytes, int count)
    {
        var room = bytes.GetSpan(count)[..count];
        bytes.Advance(count);
        return room;
    }
}
