-- A store as version 2 made it. Never edited: databases like it exist.
PRAGMA journal_mode = WAL;
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
CREATE INDEX outbox_next_attempt ON outbox (channel, severity, next_attempt_ticks)
    WHERE settled = 0 AND next_attempt_ticks >= 0;

CREATE TABLE checkpoint (name TEXT PRIMARY KEY, payload TEXT NOT NULL);

CREATE TABLE server_key (name TEXT PRIMARY KEY, value BLOB NOT NULL);

INSERT INTO log (sequence, instant_ticks, stream, kind, payload, previous_hash, hash) VALUES
    (1, 639079632000000001, 'plan', 'plan-adopted.1', '{"plan":"0x01"}',
    x'0000000000000000000000000000000000000000000000000000000000000000',
    x'ffb5f091398c31fa5327fc5230dab5ed9f13e7e7f49d0dcd7fbce469c4660b9e');
INSERT INTO log (sequence, instant_ticks, stream, kind, payload, previous_hash, hash) VALUES
    (2, 639079632000000002, 'INC-1', 'incident-opened.1', '{"title":"Zürich 🚨"}',
    x'ffb5f091398c31fa5327fc5230dab5ed9f13e7e7f49d0dcd7fbce469c4660b9e',
    x'50370e217167b27590a99ae42739fdac5a6257eb991be4d7f428a8260b13f376');
INSERT INTO log (sequence, instant_ticks, stream, kind, payload, previous_hash, hash) VALUES
    (3, 639079632000000003, 'INC-1', 'acknowledged.1', '{"person":"kim"}',
    x'50370e217167b27590a99ae42739fdac5a6257eb991be4d7f428a8260b13f376',
    x'796d63f522f3becf16eab51fd5bad92aa0fd382518d8259b6664fcbae063e32b');
INSERT INTO outbox (key, channel, severity, created_ticks, alert, attempts, next_attempt_ticks, settled, last_result)
VALUES
    ('INC-1/2/war-room', 'war-room', 1, 639079632000000000, '{"incident":"INC-1"}', 2, 639079632300000000, 0, 'busy'),
    ('INC-1/3/phone', 'phone', 2, 639079632000000000, '{}', 1, 0, 1, 'accepted');
INSERT INTO checkpoint (name, payload) VALUES ('watch/1', '{"block":17}');
INSERT INTO server_key (name, value) VALUES ('acknowledge-links', x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
INSERT INTO schema_version (version) VALUES (1), (2);
