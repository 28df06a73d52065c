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
);
CREATE INDEX customers_by_provider_id ON customers (provider_id);
CREATE INDEX customers_by_email ON customers (email, id);

CREATE TABLE subscriptions (
    id             TEXT NOT NULL PRIMARY KEY,
    connection     TEXT NOT NULL,
    provider_id    TEXT NOT NULL,
    customer_id    TEXT NOT NULL REFERENCES customers (id),
    status         TEXT NOT NULL,
    plan           TEXT,
    price          BIGINT,
    currency       TEXT,
    interval_unit  TEXT,
    interval_count BIGINT,
    period_start   BIGINT,
    period_end     BIGINT,
    trial_end      BIGINT,
    renewal        TEXT NOT NULL CHECK (renewal IN ('renews', 'stops')),
    cancel_at      BIGINT,
    canceled_at    BIGINT,
    ended_at       BIGINT,
    created_at     BIGINT NOT NULL,
    version        TEXT NOT NULL,
    UNIQUE (connection, provider_id)
);
CREATE INDEX subscriptions_by_provider_id ON subscriptions (provider_id);
CREATE INDEX subscriptions_by_customer ON subscriptions (customer_id, id);
CREATE INDEX subscriptions_by_status ON subscriptions (status, id);

CREATE TABLE invoices (
    connection    TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    period_start  BIGINT,
    period_end    BIGINT,
    total         BIGINT NOT NULL,
    tax           BIGINT NOT NULL,
    currency      TEXT    NOT NULL,
    paid_at       BIGINT,
    created_at    BIGINT NOT NULL,
    subscriptions BIGINT NOT NULL, -- how many it bills
    version       TEXT    NOT NULL,
    PRIMARY KEY (connection, provider_id)
);

CREATE TABLE invoice_subscriptions (
    connection   TEXT NOT NULL,
    subscription TEXT NOT NULL, -- the provider's id
    invoice      TEXT NOT NULL,
    PRIMARY KEY (connection, subscription, invoice)
);
CREATE INDEX invoice_subscriptions_by_invoice ON invoice_subscriptions (connection, invoice);

-- Our own link between an invoice and what paid it; `payment` is the provider's payment or charge id.
CREATE TABLE invoice_payments (
    connection TEXT NOT NULL,
    payment    TEXT NOT NULL,
    invoice    TEXT NOT NULL,
    paid_at    BIGINT,
    PRIMARY KEY (connection, payment, invoice)
);
CREATE INDEX invoice_payments_by_invoice ON invoice_payments (connection, invoice);

CREATE TABLE charges (
    id             TEXT    NOT NULL PRIMARY KEY,
    connection     TEXT    NOT NULL,
    provider_id    TEXT    NOT NULL,
    customer_id    TEXT    REFERENCES customers (id),
    payment        TEXT,
    amount         BIGINT NOT NULL,
    currency       TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    dispute        TEXT    NOT NULL,
    created_at     BIGINT NOT NULL,
    version        TEXT    NOT NULL,
    invoice        TEXT,             -- the provider's id, once some object told it
    refunded       BIGINT NOT NULL, -- sum of refunds done or under way, whoever made them
    refunded_hint  BIGINT NOT NULL, -- the provider's own running total
    decided        BIGINT NOT NULL, -- sum of refunds whose decision is in the books
    booked_as      TEXT,             -- how its income is booked; NULL until the charge is
    booked_vat     BIGINT NOT NULL,
    bookings       BIGINT NOT NULL, -- times it was booked or reclassified
    link_due_at    BIGINT,          -- when the provider is asked which invoice it paid; NULL: no need
    UNIQUE (connection, provider_id)
);
CREATE INDEX charges_by_provider_id ON charges (provider_id);
CREATE INDEX charges_by_payment ON charges (connection, payment);
CREATE INDEX charges_by_invoice ON charges (connection, invoice);
CREATE INDEX charges_to_link ON charges (link_due_at) WHERE link_due_at IS NOT NULL;

CREATE TABLE deliveries (
    id              TEXT    NOT NULL PRIMARY KEY,
    subscription_id TEXT    NOT NULL REFERENCES subscriptions (id),
    charge_id       TEXT    NOT NULL REFERENCES charges (id),
    ordered         BIGINT NOT NULL CHECK (ordered > 0),
    delivered       BIGINT NOT NULL CHECK (delivered >= 0),
    completed       BOOLEAN NOT NULL,
    reported_by     TEXT    NOT NULL,
    reported_at     BIGINT NOT NULL
);
CREATE INDEX deliveries_by_charge ON deliveries (charge_id, id);
