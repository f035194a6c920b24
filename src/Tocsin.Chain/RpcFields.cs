namespace Tocsin.Chain;

/// <summary>
/// The fields that are read of blocks, transactions, receipts and logs, as bits so that a set of them is one number.
/// A field's name in JSON is the name here with a small first letter.
/// </summary>
[Flags]
internal enum RpcFields
{
    None = 0,
    Number = 1 << 0,
    Hash = 1 << 1,
    ParentHash = 1 << 2,
    Timestamp = 1 << 3,
    ReceiptsRoot = 1 << 4,
    LogsBloom = 1 << 5,
    Transactions = 1 << 6,
    TransactionHash = 1 << 7,
    TransactionIndex = 1 << 8,
    BlockHash = 1 << 9,
    BlockNumber = 1 << 10,
    From = 1 << 11,
    To = 1 << 12,
    Nonce = 1 << 13,
    Value = 1 << 14,
    Input = 1 << 15,
    Status = 1 << 16,
    GasUsed = 1 << 17,
    ContractAddress = 1 << 18,
    Logs = 1 << 19,
    LogIndex = 1 << 20,
    Address = 1 << 21,
    Topics = 1 << 22,
    Data = 1 << 23,
    Removed = 1 << 24,
    Type = 1 << 25,
    CumulativeGasUsed = 1 << 26,
    GasLimit = 1 << 27,
    BaseFeePerGas = 1 << 28,
}

/// <summary>Which field a name is. Length and bytes decide; no text is made of a name.</summary>
internal static class RpcFieldNames
{
    public static RpcFields Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => Either(name, "to"u8, RpcFields.To),
        4 => name[0] switch
        {
            (byte)'h' => Either(name, "hash"u8, RpcFields.Hash),
            (byte)'f' => Either(name, "from"u8, RpcFields.From),
            (byte)'l' => Either(name, "logs"u8, RpcFields.Logs),
            (byte)'t' => Either(name, "type"u8, RpcFields.Type),
            _ => Either(name, "data"u8, RpcFields.Data),
        },
        5 => name[0] switch
        {
            (byte)'n' => Either(name, "nonce"u8, RpcFields.Nonce),
            (byte)'v' => Either(name, "value"u8, RpcFields.Value),
            _ => Either(name, "input"u8, RpcFields.Input),
        },
        6 => name[0] switch
        {
            (byte)'t' => Either(name, "topics"u8, RpcFields.Topics),
            (byte)'s' => Either(name, "status"u8, RpcFields.Status),
            _ => Either(name, "number"u8, RpcFields.Number),
        },
        7 => name[0] switch
        {
            (byte)'a' => Either(name, "address"u8, RpcFields.Address),
            (byte)'r' => Either(name, "removed"u8, RpcFields.Removed),
            _ => Either(name, "gasUsed"u8, RpcFields.GasUsed),
        },
        8 => name[0] == (byte)'g'
            ? Either(name, "gasLimit"u8, RpcFields.GasLimit)
            : Either(name, "logIndex"u8, RpcFields.LogIndex),
        9 => name[0] switch
        {
            (byte)'b' => Either(name, "blockHash"u8, RpcFields.BlockHash),
            (byte)'l' => Either(name, "logsBloom"u8, RpcFields.LogsBloom),
            _ => Either(name, "timestamp"u8, RpcFields.Timestamp),
        },
        10 => Either(name, "parentHash"u8, RpcFields.ParentHash),
        11 => Either(name, "blockNumber"u8, RpcFields.BlockNumber),
        12 => name[0] == (byte)'t'
            ? Either(name, "transactions"u8, RpcFields.Transactions)
            : Either(name, "receiptsRoot"u8, RpcFields.ReceiptsRoot),
        13 => Either(name, "baseFeePerGas"u8, RpcFields.BaseFeePerGas),
        15 => name[0] == (byte)'t'
            ? Either(name, "transactionHash"u8, RpcFields.TransactionHash)
            : Either(name, "contractAddress"u8, RpcFields.ContractAddress),
        16 => Either(name, "transactionIndex"u8, RpcFields.TransactionIndex),
        17 => Either(name, "cumulativeGasUsed"u8, RpcFields.CumulativeGasUsed),
        _ => RpcFields.None,
    };

    /// <summary>The name of one field as JSON has it, for messages.</summary>
    public static string NameOf(RpcFields field)
    {
        var name = field.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private static RpcFields Either(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected, RpcFields field) =>
        name.SequenceEqual(expected) ? field : RpcFields.None;
}
