-- Deliveries of different customers may be booked at the same time (docs/decisions/0022): which group of customers one
-- belongs to, as it says itself; 0 where it does not.
ALTER TABLE events ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
DROP INDEX events_open;
CREATE INDEX events_open ON events (state, due_at, id, received_at, lane)
WHERE state IN ('received', 'parked', 'failed', 'foreign');

-- Who writes postings is still the only one who does, now by a lock of the ledger's own (7163853): journals get their positions
-- in the order in which they are committed, and nobody adds to a journal that another is writing. Beside it the writers'
-- lock is held at least together with others, so that no month is closed meanwhile.
CREATE OR REPLACE FUNCTION postings_have_one_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7163851);
    PERFORM pg_advisory_xact_lock(7163853);
    RETURN NULL;
END $$;
