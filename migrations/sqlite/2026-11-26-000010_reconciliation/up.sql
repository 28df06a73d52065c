-- Settlement reports and bank statements that were handed in. The same file for the same connection or
-- account is one row. The rows that come from a file count from `stored` on: before that it is being taken
-- in, and whoever finds it so goes on from its bytes.
CREATE TABLE statement_files (
    id           TEXT    NOT NULL PRIMARY KEY,
    side         TEXT    NOT NULL CHECK (side IN ('settlement', 'bank')),
    owner        TEXT    NOT NULL, -- the connection, or the account's name in the settings
    format       TEXT    NOT NULL,
    sha256       TEXT    NOT NULL CHECK (length(sha256) = 64),
    bytes        INTEGER NOT NULL,
    data_rows    INTEGER NOT NULL,
    problems     INTEGER NOT NULL,
    first_day    TEXT,
    last_day     TEXT,
    covers_until INTEGER, -- the time of its newest line
    state        TEXT    NOT NULL CHECK (state IN ('received', 'stored')),
    received_by  TEXT    NOT NULL,
    received_at  INTEGER NOT NULL,
    UNIQUE (side, owner, sha256)
) STRICT;

-- The bytes as they came.
CREATE TABLE file_pieces (
    file_id  TEXT    NOT NULL REFERENCES statement_files (id),
    position INTEGER NOT NULL,
    bytes    BLOB    NOT NULL,
    PRIMARY KEY (file_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE file_problems (
    file_id     TEXT    NOT NULL REFERENCES statement_files (id),
    position    INTEGER NOT NULL,
    row_number  INTEGER NOT NULL,
    column_name TEXT    NOT NULL,
    code        TEXT    NOT NULL,
    found       TEXT    NOT NULL,
    expected    TEXT    NOT NULL,
    PRIMARY KEY (file_id, position)
) STRICT, WITHOUT ROWID;

-- Whose files a connection or account has had: another's is refused.
CREATE TABLE statement_holders (
    side    TEXT NOT NULL,
    owner   TEXT NOT NULL,
    what    TEXT NOT NULL,
    name    TEXT NOT NULL,
    file_id TEXT NOT NULL REFERENCES statement_files (id),
    PRIMARY KEY (side, owner, what, name)
) STRICT, WITHOUT ROWID;

-- Movements of balances at providers, each once however many files tell it. What a later file adds to a
-- line fills what was empty; amounts never change.
CREATE TABLE provider_lines (
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
    standing           TEXT    NOT NULL CHECK (standing IN ('new', 'matched', 'open', 'told')),
    PRIMARY KEY (connection, id),
    CHECK (gross - fee = net)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_lines_by_source ON provider_lines (connection, source);
CREATE INDEX provider_lines_by_charge ON provider_lines (connection, charge);
CREATE INDEX provider_lines_by_payout ON provider_lines (connection, payout);
CREATE INDEX provider_lines_to_post ON provider_lines (connection, id) WHERE NOT posted;
CREATE INDEX provider_lines_to_judge ON provider_lines (connection, id) WHERE standing IN ('new', 'open');
CREATE INDEX provider_lines_in_suspense ON provider_lines (connection, source) WHERE suspense <> 0;

CREATE TABLE bank_lines (
    account        TEXT    NOT NULL, -- its name in the settings
    id             TEXT    NOT NULL,
    file_id        TEXT    NOT NULL REFERENCES statement_files (id),
    row_number     INTEGER NOT NULL,
    booked_on      TEXT    NOT NULL,
    value_date     TEXT,
    amount         INTEGER NOT NULL,
    currency       TEXT    NOT NULL CHECK (length(currency) = 3),
    bank_reference TEXT,
    charges        INTEGER,
    counterparty   TEXT,
    text           TEXT    NOT NULL,
    words          TEXT    NOT NULL, -- everything that any file says of it, as a JSON list
    standing       TEXT    NOT NULL CHECK (standing IN ('new', 'matched', 'open', 'unrelated')),
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bank_lines_to_judge ON bank_lines (booked_on, account, id) WHERE standing <> 'matched';

-- Payouts by whoever told of them first, and what of each has come to the bank.
CREATE TABLE payout_positions (
    connection  TEXT    NOT NULL,
    provider_id TEXT    NOT NULL,
    amount      INTEGER NOT NULL, -- below zero: taken from the bank
    currency    TEXT    NOT NULL CHECK (length(currency) = 3),
    sent_on     TEXT    NOT NULL,
    arrival_on  TEXT    NOT NULL,
    traces      TEXT    NOT NULL, -- what the bank shows to tell it by, as a JSON list
    came_back   INTEGER NOT NULL CHECK (came_back IN (0, 1)),
    came        INTEGER NOT NULL,
    resolved    INTEGER NOT NULL, -- what a person decided about the rest
    PRIMARY KEY (connection, provider_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE reconciliations (
    id         TEXT    NOT NULL PRIMARY KEY,
    connection TEXT, -- all of them, when it is left out
    through    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    report     TEXT    NOT NULL, -- JSON
    made_by    TEXT    NOT NULL,
    made_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE matches (
    side              TEXT    NOT NULL CHECK (side IN ('settlement', 'bank')),
    owner             TEXT    NOT NULL, -- the line's connection or account
    line_id           TEXT    NOT NULL,
    counterpart       TEXT    NOT NULL,
    counterpart_kind  TEXT    NOT NULL,
    connection        TEXT    NOT NULL,
    amount            INTEGER NOT NULL,
    bank_fee          INTEGER NOT NULL,
    currency          TEXT    NOT NULL CHECK (length(currency) = 3),
    day               TEXT    NOT NULL, -- the line's
    pass              TEXT    NOT NULL,
    reconciliation_id TEXT    NOT NULL, -- its row comes last, when all is done
    PRIMARY KEY (side, owner, line_id, counterpart)
) STRICT, WITHOUT ROWID;
CREATE INDEX matches_by_connection ON matches (connection, side, day);

-- What a person must look at. What becomes of it are rows in `break_events`: the last one counts.
CREATE TABLE breaks (
    id             TEXT    NOT NULL PRIMARY KEY,
    kind           TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    connection     TEXT,
    reference      TEXT    NOT NULL,
    currency       TEXT    NOT NULL CHECK (length(currency) = 3),
    expected       INTEGER NOT NULL,
    found          INTEGER NOT NULL,
    found_currency TEXT    NOT NULL CHECK (length(found_currency) = 3),
    holding        TEXT,
    opened_on      TEXT    NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX breaks_by_subject ON breaks (subject, id);
CREATE INDEX breaks_by_kind ON breaks (kind, id);

CREATE TABLE break_events (
    break_id   TEXT    NOT NULL REFERENCES breaks (id),
    seq        INTEGER NOT NULL,
    action     TEXT    NOT NULL CHECK (action IN ('opened', 'assigned', 'proposed', 'resolved', 'reopened')),
    state      TEXT    NOT NULL CHECK (state IN ('open', 'resolved')),
    resolution TEXT,
    owner      TEXT,
    note       TEXT,
    through    TEXT    NOT NULL, -- the day that ages counted to then
    done_by    TEXT    NOT NULL,
    journal_id TEXT,
    done_at    INTEGER NOT NULL,
    PRIMARY KEY (break_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER matches_no_replace BEFORE INSERT ON matches
WHEN EXISTS (SELECT 1 FROM matches WHERE side = NEW.side AND owner = NEW.owner
             AND line_id = NEW.line_id AND counterpart = NEW.counterpart)
BEGIN SELECT RAISE(ABORT, 'matches are append-only'); END;
CREATE TRIGGER matches_no_update BEFORE UPDATE ON matches
BEGIN SELECT RAISE(ABORT, 'matches are append-only'); END;
CREATE TRIGGER matches_no_delete BEFORE DELETE ON matches
BEGIN SELECT RAISE(ABORT, 'matches are append-only'); END;

CREATE TRIGGER breaks_no_replace BEFORE INSERT ON breaks
WHEN EXISTS (SELECT 1 FROM breaks WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'breaks are append-only: add an event instead'); END;
CREATE TRIGGER breaks_no_update BEFORE UPDATE ON breaks
BEGIN SELECT RAISE(ABORT, 'breaks are append-only: add an event instead'); END;
CREATE TRIGGER breaks_no_delete BEFORE DELETE ON breaks
BEGIN SELECT RAISE(ABORT, 'breaks are append-only: add an event instead'); END;

CREATE TRIGGER break_events_no_replace BEFORE INSERT ON break_events
WHEN EXISTS (SELECT 1 FROM break_events WHERE break_id = NEW.break_id AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'break_events are append-only'); END;
CREATE TRIGGER break_events_no_update BEFORE UPDATE ON break_events
BEGIN SELECT RAISE(ABORT, 'break_events are append-only'); END;
CREATE TRIGGER break_events_no_delete BEFORE DELETE ON break_events
BEGIN SELECT RAISE(ABORT, 'break_events are append-only'); END;

CREATE TRIGGER reconciliations_no_replace BEFORE INSERT ON reconciliations
WHEN EXISTS (SELECT 1 FROM reconciliations WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'reconciliations are append-only: make another'); END;
CREATE TRIGGER reconciliations_no_update BEFORE UPDATE ON reconciliations
BEGIN SELECT RAISE(ABORT, 'reconciliations are append-only: make another'); END;
CREATE TRIGGER reconciliations_no_delete BEFORE DELETE ON reconciliations
BEGIN SELECT RAISE(ABORT, 'reconciliations are append-only: make another'); END;
