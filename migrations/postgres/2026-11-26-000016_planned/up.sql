-- Only matches of bank lines are looked for by their day.
DROP INDEX matches_by_connection;
CREATE INDEX matches_by_connection ON matches (connection, side, day) WHERE side = 'bank';

-- What the bank shows of a payout is read from the index alone: every line that it took along says it.
DROP INDEX provider_lines_by_payout;
CREATE INDEX provider_lines_by_payout ON provider_lines (connection, payout, trace_id);
