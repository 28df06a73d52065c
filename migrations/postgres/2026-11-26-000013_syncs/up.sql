-- How far the comparison of a connection with its provider's API has come: the one that is under way, or
-- the last.
CREATE TABLE syncs (
    connection  TEXT    NOT NULL PRIMARY KEY,
    made_from   BIGINT,             -- objects that were made then or later; all of them, when left out
    events_from BIGINT  NOT NULL,
    begun_at    BIGINT  NOT NULL,
    finished_at BIGINT,             -- NULL: under way
    due_at      BIGINT  NOT NULL,   -- no call before that
    attempts    BIGINT  NOT NULL,   -- calls in a row without an answer
    trouble     TEXT                -- why the last one had none
);

-- Where each of its lists has come. `after` is the last object of the last page that was dealt with.
CREATE TABLE sync_cursors (
    connection TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    after      TEXT,
    made_until BIGINT  NOT NULL, -- when that object was made: what comes next was made then or before
    done       BOOLEAN NOT NULL,
    seen       BIGINT  NOT NULL,
    repaired   BIGINT  NOT NULL,
    PRIMARY KEY (connection, kind)
);

-- What is known here and was made in the time of a page that does not have it is asked for by itself.
CREATE INDEX subscriptions_by_made ON subscriptions (connection, created_at);
CREATE INDEX charges_by_made ON charges (connection, created_at);
CREATE INDEX refunds_by_made ON refunds (connection, created_at);
CREATE INDEX disputes_by_made ON disputes (connection, created_at);
CREATE INDEX payouts_by_made ON payouts (connection, created_at);
