-- That every posting and every effect has its journal was checked row by row at the commit, while everyone else who books
-- waited: it took as long as to insert all of them. Now it is checked once for all rows of a statement.
ALTER TABLE postings DROP CONSTRAINT postings_journal_id_fkey;
ALTER TABLE effects DROP CONSTRAINT effects_journal_id_fkey;

-- Postings whose journal comes in a later statement, as older versions write them, are still checked at the commit, one by one.
-- Who says that he writes whole journals is held to it: each statement brings the journals of its postings along.
CREATE FUNCTION writes_whole_journals() RETURNS boolean LANGUAGE sql STABLE
RETURN current_setting('avstem.whole_journals', true) IS NOT DISTINCT FROM 'on';

CREATE FUNCTION posting_needs_its_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM journals j WHERE j.id = NEW.journal_id) THEN
        RAISE EXCEPTION 'a posting needs its journal (foreign key constraint)' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER postings_need_journals AFTER INSERT ON postings DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NOT writes_whole_journals()) EXECUTE FUNCTION posting_needs_its_journal();

-- A journal is complete unless this very statement brings it: then it has the transaction and the command of its postings.
-- Without OFFSET the planner would take the parts of these queries apart again.
CREATE OR REPLACE FUNCTION postings_are_closed() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    missing boolean;
    complete boolean;
BEGIN
    SELECT bool_or(j.id IS NULL), bool_or(NOT (j.xmin = this.xmin AND j.cmin = this.cmin))
    INTO missing, complete
    FROM (SELECT DISTINCT journal_id AS id FROM added) AS named
    CROSS JOIN (SELECT journal_id, line FROM added LIMIT 1) AS sample
    CROSS JOIN LATERAL (SELECT p.xmin, p.cmin FROM postings p
                        WHERE p.journal_id = sample.journal_id AND p.line = sample.line OFFSET 0) AS this
    LEFT JOIN LATERAL (SELECT j.id, j.xmin, j.cmin FROM journals j WHERE j.id = named.id OFFSET 0) AS j ON true;
    IF complete THEN
        RAISE EXCEPTION 'this journal is complete: add a correcting journal instead'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF missing AND writes_whole_journals() THEN
        RAISE EXCEPTION 'a posting needs its journal in the same statement (foreign key constraint)'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION effects_need_journals() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added e
               LEFT JOIN LATERAL (SELECT j.id FROM journals j WHERE j.id = e.journal_id OFFSET 0) AS j ON true
               WHERE j.id IS NULL) THEN
        RAISE EXCEPTION 'an effect needs its journal (foreign key constraint)' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER effects_need_journals AFTER INSERT ON effects REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION effects_need_journals();

-- Journals that come in one statement with their postings may be the first of it, and get positions before these have the lock.
CREATE TRIGGER journals_one_writer BEFORE INSERT ON journals
FOR EACH STATEMENT EXECUTE FUNCTION postings_have_one_writer();

-- What was looked up twice, to count and to add up, is read once.
CREATE OR REPLACE FUNCTION journals_must_balance() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    few boolean;
    unbalanced boolean;
BEGIN
    SELECT bool_or(lines.count < 2), bool_or(lines.unbalanced)
    INTO few, unbalanced
    FROM added j
    CROSS JOIN LATERAL (SELECT coalesce(sum(of_one.count), 0) AS count, bool_or(of_one.sum <> 0) AS unbalanced
                        FROM (SELECT count(*) AS count, sum(p.amount) AS sum FROM postings p
                              WHERE p.journal_id = j.id GROUP BY p.currency) AS of_one) AS lines;
    IF few THEN
        RAISE EXCEPTION 'a journal needs at least two postings, inserted before it or with it'
            USING ERRCODE = 'check_violation';
    END IF;
    IF unbalanced THEN
        RAISE EXCEPTION 'a journal must balance in every currency' USING ERRCODE = 'check_violation';
    END IF;
    -- The sealer goes on from the head: what was written behind it would never be sealed.
    IF EXISTS (SELECT 1 FROM added j WHERE j.position <= (SELECT h.position FROM chain_head h)) THEN
        RAISE EXCEPTION 'a journal comes after those that are sealed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

-- Looked up by what they were judged in alone. While the table was not counted, all indexes that begin with the connection
-- looked alike, and all refunds of the connection were read for each subscription.
DROP INDEX refunds_of_others;
CREATE INDEX refunds_of_others ON refunds (judged_in) WHERE judged_in IS NOT NULL;
