-- What lists and reports look for, found by an index of its shape. Storing a delivery writes to none of these.
-- Deliveries that were set aside, or are none of ours to act on, in the order of their ids.
CREATE INDEX events_set_aside ON events (state, id) WHERE state IN ('parked', 'failed', 'ignored', 'foreign');
-- Reports are about what was decided, and what went back, in some days.
CREATE INDEX verdicts_by_decided ON verdicts (decided_at);
CREATE INDEX refunds_by_created ON refunds (created_at);
-- Sessions that are over are forgotten when somebody signs in.
CREATE INDEX account_sessions_by_seen ON account_sessions (last_seen_at);
CREATE INDEX account_sessions_by_end ON account_sessions (expires_at);

-- What SQLite's planner goes by, of more tables than in migration 16, and of `charges_by_made`, which was missing
-- there: a connection has all rows, a customer or an object a few.
DELETE FROM sqlite_stat1 WHERE tbl = 'charges';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('events', 'events', '10000000 1'),
    ('events', 'sqlite_autoindex_events_2', '10000000 1 1'),
    ('events', 'events_open', '1000 300 2 1 1'),
    ('events', 'events_set_aside', '10000 3000 1'),
    ('customers', 'sqlite_autoindex_customers_1', '1000000 1'),
    ('customers', 'sqlite_autoindex_customers_2', '1000000 1000000 1'),
    ('customers', 'customers_by_provider_id', '1000000 1'),
    ('customers', 'customers_by_email', '1000000 1 1'),
    ('subscriptions', 'sqlite_autoindex_subscriptions_1', '1000000 1'),
    ('subscriptions', 'sqlite_autoindex_subscriptions_2', '1000000 1000000 1'),
    ('subscriptions', 'subscriptions_by_provider_id', '1000000 1'),
    ('subscriptions', 'subscriptions_by_customer', '1000000 2 1'),
    ('subscriptions', 'subscriptions_by_status', '1000000 200000 1'),
    ('subscriptions', 'subscriptions_by_made', '1000000 1000000 2'),
    ('invoices', 'sqlite_autoindex_invoices_1', '1000000 1000000 1'),
    ('invoice_subscriptions', 'invoice_subscriptions', '1000000 1000000 12 1'),
    ('invoice_subscriptions', 'invoice_subscriptions_by_invoice', '1000000 1000000 1'),
    ('charges', 'sqlite_autoindex_charges_1', '1000000 1'),
    ('charges', 'sqlite_autoindex_charges_2', '1000000 1000000 1'),
    ('charges', 'charges_by_provider_id', '1000000 1'),
    ('charges', 'charges_by_payment', '1000000 1000000 1'),
    ('charges', 'charges_by_invoice', '1000000 1000000 1'),
    ('charges', 'charges_by_made', '1000000 1000000 2'),
    ('charges', 'charges_unearned', '100000 1'),
    ('charges', 'charges_to_link', '100 1'),
    ('refunds', 'sqlite_autoindex_refunds_1', '100000 1'),
    ('refunds', 'sqlite_autoindex_refunds_2', '100000 1'),
    ('refunds', 'sqlite_autoindex_refunds_3', '100000 100000 1'),
    ('refunds', 'refunds_by_provider_id', '100000 1'),
    ('refunds', 'refunds_by_charge', '100000 1 1'),
    ('refunds', 'refunds_by_cancellation', '100000 2 1'),
    ('refunds', 'refunds_by_state', '100000 20000 1'),
    ('refunds', 'refunds_by_policy', '100000 30000 1'),
    ('refunds', 'refunds_by_made', '100000 100000 2'),
    ('refunds', 'refunds_by_created', '100000 2'),
    ('refunds', 'refunds_of_others', '50000 50000 1'),
    ('refunds', 'refunds_due', '100 1'),
    ('cancellations', 'sqlite_autoindex_cancellations_1', '100000 1'),
    ('cancellations', 'cancellations_one_each', '100000 1'),
    ('cancellations', 'cancellations_by_subscription', '100000 1 1'),
    ('cancellations', 'cancellations_by_state', '100000 20000 1'),
    ('cancellations', 'cancellations_due', '100 1'),
    ('verdicts', 'sqlite_autoindex_verdicts_1', '1000000 12 1'),
    ('verdicts', 'verdicts_by_decided', '1000000 12'),
    ('disputes', 'sqlite_autoindex_disputes_1', '10000 1'),
    ('disputes', 'sqlite_autoindex_disputes_2', '10000 10000 1'),
    ('disputes', 'disputes_by_provider_id', '10000 1'),
    ('disputes', 'disputes_by_charge', '10000 1 1'),
    ('disputes', 'disputes_by_status', '10000 2000 1'),
    ('disputes', 'disputes_by_made', '10000 10000 2'),
    ('payouts', 'payouts', '10000 10000 1'),
    ('payouts', 'payouts_by_made', '10000 10000 2'),
    ('payouts', 'payouts_to_itemise', '10 1'),
    ('journals', 'sqlite_autoindex_journals_1', '1000000 1'),
    ('journals', 'journals_by_day', '1000000 1000 1'),
    ('journals', 'journals_by_reference', '1000000 2 1'),
    ('effects', 'effects', '1000000 1000000 2 1'),
    ('effects', 'sqlite_autoindex_effects_1', '1000000 1');
ANALYZE sqlite_schema; -- reads it
