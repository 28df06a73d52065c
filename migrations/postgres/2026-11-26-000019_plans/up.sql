-- What lists and reports look for, found by an index of its shape. Storing a delivery writes to none of these.
-- Deliveries that were set aside, or are none of ours to act on, in the order of their ids.
CREATE INDEX events_set_aside ON events (state, id) WHERE state IN ('parked', 'failed', 'ignored', 'foreign');
-- Reports are about what was decided, and what went back, in some days.
CREATE INDEX verdicts_by_decided ON verdicts (decided_at);
CREATE INDEX refunds_by_created ON refunds (created_at);
-- Sessions that are over are forgotten when somebody signs in.
CREATE INDEX account_sessions_by_seen ON account_sessions (last_seen_at);
CREATE INDEX account_sessions_by_end ON account_sessions (expires_at);
