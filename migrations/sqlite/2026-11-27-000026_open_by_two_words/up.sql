-- What a delivery's state may be, and which indexes hold it, by comparing words. Of a list of more than two words SQLite
-- makes a table, for each statement anew, and looks in it for each row: three such tables for every delivery
-- that is stored, and five looks for every one that is done with. (A check cannot be changed where it is.)
CREATE TABLE new_events (
    id                TEXT NOT NULL PRIMARY KEY,
    connection        TEXT NOT NULL,
    dedupe_key        TEXT NOT NULL, -- the provider's event id, or sha256:… of an unreadable body
    provider_event_id TEXT,
    kind              TEXT,
    state             TEXT    NOT NULL CHECK (
        state = 'received' OR state = 'processed' OR state = 'ignored' OR state = 'parked' OR state = 'failed' OR state = 'foreign'
    ),
    attempts          INTEGER NOT NULL,
    error             TEXT,
    conflict          TEXT,
    received_at       INTEGER NOT NULL,
    processed_at      INTEGER,
    due_at            INTEGER NOT NULL,
    bundle            TEXT    NOT NULL, -- where its bytes are: headers, and the body after them
    bytes_at          INTEGER NOT NULL,
    headers_bytes     INTEGER NOT NULL,
    body_bytes        INTEGER NOT NULL,
    lane              INTEGER NOT NULL DEFAULT 0,
    UNIQUE (dedupe_key, connection)
) STRICT, WITHOUT ROWID;
INSERT INTO new_events
SELECT id, connection, dedupe_key, provider_event_id, kind, state, attempts, error, conflict, received_at, processed_at, due_at,
       bundle, bytes_at, headers_bytes, body_bytes, lane
FROM events;
DROP TABLE events;
ALTER TABLE new_events RENAME TO events;
CREATE INDEX events_open ON events (state, due_at, id, received_at) WHERE state NOT IN ('processed', 'ignored');
CREATE INDEX events_set_aside ON events (state, id) WHERE state NOT IN ('received', 'processed');

-- What the planner goes by went with the old table.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('events', 'events', '10000000 1'),
    ('events', 'sqlite_autoindex_events_2', '10000000 1 1'),
    ('events', 'events_open', '1000 300 2 1 1'),
    ('events', 'events_set_aside', '10000 3000 1');
ANALYZE sqlite_schema; -- reads it
