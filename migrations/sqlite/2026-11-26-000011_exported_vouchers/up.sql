-- What has left for an accounting program. A row is one file of vouchers: every journal booked on its
-- days, up to a position, that no row before it took. So no journal leaves twice, and any file can be
-- written again.
CREATE TABLE exported_vouchers (
    batch         INTEGER NOT NULL PRIMARY KEY CHECK (batch >= 1),
    first_day     TEXT,             -- as asked, inclusive; NULL: from the beginning
    last_day      TEXT,             -- NULL: to the end
    last_position INTEGER NOT NULL,
    voucher_per   TEXT    NOT NULL CHECK (voucher_per IN ('day', 'payout')),
    series        TEXT    NOT NULL,
    first_number  INTEGER NOT NULL CHECK (first_number >= 1),
    vouchers      INTEGER NOT NULL CHECK (vouchers >= 1),
    exported_at   INTEGER NOT NULL,
    UNIQUE (series, first_number)
) STRICT;

-- What accounts hold in other currencies, and what that stands at in the books' own, after a batch.
CREATE TABLE translated_balances (
    batch    INTEGER NOT NULL REFERENCES exported_vouchers (batch),
    account  TEXT    NOT NULL,
    currency TEXT    NOT NULL CHECK (length(currency) = 3),
    amount   INTEGER NOT NULL,      -- minor units of `currency`
    books    INTEGER NOT NULL,      -- minor units of the books' currency
    PRIMARY KEY (batch, account, currency)
) STRICT, WITHOUT ROWID;

-- The series is unbroken: a batch goes on where the last one of its series ended.
CREATE TRIGGER exported_vouchers_unbroken BEFORE INSERT ON exported_vouchers
WHEN NEW.first_number <> 1 + coalesce((SELECT max(first_number + vouchers - 1) FROM exported_vouchers
                                       WHERE series = NEW.series), 0)
  OR NEW.batch <> 1 + coalesce((SELECT max(batch) FROM exported_vouchers), 0)
BEGIN SELECT RAISE(ABORT, 'a batch of vouchers goes on where the last one ended; they are append-only'); END;
CREATE TRIGGER exported_vouchers_no_update BEFORE UPDATE ON exported_vouchers
BEGIN SELECT RAISE(ABORT, 'exported vouchers are append-only'); END;
CREATE TRIGGER exported_vouchers_no_delete BEFORE DELETE ON exported_vouchers
BEGIN SELECT RAISE(ABORT, 'exported vouchers are append-only'); END;

CREATE TRIGGER translated_balances_no_replace BEFORE INSERT ON translated_balances
WHEN EXISTS (SELECT 1 FROM translated_balances
             WHERE batch = NEW.batch AND account = NEW.account AND currency = NEW.currency)
BEGIN SELECT RAISE(ABORT, 'translated balances are append-only'); END;
CREATE TRIGGER translated_balances_no_update BEFORE UPDATE ON translated_balances
BEGIN SELECT RAISE(ABORT, 'translated balances are append-only'); END;
CREATE TRIGGER translated_balances_no_delete BEFORE DELETE ON translated_balances
BEGIN SELECT RAISE(ABORT, 'translated balances are append-only'); END;
