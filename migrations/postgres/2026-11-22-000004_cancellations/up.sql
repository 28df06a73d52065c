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
    received_at       BIGINT NOT NULL,
    judged_at         BIGINT NOT NULL, -- requested_at when it was given
    stop_mode         TEXT,
    stop_effective_at BIGINT,
    stop_done_at      BIGINT,
    policy_version    TEXT,
    attention         TEXT,             -- what a person must look at in the end
    trouble           TEXT,             -- what keeps the saga from going on now
    attempts          BIGINT NOT NULL,
    due_at            BIGINT,          -- when the saga goes on; NULL: nothing left to do
    lease_until       BIGINT NOT NULL,
    fence             BIGINT NOT NULL
);
-- One cancellation of ours at a time: the second click finds the first one's row.
CREATE UNIQUE INDEX cancellations_one_each ON cancellations (subscription_id) WHERE origin = 'avstem' AND state <> 'undone';
CREATE INDEX cancellations_by_subscription ON cancellations (subscription_id, id);
CREATE INDEX cancellations_by_state ON cancellations (state, id);
CREATE INDEX cancellations_due ON cancellations (due_at) WHERE due_at IS NOT NULL;

-- A charge that was not paid when the plan was made may get a later verdict: the last one counts.
CREATE TABLE verdicts (
    cancellation_id    TEXT    NOT NULL REFERENCES cancellations (id),
    position           BIGINT NOT NULL,
    charge_id          TEXT    NOT NULL REFERENCES charges (id),
    charge_provider_id TEXT    NOT NULL,
    kind               TEXT    NOT NULL,
    amount             BIGINT NOT NULL,
    currency           TEXT    NOT NULL,
    period_start       BIGINT,
    period_end         BIGINT,
    decision           TEXT    NOT NULL CHECK (decision IN ('refund', 'partial_refund', 'reject')),
    refund_amount      BIGINT,
    code               TEXT    NOT NULL,
    clause             TEXT    NOT NULL,
    explanation_sv     TEXT    NOT NULL,
    explanation_en     TEXT    NOT NULL,
    decided_at         BIGINT NOT NULL,
    PRIMARY KEY (cancellation_id, position),
    CHECK ((decision = 'reject') = (refund_amount IS NULL))
);

-- Refunds: our money operations (origin avstem), and what others made at the provider.
CREATE TABLE refunds (
    id              TEXT    NOT NULL PRIMARY KEY,
    connection      TEXT    NOT NULL,
    provider_id     TEXT,
    charge_id       TEXT    NOT NULL REFERENCES charges (id),
    amount          BIGINT NOT NULL CHECK (amount > 0),
    currency        TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('pending', 'submitted', 'succeeded', 'failed', 'canceled', 'unknown')),
    origin          TEXT    NOT NULL CHECK (origin IN ('avstem', 'provider')),
    policy_conform  BOOLEAN,
    failure_reason  TEXT,
    reason          TEXT,
    cancellation_id TEXT    REFERENCES cancellations (id),
    code            TEXT,             -- the verdict that granted it
    request_ref     TEXT    UNIQUE,   -- API key and Idempotency-Key that asked for it
    idempotency_key TEXT,
    request_target  TEXT,             -- the exact request, repeated byte for byte
    request_body    BYTEA,
    first_sent_at   BIGINT,
    attempts        BIGINT NOT NULL,
    due_at          BIGINT,          -- when the janitor looks at it next; NULL: settled
    lease_until     BIGINT NOT NULL,
    fence           BIGINT NOT NULL,
    attention       TEXT,
    created_at      BIGINT NOT NULL,
    version         TEXT    NOT NULL,
    UNIQUE (connection, provider_id)
);
CREATE INDEX refunds_by_provider_id ON refunds (provider_id);
CREATE INDEX refunds_by_charge ON refunds (charge_id, id);
CREATE INDEX refunds_by_cancellation ON refunds (cancellation_id, id);
CREATE INDEX refunds_by_state ON refunds (state, id);
CREATE INDEX refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE receipts (
    cancellation_id TEXT    NOT NULL REFERENCES cancellations (id),
    number          BIGINT NOT NULL,
    locale          TEXT    NOT NULL CHECK (locale IN ('sv', 'en')),
    subject         TEXT    NOT NULL,
    body            TEXT    NOT NULL,
    issued_at       BIGINT NOT NULL,
    PRIMARY KEY (cancellation_id, number, locale)
);

-- Letters on their way out, sent at least once.
CREATE TABLE mails (
    dedupe_key TEXT    NOT NULL PRIMARY KEY,
    recipient  TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    attempts   BIGINT NOT NULL,
    error      TEXT,
    due_at     BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX mails_due ON mails (due_at) WHERE due_at IS NOT NULL;

CREATE TRIGGER verdicts_no_change BEFORE UPDATE OR DELETE ON verdicts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipts_no_change BEFORE UPDATE OR DELETE ON receipts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verdicts_no_truncate BEFORE TRUNCATE ON verdicts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipts_no_truncate BEFORE TRUNCATE ON receipts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
