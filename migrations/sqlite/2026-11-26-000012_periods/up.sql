-- Months of the books: what happened to them, one row each time. The newest row says how it stands:
-- every day up to `locked_through` is closed.
CREATE TABLE period_events (
    number         INTEGER NOT NULL PRIMARY KEY CHECK (number >= 1),
    month          TEXT    NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    kind           TEXT    NOT NULL CHECK (kind IN ('closing', 'closed', 'reopened')),
    locked_through TEXT,             -- a day, inclusive; NULL: nothing is closed any more
    position       INTEGER NOT NULL, -- the last of the ledger then
    reason         TEXT,             -- why it was reopened
    done_by        TEXT    NOT NULL,
    done_at        INTEGER NOT NULL,
    CHECK ((kind = 'reopened') = (reason IS NOT NULL)),
    CHECK (kind = 'reopened' OR (locked_through IS NOT NULL AND substr(locked_through, 1, 7) = month))
) STRICT;

-- What a month came to when it was closed, by the number of its event.
CREATE TABLE closing_statements (
    number      INTEGER NOT NULL PRIMARY KEY REFERENCES period_events (number),
    month       TEXT    NOT NULL,
    time_zone   TEXT    NOT NULL,
    closed_at   INTEGER NOT NULL,
    journals    INTEGER NOT NULL,
    postings    INTEGER NOT NULL,
    charges     INTEGER NOT NULL, -- of which revenue was recognised
    chain_count INTEGER NOT NULL,
    chain_head  TEXT    NOT NULL CHECK (length(chain_head) = 64),
    previous    TEXT    NOT NULL CHECK (length(previous) = 64), -- the statement before it
    key         TEXT,             -- the name of the key it is signed with
    hash        TEXT    NOT NULL CHECK (length(hash) = 64),
    signature   TEXT    CHECK (length(signature) = 64),
    CHECK ((key IS NULL) = (signature IS NULL))
) STRICT;

CREATE TABLE closing_totals (
    number   INTEGER NOT NULL REFERENCES closing_statements (number),
    currency TEXT    NOT NULL CHECK (length(currency) = 3),
    account  TEXT    NOT NULL,
    opening  INTEGER NOT NULL, -- minor units, debit positive
    debits   INTEGER NOT NULL CHECK (debits >= 0),
    credits  INTEGER NOT NULL CHECK (credits >= 0),
    PRIMARY KEY (number, currency, account)
) STRICT, WITHOUT ROWID;

-- How much of a month end's journal is of which charge. `number` is that of the event 'closing'.
CREATE TABLE recognised_revenue (
    charge_id  TEXT    NOT NULL REFERENCES charges (id),
    number     INTEGER NOT NULL REFERENCES period_events (number),
    month      TEXT    NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount > 0), -- minor units of the charge's currency
    journal_id TEXT    NOT NULL REFERENCES journals (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (charge_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX recognised_revenue_by_journal ON recognised_revenue (journal_id);
CREATE INDEX recognised_revenue_by_number ON recognised_revenue (number);

ALTER TABLE charges ADD COLUMN recognised INTEGER NOT NULL DEFAULT 0;      -- what month ends recognised of it, all told
ALTER TABLE charges ADD COLUMN earned_through TEXT;                        -- the last month that was closed with it
ALTER TABLE charges ADD COLUMN unearned INTEGER NOT NULL DEFAULT 0 CHECK (unearned IN (0, 1)); -- the next month end looks at it
UPDATE charges SET unearned = 1 WHERE booked_as = 'deferred';
CREATE INDEX charges_unearned ON charges (id) WHERE unearned;

-- A closed month takes no journals, but what its own closing recognises.
CREATE TRIGGER journals_in_open_months AFTER INSERT ON journals
WHEN EXISTS (SELECT 1 FROM (SELECT kind, month, locked_through FROM period_events ORDER BY number DESC LIMIT 1) AS now
             WHERE NEW.booked_on <= now.locked_through
               AND NOT (now.kind = 'closing' AND NEW.event = 'revenue_recognised'
                        AND substr(NEW.booked_on, 1, 7) = now.month))
BEGIN SELECT RAISE(ABORT, 'this month is closed: book it in the next open one, or reopen the month'); END;

-- Months close one after another, and open again in the opposite order.
CREATE TRIGGER period_events_in_order BEFORE INSERT ON period_events
WHEN NEW.number <> 1 + coalesce((SELECT max(number) FROM period_events), 0)
  OR CASE NEW.kind
     WHEN 'closing' THEN EXISTS (SELECT 1 FROM (SELECT * FROM period_events ORDER BY number DESC LIMIT 1) AS now
                                 WHERE now.kind = 'closing' OR now.locked_through >= NEW.locked_through)
     WHEN 'closed' THEN NOT EXISTS (SELECT 1 FROM (SELECT * FROM period_events ORDER BY number DESC LIMIT 1) AS now
                                    WHERE now.kind = 'closing' AND now.month = NEW.month
                                      AND now.locked_through = NEW.locked_through)
     ELSE NOT EXISTS (SELECT 1 FROM (SELECT * FROM period_events ORDER BY number DESC LIMIT 1) AS now
                      WHERE substr(now.locked_through, 1, 7) = NEW.month
                        AND (NEW.locked_through IS NULL OR NEW.locked_through < NEW.month))
     END
BEGIN SELECT RAISE(ABORT, 'months close in order and open again in the opposite order; their events are append-only'); END;
CREATE TRIGGER period_events_no_update BEFORE UPDATE ON period_events
BEGIN SELECT RAISE(ABORT, 'what happened to months is append-only'); END;
CREATE TRIGGER period_events_no_delete BEFORE DELETE ON period_events
BEGIN SELECT RAISE(ABORT, 'what happened to months is append-only'); END;

CREATE TRIGGER closing_statements_no_replace BEFORE INSERT ON closing_statements
WHEN EXISTS (SELECT 1 FROM closing_statements WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'closing statements are append-only'); END;
CREATE TRIGGER closing_statements_no_update BEFORE UPDATE ON closing_statements
BEGIN SELECT RAISE(ABORT, 'closing statements are append-only'); END;
CREATE TRIGGER closing_statements_no_delete BEFORE DELETE ON closing_statements
BEGIN SELECT RAISE(ABORT, 'closing statements are append-only'); END;

CREATE TRIGGER closing_totals_no_replace BEFORE INSERT ON closing_totals
WHEN EXISTS (SELECT 1 FROM closing_totals
             WHERE number = NEW.number AND currency = NEW.currency AND account = NEW.account)
BEGIN SELECT RAISE(ABORT, 'closing totals are append-only'); END;
CREATE TRIGGER closing_totals_no_update BEFORE UPDATE ON closing_totals
BEGIN SELECT RAISE(ABORT, 'closing totals are append-only'); END;
CREATE TRIGGER closing_totals_no_delete BEFORE DELETE ON closing_totals
BEGIN SELECT RAISE(ABORT, 'closing totals are append-only'); END;

CREATE TRIGGER recognised_revenue_no_replace BEFORE INSERT ON recognised_revenue
WHEN EXISTS (SELECT 1 FROM recognised_revenue WHERE charge_id = NEW.charge_id AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'recognised revenue is append-only'); END;
CREATE TRIGGER recognised_revenue_no_update BEFORE UPDATE ON recognised_revenue
BEGIN SELECT RAISE(ABORT, 'recognised revenue is append-only'); END;
CREATE TRIGGER recognised_revenue_no_delete BEFORE DELETE ON recognised_revenue
BEGIN SELECT RAISE(ABORT, 'recognised revenue is append-only'); END;
