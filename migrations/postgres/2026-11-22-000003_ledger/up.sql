-- The ledger. Postings go in first, then their journal, whose insert checks that they balance; a
-- posting that never gets its journal stops the commit (deferred foreign key). Nothing is changed,
-- removed or truncated afterwards.
CREATE TABLE journals (
    position    BIGSERIAL PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    connection  TEXT    NOT NULL,
    event       TEXT    NOT NULL,
    reference   TEXT    NOT NULL,
    description TEXT    NOT NULL,
    booked_on   TEXT    NOT NULL CHECK (booked_on ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX journals_by_day ON journals (booked_on, position);
CREATE INDEX journals_by_reference ON journals (reference, position);

CREATE TABLE postings (
    journal_id TEXT    NOT NULL REFERENCES journals (id) DEFERRABLE INITIALLY DEFERRED,
    line       BIGINT NOT NULL CHECK (line >= 1),
    account    TEXT    NOT NULL,
    amount     BIGINT NOT NULL CHECK (amount <> 0), -- minor units, debit positive
    currency   TEXT    NOT NULL CHECK (length(currency) = 3),
    PRIMARY KEY (journal_id, line)
);

-- What has been booked: one row for each provider object and effect, the wall that duplicates run into.
CREATE TABLE effects (
    connection  TEXT    NOT NULL,
    object      TEXT    NOT NULL,
    effect      TEXT    NOT NULL,
    journal_id  TEXT    NOT NULL UNIQUE REFERENCES journals (id) DEFERRABLE INITIALLY DEFERRED,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (connection, object, effect)
);

-- The hash chain over the journals, written by the sealer in batches.
CREATE TABLE seals (
    seq        BIGINT NOT NULL PRIMARY KEY,
    position   BIGINT NOT NULL UNIQUE,
    journal_id TEXT    NOT NULL UNIQUE,
    hash       TEXT    NOT NULL CHECK (length(hash) = 64)
);

CREATE TABLE chain_head (
    id        BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    count     BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    hash      TEXT    NOT NULL CHECK (length(hash) = 64),
    sealed_at BIGINT NOT NULL
);
INSERT INTO chain_head (id, count, position, hash, sealed_at)
VALUES (1, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0);

-- Sums of the sealed postings by day: a cache that `avstem verify` checks.
CREATE TABLE daily_balances (
    booked_on TEXT    NOT NULL,
    account   TEXT    NOT NULL,
    currency  TEXT    NOT NULL,
    amount    BIGINT NOT NULL,
    PRIMARY KEY (booked_on, account, currency)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are append-only: add a correcting row instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION journals_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added j
               WHERE (SELECT count(*) FROM postings p WHERE p.journal_id = j.id) < 2) THEN
        RAISE EXCEPTION 'a journal needs at least two postings, inserted before it'
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM added j JOIN postings p ON p.journal_id = j.id
               GROUP BY j.id, p.currency HAVING sum(p.amount) <> 0) THEN
        RAISE EXCEPTION 'a journal must balance in every currency' USING ERRCODE = 'check_violation';
    END IF;
    -- The sealer goes on from the head: what was written behind it would never be sealed.
    IF EXISTS (SELECT 1 FROM added j JOIN chain_head h ON j.position <= h.position) THEN
        RAISE EXCEPTION 'a journal comes after those that are sealed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

-- Two transactions that do not see each other could both add to one journal, and each find it in
-- order. So whoever writes postings is the only writer: the service's own lock (src/store/postgres.rs),
-- which it holds already, and which SQL written by hand gets here.
CREATE FUNCTION postings_have_one_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7163851);
    RETURN NULL;
END $$;

CREATE FUNCTION postings_are_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added p JOIN journals j ON j.id = p.journal_id) THEN
        RAISE EXCEPTION 'this journal is complete: add a correcting journal instead'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION chain_must_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.count <= OLD.count OR NEW.position <= OLD.position THEN
        RAISE EXCEPTION 'the chain only grows' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER journals_balance AFTER INSERT ON journals
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION journals_must_balance();
CREATE TRIGGER postings_one_writer BEFORE INSERT ON postings
    FOR EACH STATEMENT EXECUTE FUNCTION postings_have_one_writer();
CREATE TRIGGER postings_closed AFTER INSERT ON postings
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION postings_are_closed();

CREATE TRIGGER journals_no_change BEFORE UPDATE OR DELETE ON journals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journals_no_truncate BEFORE TRUNCATE ON journals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER postings_no_change BEFORE UPDATE OR DELETE ON postings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER postings_no_truncate BEFORE TRUNCATE ON postings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER effects_no_change BEFORE UPDATE OR DELETE ON effects
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER effects_no_truncate BEFORE TRUNCATE ON effects
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seals_no_change BEFORE UPDATE OR DELETE ON seals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seals_no_truncate BEFORE TRUNCATE ON seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chain_head_grows BEFORE UPDATE ON chain_head
    FOR EACH ROW EXECUTE FUNCTION chain_must_grow();
CREATE TRIGGER chain_head_no_delete BEFORE DELETE ON chain_head
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chain_head_no_truncate BEFORE TRUNCATE ON chain_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deliveries_no_change BEFORE UPDATE OR DELETE ON deliveries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deliveries_no_truncate BEFORE TRUNCATE ON deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
