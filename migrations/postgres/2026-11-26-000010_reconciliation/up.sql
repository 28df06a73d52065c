-- Settlement reports and bank statements that were handed in. The same file for the same connection or
-- account is one row. The rows that come from a file count from `stored` on: before that it is being taken
-- in, and whoever finds it so goes on from its bytes.
CREATE TABLE statement_files (
    id           TEXT    NOT NULL PRIMARY KEY,
    side         TEXT    NOT NULL CHECK (side IN ('settlement', 'bank')),
    owner        TEXT    NOT NULL, -- the connection, or the account's name in the settings
    format       TEXT    NOT NULL,
    sha256       TEXT    NOT NULL CHECK (length(sha256) = 64),
    bytes        BIGINT NOT NULL,
    data_rows    BIGINT NOT NULL,
    problems     BIGINT NOT NULL,
    first_day    TEXT,
    last_day     TEXT,
    covers_until BIGINT, -- the time of its newest line
    state        TEXT    NOT NULL CHECK (state IN ('received', 'stored')),
    received_by  TEXT    NOT NULL,
    received_at  BIGINT NOT NULL,
    UNIQUE (side, owner, sha256)
);

-- The bytes as they came.
CREATE TABLE file_pieces (
    file_id  TEXT    NOT NULL REFERENCES statement_files (id),
    position BIGINT NOT NULL,
    bytes    BYTEA   NOT NULL,
    PRIMARY KEY (file_id, position)
);

CREATE TABLE file_problems (
    file_id     TEXT    NOT NULL REFERENCES statement_files (id),
    position    BIGINT NOT NULL,
    row_number  BIGINT NOT NULL,
    column_name TEXT    NOT NULL,
    code        TEXT    NOT NULL,
    found       TEXT    NOT NULL,
    expected    TEXT    NOT NULL,
    PRIMARY KEY (file_id, position)
);

-- Whose files a connection or account has had: another's is refused.
CREATE TABLE statement_holders (
    side    TEXT NOT NULL,
    owner   TEXT NOT NULL,
    what    TEXT NOT NULL,
    name    TEXT NOT NULL,
    file_id TEXT NOT NULL REFERENCES statement_files (id),
    PRIMARY KEY (side, owner, what, name)
);

-- Movements of balances at providers, each once however many files tell it. What a later file adds to a
-- line fills what was empty; amounts never change.
CREATE TABLE provider_lines (
    connection         TEXT    NOT NULL,
    id                 TEXT    NOT NULL,
    file_id            TEXT    NOT NULL REFERENCES statement_files (id),
    row_number         BIGINT NOT NULL,
    role               TEXT    NOT NULL CHECK (role IN ('movement', 'opinion')),
    kind               TEXT    NOT NULL,
    gross              BIGINT NOT NULL,
    fee                BIGINT NOT NULL,
    net                BIGINT NOT NULL,
    currency           TEXT    NOT NULL CHECK (length(currency) = 3),
    facing             BIGINT,
    facing_currency    TEXT,
    source             TEXT,
    charge             TEXT,
    payout             TEXT,
    trace_id           TEXT,
    merchant_reference TEXT,
    occurred_at        BIGINT NOT NULL,
    day                TEXT    NOT NULL,
    available_on       TEXT,
    text               TEXT    NOT NULL,
    posted             BOOLEAN NOT NULL, -- its journals are written
    suspense           BIGINT NOT NULL, -- what of it no object accounts for, as it is booked
    standing           TEXT    NOT NULL CHECK (standing IN ('new', 'matched', 'open', 'told')),
    PRIMARY KEY (connection, id),
    CHECK (gross - fee = net)
);
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
    row_number     BIGINT NOT NULL,
    booked_on      TEXT    NOT NULL,
    value_date     TEXT,
    amount         BIGINT NOT NULL,
    currency       TEXT    NOT NULL CHECK (length(currency) = 3),
    bank_reference TEXT,
    charges        BIGINT,
    counterparty   TEXT,
    text           TEXT    NOT NULL,
    words          TEXT    NOT NULL, -- everything that any file says of it, as a JSON list
    standing       TEXT    NOT NULL CHECK (standing IN ('new', 'matched', 'open', 'unrelated')),
    PRIMARY KEY (account, id)
);
CREATE INDEX bank_lines_to_judge ON bank_lines (booked_on, account, id) WHERE standing <> 'matched';

