namespace Tocsin.Storage;

/// <summary>Every statement on what is stored, in the words that SQLite 3.35 and PostgreSQL share.</summary>
internal static class Sql
{
    public const string ReadHead = "SELECT sequence, hash FROM log ORDER BY sequence DESC LIMIT 1";

    public const string InsertEntry = """
        INSERT INTO log (sequence, instant_ticks, stream, kind, payload, previous_hash, hash)
        VALUES (@sequence, @instant, @stream, @kind, @payload, @previous, @hash)
        """;

    public const string ReadEntries = """
        SELECT sequence, instant_ticks, stream, kind, payload, previous_hash, hash
        FROM log WHERE sequence > @after AND sequence <= @last ORDER BY sequence LIMIT @limit
        """;

    public const string InsertOutbox = """
        INSERT INTO outbox (key, channel, severity, created_ticks, alert, next_attempt_ticks)
        VALUES (@key, @channel, @severity, @created, @alert, 0)
        ON CONFLICT (key) DO NOTHING
        """;

    public const string RecordOutcome = """
        UPDATE outbox
        SET attempts = attempts + 1, next_attempt_ticks = @next, last_result = @result,
            settled = CASE WHEN settled = 1 THEN 1 ELSE @settled END
        WHERE key = @key
        RETURNING attempts
        """;

    private const string OutboxColumns =
        "SELECT key, channel, severity, created_ticks, alert, attempts, next_attempt_ticks, settled, last_result";

    private const string OutboxOrder = " ORDER BY severity, created_ticks, position";

    // Nothing is put off for longer than its severity allows: what seems to be was put off by a clock that was ahead.
    public const string DueOutbox =
        OutboxColumns + " FROM outbox WHERE settled = 0 AND channel = @channel AND severity BETWEEN @worst AND @least"
            + " AND (next_attempt_ticks <= @now OR next_attempt_ticks > CASE severity WHEN 1 THEN @far1"
            + " WHEN 2 THEN @far2 WHEN 3 THEN @far3 WHEN 4 THEN @far4 ELSE @far5 END)"
            + OutboxOrder + " LIMIT @limit";

    public const string UnsettledOutbox = OutboxColumns + " FROM outbox WHERE settled = 0" + OutboxOrder;

    public const string FindOutbox = OutboxColumns + " FROM outbox WHERE key = @key";

    // Severity by severity: a range of them would be searched from end to end for its smallest instant.
    public const string NextOutboxAttempt = """
        SELECT min(next) FROM (
            SELECT (
                SELECT next_attempt_ticks FROM outbox
                WHERE settled = 0 AND channel = @channel AND severity = rank AND next_attempt_ticks >= 0
                ORDER BY next_attempt_ticks LIMIT 1) AS next
            FROM (SELECT 1 AS rank UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) AS ranks
            WHERE rank BETWEEN @worst AND @least) AS nexts
        """;

    // From one channel to the next by the index, whatever waits in each.
    public const string UnsettledChannels = """
        WITH RECURSIVE found (channel) AS (
            SELECT (SELECT channel FROM outbox WHERE settled = 0 ORDER BY channel LIMIT 1)
            UNION ALL
            SELECT (SELECT outbox.channel FROM outbox
                WHERE settled = 0 AND outbox.channel > found.channel ORDER BY outbox.channel LIMIT 1)
            FROM found WHERE found.channel IS NOT NULL)
        SELECT channel FROM found WHERE channel IS NOT NULL
        """;

    public const string WriteCheckpoint = """
        INSERT INTO checkpoint (name, payload) VALUES (@name, @payload)
        ON CONFLICT (name) DO UPDATE SET payload = excluded.payload
        """;

    public const string ReadCheckpoint = "SELECT payload FROM checkpoint WHERE name = @name";

    public const string ReadKey = "SELECT value FROM server_key WHERE name = @name";

    public const string WriteKey = "INSERT INTO server_key (name, value) VALUES (@name, @value)";

    public const string ReadAttempts = "SELECT attempts FROM outbox WHERE key = @key";

    /// <summary>0 for a store in which nobody has written anything.</summary>
    public const string CountRows = """
        SELECT (SELECT count(*) FROM log) + (SELECT count(*) FROM outbox)
            + (SELECT count(*) FROM checkpoint) + (SELECT count(*) FROM server_key)
        """;

    public const string ReadOutbox = OutboxColumns + ", position FROM outbox"
        + " WHERE position > @after ORDER BY position LIMIT @limit";

    public const string ReadCheckpointNames = "SELECT name FROM checkpoint ORDER BY name";

    public const string ReadKeys = "SELECT name, value FROM server_key ORDER BY name";

    public const string RestoreOutbox = """
        INSERT INTO outbox (key, channel, severity, created_ticks, alert, attempts, next_attempt_ticks, settled,
            last_result)
        VALUES (@key, @channel, @severity, @created, @alert, @attempts, @next, @settled, @result)
        """;
}
