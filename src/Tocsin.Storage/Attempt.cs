using Tocsin.Audit;
using Tocsin.Communications;

namespace Tocsin.Storage;

/// <summary>
/// A batch on its way into the log. Where a connection breaks while it is committed nobody says whether it arrived, so
/// it can be taken a second time: it looks first whether what it wrote is there.
/// </summary>
internal sealed class Attempt
{
    private readonly Batch batch;
    private (string Key, object? Attempts)? mark;
    private bool isSent;

    /// <param name="head">The end of the log, behind which the batch goes.</param>
    public Attempt(Batch batch, LogHead head)
    {
        this.batch = batch;
        var entries = new List<LogEntry>(batch.Entries.Count);
        foreach (var entry in batch.Entries)
        {
            entries.Add(LogChain.Append(head, entry));
            head = new LogHead(entries[^1].Sequence, entries[^1].Hash);
        }
        Entries = entries;
        Head = head;
    }

    public IReadOnlyList<LogEntry> Entries { get; }

    /// <summary>The end of the log once the batch is in it.</summary>
    public LogHead Head { get; }

    /// <summary>Writes it, unless an earlier call already has.</summary>
    /// <returns>True where it is in the log by this call.</returns>
    public bool Take(IDatabase database)
    {
        if (isSent && HasArrived(database))
            return false;
        database.Begin();
        try
        {
            Write(database);
            isSent = true;
            database.Commit();
            return true;
        }
        catch
        {
            database.RollBack();
            throw;
        }
    }

    // Entries tell by their hash. Without entries, the number of attempts of an item tells. What has neither can be
    // written twice without a difference.
    private bool HasArrived(IDatabase database)
    {
        if (Entries.Count > 0)
            return database.Connection.Rows(StoreRow.ReadHead, Sql.ReadHead) is [var last] && last == Head;
        return mark is var (key, attempts)
            && Equals(database.Connection.Scalar(Sql.ReadAttempts, ("@key", key)), attempts);
    }

    private void Write(IDatabase database)
    {
        foreach (var entry in Entries)
            Restoring.Insert(database.Connection, new StoreRow.Entry(entry));
        foreach (var item in batch.Outbox)
            Enqueue(database, item);
        foreach (var outcome in batch.Settled)
            Record(database, outcome);
        if (batch.Checkpoint is { } checkpoint)
            Restoring.Insert(database.Connection, new StoreRow.Mark(checkpoint));
    }

    private static void Enqueue(IDatabase database, OutboxItem item) => database.Connection.Run(
        Sql.InsertOutbox, ("@key", item.Key), ("@channel", item.Channel), ("@severity", (int)item.Severity),
        ("@created", item.CreatedAt.UtcTicks), ("@alert", item.Alert));

    private void Record(IDatabase database, OutboxOutcome outcome)
    {
        var attempts = database.Connection.Scalar(
            Sql.RecordOutcome, ("@key", outcome.Key), ("@settled", outcome.Settled ? 1 : 0),
            ("@next", outcome.NextAttemptAt.UtcTicks), ("@result", outcome.Result));
        if (attempts is null)
            throw new ArgumentException($"no item of the outbox has the key '{outcome.Key}'", nameof(outcome));
        mark = (outcome.Key, attempts);
    }
}
