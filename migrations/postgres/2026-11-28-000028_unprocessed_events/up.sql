-- What is done with a delivery is said in its row, and as long as an index knew of it, each such change was written anew to
-- all indexes of the table, and with it five times as many bytes to the log. Now what is not processed is in a table
-- of its own, which follows the deliveries whoever writes them, and a change stays in its page, of which half is kept free.
-- Stop every older version first: it looks for what waits where no index is any more.
CREATE TABLE unprocessed_events (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state       TEXT COLLATE "C" NOT NULL,
    due_at      BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    lane        BIGINT NOT NULL
);
INSERT INTO unprocessed_events SELECT id, state, due_at, received_at, lane FROM events WHERE state <> 'processed';
DROP INDEX events_open;
DROP INDEX IF EXISTS events_set_aside;
-- What to work on next is read from the first, and how much waits for how long; from the other what was set aside, in the order of
-- its ids.
CREATE INDEX events_open ON unprocessed_events (state, due_at, id, received_at, lane) WHERE state NOT IN ('processed', 'ignored');
CREATE INDEX events_set_aside ON unprocessed_events (state, id) WHERE state NOT IN ('received', 'processed');
-- Each delivery passes through it: what it leaves behind is cleared away often, while it is little.
ALTER TABLE unprocessed_events SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
ALTER TABLE events SET (fillfactor = 50);

CREATE FUNCTION added_events_are_unprocessed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unprocessed_events (id, state, due_at, received_at, lane)
    SELECT id, state, due_at, received_at, lane FROM added WHERE state <> 'processed';
    RETURN NULL;
END $$;
-- Each is looked up by its id: the planner does not know how few are changed at a time, and remembers its plan of an empty table.
-- What says the same afterwards is not touched: who works on a delivery has locked it here, and locks the other later.
CREATE FUNCTION changed_events_are_processed_or_not() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
BEGIN
    DELETE FROM unprocessed_events u USING changed c WHERE u.id = c.id AND c.state = 'processed';
    INSERT INTO unprocessed_events (id, state, due_at, received_at, lane)
    SELECT id, state, due_at, received_at, lane FROM changed c
    WHERE state <> 'processed' AND NOT EXISTS (
        SELECT 1 FROM unprocessed_events u
        WHERE u.id = c.id AND u.state = c.state AND u.due_at = c.due_at AND u.received_at = c.received_at AND u.lane = c.lane
    )
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, due_at = excluded.due_at,
                                   received_at = excluded.received_at, lane = excluded.lane;
    RETURN NULL;
END $$;
CREATE FUNCTION removed_events_are_nowhere() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
BEGIN
    DELETE FROM unprocessed_events u USING removed r WHERE u.id = r.id;
    RETURN NULL;
END $$;
CREATE TRIGGER events_added AFTER INSERT ON events
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION added_events_are_unprocessed();
CREATE TRIGGER events_changed AFTER UPDATE ON events
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION changed_events_are_processed_or_not();
CREATE TRIGGER events_removed AFTER DELETE ON events
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION removed_events_are_nowhere();