-- Payouts by whoever told of them first, and what of each has come to the bank.
CREATE TABLE payout_positions (
    connection  TEXT    NOT NULL,
    provider_id TEXT    NOT NULL,
    amount      BIGINT NOT NULL, -- below zero: taken from the bank
    currency    TEXT    NOT NULL CHECK (length(currency) = 3),
    sent_on     TEXT    NOT NULL,
    arrival_on  TEXT    NOT NULL,
    traces      TEXT    NOT NULL, -- what the bank shows to tell it by, as a JSON list
    came_back   BOOLEAN NOT NULL,
    came        BIGINT NOT NULL,
    resolved    BIGINT NOT NULL, -- what a person decided about the rest
    PRIMARY KEY (connection, provider_id)
);

CREATE TABLE reconciliations (
    id         TEXT    NOT NULL PRIMARY KEY,
    connection TEXT, -- all of them, when it is left out
    through    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    report     TEXT    NOT NULL, -- JSON
    made_by    TEXT    NOT NULL,
    made_at    BIGINT NOT NULL
);

CREATE TABLE matches (
    side              TEXT    NOT NULL CHECK (side IN ('settlement', 'bank')),
    owner             TEXT    NOT NULL, -- the line's connection or account
    line_id           TEXT    NOT NULL,
    counterpart       TEXT    NOT NULL,
    counterpart_kind  TEXT    NOT NULL,
    connection        TEXT    NOT NULL,
    amount            BIGINT NOT NULL,
    bank_fee          BIGINT NOT NULL,
    currency          TEXT    NOT NULL CHECK (length(currency) = 3),
    day               TEXT    NOT NULL, -- the line's
    pass              TEXT    NOT NULL,
    reconciliation_id TEXT    NOT NULL, -- its row comes last, when all is done
    PRIMARY KEY (side, owner, line_id, counterpart)
);
CREATE INDEX matches_by_connection ON matches (connection, side, day);

-- What a person must look at. What becomes of it are rows in `break_events`: the last one counts.
CREATE TABLE breaks (
    id             TEXT    NOT NULL PRIMARY KEY,
    kind           TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    connection     TEXT,
    reference      TEXT    NOT NULL,
    currency       TEXT    NOT NULL CHECK (length(currency) = 3),
    expected       BIGINT NOT NULL,
    found          BIGINT NOT NULL,
    found_currency TEXT    NOT NULL CHECK (length(found_currency) = 3),
    holding        TEXT,
    opened_on      TEXT    NOT NULL,
    created_at     BIGINT NOT NULL
);
CREATE INDEX breaks_by_subject ON breaks (subject, id);
CREATE INDEX breaks_by_kind ON breaks (kind, id);

CREATE TABLE break_events (
    break_id   TEXT    NOT NULL REFERENCES breaks (id),
    seq        BIGINT NOT NULL,
    action     TEXT    NOT NULL CHECK (action IN ('opened', 'assigned', 'proposed', 'resolved', 'reopened')),
    state      TEXT    NOT NULL CHECK (state IN ('open', 'resolved')),
    resolution TEXT,
    owner      TEXT,
    note       TEXT,
    through    TEXT    NOT NULL, -- the day that ages counted to then
    done_by    TEXT    NOT NULL,
    journal_id TEXT,
    done_at    BIGINT NOT NULL,
    PRIMARY KEY (break_id, seq)
);

CREATE TRIGGER matches_no_change BEFORE UPDATE OR DELETE ON matches
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER matches_no_truncate BEFORE TRUNCATE ON matches
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER breaks_no_change BEFORE UPDATE OR DELETE ON breaks
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER breaks_no_truncate BEFORE TRUNCATE ON breaks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER break_events_no_change BEFORE UPDATE OR DELETE ON break_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER break_events_no_truncate BEFORE TRUNCATE ON break_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reconciliations_no_change BEFORE UPDATE OR DELETE ON reconciliations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reconciliations_no_truncate BEFORE TRUNCATE ON reconciliations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
