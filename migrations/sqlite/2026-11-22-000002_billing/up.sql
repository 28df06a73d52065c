-- Projections of what the providers told. `version` orders snapshots of one object (newest wins).
CREATE TABLE customers (
    id          TEXT NOT NULL PRIMARY KEY,
    connection  TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    email       TEXT,
    name        TEXT,
    locale      TEXT,
    status      TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
    version     TEXT NOT NULL, -- '' for a stub that no event has introduced yet
    UNIQUE (connection, provider_id)
) STRICT;
CREATE INDEX customers_by_provider_id ON customers (provider_id);
CREATE INDEX customers_by_email ON customers (email, id);

CREATE TABLE subscriptions (
    id             TEXT NOT NULL PRIMARY KEY,
    connection     TEXT NOT NULL,
    provider_id    TEXT NOT NULL,
    customer_id    TEXT NOT NULL REFERENCES customers (id),
    status         TEXT NOT NULL,
    plan           TEXT,
    price          INTEGER,
    currency       TEXT,
    interval_unit  TEXT,
    interval_count INTEGER,
    period_start   INTEGER,
    period_end     INTEGER,
    trial_end      INTEGER,
    renewal        TEXT NOT NULL CHECK (renewal IN ('renews', 'stops')),
    cancel_at      INTEGER,
    canceled_at    INTEGER,
    ended_at       INTEGER,
    created_at     INTEGER NOT NULL,
    version        TEXT NOT NULL,
    UNIQUE (connection, provider_id)
) STRICT;
CREATE INDEX subscriptions_by_provider_id ON subscriptions (provider_id);
CREATE INDEX subscriptions_by_customer ON subscriptions (customer_id, id);
CREATE INDEX subscriptions_by_status ON subscriptions (status, id);

CREATE TABLE invoices (
    connection    TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    period_start  INTEGER,
    period_end    INTEGER,
    total         INTEGER NOT NULL,
    tax           INTEGER NOT NULL,
    currency      TEXT    NOT NULL,
    paid_at       INTEGER,
    created_at    INTEGER NOT NULL,
    subscriptions INTEGER NOT NULL, -- how many it bills
    version       TEXT    NOT NULL,
    PRIMARY KEY (connection, provider_id)
) STRICT;

CREATE TABLE invoice_subscriptions (
    connection   TEXT NOT NULL,
    subscription TEXT NOT NULL, -- the provider's id
    invoice      TEXT NOT NULL,
    PRIMARY KEY (connection, subscription, invoice)
) STRICT, WITHOUT ROWID;
CREATE INDEX invoice_subscriptions_by_invoice ON invoice_subscriptions (connection, invoice);

-- Our own link between an invoice and what paid it; `payment` is the provider's payment or charge id.
CREATE TABLE invoice_payments (
    connection TEXT NOT NULL,
    payment    TEXT NOT NULL,
    invoice    TEXT NOT NULL,
    paid_at    INTEGER,
    PRIMARY KEY (connection, payment, invoice)
) STRICT, WITHOUT ROWID;
CREATE INDEX invoice_payments_by_invoice ON invoice_payments (connection, invoice);

CREATE TABLE charges (
    id             TEXT    NOT NULL PRIMARY KEY,
    connection     TEXT    NOT NULL,
    provider_id    TEXT    NOT NULL,
    customer_id    TEXT    REFERENCES customers (id),
    payment        TEXT,
    amount         INTEGER NOT NULL,
    currency       TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    dispute        TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    version        TEXT    NOT NULL,
    invoice        TEXT,             -- the provider's id, once some object told it
    refunded       INTEGER NOT NULL, -- sum of refunds done or under way, whoever made them
    refunded_hint  INTEGER NOT NULL, -- the provider's own running total
    decided        INTEGER NOT NULL, -- sum of refunds whose decision is in the books
    booked_as      TEXT,             -- how its income is booked; NULL until the charge is
    booked_vat     INTEGER NOT NULL,
    bookings       INTEGER NOT NULL, -- times it was booked or reclassified
    link_due_at    INTEGER,          -- when the provider is asked which invoice it paid; NULL: no need
    UNIQUE (connection, provider_id)
) STRICT;
CREATE INDEX charges_by_provider_id ON charges (provider_id);
CREATE INDEX charges_by_payment ON charges (connection, payment);
CREATE INDEX charges_by_invoice ON charges (connection, invoice);
CREATE INDEX charges_to_link ON charges (link_due_at) WHERE link_due_at IS NOT NULL;

CREATE TABLE deliveries (
    id              TEXT    NOT NULL PRIMARY KEY,
    subscription_id TEXT    NOT NULL REFERENCES subscriptions (id),
    charge_id       TEXT    NOT NULL REFERENCES charges (id),
    ordered         INTEGER NOT NULL CHECK (ordered > 0),
    delivered       INTEGER NOT NULL CHECK (delivered >= 0),
    completed       INTEGER NOT NULL CHECK (completed IN (0, 1)),
    reported_by     TEXT    NOT NULL,
    reported_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_by_charge ON deliveries (charge_id, id);
-- INSERT OR REPLACE deletes without asking the trigger for DELETE.
CREATE TRIGGER deliveries_no_replace BEFORE INSERT ON deliveries
WHEN EXISTS (SELECT 1 FROM deliveries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'deliveries are append-only: report again instead'); END;
CREATE TRIGGER deliveries_no_update BEFORE UPDATE ON deliveries
BEGIN SELECT RAISE(ABORT, 'deliveries are append-only: report again instead'); END;
CREATE TRIGGER deliveries_no_delete BEFORE DELETE ON deliveries
BEGIN SELECT RAISE(ABORT, 'deliveries are append-only: report again instead'); END;
