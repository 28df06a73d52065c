CREATE TABLE api_keys (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL CHECK (role IN ('read', 'support', 'finance', 'admin')),
    secret_hash TEXT    NOT NULL,
    created_at  BIGINT NOT NULL,
    revoked_at  BIGINT
);

-- Answers to POSTs that carried an Idempotency-Key.
CREATE TABLE idempotent_requests (
    api_key     TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    status      BIGINT,          -- NULL while it runs
    body        TEXT,
    created_at  BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    PRIMARY KEY (api_key, key)
);

CREATE TABLE portal_sessions (
    token_hash  TEXT    NOT NULL PRIMARY KEY,
    customer_id TEXT    NOT NULL REFERENCES customers (id),
    locale      TEXT    NOT NULL,
    return_url  TEXT,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT
);

CREATE TABLE account_sessions (
    token_hash   TEXT    NOT NULL PRIMARY KEY,
    customer_id  TEXT    NOT NULL REFERENCES customers (id),
    locale       TEXT    NOT NULL,
    return_url   TEXT,
    form_token   TEXT    NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);

-- One holder at a time for work that must not run twice.
CREATE TABLE leases (
    name   TEXT    NOT NULL PRIMARY KEY,
    holder TEXT    NOT NULL,
    until  BIGINT NOT NULL
);
