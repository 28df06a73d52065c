-- Every signed delivery, byte for byte, before anything is made of it.
CREATE TABLE events (
    id                TEXT    NOT NULL PRIMARY KEY,
    connection        TEXT    NOT NULL,
    dedupe_key        TEXT    NOT NULL, -- the provider's event id, or sha256:… of an unreadable body
    provider_event_id TEXT,
    kind              TEXT,
    state             TEXT    NOT NULL CHECK (state IN ('received', 'processed', 'ignored', 'parked', 'failed', 'foreign')),
    attempts          INTEGER NOT NULL,
    error             TEXT,
    conflict          TEXT,
    received_at       INTEGER NOT NULL,
    processed_at      INTEGER,
    due_at            INTEGER NOT NULL,
    headers           TEXT    NOT NULL,
    body              BLOB    NOT NULL,
    body_sha256       TEXT    NOT NULL,
    UNIQUE (connection, dedupe_key)
) STRICT;
CREATE INDEX events_waiting ON events (due_at, id) WHERE state IN ('received', 'parked');
CREATE INDEX events_by_state ON events (state, id);
CREATE INDEX events_by_kind ON events (kind, id);
CREATE INDEX events_by_provider_id ON events (provider_event_id);
