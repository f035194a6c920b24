namespace Tocsin.Storage.Sqlite;

/// <summary>What only SQLite understands (3.35: neither STRICT nor ->>).</summary>
internal static class SqliteSql
{
    /// <summary>Marks the file as ours in SQLite's header ("TCSN"): another program's file is not touched.</summary>
    public const long ApplicationId = 0x5443534E;

    public const string ReadApplicationId = "PRAGMA application_id";

    public const string CountTables = "SELECT count(*) FROM sqlite_master";

    public const string HasSchemaVersion = "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'";

    public const string WriteAheadLog = "PRAGMA journal_mode = WAL";

    // FULL makes each commit reach the disk before it returns; fullfsync makes macOS mean it.
    public const string Durability = "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA busy_timeout = 5000";

    public const string OnlyReading = "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000";

    public const string Begin = "BEGIN IMMEDIATE";

    public const string BeginReading = "BEGIN";

    public const string Commit = "COMMIT";

    public const string Rollback = "ROLLBACK";

    /// <summary>
    /// The schema as forward-only steps; step n makes version n. A released step is never edited. Instants are ticks
    /// (100 ns since year 1) of UTC. The insert trigger also stops INSERT OR REPLACE, which fires no delete trigger.
    /// </summary>
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        PRAGMA application_id = 0x5443534E;

        CREATE TABLE schema_version (version INTEGER PRIMARY KEY);

        CREATE TABLE log (
            sequence      INTEGER PRIMARY KEY,
            instant_ticks INTEGER NOT NULL,
            stream        TEXT NOT NULL,
            kind          TEXT NOT NULL,
            payload       TEXT NOT NULL,
            previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
            hash          BLOB NOT NULL CHECK (length(hash) = 32)
        );
        CREATE TRIGGER log_is_not_updated BEFORE UPDATE ON log
            BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        CREATE TRIGGER log_is_not_deleted BEFORE DELETE ON log
            BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        CREATE TRIGGER log_has_no_gaps BEFORE INSERT ON log
            WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM log)
            BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

        CREATE TABLE outbox (
            position           INTEGER PRIMARY KEY,
            key                TEXT NOT NULL UNIQUE,
            channel            TEXT NOT NULL,
            severity           INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 5),
            created_ticks      INTEGER NOT NULL,
            alert              TEXT NOT NULL,
            attempts           INTEGER NOT NULL DEFAULT 0,
            next_attempt_ticks INTEGER NOT NULL,
            settled            INTEGER NOT NULL DEFAULT 0,
            last_result        TEXT
        );
        CREATE INDEX outbox_unsettled ON outbox (channel, severity, created_ticks, position) WHERE settled = 0;
        CREATE INDEX outbox_next_attempt ON outbox (channel, next_attempt_ticks) WHERE settled = 0;

        CREATE TABLE checkpoint (name TEXT PRIMARY KEY, payload TEXT NOT NULL);

        CREATE TABLE server_key (name TEXT PRIMARY KEY, value BLOB NOT NULL);
        """,
        // With 100,000 alerts waiting each question has one index that answers it at once. The condition that always
        // holds keeps this one from being taken for what is due: all of that would be read, to be sorted.
        """
        DROP INDEX outbox_next_attempt;
        CREATE INDEX outbox_next_attempt ON outbox (channel, severity, next_attempt_ticks)
            WHERE settled = 0 AND next_attempt_ticks >= 0;
        """,
    ];
}
