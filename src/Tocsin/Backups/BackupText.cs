using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Storage;

namespace Tocsin.Backups;

/// <summary>One line of a backup: exactly one of these.</summary>
internal sealed record BackupLine(
    BackupHead? Backup = null,
    EntryText? Entry = null,
    ItemText? Message = null,
    CheckpointText? Checkpoint = null,
    KeyText? Key = null,
    BackupEnd? End = null);

/// <param name="Version">Of the form of the backup.</param>
/// <param name="Head">The last entry of the log in it.</param>
internal sealed record BackupHead(int Version, DateTimeOffset Made, string Head);

/// <param name="Sha256">Of every line before this one, each with its line feed.</param>
internal sealed record BackupEnd(long Lines, string Sha256);

internal sealed record EntryText(
    long Sequence, long Ticks, string Stream, string Kind, string Payload, string Previous, string Hash);

internal sealed record ItemText(
    string Key, string Channel, int Severity, long Created, string Alert, int Attempts, long Next, bool Settled,
    string? Result = null);

internal sealed record CheckpointText(string Name, string Payload);

internal sealed record KeyText(string Name, byte[] Value);

/// <summary>Rows of a store as lines of a backup, whatever database they are from.</summary>
internal static class BackupText
{
    public const int Version = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 4,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Write(BackupLine line) => JsonSerializer.SerializeToUtf8Bytes(line, Options);

    /// <exception cref="FormatException">It is no line of a backup of this version.</exception>
    public static BackupLine Read(ReadOnlySpan<byte> text)
    {
        try
        {
            var line = JsonSerializer.Deserialize<BackupLine>(text, Options);
            object?[] parts = [line?.Backup, line?.Entry, line?.Message, line?.Checkpoint, line?.Key, line?.End];
            return parts.Count(part => part is not null) == 1 ? line! : throw new FormatException("not one thing");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("no line of a backup", e);
        }
    }

    public static BackupLine Of(StoreRow row) => row switch
    {
        StoreRow.Entry(var entry) => new(Entry: new EntryText(
            entry.Sequence, entry.Instant.UtcTicks, entry.Stream, entry.Kind, entry.Payload,
            entry.PreviousHash.ToString(), entry.Hash.ToString())),
        StoreRow.Item(var state) => new(Message: new ItemText(
            state.Item.Key, state.Item.Channel, (int)state.Item.Severity, state.Item.CreatedAt.UtcTicks,
            state.Item.Alert, state.Attempts, state.NextAttemptAt.UtcTicks, state.Settled, state.LastResult)),
        StoreRow.Mark(var checkpoint) => new(Checkpoint: new CheckpointText(checkpoint.Name, checkpoint.Payload)),
        StoreRow.Key(var name, var value) => new(Key: new KeyText(name, value.ToArray())),
        _ => throw new InvalidOperationException($"no line for {row.GetType().Name}"),
    };

    /// <summary>Null for a head or an end.</summary>
    /// <exception cref="FormatException">A number or a hash in it is none that can be.</exception>
    public static StoreRow? RowOf(BackupLine line) => line switch
    {
        { Entry: { } entry } => new StoreRow.Entry(new LogEntry(
            entry.Sequence, Instant(entry.Ticks), entry.Stream, entry.Kind, entry.Payload,
            Hash32.Parse(entry.Previous), Hash32.Parse(entry.Hash))),
        { Message: { } item } => new StoreRow.Item(new OutboxState(
            new OutboxItem(item.Key, item.Channel, SeverityOf(item.Severity), Instant(item.Created), item.Alert),
            item.Attempts, Instant(item.Next), item.Settled, item.Result)),
        { Checkpoint: { } checkpoint } => new StoreRow.Mark(new Checkpoint(checkpoint.Name, checkpoint.Payload)),
        { Key: { } key } => new StoreRow.Key(key.Name, key.Value),
        _ => null,
    };

    private static DateTimeOffset Instant(long ticks) =>
        ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : throw new FormatException("no instant");

    private static Severity SeverityOf(int number) =>
        Enum.IsDefined((Severity)number) ? (Severity)number : throw new FormatException("no severity");
}
