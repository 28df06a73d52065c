-- Months of the books: what happened to them, one row each time. The newest row says how it stands:
-- every day up to `locked_through` is closed.
CREATE TABLE period_events (
    number         BIGINT NOT NULL PRIMARY KEY CHECK (number >= 1),
    month          TEXT   NOT NULL CHECK (month ~ '^[0-9]{4}-[0-9]{2}$'),
    kind           TEXT   NOT NULL CHECK (kind IN ('closing', 'closed', 'reopened')),
    locked_through TEXT,            -- a day, inclusive; NULL: nothing is closed any more
    position       BIGINT NOT NULL, -- the last of the ledger then
    reason         TEXT,            -- why it was reopened
    done_by        TEXT   NOT NULL,
    done_at        BIGINT NOT NULL,
    CHECK ((kind = 'reopened') = (reason IS NOT NULL)),
    CHECK (kind = 'reopened' OR (locked_through IS NOT NULL AND substr(locked_through, 1, 7) = month))
);

-- What a month came to when it was closed, by the number of its event.
CREATE TABLE closing_statements (
    number      BIGINT NOT NULL PRIMARY KEY REFERENCES period_events (number),
    month       TEXT   NOT NULL,
    time_zone   TEXT   NOT NULL,
    closed_at   BIGINT NOT NULL,
    journals    BIGINT NOT NULL,
    postings    BIGINT NOT NULL,
    charges     BIGINT NOT NULL, -- of which revenue was recognised
    chain_count BIGINT NOT NULL,
    chain_head  TEXT   NOT NULL CHECK (length(chain_head) = 64),
    previous    TEXT   NOT NULL CHECK (length(previous) = 64), -- the statement before it
    key         TEXT,            -- the name of the key it is signed with
    hash        TEXT   NOT NULL CHECK (length(hash) = 64),
    signature   TEXT   CHECK (length(signature) = 64),
    CHECK ((key IS NULL) = (signature IS NULL))
);

CREATE TABLE closing_totals (
    number   BIGINT NOT NULL REFERENCES closing_statements (number),
    currency TEXT   NOT NULL CHECK (length(currency) = 3),
    account  TEXT   NOT NULL,
    opening  BIGINT NOT NULL, -- minor units, debit positive
    debits   BIGINT NOT NULL CHECK (debits >= 0),
    credits  BIGINT NOT NULL CHECK (credits >= 0),
    PRIMARY KEY (number, currency, account)
);

-- How much of a month end's journal is of which charge. `number` is that of the event 'closing'.
CREATE TABLE recognised_revenue (
    charge_id  TEXT   NOT NULL REFERENCES charges (id),
    number     BIGINT NOT NULL REFERENCES period_events (number),
    month      TEXT   NOT NULL,
    amount     BIGINT NOT NULL CHECK (amount > 0), -- minor units of the charge's currency
    journal_id TEXT   NOT NULL REFERENCES journals (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (charge_id, number)
);
CREATE INDEX recognised_revenue_by_journal ON recognised_revenue (journal_id);
CREATE INDEX recognised_revenue_by_number ON recognised_revenue (number);

ALTER TABLE charges ADD COLUMN recognised BIGINT NOT NULL DEFAULT 0;      -- what month ends recognised of it, all told
ALTER TABLE charges ADD COLUMN earned_through TEXT;                       -- the last month that was closed with it
ALTER TABLE charges ADD COLUMN unearned BOOLEAN NOT NULL DEFAULT false;   -- the next month end looks at it
UPDATE charges SET unearned = true WHERE booked_as = 'deferred';
CREATE INDEX charges_unearned ON charges (id) WHERE unearned;

-- A closed month takes no journals, but what its own closing recognises. Whoever writes journals has
-- the writer's lock by now (its postings came first), so no closing is under way unseen.
CREATE FUNCTION journals_need_an_open_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added j,
                   (SELECT kind, month, locked_through FROM period_events ORDER BY number DESC LIMIT 1) AS now
               WHERE j.booked_on <= now.locked_through
                 AND NOT (now.kind = 'closing' AND j.event = 'revenue_recognised'
                          AND substr(j.booked_on, 1, 7) = now.month)) THEN
        RAISE EXCEPTION 'this month is closed: book it in the next open one, or reopen the month'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER journals_in_open_months AFTER INSERT ON journals
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION journals_need_an_open_month();

-- Months close one after another, and open again in the opposite order. Whoever says so is the only
-- writer: see postings_have_one_writer.
CREATE FUNCTION period_events_must_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now period_events;
    follows BOOLEAN;
BEGIN
    PERFORM pg_advisory_xact_lock(7163851);
    SELECT * INTO now FROM period_events ORDER BY number DESC LIMIT 1;
    follows := CASE NEW.kind
        WHEN 'closing' THEN now.number IS NULL
            OR (now.kind <> 'closing' AND coalesce(now.locked_through < NEW.locked_through, true))
        WHEN 'closed' THEN now.kind = 'closing' AND now.month = NEW.month AND now.locked_through = NEW.locked_through
        ELSE substr(now.locked_through, 1, 7) = NEW.month
            AND coalesce(NEW.locked_through < NEW.month, true)
        END;
    IF NEW.number <> 1 + coalesce(now.number, 0) OR NOT coalesce(follows, false) THEN
        RAISE EXCEPTION 'months close in order and open again in the opposite order; their events are append-only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER period_events_in_order BEFORE INSERT ON period_events
    FOR EACH ROW EXECUTE FUNCTION period_events_must_follow();
CREATE TRIGGER period_events_no_change BEFORE UPDATE OR DELETE ON period_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER period_events_no_truncate BEFORE TRUNCATE ON period_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER closing_statements_no_change BEFORE UPDATE OR DELETE ON closing_statements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closing_statements_no_truncate BEFORE TRUNCATE ON closing_statements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closing_totals_no_change BEFORE UPDATE OR DELETE ON closing_totals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closing_totals_no_truncate BEFORE TRUNCATE ON closing_totals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recognised_revenue_no_change BEFORE UPDATE OR DELETE ON recognised_revenue
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recognised_revenue_no_truncate BEFORE TRUNCATE ON recognised_revenue
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
