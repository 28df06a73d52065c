-- Only matches of bank lines are looked for by their day.
DROP INDEX matches_by_connection;
CREATE INDEX matches_by_connection ON matches (connection, side, day) WHERE side = 'bank';
