-- The bytes of deliveries leave the table of their states: those who come together lie together, compressed as
-- one. What is here already moves as it is, one bundle each. Stop every older version first: it looks for the
-- bytes where they are no longer.
CREATE TABLE event_bundles (
    id             TEXT NOT NULL PRIMARY KEY, -- that of its first delivery
    packing        TEXT    NOT NULL CHECK (packing IN ('plain', 'zstd')),
    unpacked_bytes INTEGER NOT NULL,
    bytes          BLOB    NOT NULL
) STRICT;
INSERT INTO event_bundles (id, packing, unpacked_bytes, bytes)
SELECT id, 'plain', length(CAST(headers AS BLOB)) + length(body), CAST(CAST(headers AS BLOB) || body AS BLOB) FROM events;

CREATE TABLE new_events (
    id                TEXT NOT NULL PRIMARY KEY,
    connection        TEXT NOT NULL,
    dedupe_key        TEXT NOT NULL, -- the provider's event id, or sha256:… of an unreadable body
    provider_event_id TEXT,
    kind              TEXT,
    state             TEXT    NOT NULL CHECK (state IN ('received', 'processed', 'ignored', 'parked', 'failed', 'foreign')),
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
    UNIQUE (dedupe_key, connection)
) STRICT, WITHOUT ROWID;
INSERT INTO new_events
SELECT id, connection, dedupe_key, provider_event_id, kind, state, attempts, error, conflict, received_at, processed_at, due_at,
       id, 0, length(CAST(headers AS BLOB)), length(body)
FROM events;
DROP TABLE events;
ALTER TABLE new_events RENAME TO events;
-- Only of deliveries that nobody is done with: storing one writes to no index that it will not need, and what
-- is done leaves none behind. What to work on next is read from it, and how much waits for how long.
CREATE INDEX events_open ON events (state, due_at, id, received_at)
WHERE state IN ('received', 'parked', 'failed', 'foreign');
