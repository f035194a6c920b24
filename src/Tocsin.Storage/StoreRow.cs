using System.Data.Common;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.Storage;

/// <summary>One thing that a store holds, whatever database it is in.</summary>
public abstract record StoreRow
{
    public sealed record Entry(LogEntry Value) : StoreRow;

    public sealed record Item(OutboxState Value) : StoreRow;

    public sealed record Mark(Checkpoint Value) : StoreRow;

    /// <summary>A key of the server, which is a secret.</summary>
    public sealed record Key(string Name, ReadOnlyMemory<byte> Value) : StoreRow;

    internal static LogEntry ReadEntry(DbDataReader row) => new(row.GetInt64(0), Instant(row.GetInt64(1)),
        row.GetString(2), row.GetString(3), row.GetString(4), ReadHash(row, 5), ReadHash(row, 6));

    internal static OutboxState ReadOutbox(DbDataReader row)
    {
        var item = new OutboxItem(row.GetString(0), row.GetString(1), (Severity)row.GetInt32(2),
            Instant(row.GetInt64(3)), row.GetString(4));
        return new OutboxState(item, row.GetInt32(5), Instant(row.GetInt64(6)), row.GetInt32(7) != 0,
            row.IsDBNull(8) ? null : row.GetString(8));
    }

    internal static LogHead ReadHead(DbDataReader row) => new(row.GetInt64(0), ReadHash(row, 1));

    internal static DateTimeOffset Instant(long ticks) => new(ticks, TimeSpan.Zero);

    private static Hash32 ReadHash(DbDataReader row, int column) => new(row.GetFieldValue<byte[]>(column));
}
