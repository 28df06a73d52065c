-- A cancellation is a saga: `step` says what is done, `state` what the API shows.
CREATE TABLE cancellations (
    id                TEXT    NOT NULL PRIMARY KEY,
    subscription_id   TEXT    NOT NULL REFERENCES subscriptions (id),
    origin            TEXT    NOT NULL CHECK (origin IN ('avstem', 'provider')),
    state             TEXT    NOT NULL CHECK (state IN ('requested', 'canceling', 'refunding', 'completed', 'undone', 'attention')),
    step              TEXT    NOT NULL CHECK (step IN ('requested', 'planned', 'billing_stopped', 'refund_requested', 'finished')),
    requested_by      TEXT    NOT NULL CHECK (requested_by IN ('customer', 'support', 'shop')),
    refund            TEXT    NOT NULL CHECK (refund IN ('policy', 'none')),
    reason            TEXT,
    received_at       INTEGER NOT NULL,
    judged_at         INTEGER NOT NULL, -- requested_at when it was given
    stop_mode         TEXT,
    stop_effective_at INTEGER,
    stop_done_at      INTEGER,
    policy_version    TEXT,
    attention         TEXT,             -- what a person must look at in the end
    trouble           TEXT,             -- what keeps the saga from going on now
    attempts          INTEGER NOT NULL,
    due_at            INTEGER,          -- when the saga goes on; NULL: nothing left to do
    lease_until       INTEGER NOT NULL,
    fence             INTEGER NOT NULL
) STRICT;
-- One cancellation of ours at a time: the second click finds the first one's row.
CREATE UNIQUE INDEX cancellations_one_each ON cancellations (subscription_id) WHERE origin = 'avstem' AND state <> 'undone';
CREATE INDEX cancellations_by_subscription ON cancellations (subscription_id, id);
CREATE INDEX cancellations_by_state ON cancellations (state, id);
CREATE INDEX cancellations_due ON cancellations (due_at) WHERE due_at IS NOT NULL;

-- A charge that was not paid when the plan was made may get a later verdict: the last one counts.
CREATE TABLE verdicts (
    cancellation_id    TEXT    NOT NULL REFERENCES cancellations (id),
    position           INTEGER NOT NULL,
    charge_id          TEXT    NOT NULL REFERENCES charges (id),
    charge_provider_id TEXT    NOT NULL,
    kind               TEXT    NOT NULL,
    amount             INTEGER NOT NULL,
    currency           TEXT    NOT NULL,
    period_start       INTEGER,
    period_end         INTEGER,
    decision           TEXT    NOT NULL CHECK (decision IN ('refund', 'partial_refund', 'reject')),
    refund_amount      INTEGER,
    code               TEXT    NOT NULL,
    clause             TEXT    NOT NULL,
    explanation_sv     TEXT    NOT NULL,
    explanation_en     TEXT    NOT NULL,
    decided_at         INTEGER NOT NULL,
    PRIMARY KEY (cancellation_id, position),
    CHECK ((decision = 'reject') = (refund_amount IS NULL))
) STRICT;
CREATE TRIGGER verdicts_no_replace BEFORE INSERT ON verdicts
WHEN EXISTS (SELECT 1 FROM verdicts WHERE cancellation_id = NEW.cancellation_id AND position = NEW.position)
BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END;
CREATE TRIGGER verdicts_no_update BEFORE UPDATE ON verdicts
BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END;
CREATE TRIGGER verdicts_no_delete BEFORE DELETE ON verdicts
BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END;

-- Refunds: our money operations (origin avstem), and what others made at the provider.
CREATE TABLE refunds (
    id              TEXT    NOT NULL PRIMARY KEY,
    connection      TEXT    NOT NULL,
    provider_id     TEXT,
    charge_id       TEXT    NOT NULL REFERENCES charges (id),
    amount          INTEGER NOT NULL CHECK (amount > 0),
    currency        TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('pending', 'submitted', 'succeeded', 'failed', 'canceled', 'unknown')),
    origin          TEXT    NOT NULL CHECK (origin IN ('avstem', 'provider')),
    policy_conform  INTEGER CHECK (policy_conform IN (0, 1)),
    failure_reason  TEXT,
    reason          TEXT,
    cancellation_id TEXT    REFERENCES cancellations (id),
    code            TEXT,             -- the verdict that granted it
    request_ref     TEXT    UNIQUE,   -- API key and Idempotency-Key that asked for it
    idempotency_key TEXT,
    request_target  TEXT,             -- the exact request, repeated byte for byte
    request_body    BLOB,
    first_sent_at   INTEGER,
    attempts        INTEGER NOT NULL,
    due_at          INTEGER,          -- when the janitor looks at it next; NULL: settled
    lease_until     INTEGER NOT NULL,
    fence           INTEGER NOT NULL,
    attention       TEXT,
    created_at      INTEGER NOT NULL,
    version         TEXT    NOT NULL,
    UNIQUE (connection, provider_id)
) STRICT;
CREATE INDEX refunds_by_provider_id ON refunds (provider_id);
CREATE INDEX refunds_by_charge ON refunds (charge_id, id);
CREATE INDEX refunds_by_cancellation ON refunds (cancellation_id, id);
CREATE INDEX refunds_by_state ON refunds (state, id);
CREATE INDEX refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE receipts (
    cancellation_id TEXT    NOT NULL REFERENCES cancellations (id),
    number          INTEGER NOT NULL,
    locale          TEXT    NOT NULL CHECK (locale IN ('sv', 'en')),
    subject         TEXT    NOT NULL,
    body            TEXT    NOT NULL,
    issued_at       INTEGER NOT NULL,
    PRIMARY KEY (cancellation_id, number, locale)
) STRICT;
CREATE TRIGGER receipts_no_replace BEFORE INSERT ON receipts
WHEN EXISTS (SELECT 1 FROM receipts
             WHERE cancellation_id = NEW.cancellation_id AND number = NEW.number AND locale = NEW.locale)
BEGIN SELECT RAISE(ABORT, 'receipts are append-only'); END;
CREATE TRIGGER receipts_no_update BEFORE UPDATE ON receipts
BEGIN SELECT RAISE(ABORT, 'receipts are append-only'); END;
CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts
BEGIN SELECT RAISE(ABORT, 'receipts are append-only'); END;

-- Letters on their way out, sent at least once.
CREATE TABLE mails (
    dedupe_key TEXT    NOT NULL PRIMARY KEY,
    recipient  TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    attempts   INTEGER NOT NULL,
    error      TEXT,
    due_at     INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mails_due ON mails (due_at) WHERE due_at IS NOT NULL;
