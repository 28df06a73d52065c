-- The ledger. Postings go in first, then their journal, whose insert checks that they balance; a
-- posting that never gets its journal stops the commit (deferred foreign key). Nothing is changed or
-- removed afterwards. `INSERT OR REPLACE` slips past a BEFORE DELETE trigger, so every table also
-- refuses an insert whose key is taken.
CREATE TABLE journals (
    position    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,
    connection  TEXT    NOT NULL,
    event       TEXT    NOT NULL,
    reference   TEXT    NOT NULL,
    description TEXT    NOT NULL,
    booked_on   TEXT    NOT NULL CHECK (booked_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX journals_by_day ON journals (booked_on, position);
CREATE INDEX journals_by_reference ON journals (reference, position);

CREATE TABLE postings (
    journal_id TEXT    NOT NULL REFERENCES journals (id) DEFERRABLE INITIALLY DEFERRED,
    line       INTEGER NOT NULL CHECK (line >= 1),
    account    TEXT    NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount <> 0), -- minor units, debit positive
    currency   TEXT    NOT NULL CHECK (length(currency) = 3),
    PRIMARY KEY (journal_id, line)
) STRICT, WITHOUT ROWID;

-- What has been booked: one row for each provider object and effect, the wall that duplicates run into.
CREATE TABLE effects (
    connection  TEXT    NOT NULL,
    object      TEXT    NOT NULL,
    effect      TEXT    NOT NULL,
    journal_id  TEXT    NOT NULL UNIQUE REFERENCES journals (id) DEFERRABLE INITIALLY DEFERRED,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (connection, object, effect)
) STRICT, WITHOUT ROWID;

-- The hash chain over the journals, written by the sealer in batches.
CREATE TABLE seals (
    seq        INTEGER NOT NULL PRIMARY KEY,
    position   INTEGER NOT NULL UNIQUE,
    journal_id TEXT    NOT NULL UNIQUE,
    hash       TEXT    NOT NULL CHECK (length(hash) = 64)
) STRICT;

CREATE TABLE chain_head (
    id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    count     INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    hash      TEXT    NOT NULL CHECK (length(hash) = 64),
    sealed_at INTEGER NOT NULL
) STRICT;
INSERT INTO chain_head (id, count, position, hash, sealed_at)
VALUES (1, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0);

-- Sums of the sealed postings by day: a cache that `avstem verify` checks.
CREATE TABLE daily_balances (
    booked_on TEXT    NOT NULL,
    account   TEXT    NOT NULL,
    currency  TEXT    NOT NULL,
    amount    INTEGER NOT NULL,
    PRIMARY KEY (booked_on, account, currency)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER journals_balance AFTER INSERT ON journals
BEGIN
    SELECT RAISE(ABORT, 'a journal needs at least two postings, inserted before it')
    WHERE (SELECT count(*) FROM postings WHERE journal_id = NEW.id) < 2;
    SELECT RAISE(ABORT, 'a journal must balance in every currency')
    WHERE EXISTS (SELECT 1 FROM postings WHERE journal_id = NEW.id GROUP BY currency HAVING sum(amount) <> 0);
END;
-- The sealer goes on from the head: what was written behind it would never be sealed.
CREATE TRIGGER journals_in_order AFTER INSERT ON journals
WHEN NEW.position <= (SELECT position FROM chain_head)
BEGIN SELECT RAISE(ABORT, 'a journal comes after those that are sealed'); END;
CREATE TRIGGER postings_closed BEFORE INSERT ON postings
WHEN EXISTS (SELECT 1 FROM journals WHERE id = NEW.journal_id)
BEGIN SELECT RAISE(ABORT, 'this journal is complete: add a correcting journal instead'); END;

CREATE TRIGGER journals_no_replace BEFORE INSERT ON journals
WHEN EXISTS (SELECT 1 FROM journals WHERE id = NEW.id OR position = NEW.position)
BEGIN SELECT RAISE(ABORT, 'journals are append-only: add a correcting journal instead'); END;
CREATE TRIGGER journals_no_update BEFORE UPDATE ON journals
BEGIN SELECT RAISE(ABORT, 'journals are append-only: add a correcting journal instead'); END;
CREATE TRIGGER journals_no_delete BEFORE DELETE ON journals
BEGIN SELECT RAISE(ABORT, 'journals are append-only: add a correcting journal instead'); END;

CREATE TRIGGER postings_no_replace BEFORE INSERT ON postings
WHEN EXISTS (SELECT 1 FROM postings WHERE journal_id = NEW.journal_id AND line = NEW.line)
BEGIN SELECT RAISE(ABORT, 'postings are append-only: add a correcting journal instead'); END;
CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings
BEGIN SELECT RAISE(ABORT, 'postings are append-only: add a correcting journal instead'); END;
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings
BEGIN SELECT RAISE(ABORT, 'postings are append-only: add a correcting journal instead'); END;

CREATE TRIGGER effects_no_replace BEFORE INSERT ON effects
WHEN EXISTS (SELECT 1 FROM effects
             WHERE connection = NEW.connection AND object = NEW.object AND effect = NEW.effect)
  OR EXISTS (SELECT 1 FROM effects WHERE journal_id = NEW.journal_id)
BEGIN SELECT RAISE(ABORT, 'this effect is booked already: effects are append-only'); END;
CREATE TRIGGER effects_no_update BEFORE UPDATE ON effects
BEGIN SELECT RAISE(ABORT, 'effects are append-only'); END;
CREATE TRIGGER effects_no_delete BEFORE DELETE ON effects
BEGIN SELECT RAISE(ABORT, 'effects are append-only'); END;

CREATE TRIGGER seals_no_replace BEFORE INSERT ON seals
WHEN EXISTS (SELECT 1 FROM seals WHERE seq = NEW.seq OR position = NEW.position OR journal_id = NEW.journal_id)
BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END;
CREATE TRIGGER seals_no_update BEFORE UPDATE ON seals
BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END;
CREATE TRIGGER seals_no_delete BEFORE DELETE ON seals
BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END;

CREATE TRIGGER chain_head_grows BEFORE UPDATE ON chain_head
WHEN NEW.count <= OLD.count OR NEW.position <= OLD.position
BEGIN SELECT RAISE(ABORT, 'the chain only grows'); END;
CREATE TRIGGER chain_head_no_replace BEFORE INSERT ON chain_head
BEGIN SELECT RAISE(ABORT, 'the chain has one head'); END;
CREATE TRIGGER chain_head_no_delete BEFORE DELETE ON chain_head
BEGIN SELECT RAISE(ABORT, 'the chain only grows'); END;
