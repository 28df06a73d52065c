CREATE TABLE api_keys (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL CHECK (role IN ('read', 'support', 'finance', 'admin')),
    secret_hash TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;

-- Answers to POSTs that carried an Idempotency-Key.
CREATE TABLE idempotent_requests (
    api_key     TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    status      INTEGER,          -- NULL while it runs
    body        TEXT,
    created_at  INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    PRIMARY KEY (api_key, key)
) STRICT;

CREATE TABLE portal_sessions (
    token_hash  TEXT    NOT NULL PRIMARY KEY,
    customer_id TEXT    NOT NULL REFERENCES customers (id),
    locale      TEXT    NOT NULL,
    return_url  TEXT,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT;

CREATE TABLE account_sessions (
    token_hash   TEXT    NOT NULL PRIMARY KEY,
    customer_id  TEXT    NOT NULL REFERENCES customers (id),
    locale       TEXT    NOT NULL,
    return_url   TEXT,
    form_token   TEXT    NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;

-- One holder at a time for work that must not run twice.
CREATE TABLE leases (
    name   TEXT    NOT NULL PRIMARY KEY,
    holder TEXT    NOT NULL,
    until  INTEGER NOT NULL
) STRICT;
