-- Comparing a million lines with our records is one walk through both, side by side, each in the order of the
-- provider's ids of what it is about. For that, lines have an index that holds all that comparing takes, and what
-- came of it is kept by the run of lines: lines are numbered in the order in which they came, and most that came
-- together agree.

-- From when on a file tells of movements, and the number of the last line that was here before it.
ALTER TABLE statement_files ADD COLUMN covers_from INTEGER;
ALTER TABLE statement_files ADD COLUMN lines_before INTEGER NOT NULL DEFAULT 0;
-- Their bytes are kept packed.
ALTER TABLE file_pieces ADD COLUMN packing TEXT NOT NULL DEFAULT 'plain' CHECK (packing IN ('plain', 'zstd'));
UPDATE statement_files SET covers_from =
    (SELECT MIN(occurred_at) FROM provider_lines WHERE file_id = statement_files.id AND role = 'movement');

CREATE TABLE numbered_lines (
    seq                INTEGER NOT NULL PRIMARY KEY, -- in the order in which they came
    connection         TEXT    NOT NULL,
    id                 TEXT    NOT NULL,
    file_id            TEXT    NOT NULL REFERENCES statement_files (id),
    row_number         INTEGER NOT NULL,
    role               TEXT    NOT NULL CHECK (role IN ('movement', 'opinion')),
    kind               TEXT    NOT NULL,
    gross              INTEGER NOT NULL,
    fee                INTEGER NOT NULL,
    net                INTEGER NOT NULL,
    currency           TEXT    NOT NULL CHECK (length(currency) = 3),
    facing             INTEGER,
    facing_currency    TEXT,
    source             TEXT,
    charge             TEXT,
    payout             TEXT,
    trace_id           TEXT,
    merchant_reference TEXT,
    occurred_at        INTEGER NOT NULL,
    day                TEXT    NOT NULL,
    available_on       TEXT,
    text               TEXT    NOT NULL,
    posted             INTEGER NOT NULL CHECK (posted IN (0, 1)), -- its journals are written
    suspense           INTEGER NOT NULL, -- what of it no object accounts for, as it is booked
    -- `new` is matched all the same when its number is in one of `match_runs`.
    standing           TEXT    NOT NULL CHECK (standing IN ('new', 'matched', 'open', 'told')),
    UNIQUE (connection, id),
    CHECK (gross - fee = net)
) STRICT;
INSERT INTO numbered_lines (connection, id, file_id, row_number, role, kind, gross, fee, net, currency, facing,
    facing_currency, source, charge, payout, trace_id, merchant_reference, occurred_at, day, available_on, text,
    posted, suspense, standing)
SELECT connection, id, file_id, row_number, role, kind, gross, fee, net, currency, facing,
    facing_currency, source, charge, payout, trace_id, merchant_reference, occurred_at, day, available_on, text,
    posted, suspense, standing
FROM provider_lines ORDER BY file_id, row_number;
DROP TABLE provider_lines;
ALTER TABLE numbered_lines RENAME TO provider_lines;

CREATE INDEX provider_lines_by_source ON provider_lines (connection, source, seq, kind, role, gross, currency,
    facing, facing_currency, suspense, standing, day);
-- Lines about a charge itself are found by their source.
CREATE INDEX provider_lines_by_charge ON provider_lines (connection, charge) WHERE charge <> source;
CREATE INDEX provider_lines_by_payout ON provider_lines (connection, payout, currency, trace_id, kind, role,
    posted, net, day);
CREATE INDEX provider_lines_to_post ON provider_lines (connection, seq) WHERE NOT posted;
CREATE INDEX provider_lines_in_suspense ON provider_lines (connection, source) WHERE suspense <> 0;

-- Lines that agree with the charge that they are about, by their numbers, from the first to the last, both
-- included; every number between is such a line. A line that says itself how it stands is an exception.
CREATE TABLE match_runs (
    connection        TEXT    NOT NULL,
    last_seq          INTEGER NOT NULL,
    first_seq         INTEGER NOT NULL,
    pass              TEXT    NOT NULL,
    reconciliation_id TEXT    NOT NULL, -- its row comes last, when all is done
    PRIMARY KEY (connection, last_seq),
    CHECK (first_seq <= last_seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER match_runs_no_replace BEFORE INSERT ON match_runs
WHEN EXISTS (SELECT 1 FROM match_runs WHERE connection = NEW.connection AND last_seq = NEW.last_seq)
BEGIN SELECT RAISE(ABORT, 'match_runs are append-only'); END;
CREATE TRIGGER match_runs_no_update BEFORE UPDATE ON match_runs
BEGIN SELECT RAISE(ABORT, 'match_runs are append-only'); END;
CREATE TRIGGER match_runs_no_delete BEFORE DELETE ON match_runs
BEGIN SELECT RAISE(ABORT, 'match_runs are append-only'); END;

-- Every match of a line of a report, however it is kept: for people who look with their own tools.
CREATE VIEW line_matches AS
SELECT owner AS connection, line_id, counterpart, counterpart_kind, amount, currency, day, pass, reconciliation_id
FROM matches WHERE side = 'settlement'
UNION ALL
SELECT l.connection, l.id, l.source, 'record', l.net, l.currency, l.day, r.pass, r.reconciliation_id
FROM match_runs r JOIN provider_lines l ON l.seq BETWEEN r.first_seq AND r.last_seq AND l.connection = r.connection;

DELETE FROM sqlite_stat1 WHERE tbl = 'provider_lines';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('provider_lines', 'sqlite_autoindex_provider_lines_1', '1000000 1000000 1'),
    ('provider_lines', 'provider_lines_by_source', '1000000 1000000 2 1 1 1 1 1 1 1 1 1 1'),
    ('provider_lines', 'provider_lines_by_charge', '1000 1000 2'),
    ('provider_lines', 'provider_lines_by_payout', '1000000 1000000 400 400 400 400 400 400 2 2'),
    ('provider_lines', 'provider_lines_to_post', '1000 1000 1'),
    ('provider_lines', 'provider_lines_in_suspense', '100 100 1');
ANALYZE sqlite_schema; -- reads it
