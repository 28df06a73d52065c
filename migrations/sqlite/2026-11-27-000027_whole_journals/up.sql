-- Refunds are looked up by what they were judged in alone, as on PostgreSQL, which also checks whole journals from now on.
DROP INDEX refunds_of_others;
CREATE INDEX refunds_of_others ON refunds (judged_in) WHERE judged_in IS NOT NULL;

-- What the planner goes by went with the old index.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('refunds', 'refunds_of_others', '50000 1');
ANALYZE sqlite_schema; -- reads it
