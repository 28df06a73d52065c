-- What is not processed, where it is looked for on both databases. On PostgreSQL that is a table of its own; SQLite finds it
-- by the indexes of the deliveries, which cost it less. (Whoever makes their table anew has to drop this view before.)
CREATE VIEW unprocessed_events AS SELECT id, state, due_at, received_at, lane FROM events WHERE state <> 'processed';
