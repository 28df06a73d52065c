-- What disputes a charge itself tells of, and what lost ones took of it. `charges.dispute` is now what
-- all its disputes mean together.
ALTER TABLE charges ADD COLUMN dispute_hint TEXT NOT NULL DEFAULT 'undisputed';
ALTER TABLE charges ADD COLUMN lost BIGINT NOT NULL DEFAULT 0;
UPDATE charges SET dispute_hint = dispute;

CREATE TABLE disputes (
    id              TEXT    NOT NULL PRIMARY KEY,
    connection      TEXT    NOT NULL,
    provider_id     TEXT    NOT NULL,
    charge_id       TEXT    NOT NULL REFERENCES charges (id),
    amount          BIGINT NOT NULL,
    currency        TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    reason          TEXT,
    refundable      BOOLEAN NOT NULL, -- the provider's word, as long as it stands
    evidence_due_at BIGINT,
    lost            BIGINT NOT NULL, -- how much of it is booked as lost
    created_at      BIGINT NOT NULL,
    told_at         BIGINT NOT NULL, -- the provider's time of the snapshot
    version         TEXT    NOT NULL,
    UNIQUE (connection, provider_id)
);
CREATE INDEX disputes_by_provider_id ON disputes (provider_id);
CREATE INDEX disputes_by_charge ON disputes (charge_id, id);
CREATE INDEX disputes_by_status ON disputes (status, id);

-- What moved on our balance for a dispute: once per line of the provider's, never changed.
CREATE TABLE dispute_movements (
    connection   TEXT    NOT NULL,
    provider_id  TEXT    NOT NULL,
    dispute_id   TEXT    NOT NULL REFERENCES disputes (id),
    direction    TEXT    NOT NULL CHECK (direction IN ('withdrawn', 'reinstated')),
    amount       BIGINT NOT NULL CHECK (amount > 0),
    fee          BIGINT NOT NULL,
    fee_currency TEXT    NOT NULL,
    moved_at     BIGINT NOT NULL,
    PRIMARY KEY (connection, provider_id)
);
CREATE INDEX dispute_movements_by_dispute ON dispute_movements (dispute_id);

CREATE TABLE payouts (
    connection           TEXT    NOT NULL,
    provider_id          TEXT    NOT NULL,
    amount               BIGINT NOT NULL, -- below zero: taken from the bank
    currency             TEXT    NOT NULL,
    status               TEXT    NOT NULL,
    arrival_date         TEXT    NOT NULL,
    automatic            BOOLEAN NOT NULL,
    reconciliation       TEXT    NOT NULL,
    trace_id             TEXT,
    statement_descriptor TEXT,
    failure_code         TEXT,
    original             TEXT,             -- the provider's id of the payout that this one takes back
    reversed_by          TEXT,
    created_at           BIGINT NOT NULL,
    told_at              BIGINT NOT NULL,
    version              TEXT    NOT NULL,
    PRIMARY KEY (connection, provider_id)
);
