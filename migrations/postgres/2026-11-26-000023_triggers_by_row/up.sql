-- Triggers that check what was added look it up journal by journal, in a way that leaves the planner no choice. A
-- connection keeps the plan of its first insert, which it may have made when there were a few rows only: reading all
-- postings there are, which took longer for every batch. And because what it is forbidden counts as dear, it would
-- compile each statement before running it, which takes longer than the statement.
CREATE OR REPLACE FUNCTION journals_must_balance() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added j
               WHERE (SELECT count(*) FROM postings p WHERE p.journal_id = j.id) < 2) THEN
        RAISE EXCEPTION 'a journal needs at least two postings, inserted before it'
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM added j
               CROSS JOIN LATERAL (SELECT 1 FROM postings p WHERE p.journal_id = j.id
                                   GROUP BY p.currency HAVING sum(p.amount) <> 0) AS unbalanced) THEN
        RAISE EXCEPTION 'a journal must balance in every currency' USING ERRCODE = 'check_violation';
    END IF;
    -- The sealer goes on from the head: what was written behind it would never be sealed.
    IF EXISTS (SELECT 1 FROM added j WHERE j.position <= (SELECT h.position FROM chain_head h)) THEN
        RAISE EXCEPTION 'a journal comes after those that are sealed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION postings_are_closed() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    -- Without OFFSET the planner would take the two apart again.
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT journal_id AS id FROM added) AS named
               CROSS JOIN LATERAL (SELECT 1 FROM journals j WHERE j.id = named.id OFFSET 0) AS complete) THEN
        RAISE EXCEPTION 'this journal is complete: add a correcting journal instead'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
