-- Triggers that check what was added find the rest by its key. A server that has no figures of a table yet would
-- plan for them to read all of it, and keep to that plan when the table is large.
ALTER FUNCTION journals_must_balance() SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
ALTER FUNCTION postings_are_closed() SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
