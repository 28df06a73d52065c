-- The bytes of deliveries leave the table of their states: those who come together lie together, compressed as
-- one. What is here already moves as it is, one bundle each. Stop every older version first: it looks for the
-- bytes where they are no longer.
CREATE TABLE event_bundles (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- that of its first delivery
    packing        TEXT    NOT NULL CHECK (packing IN ('plain', 'zstd')),
    unpacked_bytes BIGINT  NOT NULL,
    bytes          BYTEA   NOT NULL
);
-- It is compressed already, and better than PostgreSQL would.
ALTER TABLE event_bundles ALTER COLUMN bytes SET STORAGE EXTERNAL;
INSERT INTO event_bundles (id, packing, unpacked_bytes, bytes)
SELECT id, 'plain', octet_length(headers) + octet_length(body), convert_to(headers, 'UTF8') || body FROM events;

CREATE TABLE new_events (
    id                TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    connection        TEXT COLLATE "C" NOT NULL,
    dedupe_key        TEXT COLLATE "C" NOT NULL, -- the provider's event id, or sha256:… of an unreadable body
    provider_event_id TEXT,
    kind              TEXT,
    state             TEXT    NOT NULL CHECK (state IN ('received', 'processed', 'ignored', 'parked', 'failed', 'foreign')),
    attempts          BIGINT  NOT NULL,
    error             TEXT,
    conflict          TEXT,
    received_at       BIGINT  NOT NULL,
    processed_at      BIGINT ,
    due_at            BIGINT  NOT NULL,
    bundle            TEXT    NOT NULL, -- where its bytes are: headers, and the body after them
    bytes_at          BIGINT  NOT NULL,
    headers_bytes     BIGINT  NOT NULL,
    body_bytes        BIGINT  NOT NULL,
    UNIQUE (dedupe_key, connection)
);
INSERT INTO new_events
SELECT id, connection, dedupe_key, provider_event_id, kind, state, attempts, error, conflict, received_at, processed_at, due_at,
       id, 0, octet_length(headers), octet_length(body)
FROM events;
DROP TABLE events;
ALTER TABLE new_events RENAME TO events;
ALTER TABLE events RENAME CONSTRAINT new_events_pkey TO events_pkey;
ALTER TABLE events RENAME CONSTRAINT new_events_dedupe_key_connection_key TO events_dedupe_key_connection_key;
-- Only of deliveries that nobody is done with: storing one writes to no index that it will not need, and what
-- is done leaves none behind. What to work on next is read from it, and how much waits for how long.
CREATE INDEX events_open ON events (state, due_at, id, received_at)
WHERE state IN ('received', 'parked', 'failed', 'foreign');
