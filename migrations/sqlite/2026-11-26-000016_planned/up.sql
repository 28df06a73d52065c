-- Only matches of bank lines are looked for by their day.
DROP INDEX matches_by_connection;
CREATE INDEX matches_by_connection ON matches (connection, side, day) WHERE side = 'bank';

-- What the bank shows of a payout is read from the index alone: every line that it took along says it.
DROP INDEX provider_lines_by_payout;
CREATE INDEX provider_lines_by_payout ON provider_lines (connection, payout, trace_id);

-- What SQLite's planner goes by. Knowing nothing, it takes one connection to have as few rows as one object has,
-- and looks through all rows of the connection for every object. An index is given as the rows in it,
-- and how many of them share its first column, its first two, and so on. The primary key, which is the table
-- itself, has the fewest for a connection, so that what needs all of its lines reads them in one go.
ANALYZE; -- makes the table
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('provider_lines', 'provider_lines', '1000000 900000 1'),
    ('provider_lines', 'provider_lines_by_source', '1000000 1000000 2'),
    ('provider_lines', 'provider_lines_by_charge', '1000000 1000000 2'),
    ('provider_lines', 'provider_lines_by_payout', '1000000 1000000 400 400'),
    ('provider_lines', 'provider_lines_to_post', '1000 1000 1'),
    ('provider_lines', 'provider_lines_to_judge', '1000 1000 1'),
    ('provider_lines', 'provider_lines_in_suspense', '100 100 1'),
    ('charges', 'sqlite_autoindex_charges_1', '1000000 1'),
    ('charges', 'sqlite_autoindex_charges_2', '1000000 1000000 1'),
    ('charges', 'charges_by_provider_id', '1000000 1'),
    ('charges', 'charges_by_payment', '1000000 1000000 1'),
    ('charges', 'charges_by_invoice', '1000000 1000000 1'),
    ('charges', 'charges_to_link', '100 1'),
    ('invoice_payments', 'invoice_payments', '1000000 1000000 1 1'),
    ('invoice_payments', 'invoice_payments_by_invoice', '1000000 1000000 1');
ANALYZE sqlite_schema; -- reads it
